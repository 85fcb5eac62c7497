"""From cached codes to a score, a probability, a percentile and a top-k, in numpy alone.

The letters are those of HGACL-DRP, section "Correlation decoder": a cell line c and a drug d have codes of
width w + 1. The first w numbers are the decoder's linear output h, the last is a bias, so that the score

    s(c, d) = ρ(h_c, h_d) + b_c + b_d,        ρ = Pearson correlation over the w numbers,

is an inner product of centred unit vectors plus two numbers. Ranking uses s, never the squashed probability:
in float32 many distinct scores share one probability.
"""

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.float32]
Index = NDArray[np.intp]


def unit(h: Float) -> Float:
    """Centre each row and scale it to length 1, so that ρ is an inner product.

    Shapes: h (n, w) -> (n, w). A constant row has no correlation with anything: it becomes a row of zeros.
    """
    centred = h - h.mean(axis=-1, keepdims=True)
    length = np.linalg.norm(centred, axis=-1, keepdims=True)
    rows: Float = np.divide(centred, length, out=np.zeros_like(centred), where=length > 0)
    return rows


def pair_scores(cell: Float, drug: Float) -> Float:
    """Score of each aligned pair of code rows.

    Shapes: cell (n, w + 1), drug (n, w + 1) -> (n,).
    """
    rho = (unit(cell[:, :-1]) * unit(drug[:, :-1])).sum(axis=-1)
    scores: Float = rho + cell[:, -1] + drug[:, -1]
    return scores


def rescaled_sigmoid(rho: Float, alpha: float = 8.70) -> Float:
    """(σ(αρ) − σ(−α)) / (σ(α) − σ(−α)): the decoder's probability in the authors' code, 0 at ρ = −1 and 1 at ρ = 1."""
    low, high = logistic(np.float32(-alpha)), logistic(np.float32(alpha))
    return (logistic(alpha * rho) - low) / (high - low)


def logistic(x: Float | np.float32) -> Float:
    """σ(x) without overflow for any finite x."""
    out: Float = (np.tanh(np.asarray(x, np.float32) / 2) + 1) / 2
    return out


def calibrated(scores: Float, slope: float, intercept: float) -> Float:
    """Platt-scaled probability of sensitivity: σ(slope · s + intercept), both fitted on validation pairs."""
    return logistic(np.float32(slope) * scores + np.float32(intercept))


def top_k(scores: Float, k: int) -> Index:
    """Rows of the k largest scores, best first; equal scores keep the order of the rows.

    Rows stand in the order of the ids in the bundle, so a tie is broken by id and always the same way.
    Shapes: scores (n,) -> (min(k, n),). Raises ValueError where a score is NaN: it has no rank.
    """
    if np.isnan(scores).any():
        raise ValueError("scores: a NaN cannot be ranked; the codes that gave it are damaged")
    return np.argsort(-scores, kind="stable")[:k]


def percentiles(sorted_reference: Float, scores: Float) -> Float:
    """Share (0–100) of a drug's reference scores that are lower than each score.

    Shapes: sorted_reference (n_lines,) ascending, scores (m,) -> (m,).
    """
    below = np.searchsorted(sorted_reference, scores, side="left")
    share: Float = (100.0 * below / len(sorted_reference)).astype(np.float32)
    return share
