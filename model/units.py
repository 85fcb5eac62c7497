"""The unit of a sample's values, told by their distribution: impossible ones are refused, doubtful ones are named.

Most checks compare a sample with the mean of the training lines, x with m, over the genes that it has. None of 655
cell lines of GDSC (RNA-seq) and of 957 (copy number) crosses a limit; what they find:
docs/explanation/model.md.
"""

import math
from collections.abc import Callable
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float32]  # (p,), NaN = not known
Means = NDArray[np.float32] | None  # (p,) of the training lines

FEWEST_GENES = 100  # a distribution of fewer says little
FEWEST_EQUAL = 10
REMEDY = "give log2(TPM+1), or TPM with expression_unit 'TPM'"
MILLION, ROUNDED = 1e6, 1.01  # all genes of a sample in TPM, and how much more rounded values may sum to
LEAST_LIKENESS = 0.6  # correlation of x with m; cell lines have .74 at least
SLOPES = (0.79, 1.2)  # of x on m in log2(TPM+1); ln(TPM+1) has .56 to .78
LEAST_SLOPE = 0.5  # log10(TPM+1) has .30, the log2 of log2 values .38
SUMS = (0.3, 2.5)  # of the genes' TPM, as a share of that of the mean line
EXPRESSED = 20.0  # TPM above which whole numbers are no accident
MOST_MEDIAN = 0.75  # of log2 ratios, from diploid
RATIO_MEDIAN = 0.5  # of values none of which is negative
MOST_LOG2P1 = 3.5  # of log2(ratio + 1); cell lines of GDSC have 3.0 at most
TURNED_LIKENESS = -0.2
GISTIC = 2.0
MOST_MUTATED = 0.6


BELOW_ZERO, NEGATIVE = -0.5, 0.05  # z-scores have more genes than this share so far below 0
SILENT, LEAST_SILENT = 1.5, 0.7  # mean of the training lines; share of a panel's silent genes
UNEXPRESSED = 1.0  # RNA-seq has 15 % of the genes below it, an array's log2 intensities none
Z_WITHIN_SAMPLE = 0.33  # correlation with m; z-scores of a gene within a cohort have .40 at most, .30 in 99 of 100
ArrayScale = Literal[
    "log2 intensities of an array", "z-scores within the sample", "z-scores of each gene within a cohort"
]
OF_COHORT: ArrayScale = "z-scores of each gene within a cohort"  # say nothing of the other genes of a sample
LOG2_RATIO = "log2 ratio"
LEAST_RATIO = 0.05  # a lost gene is written as log2(0.05) = -4.3, as GDSC does: log2(0) is no number
MOST_RATIO = 1024.0


class CopyNumberUnit(NamedTuple):
    """A way to write copy number, as a function of its ratio to diploid and back; `lowest` is its least value."""

    called: str
    to_ratio: Callable[[float], float]
    of_ratio: Callable[[float], float]
    lowest: float


COPY_NUMBER_UNITS = {
    LOG2_RATIO: CopyNumberUnit("log2 ratios (0 = diploid)", lambda x: 2.0**x, math.log2, -10.0),
    "ratio": CopyNumberUnit("ratios (1 = diploid)", float, float, 0.0),
    "log2(ratio+1)": CopyNumberUnit("log2(ratio + 1)", lambda x: 2.0**x - 1, lambda r: math.log2(r + 1), 0.0),
    "absolute": CopyNumberUnit("absolute copies (2 = diploid)", lambda x: x / 2, lambda r: 2 * r, 0.0),
    "GISTIC": CopyNumberUnit("GISTIC calls", lambda x: x / 2 + 1, lambda r: 2 * r - 2, -2.0),
}
WHOLE = ("absolute", "GISTIC")


class Doubt(NamedTuple):
    """What a table looks like instead, and the sentence that asks for it."""

    looks: str
    text: str


class UnitError(ValueError):
    """Values that cannot be in their unit; the message says what they look like and what to give."""


def unit_doubts(modality: str, values: Values, mean: Means, unit: str = "") -> list[Doubt]:
    """What is doubtful about one table of a sample, in the model's unit. Raises UnitError where it cannot be.

    `unit` is the one that it came in, where that is another.
    """
    known = ~np.isnan(values)
    if known.sum() < FEWEST_EQUAL:
        return []
    x = values[known].astype(np.float64)
    m = None if mean is None or known.sum() < FEWEST_GENES else mean[known].astype(np.float64)
    if modality == "copy_number":
        return _copy_number_doubts(x, m, unit or LOG2_RATIO)
    return _expression_doubts(x, m) if modality == "expression" else _mutation_doubts(x)


def array_scale(values: Values, mean: Means) -> ArrayScale | None:
    """What expression of an array looks like that is called log2(TPM+1); None where it is none, or genes are few.

    z-scores have negative values; those within a sample follow the mean of the training lines, those of a gene within
    a cohort do not. Log2 intensities (RMA) have no gene near 0, not even those that training lines do not express.
    """
    known = ~np.isnan(values)
    if known.sum() < FEWEST_GENES:
        return None
    x = values[known].astype(np.float64)
    m = np.zeros_like(x) if mean is None else mean[known].astype(np.float64)
    likeness = 0.0 if np.ptp(m) == 0 or np.ptp(x) == 0 else float(np.corrcoef(x, m)[0, 1])
    if (x < BELOW_ZERO).mean() > NEGATIVE:
        followed = likeness > Z_WITHIN_SAMPLE
        return "z-scores within the sample" if followed else OF_COHORT
    if mean is None or x.min() < UNEXPRESSED or np.ptp(x) == 0:
        return None
    silent = mean < SILENT  # RNA-seq of expressed genes alone lacks most of them, an array measures them as others
    return "log2 intensities of an array" if silent[known].mean() > LEAST_SILENT * silent.mean() else None


def to_log2_ratio(value: float, unit: str) -> float:
    """Log2 ratio to diploid of a value in its unit; a lost gene becomes log2(0.05)."""
    if unit == LOG2_RATIO:
        return value
    return math.log2(max(COPY_NUMBER_UNITS[unit].to_ratio(value), LEAST_RATIO))


def copy_number_range(unit: str) -> tuple[float, float]:
    """Least and greatest value that a unit may have."""
    return COPY_NUMBER_UNITS[unit].lowest, 2.0 if unit == "GISTIC" else COPY_NUMBER_UNITS[unit].of_ratio(MOST_RATIO)


def _expression_doubts(x: NDArray[np.float64], m: NDArray[np.float64] | None) -> list[Doubt]:
    if np.ptp(x) == 0:
        raise UnitError("all genes have the same value; give measured expression")
    tpm = np.exp2(x) - 1
    if fault := tpm_fault(tpm):
        raise UnitError(f"{fault}; {REMEDY}")
    doubts = whole_number_doubts(tpm)
    if m is None:
        return doubts
    likeness = float(np.corrcoef(x, m)[0, 1])
    if likeness < LEAST_LIKENESS:
        text = f"barely resembles any training line (correlation {likeness:.2f}): are genes and unit right?"
        return [*doubts, Doubt("another scale", text)]
    slope = float(np.polyfit(m, x, 1)[0])
    width = f"spreads {slope:.2f} times as wide as log2(TPM+1) of the training lines"
    if slope < LEAST_SLOPE:
        raise UnitError(f"{width}: looks like log10(TPM+1) or like log2 values called TPM; {REMEDY}")
    if slope < SLOPES[0]:
        return [*doubts, Doubt("ln(TPM+1)", f"{width}: is this ln(TPM+1)?")]
    if slope > SLOPES[1]:
        doubts.append(Doubt("counts", f"{width}: are these counts?"))
    share = float(tpm.sum()) / float((np.exp2(m) - 1).sum())
    if not SUMS[0] <= share <= SUMS[1] and not doubts:
        text = f"sums to {share:.1f} times the TPM of the training lines: is this FPKM, CPM or counts?"
        doubts.append(Doubt("another sum", text))
    return doubts


def tpm_fault(tpm: NDArray[np.float64]) -> str:
    """Why values cannot be TPM of one sample, and what they look like instead; "" where they can."""
    total = float(tpm.sum())
    if total <= MILLION * ROUNDED:
        return ""
    return (
        f"the {len(tpm)} genes that are read sum to {total:,.0f} TPM, where all genes of a sample have 1,000,000: "
        "looks like counts"
    )


def whole_number_doubts(tpm: NDArray[np.float64]) -> list[Doubt]:
    """Whether TPM of one sample are whole numbers alone."""
    expressed = tpm[tpm > EXPRESSED]
    whole = np.abs(expressed - np.round(expressed)) < 1e-3 + 1e-5 * expressed
    if len(expressed) < FEWEST_EQUAL or not whole.all():
        return []
    return [Doubt("counts", "holds whole numbers alone: are these counts? TPM have fractions")]


def _copy_number_doubts(x: NDArray[np.float64], m: NDArray[np.float64] | None, unit: str) -> list[Doubt]:
    if fault := copy_number_fault(x, unit):
        raise UnitError(f"{fault}; give log2 ratios to diploid, or say copy_number_unit")
    if unit == "GISTIC":
        return [Doubt("GISTIC", "has GISTIC calls, read as 0 to 4 copies: coarser than what the model learnt from")]
    if m is None or np.ptp(x) == 0:
        return []
    if unit == "log2(ratio+1)" and 2.0 ** float(x.max()) + 1 > 2**MOST_LOG2P1:
        return [Doubt("ratio", f"has values over {MOST_LOG2P1}: are these ratios, not log2(ratio + 1)?")]
    whole = bool((x == np.round(x)).all()) and np.abs(x).max() <= GISTIC
    if whole and (np.abs(x).max() == GISTIC or (x.min() < 0 < x.max())):
        text = "holds whole numbers from -2 to 2 alone: are these GISTIC calls? The model reads log2 ratios"
        return [Doubt("GISTIC", text)]
    likeness = float(np.corrcoef(x, m)[0, 1])
    if likeness < TURNED_LIKENESS:
        text = f"runs against what training lines gain and lose (correlation {likeness:.2f}): is the sign turned?"
        return [Doubt("the sign turned", text)]
    return []


def copy_number_fault(x: NDArray[np.float64], unit: str = LOG2_RATIO) -> str:
    """Why log2 ratios that came in `unit` cannot be right, and what they look like instead; "" where they can."""
    middle = float(np.median(x))
    looks_like_ratio = unit == LOG2_RATIO and float(x.min()) >= 0 and middle > RATIO_MEDIAN
    if abs(middle) <= MOST_MEDIAN and not looks_like_ratio:
        return ""
    given = COPY_NUMBER_UNITS[unit]
    written = np.array([given.of_ratio(2.0**value) for value in x])
    looks = [one.called for name, one in COPY_NUMBER_UNITS.items() if name != unit and _may_be(written, name)]
    found = f"the median is {np.median(written):.3g} where diploid is {given.of_ratio(1):g}"
    return f"{found}: looks like {' or '.join(looks) or 'a shifted scale'}"


def _may_be(written: NDArray[np.float64], unit: str) -> bool:
    """Whether values may be copy number in a unit, by their range and their median."""
    low, high = copy_number_range(unit)
    high = MOST_LOG2P1 if unit == "log2(ratio+1)" else high
    if not (low <= written.min() and written.max() <= high):
        return False
    if unit in WHOLE and (np.abs(written - np.round(written)) < 1e-6).mean() <= MOST_MEDIAN:
        return False
    return abs(to_log2_ratio(float(np.median(written)), unit)) <= MOST_MEDIAN


def _mutation_doubts(x: NDArray[np.float64]) -> list[Doubt]:
    if x.mean() <= MOST_MUTATED:
        return []
    return [Doubt("1 for not mutated", f"{x.mean():.0%} of the genes are mutated: is 1 what was not mutated?")]
