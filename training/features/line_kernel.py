"""How alike lines are: the Gaussian kernel of all their blocks, which kernel ridge reads."""

import numpy as np
from numpy.typing import NDArray

from model.encoder_inputs import LINE_NAMES
from training.data.arrays import Arrays, Floats
from training.features.imputation import median_squared_distance, squared_distances
from training.features.line_fit import Blocks, line_blocks
from training.features.table_fit import Rows

ROWS = 4_096  # of a kernel at a time
EXPRESSION_WEIGHT = 2.0  # in the line kernel, beside the other blocks


def join_blocks(blocks: Blocks, width: int) -> Floats:
    """The first `width` columns of every block side by side (names whole), (N, width)."""
    return np.hstack([x if name in LINE_NAMES else x[:, :width] for name, x in blocks.items()])


def gaussian_kernel(x: Floats, fit: Rows) -> Floats:
    """exp(−‖x_i − x_j‖² / median), the median over the squared distances of `fit`. Shapes: x (n, p) -> (n, n)."""
    kernel: Floats = np.exp(-squared_distances(x, x) / median_squared_distance(x[fit]))
    return kernel


def line_kernel(arrays: Arrays, fit: Rows, *more: Floats) -> Floats:
    """Gaussian kernel of all blocks and of `more` columns (N, p), (N, N)."""
    return gaussian_kernel(np.hstack([profiles(line_blocks(arrays, fit)), *more]), fit)


def landmark_kernel(arrays: Arrays, fit: Rows, landmarks: NDArray[np.intp]) -> Floats:
    """`line_kernel` to some of the lines `fit` alone, the median over theirs, (N, landmarks) in single precision."""
    x = profiles(line_blocks(arrays, fit))
    chosen = x[landmarks]
    median, kernel = median_squared_distance(chosen), np.empty((len(x), len(chosen)), np.float32)
    for start in range(0, len(x), ROWS):
        rows = slice(start, start + ROWS)
        kernel[rows] = np.exp(-squared_distances(x[rows], chosen) / median)
    return kernel


def profiles(blocks: Blocks) -> Floats:
    """All blocks side by side, weighted as the line kernel compares them."""
    return np.hstack([x * (EXPRESSION_WEIGHT if name == "expression" else 1) for name, x in blocks.items()])
