"""Partial correlations given the tissue, with bootstrap intervals and their signs in folds of lines."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t as student

from training.clinical.statistics.cox import Floats

Tissues = NDArray[np.intp]
FEWEST_LINES = 30


class Correlations(NamedTuple):
    """Of one response and P variables, (P,) each: r, two-sided p, 95 % interval, share of the folds with r's sign."""

    r: Floats
    p: Floats
    low: Floats
    high: Floats
    stability: Floats


def within(values: Floats, tissues: Tissues) -> Floats:
    """Values less the mean of their tissue. Shapes: values (n, k), tissues (n,) -> (n, k)."""
    number = np.unique(tissues, return_inverse=True)[1]
    sums = np.zeros((number.max() + 1, values.shape[1]))
    np.add.at(sums, number, values)
    return values - (sums / np.bincount(number)[:, None])[number]


def cross(a: Floats, b: Floats) -> Floats:
    """Correlations of the columns of two centred tables; 0 where one is constant. Shapes: (n, P), (n, M) -> (M, P)."""
    norms = np.linalg.norm(b, axis=0)[:, None] * np.linalg.norm(a, axis=0)
    return (b.T @ a) / np.where(norms > 1e-12, norms, np.inf)


def p_of(r: Floats, freedom: int) -> Floats:
    """Two-sided p of correlations with these degrees of freedom."""
    t = np.abs(r) * np.sqrt(freedom / np.maximum(1 - r**2, 1e-12))
    return np.asarray(2 * student.sf(t, freedom))


def partial_correlations(
    activity: Floats, response: Floats, tissues: Tissues, weights: Floats, folds: int
) -> Correlations:
    """Correlate a response with each activity, both less their tissue's mean.

    The first rows of `weights` are bootstrap weights of the lines, the last `folds` say which lines a fold has.
    Shapes: activity (n, P), response (n,), tissues (n,), weights (B + folds, n) -> (P,).
    """
    a, y = within(activity, tissues), within(response[:, None], tissues)
    r = cross(a, y)[0]
    freedom = len(y) - len(np.unique(tissues)) - 1
    drawn = (weights @ (a * y)) / np.sqrt(np.maximum((weights @ a**2) * (weights @ y**2), 1e-24))
    low, high = np.quantile(drawn[:-folds], (0.025, 0.975), axis=0)
    return Correlations(r, p_of(r, freedom), low, high, (np.sign(drawn[-folds:]) == np.sign(r)).mean(0))
