"""Means of the label and of ln IC50 (µM): what is known without any feature but the tissue.

Where a drug or a line has no pair to learn from, its part falls back to what remains: the mean of all pairs.
"""

from collections.abc import Callable
from functools import partial

import numpy as np

from training.baselines.model_selection import Estimate, select_and_refit
from training.data.arrays import Arrays, Floats
from training.metrics.prediction import Prediction
from training.splits.splits import Mask, Split


def global_mean(arrays: Arrays, split: Split, _seed: int) -> Prediction:
    """One value for all pairs."""
    return _fit_both_targets(
        arrays, split, lambda values, pairs: np.full(pairs.shape, values[pairs].mean(dtype=float))
    )


def drug_mean(arrays: Arrays, split: Split, _seed: int) -> Prediction:
    """Mean of the drug over its lines: knows nothing of the line."""
    return _fit_both_targets(arrays, split, lambda values, pairs: np.tile(_means(values, pairs, 0), (len(pairs), 1)))


def line_mean(arrays: Arrays, split: Split, _seed: int) -> Prediction:
    """Mean of the line over its drugs: knows nothing of the drug."""
    return _fit_both_targets(
        arrays, split, lambda values, pairs: np.tile(_means(values, pairs, 1), (pairs.shape[1], 1)).T
    )


def mean_effects(arrays: Arrays, split: Split, _seed: int) -> Prediction:
    """Drug mean + line mean − global mean: no features, no interaction."""
    return _fit_both_targets(arrays, split, additive_effects)


def tissue_drug_mean(arrays: Arrays, split: Split, _seed: int) -> Prediction:
    """Mean of the drug over the lines of a tissue, shrunken to the drug's mean; the strength by validation."""

    def fit(pairs: Mask, strength: float) -> Estimate:
        both = (arrays.sensitive, arrays.ln_ic50)
        return Estimate(*(_tissue_means(values, pairs, arrays.tissue, strength) for values in both))

    return select_and_refit(arrays, split, lambda pairs: partial(fit, pairs), (2.0, 5.0, 20.0))


def additive_effects(values: Floats, pairs: Mask) -> Floats:
    """Drug mean + line mean − global mean of `values` over `pairs`. Shapes: (N, M), (N, M) -> (N, M)."""
    lines, drugs = _means(values, pairs, 1), _means(values, pairs, 0)
    effects: Floats = lines[:, None] + drugs[None, :] - values[pairs].mean(dtype=float)
    return effects


def _fit_both_targets(arrays: Arrays, split: Split, mean_of: Callable[[Floats, Mask], Floats]) -> Prediction:
    def fit(pairs: Mask) -> Estimate:
        return Estimate(mean_of(arrays.sensitive, pairs), mean_of(arrays.ln_ic50, pairs))

    return select_and_refit(arrays, split, lambda pairs: lambda _none: fit(pairs), (None,))


def _means(values: Floats, pairs: Mask, axis: int) -> Floats:
    """Mean along an axis over `pairs`; where there is none, the global mean."""
    count = pairs.sum(axis)
    total = np.where(pairs, values, 0).sum(axis, dtype=float)
    means: Floats = np.where(count > 0, total / count.clip(1), values[pairs].mean(dtype=float))
    return means


def _tissue_means(values: Floats, pairs: Mask, tissue: list[str], strength: float) -> Floats:
    """(Σ of the tissue's values + strength · prior) / (their number + strength).

    The prior is the drug's mean. A drug without any pair has the global mean plus the tissue's mean deviation from the
    drugs' means. A line without a tissue has the prior. Shapes: values, pairs (N, M) -> (N, M).
    """
    drugs, names = _means(values, pairs, 0), np.array(tissue)
    residual = np.where(pairs, values - drugs, 0)
    out = np.tile(drugs, (len(pairs), 1))
    for name in sorted(set(tissue) - {""}):
        rows = names == name
        count, deviation = pairs[rows].sum(0), residual[rows].sum(0, dtype=float)
        unseen = ~pairs.any(0)
        own = deviation / (count + strength)
        out[rows] += np.where(unseen, deviation.sum() / (count.sum() + strength), own)
    return out
