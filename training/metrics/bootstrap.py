"""Bootstrap intervals. Cell lines are resampled whole: the pairs of one line are not independent of each other."""

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.floating]
RESAMPLES = 500
LEVEL = (2.5, 97.5)


def bootstrap_intervals(
    label: NDArray[np.bool_], score: Float, truth: Float, guess: Float, cluster: NDArray[np.integer], seed: int
) -> dict[str, tuple[float, float]]:
    """95 % percentile intervals of pooled AUROC, AUPRC and RMSE over resampled clusters.

    Each resample weighs a pair by how often its cluster was drawn, so scores are sorted once. Shapes: all (n,).
    """
    rng = np.random.default_rng(seed)
    names, member = np.unique(cluster, return_inverse=True)
    order = np.argsort(-score, kind="stable")
    ends = np.flatnonzero(np.r_[np.diff(score[order]) != 0, True])  # ties enter together
    positive = label[order].astype(float)
    squared = (guess - truth) ** 2
    found: dict[str, list[float]] = {"auroc": [], "auprc": [], "rmse": []}
    for _ in range(RESAMPLES):
        drawn = rng.multinomial(len(names), np.full(len(names), 1 / len(names)))
        weight = drawn[member].astype(float)
        found["rmse"].append(float(np.sqrt((weight * squared).sum() / weight.sum())))
        sorted_weight = weight[order]
        true = np.cumsum(sorted_weight * positive)[ends]
        false = np.cumsum(sorted_weight)[ends] - true
        if true[-1] > 0 and false[-1] > 0:
            found["auroc"].append(float(np.trapezoid(np.r_[0, true], np.r_[0, false]) / (true[-1] * false[-1])))
            precision = true / np.maximum(true + false, 1e-12)
            found["auprc"].append(float((np.diff(np.r_[0, true]) * precision).sum() / true[-1]))
    return {name: _interval(values) for name, values in found.items()}


def bootstrap_mean_interval(values: Float, seed: int) -> tuple[float, float]:
    """95 % percentile interval of a mean over resampled units. Shape: values (n,)."""
    rng = np.random.default_rng(seed)
    return _interval(values[rng.integers(len(values), size=(RESAMPLES, len(values)))].mean(1))


def _interval(values: list[float] | Float) -> tuple[float, float]:
    if len(values) == 0:
        return float("nan"), float("nan")
    low, high = np.percentile(values, LEVEL)
    return float(low), float(high)
