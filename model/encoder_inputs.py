"""From what a person knows of a new sample or a new compound to the arrays that the bundle's graphs read, in numpy.

`entry` is the model's card["inductive"]: gene panels, names of tissues, cancer types, media, targets and pathways.
The names of both graphs, of their inputs and outputs and the order of these stand here, for export and service alike.
"""

import difflib
import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.molecules.fingerprints import ecfp4, fingerprints
from model.targets import own_pathway, target_genes

MODALITIES = ("expression", "copy_number", "mutation")
LINE_NAMES = {"tissue": "tissues", "cancer_type": "cancer_types", "medium": "media"}  # of a line -> in the entry
LINE_GRAPH, DRUG_GRAPH = "line_encoder", "drug_encoder"
LINE_INPUTS = (*MODALITIES, "has", *LINE_NAMES)
LINE_OUTPUTS = ("code", "similarity", "closeness", "weights")
DRUG_INPUTS = ("fingerprint", "ecfp", "targets", "pathway")
DRUG_OUTPUTS = ("code", "margin_code", "offset", "scale", "threshold", "ln_ic50_sd", "similarity")
FEW_NAMES = 8  # so many are all named in a refusal
LEAST_SHARE = 0.4  # of a panel's genes; with fewer, saying nothing of the table predicts better (docs/model.md)
RANGES = {"expression": (0.0, 20.0), "copy_number": (-10.0, 10.0), "mutation": (0.0, 1.0)}
REMEDY = {
    "expression": "give log2(TPM+1), or TPM with expression_unit 'TPM'",
    "copy_number": "give the log2 ratio to diploid",
    "mutation": "give 1 for a mutated gene and 0 for one that is not",
}
Feed = dict[str, NDArray[Any]]


class SampleError(ValueError):
    """A sample or compound that cannot be placed; the message names the field, the value and the remedy.

    For answers that must not repeat what they were given, `place` holds the field and perhaps the gene, and `reason`
    the rest without the value.
    """

    def __init__(self, message: str, place: Sequence[str] = (), reason: str = "") -> None:
        super().__init__(message)
        self.place = tuple(place)
        self.reason = reason or message


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
    medium: str | None = None
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
            remedy = "no table; give expression, copy_number or mutation"
            raise SampleError(f"sample {row}: {remedy}", reason=remedy)
    feed["has"] = has
    for name, key in LINE_NAMES.items():
        known, given = entry[key], [getattr(sample, name) for sample in samples]
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
    """Inputs of `drug_encoder` for n compounds. Raises MoleculeError and SampleError.

    Targets go by any name that model.targets knows. Targets and pathways that no training drug has are allowed: they
    say what the compound does not share.
    """
    for name, given in (("targets", targets), ("pathways", pathways)):
        if given is not None and len(given) != len(smiles):
            raise SampleError(f"{name}: {len(given)} for {len(smiles)} compounds; give one entry a compound")
    return {
        "fingerprint": fingerprints(smiles).astype(np.float32),
        "ecfp": ecfp4(smiles).astype(np.float32),
        "targets": _indicators([target_genes(row) for row in targets or [[]] * len(smiles)], entry["targets"]),
        "pathway": _indicators(
            [[p] if (p := own_pathway(name or "")) else [] for name in pathways or [None] * len(smiles)],
            entry["pathways"],
        ),
    }


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
        what = f"the model's {len(panel)} genes; give {least} at least (gene symbols), or leave {modality} out"
        raise SampleError(
            f"{modality}: {found} of {what}",
            [modality],
            f"{found} of {what}",
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
            remedy = f"outside {low:g} to {high:g}; {REMEDY[modality]}"
            raise SampleError(f"{modality}: {gene} = {value}, {remedy}", [modality, gene], remedy)
        key = gene.strip().upper()
        if key in out:
            remedy = "stands twice, case aside; give each gene once"
            raise SampleError(f"{modality}: {gene} {remedy}", [modality, gene], remedy)
        out[key] = number
    return out


def _refuse_unknown(field: str, text: str | None, known: Sequence[str]) -> None:
    if text and text not in known:
        near = difflib.get_close_matches(text, known, 3, 0.4) or list(known[:3])
        choices = f"give one of {list(known)}" if len(known) <= FEW_NAMES else f"nearest are {near}"
        remedy = f"is not one of the model's; {choices}; or leave {field} out"
        raise SampleError(f"{field}: {text!r} {remedy}", [field], f"this name {remedy}")


def _indicators(rows: Sequence[Sequence[str]], names: Sequence[str]) -> NDArray[np.float32]:
    """One column per name and a last one that counts the others. Shape: (n, names + 1)."""
    place = {name: column for column, name in enumerate(names)}
    out = np.zeros((len(rows), len(names) + 1), np.float32)
    for i, row in enumerate(rows):
        for name in row:
            out[i, place.get(name, len(names))] += 1
    return out
