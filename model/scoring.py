"""From cached codes to a score, a probability, an ln IC50, a percentile and a top-k, in numpy alone.

A cell line c has a code x_c, a drug d codes y_d and y'_d of the same width. Score and margin are inner products:

    s(c, d) = x_c · y_d
    m(c, d) = x_c · y'_d

For HGACL-DRP the codes hold the centred unit vectors of the correlation decoder (whose inner product is ρ, sec. 2.4),
followed, in the default preset, by response factors and biases (model.hgacl.network). So ranking is an inner-product
search, and it goes by s, never by the squashed probability: in float32 many distinct scores share one probability.
"""

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.float32]
Index = NDArray[np.intp]

# Codes are padded with zeros to a multiple of this many float32, the widest vector register. Rows that begin on such a
# boundary are summed in one order wherever they stand, so that a pair's score is the same in any company.
VECTOR = 16


def padded(codes: Float) -> Float:
    """Codes with zero columns up to the next multiple of VECTOR. Shapes: (n, w) -> (n, w')."""
    return np.pad(codes, ((0, 0), (0, -codes.shape[1] % VECTOR))).astype(np.float32)


def pair_scores(cell: Float, drug: Float) -> Float:
    """Score of each aligned pair of code rows, summed in double so that torch, ONNX and numpy agree to 1e-6.

    Shapes: cell (n, w), drug (n, w) float32 -> (n,) float32.
    """
    scores: Float = (cell.astype(np.float64) * drug).sum(axis=-1).astype(np.float32)
    return scores


def logistic(x: Float | np.float32) -> Float:
    """σ(x) without overflow for any finite x."""
    half: Float = np.tanh(np.asarray(x, np.float32) / np.float32(2))
    return (half + np.float32(1)) / np.float32(2)


def calibrated(scores: Float, slope: float, intercept: float) -> Float:
    """Platt-scaled probability of sensitivity: σ(slope · s + intercept), both fitted on validation pairs."""
    return logistic(np.float32(slope) * scores + np.float32(intercept))


def ln_ic50(margins: Float, slope: float, intercept: float, threshold: Float, sd: Float) -> Float:
    """Predicted ln IC50 (µM): threshold_d − σ_d · (slope · m + intercept).

    The margin m estimates how many of the drug's standard deviations σ_d a line lies below the drug's sensitivity
    threshold; slope and intercept are fitted on validation pairs. Shapes: all (n,) -> (n,).
    """
    value: Float = threshold - sd * (np.float32(slope) * margins + np.float32(intercept))
    return value


def top_k(scores: Float, k: int) -> Index:
    """Rows of the k largest scores, best first; equal scores keep the order of the rows.

    Rows stand in the order of the ids in the bundle, so a tie is broken by id and always the same way. Scores below
    the k-th are never sorted. Shapes: scores (n,) -> (min(k, n),). Raises ValueError where a score is NaN: it has no
    rank.
    """
    if np.isnan(scores).any():
        raise ValueError("scores: a NaN cannot be ranked; the codes that gave it are damaged")
    if not 0 < 4 * k <= len(scores):  # most are wanted
        return np.argsort(-scores, kind="stable")[:k]
    least = np.partition(scores, -k)[-k]
    above = np.flatnonzero(scores > least)
    rows = np.concatenate([above, np.flatnonzero(scores == least)[: k - len(above)]])
    return rows[np.argsort(-scores[rows], kind="stable")]


def percentiles(sorted_reference: Float, scores: Float) -> Float:
    """Share (0–100) of a drug's reference scores that are lower than each score.

    Shapes: sorted_reference (n_lines,) ascending, scores (m,) -> (m,).
    """
    below = np.searchsorted(sorted_reference, scores, side="left")
    share: Float = (100.0 * below / len(sorted_reference)).astype(np.float32)
    return share
