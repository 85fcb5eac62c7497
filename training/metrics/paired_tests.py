"""Paired comparisons of methods that were measured on the same folds and drugs.

Folds share training pairs, so their differences are not independent: a plain t-test over folds claims too much. Two
views are given. Over drugs: the mean over folds within a drug first, then one number a drug (Wilcoxon signed-rank).
Over folds: the pooled metrics, with exact tests and the corrected resampled t-test (Nadeau & Bengio 2003), which adds
the share of test to training pairs to the variance. Holm's correction is over the methods of one table.
Friedman's test and Nemenyi's critical difference follow Demšar (2006), with drugs as blocks.

The input is the tidy table of `drp evaluate`, of one dataset, protocol and split.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import binomtest, friedmanchisquare, studentized_range, wilcoxon
from scipy.stats import t as student

Float = NDArray[np.float64]
FOLD = ["split_seed", "fold"]
LOWER_IS_BETTER = {"rmse", "per_drug_rmse", "brier", "calibration_error", "interval_width"}


@dataclass(frozen=True)
class Ranks:
    """Friedman's test over blocks: mean rank of each method (1 is best) and Nemenyi's critical difference."""

    mean: pd.Series
    statistic: float
    p: float
    critical_difference: float
    blocks: int


def metric_by_fold(table: pd.DataFrame, metric: str) -> pd.DataFrame:
    """Pooled metric, folds × methods; the seeds of one method are averaged within the fold."""
    rows = table[(table["level"] == "pooled") & (table["metric"] == metric)]
    return rows.pivot_table(index=FOLD, columns="method", values="value", aggfunc="mean")


def metric_by_unit(table: pd.DataFrame, metric: str, level: str = "drug") -> pd.DataFrame:
    """A unit's metric in each fold, (unit, split_seed, fold) × methods; seeds averaged. NaN where not measured."""
    rows = table[(table["level"] == level) & (table["metric"] == metric)]
    return rows.pivot_table(index=["unit", *FOLD], columns="method", values="value", aggfunc="mean")


def compare_over_units(wide: pd.DataFrame, reference: str, metric: str) -> pd.DataFrame:
    """Compare `reference` with every other method over units; one row a method, Holm over the rows.

    `wide` is as by_unit gives it; a unit's value is the mean over the folds in which both methods have one.
    `difference` is reference − method, turned so that positive means the reference is better; `won` is the share of
    units where it is better, ties counting half. Wilcoxon is two-sided, zero differences split between the signs.
    """
    rows = []
    for method in _others(wide, reference):
        pair = wide[[reference, method]].dropna().groupby(level="unit").mean()
        gain = _gain(pair, reference, method, metric)
        rows.append(
            {
                "metric": metric,
                "reference": reference,
                "method": method,
                "units": len(gain),
                "median_difference": float(np.median(gain)) if len(gain) else np.nan,
                "mean_difference": float(gain.mean()) if len(gain) else np.nan,
                "won": float(np.mean((gain > 0) + 0.5 * (gain == 0))) if len(gain) else np.nan,
                "p": _wilcoxon(gain, exact=False),
            }
        )
    return _with_holm(pd.DataFrame(rows), "p")


def compare_over_folds(wide: pd.DataFrame, reference: str, metric: str, folds: int) -> pd.DataFrame:
    """Compare `reference` with every other method over folds; one row a method, Holm over the rows.

    `p_wilcoxon` and `p_sign` are exact and two-sided: with n folds neither can fall below `smallest_p` = 2 / 2ⁿ, .0625
    with five. `p_t` is the corrected resampled t-test. `folds` is the number that the data were cut into.
    """
    rows = []
    for method in _others(wide, reference):
        gain = _gain(wide, reference, method, metric)
        n = len(gain)
        decided = gain[gain != 0]
        sign = binomtest(int((decided > 0).sum()), len(decided)).pvalue if len(decided) else 1.0
        t, p_t = corrected_resampled_t(gain, 1 / (folds - 1))
        rows.append(
            {
                "metric": metric,
                "reference": reference,
                "method": method,
                "folds": n,
                "mean_difference": float(gain.mean()) if n else np.nan,
                "won": float(np.mean((gain > 0) + 0.5 * (gain == 0))) if n else np.nan,
                "p_wilcoxon": _wilcoxon(gain, exact=True),
                "p_sign": float(sign) if n else np.nan,
                "smallest_p": min(1.0, 2.0 / 2**n),
                "t": t,
                "p_t": p_t,
            }
        )
    return _with_holm(pd.DataFrame(rows), "p_t")


def corrected_resampled_t(differences: Float, test_to_train: float) -> tuple[float, float]:
    """Return t and two-sided p of the mean difference over n resamples, t = d̄ / √((1/n + n_test/n_train)·s²).

    Nadeau & Bengio, Machine Learning 52 (2003), eq. 9 with n − 1 degrees of freedom. Shape: (n,). NaN below two values
    or without any spread.
    """
    n = len(differences)
    if n < 2 or np.ptp(differences) == 0:
        return np.nan, np.nan
    scale = np.sqrt((1 / n + test_to_train) * differences.var(ddof=1))
    t = float(differences.mean() / scale)
    return t, float(2 * student.sf(abs(t), n - 1))


def rank_methods(wide: pd.DataFrame, metric: str, alpha: float = 0.05) -> Ranks:
    """Rank methods within each unit, best first, ties sharing; `wide` is as by_unit gives it.

    A unit's value is the mean over the folds in which all methods have one; other units are left out.
    Two methods differ when their mean ranks are further apart than q_α·√(k(k+1)/6n), q_α of the studentised range over
    √2 (Demšar 2006). Raises ValueError below three methods or two units.
    """
    complete = wide.dropna().groupby(level="unit").mean()
    n, k = complete.shape
    if k < 3 or n < 2:
        raise ValueError(f"{metric}: {k} methods on {n} common units; ranks need at least 3 methods and 2 units")
    best_first = complete.rank(axis=1, ascending=metric in LOWER_IS_BETTER)
    statistic, p = friedmanchisquare(*complete.to_numpy(float).T)
    q = studentized_range.ppf(1 - alpha, k, np.inf) / np.sqrt(2)
    return Ranks(
        best_first.mean().sort_values(), float(statistic), float(p), float(q * np.sqrt(k * (k + 1) / 6 / n)), n
    )


def holm_correction(p: Sequence[float] | Float) -> Float:
    """Holm's step-down correction; NaN stays NaN and does not count as a test. Shape: (n,)."""
    values = np.asarray(p, float)
    known = np.flatnonzero(~np.isnan(values))
    ascending = known[np.argsort(values[known])]
    out = np.full(len(values), np.nan)
    tests_left = np.arange(len(ascending), 0, -1)
    out[ascending] = np.minimum(np.maximum.accumulate(tests_left * values[ascending]), 1)
    return out


def _others(wide: pd.DataFrame, reference: str) -> list[str]:
    if reference not in wide:
        raise ValueError(f"reference {reference!r} has no values here; choose one of {', '.join(map(str, wide))}")
    return [str(method) for method in wide if method != reference]


def _gain(wide: pd.DataFrame, reference: str, method: str, metric: str) -> Float:
    both = wide[[reference, method]].dropna()
    difference = (both[reference] - both[method]).to_numpy(float)
    return -difference if metric in LOWER_IS_BETTER else difference


def _wilcoxon(gain: Float, *, exact: bool) -> float:
    if len(gain) == 0:
        return np.nan
    if not gain.any():
        return 1.0
    if exact:  # SciPy's exact distribution knows no zeros; folds that tie exactly are left out, as Wilcoxon did
        return float(wilcoxon(gain[gain != 0], method="exact").pvalue)
    return float(wilcoxon(gain, zero_method="zsplit", method="approx").pvalue)


def _with_holm(table: pd.DataFrame, column: str) -> pd.DataFrame:
    return table.assign(p_holm=holm_correction(table[column].to_numpy(float))) if len(table) else table
