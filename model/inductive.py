"""From what a person knows of a new sample or a new compound to the arrays that the bundle's graphs read, in numpy.

`entry` is the model's card["inductive"]: gene panels, names of tissues, cancer types, targets and pathways. Graphs
and the order of their inputs: `line_encoder` (expression, copy_number, mutation, has, tissue, cancer_type) and
`drug_encoder` (fingerprint, targets, pathway, and ecfp where entry["ecfp"] says how many bits).
"""

import difflib
import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.molecule_graphs import molecule_graph
from model.molecules import fingerprints

MODALITIES = ("expression", "copy_number", "mutation")
LEAST_SHARE = 0.4  # of a panel's genes; with fewer, saying nothing of the table predicts better (docs/model.md)
RANGES = {"expression": (0.0, 20.0), "copy_number": (-10.0, 10.0), "mutation": (0.0, 1.0)}
REMEDY = {
    "expression": "give log2(TPM+1), or TPM with expression_unit 'TPM'",
    "copy_number": "give the log2 ratio to diploid",
    "mutation": "give 1 for a mutated gene and 0 for one that is not",
}

Feed = dict[str, NDArray[Any]]


class SampleError(ValueError):
    """A sample or compound that cannot be placed; the message names the field, the value and the remedy."""


@dataclass(frozen=True)
class Sample:
    """One new sample; gene symbol → value, None for a table that was not measured.

    `mutation` may also be the mutated genes alone: the panel's others then count as not mutated.
    """

    expression: Mapping[str, float] | None = None
    copy_number: Mapping[str, float] | None = None
    mutation: Mapping[str, float] | Collection[str] | None = None
    tissue: str | None = None
    cancer_type: str | None = None
    expression_unit: str = "log2(TPM+1)"


@dataclass(frozen=True)
class Counts:
    """Genes of one table: of the panel and given, given but not of the panel (not read), of the panel but missing.

    A missing gene counts as the mean of the training lines.
    """

    known: int
    unknown: int
    missing: int


def sample_arrays(entry: Mapping[str, Any], samples: Sequence[Sample]) -> tuple[Feed, list[dict[str, Counts]]]:
    """Inputs of `line_encoder` for n samples and, for each, the counts of each table it has. Raises SampleError."""
    if not samples:
        raise SampleError("samples: none given; give one at least")
    feed: Feed = {m: np.full((len(samples), len(entry["genes"][m])), np.nan, np.float32) for m in MODALITIES}
    has = np.zeros((len(samples), len(MODALITIES)), bool)
    counts: list[dict[str, Counts]] = []
    for row, sample in enumerate(samples):
        counts.append({})
        for column, modality in enumerate(MODALITIES):
            values = getattr(sample, modality)
            if values is None:
                continue
            feed[modality][row], counts[row][modality] = _panel_row(modality, entry["genes"][modality], values, sample)
            has[row, column] = True
        if not has[row].any():
            raise SampleError(f"sample {row}: no table; give expression, copy_number or mutation")
    feed["has"] = has
    for name, known in (("tissue", entry["tissues"]), ("cancer_type", entry["cancer_types"])):
        given = [getattr(sample, name) for sample in samples]
        for text in given:
            _refuse_unknown(name, text, known)
        feed[name] = _indicators([[text] if text else [] for text in given], known)[:, :-1]
        if not known:  # the graph has one column even where training knew no name
            feed[name] = np.zeros((len(samples), 1), np.float32)
    return feed, counts


def compound_arrays(
    entry: Mapping[str, Any],
    smiles: Sequence[str],
    targets: Sequence[Sequence[str]] | None = None,
    pathways: Sequence[str | None] | None = None,
) -> Feed:
    """Inputs of `drug_encoder` for n compounds. Raises model.molecules.MoleculeError and SampleError.

    Targets and pathways that no training drug has are allowed: they say what the compound does not share.
    """
    for name, given in (("targets", targets), ("pathways", pathways)):
        if given is not None and len(given) != len(smiles):
            raise SampleError(f"{name}: {len(given)} for {len(smiles)} compounds; give one entry a compound")
    feed: Feed = {
        "fingerprint": fingerprints(smiles).astype(np.float32),
        "targets": _indicators([sorted(set(row)) for row in targets or [[]] * len(smiles)], entry["targets"]),
        "pathway": _indicators([[p] if p else [] for p in pathways or [None] * len(smiles)], entry["pathways"]),
    }
    if entry.get("ecfp"):
        feed["ecfp"] = np.stack([molecule_graph(text, 0).ecfp for text in smiles]).astype(np.float32)
    return feed


def _panel_row(
    modality: str, panel: Sequence[str], values: Mapping[str, float] | Collection[str], sample: Sample
) -> tuple[NDArray[np.float32], Counts]:
    if isinstance(values, str):
        raise SampleError(f"{modality}: {values!r} is one text; give genes with their values")
    if not isinstance(values, Mapping):
        if modality != "mutation":
            raise SampleError(f"{modality}: genes without values; give gene symbol → value")
        mutated = {gene.strip().upper() for gene in values}
        known = sum(gene.upper() in mutated for gene in panel)
        row = np.array([gene.upper() in mutated for gene in panel], np.float32)
        return row, Counts(known, len(mutated) - known, 0)
    given = _numbers(modality, values, sample.expression_unit)
    row = np.array([given.get(gene.upper(), math.nan) for gene in panel], np.float32)
    found = int((~np.isnan(row)).sum())
    if found < LEAST_SHARE * len(panel):
        least = math.ceil(LEAST_SHARE * len(panel))
        raise SampleError(
            f"{modality}: {found} of the model's {len(panel)} genes; give {least} at least (gene symbols), or leave "
            f"{modality} out"
        )
    return row, Counts(found, len(given) - found, len(panel) - found)


def _numbers(modality: str, values: Mapping[str, float], unit: str) -> dict[str, float]:
    """Gene symbol in capitals → value in the model's unit."""
    low, high = RANGES[modality]
    tpm = modality == "expression" and unit == "TPM"
    if modality == "expression" and unit not in ("TPM", "log2(TPM+1)"):
        raise SampleError(f"expression_unit: {unit!r}; give 'TPM' or 'log2(TPM+1)'")
    out: dict[str, float] = {}
    for gene, value in values.items():
        number = float(value)
        if tpm and number >= 0:
            number = math.log2(number + 1)
        if not low <= number <= high or (modality == "mutation" and number not in (0, 1)):
            raise SampleError(f"{modality}: {gene} = {value}, outside {low:g} to {high:g}; {REMEDY[modality]}")
        key = gene.strip().upper()
        if key in out:
            raise SampleError(f"{modality}: {gene} stands twice; give each gene once")
        out[key] = number
    return out


def _refuse_unknown(field: str, text: str | None, known: Sequence[str]) -> None:
    if text and text not in known:
        near = difflib.get_close_matches(text, known, 3, 0.4) or list(known[:3])
        raise SampleError(f"{field}: {text!r} is not one of the model's; nearest are {near}; or leave {field} out")


def _indicators(rows: Sequence[Sequence[str]], names: Sequence[str]) -> NDArray[np.float32]:
    """One column per name and a last one that counts the others. Shape: (n, names + 1)."""
    place = {name: column for column, name in enumerate(names)}
    out = np.zeros((len(rows), len(names) + 1), np.float32)
    for i, row in enumerate(rows):
        for name in row:
            out[i, place.get(name, len(names))] += 1
    return out
