"""What methods read of lines; every statistic from the lines that are learned from alone.

Omics tables enter as principal components, each block scaled to a mean row norm of 1. A line without a table has the
components that kernel ridge predicts from its other blocks.
"""

from collections import deque
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.spatial.distance import cdist

from model.encoder_inputs import LINE_NAMES, MODALITIES
from training.data.arrays import Arrays, Floats
from training.features.components import COMPONENTS, Rows, components, known_names, standardised

NAMES = tuple(LINE_NAMES)
EXPRESSION_WEIGHT = 2.0  # in the line kernel, beside the other blocks
IMPUTATION_RIDGE = 0.5
# One fold asks for the same two blocks in every method, and each costs seconds: the last ones are kept.
_recent: deque[tuple[Arrays, bytes, int, dict[str, Floats]]] = deque(maxlen=2)


@dataclass(frozen=True)
class Imputation:
    """A block's missing rows as mean + k @ duals, k = exp(−‖x − x_j‖² / median) over the other blocks side by side.

    Shapes: rows (N,) the m lines j that it was fitted on, mean (width,), duals (m, width).
    """

    rows: Rows
    median: float
    mean: Floats
    duals: Floats


def line_blocks(arrays: Arrays, fit: Rows, width: int = COMPONENTS) -> dict[str, Floats]:
    """First components of expression, copy number, mutation; tissue, cancer type and medium one-hot; each (N, …).

    Shapes: fit (N,), the lines that means, scales and axes come from. A name that none of them has is zeros.
    """
    key = fit.tobytes()
    for known, rows, columns, blocks in _recent:
        if known is arrays and rows == key and columns == width:
            return blocks
    blocks = {name: _block(arrays, name, fit)[:, :width] for name in MODALITIES if name in arrays.features}
    blocks = {name: block for name, block in blocks.items() if block.any()}
    blocks |= {name: known_names(getattr(arrays, name), fit) for name in NAMES}
    blocks = {name: _without_gaps(arrays, blocks, name, fit) for name in blocks}
    _recent.append((arrays, key, width, blocks))
    return blocks


def joined(blocks: dict[str, Floats], width: int) -> Floats:
    """The first `width` columns of every block side by side (names whole), (N, width)."""
    return np.hstack([x if name in NAMES else x[:, :width] for name, x in blocks.items()])


def gaussian_kernel(x: Floats, fit: Rows) -> Floats:
    """exp(−‖x_i − x_j‖² / median), the median over the squared distances of `fit`. Shapes: x (n, p) -> (n, n)."""
    return np.exp(-cdist(x, x, "sqeuclidean") / median_squared(x[fit]))


def median_squared(x: Floats) -> float:
    """Median squared distance over all ordered pairs of rows, each with itself included. Shape: x (n, p)."""
    return max(float(np.median(cdist(x, x, "sqeuclidean"))), 1e-12)


def line_kernel(arrays: Arrays, fit: Rows, *more: Floats) -> Floats:
    """Gaussian kernel of all blocks and of `more` columns (N, p), (N, N)."""
    return gaussian_kernel(np.hstack([profiles(line_blocks(arrays, fit)), *more]), fit)


def profiles(blocks: dict[str, Floats]) -> Floats:
    """All blocks side by side, weighted as the line kernel compares them."""
    return np.hstack([x * (EXPRESSION_WEIGHT if name == "expression" else 1) for name, x in blocks.items()])


def panel_table(arrays: Arrays, modality: str, *, panel: bool = True) -> NDArray[np.float32]:
    """The modality's table, (N, p); with `panel` only the genes that the expression table has, where it has any.

    On GDSC the 700 genes of the panel say as much as all 24,000, and a new sample needs no more than them.
    """
    table = arrays.features.get(modality, np.zeros((len(arrays.cell_line_ids), 1), np.float32))
    genes = set(arrays.feature_names.get("expression", []))
    shared = [i for i, gene in enumerate(arrays.feature_names.get(modality, [])) if gene in genes]
    return table[:, shared] if panel and modality != "expression" and shared else table


def _block(arrays: Arrays, modality: str, fit: Rows) -> Floats:
    present = arrays.present[modality]
    rows = fit & present
    raw = torch.from_numpy(panel_table(arrays, modality))
    x = standardised(raw, torch.from_numpy(present), torch.from_numpy(rows), scale=modality != "mutation")
    return components(x, rows)


def _without_gaps(arrays: Arrays, blocks: dict[str, Floats], name: str, fit: Rows) -> Floats:
    """The block with its missing rows predicted from the other blocks by Gaussian kernel ridge."""
    block = blocks[name]
    present = arrays.present.get(name)
    if present is None or present.all():
        return block
    fitted = imputation(blocks, name, fit & present)
    others = np.hstack([x for other, x in blocks.items() if other != name])
    return np.where(present[:, None], block, imputed(fitted, others))


def imputation(blocks: dict[str, Floats], name: str, rows: Rows) -> Imputation:
    """Gaussian kernel ridge from the other blocks, whose gaps are zeros, to the block `name`, fitted on `rows`."""
    others = np.hstack([x for other, x in blocks.items() if other != name])[rows]
    median, mean = median_squared(others), blocks[name][rows].mean(0)
    system = np.exp(-cdist(others, others, "sqeuclidean") / median) + IMPUTATION_RIDGE * np.eye(len(others))
    return Imputation(rows, median, mean, np.linalg.solve(system, blocks[name][rows] - mean))


def imputed(fit: Imputation, others: Floats) -> Floats:
    """What the other blocks, side by side as the fit had them, say of every line. Shapes: (N, q) -> (N, width)."""
    kernel = np.exp(-cdist(others, others[fit.rows], "sqeuclidean") / fit.median)
    return fit.mean + kernel @ fit.duals
