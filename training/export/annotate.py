"""Tables of names added to a bundle that is there, and known errors of its id tables corrected; its models untouched.

Every other file stays as it is, byte by byte. The manifest's list of files and the content hash become new, so the
bundle has another version.
"""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from model.bundle.bundle import TABLES, Bundle
from model.bundle.card import Manifest, Row
from model.bundle.files import replace_folder, write_json
from model.bundle.identifiers import write_identifiers
from model.bundle.map import LINE_MAP
from model.bundle.reader import read_bundle
from model.bundle.writer import finish_bundle
from model.encoder_inputs import MODALITIES
from model.genes.table import Gene, relevant
from training.export.map import map_tables
from training.sources.corrections import corrected
from training.sources.gene_names import read_genes
from training.sources.known_names import Known, name_table, read_known_names

LINE_NAMES, DRUG_NAMES, GENES = "cell_line_names", "drug_names", "genes"


@dataclass(frozen=True)
class NameLists:
    """Published lists of registered lines and drugs, and of genes, with the names of their files."""

    known: Mapping[str, Sequence[Known]]
    genes: Mapping[str, Sequence[Gene]]

    def notes(self) -> list[str]:
        """Where the names come from, for the manifest."""
        kinds = ((name, f"registered {some[0].kind.replace('_', ' ')}s", some) for name, some in self.known.items())
        genes = ((name, "genes", some) for name, some in self.genes.items())
        return [f"names of {len(some):,} {kind} from {name}" for name, kind, some in (*kinds, *genes)]


def read_lists(known_names: Sequence[Path], genes: Path | None) -> NameLists:
    """Read the lists. Raises KnownNamesError and GeneNamesError."""
    known = {path.name: read_known_names(path) for path in known_names}
    return NameLists(known, {genes.name: read_genes(genes)} if genes else {})


def annotate_from(source: Path, target: Path, lists: NameLists) -> tuple[Manifest, dict[str, int]]:
    """Annotate with lists: the manifest, and the entries of each table. Raises BundleError as `annotate` does."""
    bundle = read_bundle(source)
    known = [one for some in lists.known.values() for one in some]
    tables = name_tables(bundle, known) | gene_tables(bundle, [one for some in lists.genes.values() for one in some])
    manifest = annotate(source, target, tables, lists.notes())
    return manifest, {name: len(rows) for name, rows in tables.items()}


def annotate(source: Path, target: Path, tables: Mapping[str, list[Row]], notes: Sequence[str] = ()) -> Manifest:
    """Write the bundle `source` with these tables of identifiers to `target`, which may be the same; its manifest.

    `notes` say where the tables come from; they and the corrections go into the manifest's `annotations`. Raises
    BundleError where the bundle is refused as it is, or would be afterwards.
    """
    bundle = read_bundle(source)
    rows, corrections = corrected_tables(bundle)
    missing_maps = {} if LINE_MAP in bundle.identifiers else map_tables(bundle)
    with replace_folder(target) as staging:
        shutil.copytree(source, staging, dirs_exist_ok=True)
        for name, before, after in zip(TABLES, (bundle.cell_lines, bundle.drugs), rows, strict=True):
            if after != before:
                write_json(staging / name, after)
        write_identifiers(staging, {**missing_maps, **tables})
        known = [*bundle.manifest.get("annotations", []), *notes, *(f"corrected: {text}" for text in corrections)]
        return finish_bundle(staging, {**bundle.manifest, "annotations": list(dict.fromkeys(known))})


def corrected_tables(bundle: Bundle) -> tuple[list[list[Row]], list[str]]:
    """Cell lines and drugs of the bundle without the known errors, and what was corrected."""
    lines, of_lines = corrected("cell_lines", bundle.cell_lines)
    drugs, of_drugs = corrected("drugs", bundle.drugs)
    return [lines, drugs], [*of_lines, *of_drugs]


def name_tables(bundle: Bundle, known: Sequence[Known]) -> dict[str, list[Row]]:
    """Tables of names for `annotate` and for an export: lines and drugs as far as `known` has any."""
    lines, drugs = corrected_tables(bundle)[0]
    sides: dict[str, tuple[str, list[dict[str, Any]]]] = {
        LINE_NAMES: ("cell_line", lines),
        DRUG_NAMES: ("drug", drugs),
    }
    chosen = {name: [one for one in known if one.kind == kind] for name, (kind, _) in sides.items()}
    return {name: name_table(some, sides[name][1]) for name, some in chosen.items() if some}


def gene_tables(bundle: Bundle, genes: Sequence[Gene]) -> dict[str, list[Row]]:
    """Table of genes for `annotate` and for an export: those that a model reads, and those that share a name with one.

    Empty where no model of the bundle reads genes of new samples.
    """
    entries = [part.card.get("inductive", {}) for part in bundle.models.values()]
    read = {gene for entry in entries for table in MODALITIES for gene in entry.get("genes", {}).get(table, ())}
    return {GENES: [gene.row() for gene in relevant(genes, read)]} if read and genes else {}
