"""Responses in the units that they come in, turned into ln µM; values that cannot be in their unit are refused.

The limits were read off GDSC and CCLE. There the median ln IC50 (µM) of a drug lies between -6 and 8, that of all
pairs between 2 and 2.5, and all pairs have a standard deviation of 2 to 2.7.
"""

from collections.abc import Callable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from training.data.schema import DatasetError, Problem
from training.sources.options import ResponseUnit

Values = NDArray[np.float64]
LN_10, LN_NM_PER_UM, LN_UM_PER_M = np.log(10), np.log(1e3), np.log(1e6)
TO_LN_UM: dict[ResponseUnit, Callable[[Values], Values]] = {
    "ln_um": lambda values: values,
    "log10_um": lambda values: values * LN_10,
    "pic50": lambda values: (6 - values) * LN_10,
    "um": np.log,
    "nm": lambda values: np.log(values) - LN_NM_PER_UM,
    "m": lambda values: np.log(values) + LN_UM_PER_M,
}
COLUMNS: dict[str, ResponseUnit] = {
    "ln_ic50_um": "ln_um",
    "log10_ic50_um": "log10_um",
    "ic50_um": "um",
    "ic50_nm": "nm",
    "ic50_m": "m",
    "pic50": "pic50",
}
CONCENTRATIONS = {"um": "µM", "nm": "nM", "m": "M"}
# What values may be instead -> their ln µM, and what to do.
LOOKS: dict[str, tuple[Callable[[Values], Values], str]] = {
    "µM": (TO_LN_UM["um"], "name the column ic50_um"),
    "nM": (TO_LN_UM["nm"], "name the column ic50_nm"),
    "M": (TO_LN_UM["m"], "name the column ic50_m"),
    "ln µM": (TO_LN_UM["ln_um"], "name the column ln_ic50_um"),
    "log10 µM": (TO_LN_UM["log10_um"], "name the column log10_ic50_um"),
    "pIC50, -log10 of M": (TO_LN_UM["pic50"], "name the column pic50"),
    "log10 of M": (lambda values: (6 + values) * LN_10, "change the sign and name the column pic50"),
    "log10 of nM": (lambda values: (values - 3) * LN_10, "take 3 off and name the column log10_ic50_um"),
    "ln of M": (lambda values: values + LN_UM_PER_M, "add 13.8155 and name the column ln_ic50_um"),
    "ln of nM": (lambda values: values - LN_NM_PER_UM, "take 6.9078 off and name the column ln_ic50_um"),
}
MEDIAN, OUTER = (-7.5, 8.1), (-9.2, 10.2)  # ln µM: of all values; of the lowest and the highest twentieth
MOST_AT_ONE_END = (-2.5, 2.8)  # ln µM: 19 of 20 below 82 nM, or above 16 µM
USUAL = 2.5  # ln µM: median, and standard deviation, of a screen
FEWEST, FEWEST_OF_A_DRUG = 10, 5  # values
# Of a screen of ten drugs and more: the median, and the least standard deviation.
SCREEN_DRUGS, SCREEN_MEDIAN, LEAST_SPREAD = 10, (-4.0, 5.5), 1.4
FAR = np.log(1e12)  # beyond it a concentration is written as such
STANDARD = (0.3, 0.1)  # how far a drug's, or the whole table's, mean and deviation may be from 0 and 1 to be z-scores


def to_ln_um(values: Values, unit: ResponseUnit, file: str, column: str, rows: pd.Index) -> Values:
    """Convert IC50 values (NaN = not measured) to ln µM; raises DatasetError naming each that is no concentration.

    `rows` names each value in messages. Of more than a hundredth of negative concentrations one message speaks.
    """
    if unit not in CONCENTRATIONS:
        return TO_LN_UM[unit](values)
    sign, known = CONCENTRATIONS[unit], values[~np.isnan(values)]
    if known.size and (known < 0).mean() > 0.01:
        share = f"{int((known < 0).sum()):,} of {known.size:,} values are negative"
        message = f"{share}: that is no concentration in {sign} but a logarithm; {_looks(known, unit)}"
        raise DatasetError([Problem(file, "", column, message)])
    if len(bad := np.flatnonzero(values <= 0)):
        text = f"is no concentration in {sign}; leave the cell empty if it was not measured"
        raise DatasetError([Problem(file, str(rows[int(i)]), column, f"{values[i]:g} {text}") for i in bad])
    return TO_LN_UM[unit](values)


def require_plausible(values: Values, drugs: pd.Series, unit: ResponseUnit, file: str, column: str) -> list[str]:
    """Raise DatasetError where the column is not what drugs reach in `unit`, saying what it looks like instead.

    Shapes: values (n,) in `unit`, drugs (n,) ids. Tables of fewer than ten values are only asked for their median. The
    note that comes back says where drugs are too few to tell one logarithm from another.
    """
    known = ~np.isnan(values)
    given, drugs = values[known], drugs[known]
    if reason := _doubt(given, drugs, unit):
        name = next(name for name, stated in COLUMNS.items() if stated == unit)
        confirm = f"if it is {name} all the same, name the column so and give --response-unit {unit}"
        raise DatasetError([Problem(file, "", column, f"{reason}; {confirm}")])
    if unit not in ("ln_um", "log10_um") or (drugs.nunique() >= SCREEN_DRUGS and len(given) >= FEWEST):
        return []
    taken, spread = "ln µM" if unit == "ln_um" else "log10 µM", given.std() if len(given) else 0.0
    few = f"{len(given)} values of {drugs.nunique()} drugs are too few to tell ln µM from log10 µM"
    return [
        f"{file}: {few}; taken as {taken}, as the column {column} says, with a deviation of {spread:.2f} (screens "
        f"have 2 to 2.7 in ln µM, 1 in log10 µM); --response-unit {unit} confirms it"
    ]


def _doubt(given: Values, drugs: pd.Series, unit: ResponseUnit) -> str:
    """Why values in `unit` are not believed, and the remedy; "" where they are."""
    if not given.size:
        return ""
    ln_um = TO_LN_UM[unit](given)
    median, (low, high) = float(np.median(ln_um)), np.quantile(ln_um, [0.05, 0.95])
    screen = drugs.nunique() >= SCREEN_DRUGS and len(given) >= FEWEST
    if not _reached(ln_um) or (screen and not SCREEN_MEDIAN[0] <= median <= SCREEN_MEDIAN[1]):
        return f"the median is {_um(median)}, 9 of 10 lie between {_um(low)} and {_um(high)}; {_looks(given, unit)}"
    if screen and ln_um.std() < LEAST_SPREAD:
        return f"{drugs.nunique()} drugs, but a deviation of {ln_um.std():.2f} ln units only; {_looks(given, unit)}"
    if len(given) < FEWEST or unit not in ("ln_um", "log10_um"):
        return ""
    if _standardised(given, drugs):
        return "the mean is 0 and the deviation 1, as z-scores have; give the ln IC50 themselves"
    if high < MOST_AT_ONE_END[0] or low > MOST_AT_ONE_END[1]:
        end = f"below {_um(high)}" if high < 0 else f"above {_um(low)}"
        return f"19 of 20 values lie {end}; {_looks(given, unit)}"
    return ""


def _reached(ln_um: Values) -> bool:
    """Tell whether drugs reach these values: the median, and where there are enough, the outer twentieths."""
    if not MEDIAN[0] <= np.median(ln_um) <= MEDIAN[1]:
        return False
    low, high = np.quantile(ln_um, [0.05, 0.95])
    return len(ln_um) < FEWEST or bool(OUTER[0] <= low and high <= OUTER[1])


def _standardised(given: Values, drugs: pd.Series) -> bool:
    """Tell whether values are z-scores: of each drug with enough lines, or of the whole table."""
    groups = pd.Series(given).groupby(drugs.to_numpy())
    enough = groups.count() >= FEWEST_OF_A_DRUG
    means, deviations = groups.mean()[enough], groups.std(ddof=0)[enough]
    of_drugs = ((means.abs() < STANDARD[0]) & ((deviations - 1).abs() < STANDARD[0])).all() and len(means) > 1
    return bool(of_drugs or (abs(given.mean()) < STANDARD[1] and abs(given.std() - 1) < STANDARD[1]))


def _looks(given: Values, unit: ResponseUnit) -> str:
    """What the values look like and what to do: the other unit in which they would be nearest to a usual screen."""
    fits = {}
    with np.errstate(invalid="ignore", divide="ignore"):
        for name, (convert, remedy) in LOOKS.items():
            ln_um = convert(given)
            if convert is not TO_LN_UM[unit] and np.isfinite(ln_um).all() and _reached(ln_um):
                fits[abs(np.median(ln_um) - USUAL) + abs(ln_um.std() - USUAL)] = f"they look like {name}: {remedy}"
    return fits[min(fits)] if fits else "convert them to µM and name the column ic50_um"


def _um(ln_um: float) -> str:
    if abs(ln_um) > FAR:
        return f"{'over' if ln_um > 0 else 'under'} {np.exp(np.copysign(FAR, ln_um)):.0g} µM"
    return f"{np.exp(ln_um):.3g} µM"
