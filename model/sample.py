"""One new sample: what a person gives of it, and each of its tables as a row of the model's genes."""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from model.genes.panel import Outcome, Panel
from model.genes.spelling import DATE_REMEDY
from model.tables.repeats import GeneRows, RepeatedGeneError, rank_of
from model.units import COPY_NUMBER_UNITS, LOG2_RATIO, ArrayScale, array_scale, copy_number_range, to_log2_ratio

# Of the genes of expression; with fewer a sample lies outside the domain. By all of them 95 % of lines are found as
# their own nearest neighbour, by .7 56 %, by .45 2 %.
DOMAIN_SHARE = 0.7
FEWEST_GENES = 100  # a smaller panel is not judged by its share
LEAST_SHARE = 0.4  # of a panel's genes; with fewer, leaving the table out predicts better (docs/explanation/model.md)
MOST_UNREAD = 20  # named
RANGES = {"expression": (0.0, 20.0), "mutation": (0.0, 1.0)}
REMEDY = {
    "expression": "give log2(TPM+1), or TPM with expression_unit 'TPM'",
    "copy_number": "give log2 ratios to diploid, or say copy_number_unit",
    "mutation": "give 1 for a mutated gene and 0 for one that is not",
}

NONE_MUTATED = "give symbols, Ensembl or Entrez ids, or an empty list where none of the model's genes is mutated"


class SampleError(ValueError):
    """A sample or compound that cannot be placed; the message names the field, the value and the remedy.

    For answers that must not repeat what they were given, `place` holds the field and perhaps the gene, and `reason`
    the rest without the value.
    """

    def __init__(self, message: str, place: Sequence[str] = (), reason: str = "") -> None:
        super().__init__(message)
        self.place = tuple(place)
        self.reason = reason or message


class ArrayScaleError(SampleError):
    """Expression of an array where RNA-seq is read; `scale` says what it looks like."""

    def __init__(self, message: str, place: Sequence[str], reason: str, scale: ArrayScale) -> None:
        super().__init__(message, place, reason)
        self.scale = scale


@dataclass(frozen=True)
class Sample:
    """One new sample; gene → value, None for a table that was not measured. Genes go by any of their identifiers.

    `mutation` may also be the mutated genes alone: the panel's others then count as not mutated. `dropped` counts, by
    table, the genes that a reader left out because the model does not read them.
    """

    expression: Mapping[str, float] | None = None
    copy_number: Mapping[str, float] | None = None
    mutation: Mapping[str, float] | Collection[str] | None = None
    tissue: str | None = None
    cancer_type: str | None = None
    medium: str | None = None
    expression_unit: str = "log2(TPM+1)"
    copy_number_unit: str = LOG2_RATIO
    dropped: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Counts:
    """Genes of one table: of the panel and given, given but not of the panel (not read), of the panel but missing.

    A missing gene counts as the model's own reader says. `unread` names the first entries of a list of mutations
    that were not read, `notes` say what was read otherwise than it is written.
    """

    known: int
    unknown: int
    missing: int
    unread: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def panel_row(
    modality: str,
    panel: Panel,
    sample: Sample,
    mean: NDArray[np.float32] | None = None,
    least: float = LEAST_SHARE,
) -> tuple[NDArray[np.float32], Counts]:
    """Values of a panel's genes in one table of the sample, NaN where missing. Shape: (p,). Raises SampleError.

    With the `mean` of the training lines, (p,), arrays are told from RNA-seq. `least` is the share of the genes
    that must be there.
    """
    values = getattr(sample, modality)
    if isinstance(values, str):
        raise SampleError(f"{modality}: {values!r} is one text; give genes with their values")
    if not isinstance(values, Mapping):
        if modality != "mutation":
            raise SampleError(f"{modality}: genes without values; give gene symbol → value")
        return _mutated_row(panel, values)
    given, unread, notes, fault = _read(modality, panel, values, _unit_of(sample, modality))
    # A value beyond float32 is refused below; what the others look like is said first.
    row = np.array([given.get(gene, math.nan) for gene in panel.symbols]).clip(-1e9, 1e9).astype(np.float32)
    if modality == "expression" and (scale := array_scale(row, mean)):
        reason = f"looks like {scale}, where the model reads RNA-seq; {REMEDY[modality]}"
        raise ArrayScaleError(f"{modality}: {reason}, or leave expression out", [modality], reason, scale)
    if fault is not None:
        raise fault
    named = tuple(unread[:MOST_UNREAD]) if modality == "mutation" else ()
    return row, _counts(modality, row, len(unread) + sample.dropped.get(modality, 0), least, named, notes)


def array_row(panel: Panel, sample: Sample, scale: ArrayScale) -> tuple[NDArray[np.float32], Counts]:
    """Expression of an array as z-scores within the sample over the panel's genes, NaN where missing. Shape: (p,).

    Raises SampleError with too few of the genes.
    """
    values = sample.expression or {}
    given, unread, notes, _ = _read("expression", panel, values, _unit_of(sample, "expression"))
    row = np.array([given.get(gene, math.nan) for gene in panel.symbols], np.float64)
    notes = [f"read as expression of an array: looks like {scale}", *notes]
    try:
        counts = _counts("expression", row, len(unread) + sample.dropped.get("expression", 0), LEAST_SHARE, (), notes)
    except SampleError as fault:
        reason = f"looks like {scale}: {fault.reason}"
        raise SampleError(f"expression: {reason}", fault.place, reason) from None
    return ((row - np.nanmean(row)) / max(float(np.nanstd(row)), 1e-6)).astype(np.float32), counts


def _counts(
    modality: str, row: NDArray[np.floating], unknown: int, least: float, named: tuple[str, ...], notes: Sequence[str]
) -> Counts:
    """Counts of a row of a panel. Raises SampleError with fewer genes than the share `least` of it."""
    missing = int(np.isnan(row).sum())
    found = len(row) - missing
    if found < least * len(row):
        needed = math.ceil(least * len(row))
        what = f"{found} of the model's {len(row)} genes; give {needed} at least (gene symbols, Ensembl or Entrez ids)"
        reason = f"{what}, or leave {modality} out"
        raise SampleError(f"{modality}: {reason}", [modality], reason)
    return Counts(found, unknown, missing, named, tuple(notes))


def _mutated_row(panel: Panel, texts: Collection[str]) -> tuple[NDArray[np.float32], Counts]:
    mutated: set[str] = set()
    others: dict[str, list[str]] = {}  # protein changes and older names
    unread: dict[str, str] = {}
    for text in dict.fromkeys(texts):
        reading = panel.find(text, changes=True)
        if reading.outcome is Outcome.DATE:
            raise SampleError(f"mutation: {text!r} {DATE_REMEDY}", ["mutation"], f"an entry {DATE_REMEDY}")
        if reading.gene is None:
            unread[text.strip().upper()] = reading.reason(text) if reading.outcome is Outcome.AMBIGUOUS else text
            continue
        mutated.add(reading.gene)
        if not reading.direct:
            others.setdefault(reading.gene, []).append(text)
    if texts and not mutated:
        ambiguous = [text for text in unread.values() if " may mean " in text]
        reason = "; ".join([f"none of {len(unread)} entries is a gene that the model reads", *ambiguous, NONE_MUTATED])
        raise SampleError(f"mutation: {', '.join(map(repr, texts))}: {reason}", ["mutation"], reason)
    notes = tuple(f"read as {gene}: {', '.join(written)}" for gene, written in others.items())
    row = np.array([gene in mutated for gene in panel.symbols], np.float32)
    return row, Counts(len(mutated), len(unread), 0, tuple(unread.values())[:MOST_UNREAD], notes)


def _unit_of(sample: Sample, modality: str) -> str:
    """Unit of one table. Raises SampleError where it is none."""
    known = {"expression": ("TPM", "log2(TPM+1)"), "copy_number": tuple(COPY_NUMBER_UNITS)}.get(modality, ())
    unit = getattr(sample, f"{modality}_unit", "")
    if known and unit not in known:
        raise SampleError(f"{modality}_unit: {unit!r}; give one of {', '.join(map(repr, known))}")
    return unit


def _read(
    modality: str, panel: Panel, values: Mapping[str, float], unit: str
) -> tuple[dict[str, float], list[str], list[str], SampleError | None]:
    """Gene of the panel → value in the model's unit, texts that name none of its genes, notes, the first fault."""
    rows, unread, notes = GeneRows(), [], []
    outside: SampleError | None = None
    if modality == "expression" and _all_in_range(values, unit):
        texts = panel.may_name(values)
        unread = [""] * (len(values) - len(texts))
        values = {text: values[text] for text in texts}
    for text, value in values.items():
        try:
            number = _in_range(modality, text, value, unit)
        except SampleError as fault:
            number, outside = float(value), outside or fault
        reading = panel.find(text, changes=modality == "mutation")
        if reading.outcome is Outcome.DATE:
            raise SampleError(f"{modality}: {text!r} {DATE_REMEDY}", [modality, text], DATE_REMEDY)
        if reading.gene is None:
            unread.append(text)
            if reading.outcome is Outcome.AMBIGUOUS:
                notes.append(f"not read: {reading.reason(text)}")
        else:
            rows.add(reading.gene, rank_of(reading), [number], text)
    try:
        by_gene = rows.values()
    except RepeatedGeneError as fault:
        gene, (first, second) = fault.gene, fault.places
        remedy = f"stands twice and differs: {gene} is given as {first} as well; give each gene once"
        raise SampleError(f"{modality}: {second} {remedy}", [modality, second], remedy) from None
    return {gene: one for gene, (one,) in by_gene.items()}, unread, [*notes, *rows.notes()], outside


def _all_in_range(values: Mapping[str, float], unit: str) -> bool:
    """Whether all values of expression are in range, looked at together: those of 60,000 genes in 2 ms."""
    low, high = RANGES["expression"]
    given = np.fromiter(values.values(), np.float64, len(values))
    return bool(((given >= low) & (given <= (2**high - 1 if unit == "TPM" else high))).all())


def _in_range(modality: str, text: str, value: float, unit: str) -> float:
    """The value in the model's unit. Raises SampleError where it is outside what the unit may have."""
    low, high = copy_number_range(unit) if modality == "copy_number" else RANGES[modality]
    number = math.log2(value + 1) if unit == "TPM" and value >= 0 else float(value)
    whole = modality == "mutation" or unit == "GISTIC"
    if low <= number <= high and not (whole and number % 1):
        return to_log2_ratio(number, unit) if modality == "copy_number" else number
    within = "no whole number from" if whole else "outside"
    remedy = f"{within} {low:g} to {high:g}; {REMEDY[modality]}"
    raise SampleError(f"{modality}: {text} = {value}, {remedy}", [modality, text], remedy)
