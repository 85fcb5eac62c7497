"""A line's missing table, predicted from its other tables and names by Gaussian kernel ridge."""

from dataclasses import dataclass

import numpy as np

from training.data.arrays import Floats

RIDGE = 0.5
MOST_LINES = 2_048  # that an imputation is fitted on, spread over all


@dataclass(frozen=True)
class Imputation:
    """A block as mean + k @ duals, k = exp(−‖x − x_j‖² / median) over the other blocks side by side.

    Shapes: others (m, q) of the m lines j that it was fitted on, mean (width,), duals (m, width).
    """

    others: Floats
    median: float
    mean: Floats
    duals: Floats

    def kernel(self, others: Floats) -> Floats:
        """Shapes: others (n, q) -> (n, m)."""
        kernel: Floats = np.exp(-squared_distances(others, self.others) / self.median)
        return kernel

    def predict(self, others: Floats) -> Floats:
        """The block of lines by their other blocks, side by side. Shapes: others (n, q) -> (n, width)."""
        return self.mean + self.kernel(others) @ self.duals


def fit_imputation(others: Floats, block: Floats) -> Imputation:
    """Fit on the lines that have the block; gaps of their other blocks are zeros.

    Shapes: others (m, q), block (m, width).
    """
    if len(others) > MOST_LINES:
        some = np.linspace(0, len(others) - 1, MOST_LINES).astype(int)
        others, block = others[some], block[some]
    median, mean = median_squared_distance(others), block.mean(0)
    system = np.exp(-squared_distances(others, others) / median) + RIDGE * np.eye(len(others))
    return Imputation(others, median, mean, np.linalg.solve(system, block - mean))


def median_squared_distance(x: Floats) -> float:
    """Median squared distance over all ordered pairs of rows, each with itself included. Shape: x (n, p)."""
    return max(float(np.median(squared_distances(x, x))), 1e-12)


def squared_distances(x: Floats, y: Floats) -> Floats:
    """‖x_i − y_j‖² by inner products, a row to itself 0. Shapes: x (n, p), y (m, p) -> (n, m)."""
    squares = np.square(x).sum(1)[:, None] + np.square(y).sum(1)
    distances: Floats = np.maximum(squares - 2 * x @ y.T, 0)
    if x is y:
        np.fill_diagonal(distances, 0)
    return distances
