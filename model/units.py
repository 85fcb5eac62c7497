"""The unit of a sample's values, told by their distribution: impossible ones are refused, doubtful ones are named.

Most checks compare a sample with the mean of the training lines, x with m, over the genes that it has. None of 655
cell lines of GDSC (RNA-seq) and of 957 (copy number) crosses a limit; docs/model.md has the table of what they find.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float32]  # (p,), NaN = not known
Means = NDArray[np.float32] | None  # (p,) of the training lines

FEWEST_GENES = 100  # a distribution of fewer says little
FEWEST_EQUAL = 10
REMEDY = "give log2(TPM+1), or TPM with expression_unit 'TPM'"
MILLION = 1e6  # all genes of a sample in TPM
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


class Doubt(NamedTuple):
    """What a table looks like instead, and the sentence that asks for it."""

    looks: str
    text: str


class UnitError(ValueError):
    """Values that cannot be in their unit; the message says what they look like and what to give."""


def unit_doubts(modality: str, values: Values, mean: Means) -> list[Doubt]:
    """What is doubtful about one table of a sample, in the model's unit. Raises UnitError where it cannot be."""
    known = ~np.isnan(values)
    if known.sum() < FEWEST_EQUAL:
        return []
    x = values[known].astype(np.float64)
    m = None if mean is None or known.sum() < FEWEST_GENES else mean[known].astype(np.float64)
    return CHECKS[modality](x, m)


def _expression_doubts(x: NDArray[np.float64], m: NDArray[np.float64] | None) -> list[Doubt]:
    if np.ptp(x) == 0:
        raise UnitError("all genes have the same value; give measured expression")
    tpm = np.exp2(x) - 1
    total = float(tpm.sum())
    if total > MILLION:
        raise UnitError(
            f"the {len(x)} genes that the model reads sum to {total:,.0f} TPM, where all genes of a sample have "
            f"1,000,000: looks like counts; {REMEDY}"
        )
    doubts = _whole_number_doubts(tpm)
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
    share = total / float((np.exp2(m) - 1).sum())
    if not SUMS[0] <= share <= SUMS[1] and not doubts:
        text = f"sums to {share:.1f} times the TPM of the training lines: is this FPKM, CPM or counts?"
        doubts.append(Doubt("another sum", text))
    return doubts


def _whole_number_doubts(tpm: NDArray[np.float64]) -> list[Doubt]:
    expressed = tpm[tpm > EXPRESSED]
    whole = np.abs(expressed - np.round(expressed)) < 1e-3 + 1e-5 * expressed
    if len(expressed) < FEWEST_EQUAL or not whole.all():
        return []
    return [Doubt("counts", "holds whole numbers alone: are these counts? TPM have fractions")]


def _copy_number_doubts(x: NDArray[np.float64], m: NDArray[np.float64] | None) -> list[Doubt]:
    if fault := log2_ratio_fault(x):
        raise UnitError(f"{fault}; give the log2 ratio to diploid")
    if m is None or np.ptp(x) == 0:
        return []
    whole = bool((x == np.round(x)).all()) and np.abs(x).max() <= GISTIC
    if whole and (np.abs(x).max() == GISTIC or (x.min() < 0 < x.max())):
        text = "holds whole numbers from -2 to 2 alone: are these GISTIC calls? The model reads log2 ratios"
        return [Doubt("GISTIC", text)]
    likeness = float(np.corrcoef(x, m)[0, 1])
    if likeness < TURNED_LIKENESS:
        text = f"runs against what training lines gain and lose (correlation {likeness:.2f}): is the sign turned?"
        return [Doubt("the sign turned", text)]
    return []


def log2_ratio_fault(x: NDArray[np.float64]) -> str:
    """Why values cannot be log2 ratios to diploid, and what they look like; "" where they can."""
    low, high, middle = float(x.min()), float(x.max()), float(np.median(x))
    if abs(middle) <= MOST_MEDIAN and not (low >= 0 and middle > RATIO_MEDIAN):
        return ""
    looks = "absolute copies or a shifted scale"
    if low >= 0 and 0.5 <= middle <= 1.5:
        looks = "ratios (1 = diploid)" if high > MOST_LOG2P1 else "ratios (1 = diploid) or log2(ratio + 1)"
    elif low >= 0 and bool((x == np.round(x)).mean() > MOST_MEDIAN):
        looks = "absolute copies (2 = diploid)"
    return f"the median is {middle:g} where diploid is 0: looks like {looks}"


def _mutation_doubts(x: NDArray[np.float64], m: NDArray[np.float64] | None) -> list[Doubt]:
    if m is None or x.mean() <= MOST_MUTATED:
        return []
    return [Doubt("1 for not mutated", f"{x.mean():.0%} of the genes are mutated: is 1 what was not mutated?")]


CHECKS: dict[str, Callable[[NDArray[np.float64], NDArray[np.float64] | None], list[Doubt]]] = {
    "expression": _expression_doubts,
    "copy_number": _copy_number_doubts,
    "mutation": _mutation_doubts,
}
