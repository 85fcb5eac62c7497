"""From what a person knows of a new sample or a new compound to the arrays that the bundle's graphs read, in numpy.

`entry` is the model's card["inductive"]: gene panels, names of tissues, cancer types, media, targets and pathways.
The names of both graphs, of their inputs and outputs and the order of these stand here, for export and service alike.
"""

import difflib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.genes.panel import Panel
from model.genes.table import GeneTable
from model.molecules.fingerprints import PROPERTIES, ecfp4, fingerprints, properties
from model.names import plain
from model.sample import LEAST_SHARE, ArrayScaleError, Counts, Sample, SampleError, array_row, panel_row
from model.tables.numbers import is_missing
from model.targets import own_pathway, target_genes
from model.units import OF_COHORT

MODALITIES = ("expression", "copy_number", "mutation")
ARRAY = "expression_array"  # expression of an array, which the kernel stack reads beside RNA-seq
LINE_NAMES = {"tissue": "tissues", "cancer_type": "cancer_types", "medium": "media"}  # of a line -> in the entry
LINE_GRAPH, DRUG_GRAPH = "line_encoder", "drug_encoder"
LINE_INPUTS = (*MODALITIES, "has", *LINE_NAMES)
LINE_OUTPUTS = ("code", "similarity", "closeness", "weights")
DRUG_INPUTS = ("fingerprint", "ecfp", "targets", "pathway")
POTENCY_INPUTS = {
    "properties": len(PROPERTIES),
    "concentration": 1,
}  # which the kernel stack reads besides, and widths
DRUG_OUTPUTS = ("code", "margin_code", "offset", "scale", "threshold", "ln_ic50_sd", "similarity")
FEW_NAMES = 20  # so many are all named in a refusal
NEAREST = 3
Feed = dict[str, NDArray[Any]]


def gene_panels(entry: Mapping[str, Any], table: GeneTable) -> dict[str, Panel]:
    """Genes that the model reads, by modality and of ARRAY where it has any, by all the names that the table knows."""
    tables = [*MODALITIES, *([ARRAY] if entry["genes"].get(ARRAY) else [])]
    return {name: Panel(entry["genes"][name], table) for name in tables}


def unread_reason(modality: str) -> str:
    """Why a table of a modality is left aside whose list of genes in the entry is empty; its input is one column."""
    return f"is not read: the model was trained on lines without {modality}"


def sample_arrays(
    entry: Mapping[str, Any],
    samples: Sequence[Sample],
    panels: Mapping[str, Panel] | None = None,
    means: Mapping[str, NDArray[np.float32]] | None = None,
) -> tuple[Feed, list[dict[str, Counts]]]:
    """Inputs of `line_encoder` for n samples and, for each, the counts of each table it has. Raises SampleError.

    Without `panels` genes go by the model's own symbols alone; with the `means` of the training lines expression of
    arrays is told from RNA-seq, and read as ARRAY by a model that does. A table that the model
    does not read is counted, every gene of it as unknown; a sample that has no other is refused.
    """
    if not samples:
        raise SampleError("samples: none given; give one at least")
    panels = panels or gene_panels(entry, GeneTable())
    feed: Feed = {m: np.full((len(samples), len(entry["genes"][m]) or 1), np.nan, np.float32) for m in MODALITIES}
    if ARRAY in panels:
        feed[ARRAY] = np.full((len(samples), len(panels[ARRAY].symbols)), np.nan, np.float32)
    has = np.zeros((len(samples), len(MODALITIES)), bool)
    counts: list[dict[str, Counts]] = []
    for place, sample in enumerate(samples):
        rows, of_tables = _table_rows(sample, place, panels, means or {}, entry.get("least_shares", {}))
        counts.append(of_tables)
        for modality, row in rows.items():
            feed[modality][place] = row
            if modality != ARRAY:
                has[place, MODALITIES.index(modality)] = True
    feed["has"] = has
    for name, key in LINE_NAMES.items():
        known, given = entry[key], [getattr(sample, name) for sample in samples]
        names = [_line_name(name, text, known) if text and not is_missing(text) else None for text in given]
        for found, sample in zip(names, samples, strict=True):
            if name == "tissue" and found and not sample.cancer_type:
                _refuse_general(found, known)
        feed[name] = _indicators([[found] if found else [] for found in names], known)[:, :-1]
        if not known:  # the graph has one column even where training knew no name
            feed[name] = np.zeros((len(samples), 1), np.float32)
    return feed, counts


def compound_arrays(
    entry: Mapping[str, Any],
    smiles: Sequence[str],
    targets: Sequence[Sequence[str]] | None = None,
    pathways: Sequence[str | None] | None = None,
    concentrations: Sequence[float | None] | None = None,
) -> Feed:
    """Inputs of `drug_encoder` for n compounds. Raises MoleculeError and SampleError.

    Targets go by any name that model.targets knows. Targets and pathways that no training drug has are allowed: they
    say what the compound does not share. Highest tested `concentrations` (µM) are read where the entry counts those
    of the training drugs.
    """
    for name, given in (("targets", targets), ("pathways", pathways), ("concentrations", concentrations)):
        if given is not None and len(given) != len(smiles):
            raise SampleError(f"{name}: {len(given)} for {len(smiles)} compounds; give one entry a compound")
    feed: Feed = {
        "fingerprint": fingerprints(smiles).astype(np.float32),
        "ecfp": ecfp4(smiles).astype(np.float32),
        "targets": _indicators([target_genes(row) for row in targets or [[]] * len(smiles)], entry["targets"]),
        "pathway": _indicators(
            [[p] if (p := own_pathway(name or "")) else [] for name in pathways or [None] * len(smiles)],
            entry["pathways"],
        ),
    }
    if "concentrations" in entry:
        feed["properties"] = properties(smiles)
        listed = concentrations if entry["concentrations"] and concentrations else [None] * len(smiles)
        given = [np.nan if one is None else one for one in listed]
        feed["concentration"] = np.log(np.array(given, float))[:, None]
    return feed


def _table_rows(
    sample: Sample,
    place: int,
    panels: Mapping[str, Panel],
    means: Mapping[str, NDArray[np.float32]],
    least: Mapping[str, float],
) -> tuple[dict[str, NDArray[np.float32]], dict[str, Counts]]:
    """Rows of a sample's tables that the model reads, and counts of all that it has. Raises SampleError."""
    rows, counts = {}, {}
    for modality in MODALITIES:
        panel = panels[modality]
        if (values := getattr(sample, modality)) is None:
            continue
        if panel.symbols:
            try:
                share = least.get(modality, LEAST_SHARE)
                rows[modality], counts[modality] = panel_row(modality, panel, sample, means.get(modality), share)
            except ArrayScaleError as fault:
                if ARRAY not in panels or fault.scale == OF_COHORT:
                    raise
                rows[ARRAY], counts[modality] = array_row(panels[ARRAY], sample, fault.scale)
        else:
            counts[modality] = Counts(0, len(values) + sample.dropped.get(modality, 0), 0)
    if not rows:
        *first, last = [modality for modality in MODALITIES if panels[modality].symbols] or MODALITIES
        reasons = "; ".join(f"{modality} {unread_reason(modality)}" for modality in counts) or "no table"
        remedy = f"{reasons}; give {' or '.join([', '.join(first), last] if first else [last])}"
        raise SampleError(f"sample {place}: {remedy}", list(counts)[:1], remedy)
    return rows, counts


def _line_name(field: str, text: str, known: Sequence[str]) -> str:
    """The model's name of a tissue, cancer type or medium, case and punctuation aside. Raises SampleError."""
    same = [name for name in known if name == text] or [name for name in known if plain(name) == plain(text)]
    if len(same) == 1:
        return same[0]
    near = same or difflib.get_close_matches(text, known, NEAREST, 0.4) or list(known[:NEAREST])
    choices = f"give one of {list(known)}" if len(known) <= FEW_NAMES else f"nearest are {near}; GET /facets lists all"
    remedy = f"is not one of the model's; {choices}; or leave {field} out"
    raise SampleError(f"{field}: {text!r} {remedy}", [field], f"this name {remedy}")


def _refuse_general(tissue: str, known: Sequence[str]) -> None:
    """Refuse a tissue that means the rest beside more exact ones, as lung beside lung_NSCLC. Raises SampleError."""
    exact = [name for name in known if name.startswith(f"{tissue}_")]
    if exact:
        remedy = (
            f"is a group of its own beside {exact}, not all of them; give one of these, or a cancer_type as well "
            "where this group is meant (GET /cell-lines?tissue= shows its lines)"
        )
        raise SampleError(f"tissue: {tissue!r} {remedy}", ["tissue"], f"this name {remedy}")


def _indicators(rows: Sequence[Sequence[str]], names: Sequence[str]) -> NDArray[np.float32]:
    """One column per name and a last one that counts the others. Shape: (n, names + 1)."""
    place = {name: column for column, name in enumerate(names)}
    out = np.zeros((len(rows), len(names) + 1), np.float32)
    for i, row in enumerate(rows):
        for name in row:
            out[i, place.get(name, len(names))] += 1
    return out
