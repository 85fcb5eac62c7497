"""The weights of a PairStack, fitted on predictions that left the line, or the pair, out."""

from collections.abc import Sequence

import numpy as np
from sklearn.linear_model import LogisticRegression

from model.kernel_stack.pair_stack import DrugScales, PairStack, pair_features
from training.data.arrays import Floats
from training.splits.splits import Mask

INTERCEPT_RIDGE, SLOPE_RIDGE = 8.0, 15.0
NEWTON_STEPS = 15
SOFT_LABEL, ALL = (0,), (0, 1, 2)


def fit_stack(
    z: Floats, q: Floats, scales: DrugScales, pairs: Mask, sensitive: Floats, values: Floats, read: Sequence[int]
) -> PairStack:
    """Fit on `pairs` (N, M), whose predictions z and q (N, M) come from fits without their line or themselves.

    Shapes: sensitive (N, M) 1 / 0 and values (N, M) the z-scores, read at `pairs`. Where these have one class alone,
    the log odds are the margin. `read` are the features (pair_features) that count, SOFT_LABEL or ALL.
    """
    label = np.where(pairs, sensitive, 0.0)
    features = pair_features(z, q, scales)
    weights = _shared_weights(features[pairs], label[pairs], read)
    shared = np.tensordot(features, weights[1:], 1) + weights[0]
    centre = float(shared[pairs].mean())
    intercept, slope = _drug_calibration(shared, shared - centre, label, pairs)
    predicted, residual = np.where(pairs, z, 0.0), np.where(pairs, values - z, 0.0)
    right = residual.sum(0), (predicted * residual).sum(0)
    added, factor = _solve(pairs.astype(float), predicted, right)
    return PairStack(weights, centre, intercept, slope, added, 1 + factor)


def _shared_weights(features: Floats, label: Floats, read: Sequence[int]) -> Floats:
    if len(np.unique(label)) < 2:
        return np.array([0.0, 0.0, 0.0, 1.0])
    chosen = features[:, read]
    mean, sd = chosen.mean(0), chosen.std(0).clip(1e-6)
    fitted = LogisticRegression(max_iter=500).fit((chosen - mean) / sd, label)
    weights = np.zeros(1 + features.shape[1])
    weights[1 + np.array(read)] = fitted.coef_[0] / sd
    weights[0] = fitted.intercept_[0] - (fitted.coef_[0] / sd) @ mean
    return weights


def _drug_calibration(shared: Floats, centred: Floats, label: Floats, pairs: Mask) -> tuple[Floats, Floats]:
    """A and b of every drug by penalised Newton steps of the logistic likelihood, (M,) each; 0 without pairs."""
    a, b = np.zeros(shared.shape[1]), np.zeros(shared.shape[1])
    for _ in range(NEWTON_STEPS):
        p = 1 / (1 + np.exp(-(shared + a + b * centred)))
        error, weight = np.where(pairs, label - p, 0), np.where(pairs, p * (1 - p), 0)
        gradient = error.sum(0) - INTERCEPT_RIDGE * a, (error * centred).sum(0) - SLOPE_RIDGE * b
        step = _solve(weight, centred, gradient)
        a, b = a + step[0], b + step[1]
    return a, b


def _solve(weight: Floats, x: Floats, right: tuple[Floats, Floats]) -> tuple[Floats, Floats]:
    """Solutions of (Σ w [1 x; x x²] + diag(ridges)) u = right for every drug. Shapes: weight, x (N, M), right (M,)."""
    ones, cross, square = weight.sum(0) + INTERCEPT_RIDGE, (weight * x).sum(0), (weight * x**2).sum(0) + SLOPE_RIDGE
    determinant = ones * square - cross**2
    return (
        (square * right[0] - cross * right[1]) / determinant,
        (ones * right[1] - cross * right[0]) / determinant,
    )
