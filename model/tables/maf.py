"""Mutations in long form, one a row (MAF, as cBioPortal's data_mutations.txt) -> sample → gene → 1 or 0."""

import re
from collections.abc import Sequence

from model.genes.panel import Panel
from model.genes.spelling import entrez_id, tidy
from model.tables.faults import TableError, TooManySamplesError
from model.tables.matrix import MOST_NAME_CHARS, Matrix, UnclearGenes
from model.tables.rows import Rows

GENE, SAMPLE, EFFECT, ENTREZ = "hugo_symbol", "tumor_sample_barcode", "variant_classification", "entrez_gene_id"
# Consequences that leave the protein as it is, as MAF, Sequence Ontology, VAGrENT, ANNOVAR and DepMap call them.
SILENT = re.compile(
    r"silent|synonymous.*|(start|stop)_retained.*|intron.*|(inter|intra)genic.*|igr|.*UTR.*|.*flank"
    r"|(\d+K?B_)?(up|down)stream.*|splice_polypyrimidine.*|rna|lincrna|nc(RNA)?_.*|non_coding.*"
    r"|NMD_transcript.*|mature_miRNA.*|regulatory.*|TF_binding.*",
    re.IGNORECASE | re.DOTALL,
)


def is_maf(header: Sequence[str]) -> bool:
    """Whether a header is that of a MAF."""
    return {GENE, SAMPLE} <= {cell.strip().lower() for cell in header}


def is_silent(consequences: str) -> bool:
    """Whether a variant leaves the protein as it is; its consequences stand in one text, between &, comma or ;."""
    each = [one.strip() for one in re.split("[&,;]", consequences) if one.strip()]
    return bool(each) and all(SILENT.fullmatch(one) for one in each)


def read_maf(rows: Rows, panel: Panel, most_samples: int) -> Matrix:
    """Mutated genes of each sample; all others of the panel count as not mutated. Raises TableError.

    Where a symbol says nothing, or not which gene, the Entrez id beside it does.
    """
    names = [cell.strip().lower() for cell in rows.header]
    gene, sample = names.index(GENE), names.index(SAMPLE)
    effect = names.index(EFFECT) if EFFECT in names else None
    entrez = names.index(ENTREZ) if ENTREZ in names else None
    values: dict[str, dict[str, float]] = {}
    unread: set[str] = set()
    unclear = UnclearGenes()
    silent = 0
    for number, row in rows:
        name = row[sample].strip()
        if not 0 < len(name) <= MOST_NAME_CHARS:
            raise TableError(f"row {number}, column {sample + 1}: the sample's name is empty or too long")
        if name not in values:
            values[name] = dict.fromkeys(panel.symbols, 0.0)
            if len(values) > most_samples:
                raise TooManySamplesError(
                    f"over {most_samples} samples; a request may have {most_samples}, so split it"
                )
        if effect is not None and is_silent(row[effect]):
            silent += 1
            continue
        reading = panel.find(row[gene])
        found = reading.gene
        if found is None and entrez is not None:
            found = panel.find(row[entrez]).gene
        if found is None:
            unread.add(row[gene].strip().upper())
            if entrez is None or entrez_id(tidy(row[entrez])) is None:
                unclear.add(reading, f"row {number}")
        else:
            values[name][found] = 1.0
    ambiguous = unclear.notes()
    if not any(1.0 in genes.values() for genes in values.values()):
        remedy = "; ".join(["give gene symbols, Ensembl or Entrez ids", *ambiguous])
        raise TableError(f"no mutation of a gene of the model stands in it; {remedy}")
    return Matrix(values, len(unread), None, [*_notes(silent, effect), *ambiguous])


def _notes(silent: int, effect: int | None) -> list[str]:
    out = ["MAF: genes of the model that a sample does not list count as not mutated"]
    if effect is None:
        out.append("MAF: no column Variant_Classification, so every row counts as a mutation")
    if silent:
        out.append(f"MAF: {silent} silent or non-coding variants left out")
    return out
