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

from model.inductive import LINE_NAMES
from training.dataset import Arrays
from training.predictions import Float

MODALITIES = ("expression", "copy_number", "mutation")
COMPONENTS = 256
LEAST_VARIANCE = 1e-6  # of the first component's
NAMES = tuple(LINE_NAMES)
EXPRESSION_WEIGHT = 2.0  # in the line kernel, beside the other blocks
IMPUTATION_RIDGE = 0.5
Rows = NDArray[np.bool_]
# One fold asks for the same two blocks in every method, and each costs seconds: the last ones are kept.
_recent: deque[tuple[Arrays, bytes, int, dict[str, Float]]] = deque(maxlen=2)


@dataclass(frozen=True)
class Standard:
    """How a table's columns are centred and scaled. Shapes: kept (p,) boolean; mean, divisor (p',) of those kept."""

    kept: torch.Tensor
    mean: torch.Tensor
    divisor: torch.Tensor

    def of(self, raw: torch.Tensor, present: torch.Tensor) -> torch.Tensor:
        """Shapes: raw (n, p), present (n,) -> (n, p'), rows that are not present 0."""
        known = present.unsqueeze(1)
        x = torch.where(known, raw, 0)[:, self.kept] - self.mean
        return torch.where(known, x / self.divisor, 0)


@dataclass(frozen=True)
class Imputation:
    """A block's missing rows as mean + k @ duals, k = exp(−‖x − x_j‖² / median) over the other blocks side by side.

    Shapes: rows (N,) the m lines j that it was fitted on, mean (width,), duals (m, width).
    """

    rows: Rows
    median: float
    mean: Float
    duals: Float


def line_blocks(arrays: Arrays, fit: Rows, width: int = COMPONENTS) -> dict[str, Float]:
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


def joined(blocks: dict[str, Float], width: int) -> Float:
    """The first `width` columns of every block side by side (names whole), (N, width)."""
    return np.hstack([x if name in NAMES else x[:, :width] for name, x in blocks.items()])


def gaussian_kernel(x: Float, fit: Rows) -> Float:
    """exp(−‖x_i − x_j‖² / median), the median over the squared distances of `fit`. Shapes: x (n, p) -> (n, n)."""
    return np.exp(-cdist(x, x, "sqeuclidean") / median_squared(x[fit]))


def median_squared(x: Float) -> float:
    """Median squared distance over all ordered pairs of rows, each with itself included. Shape: x (n, p)."""
    return max(float(np.median(cdist(x, x, "sqeuclidean"))), 1e-12)


def line_kernel(arrays: Arrays, fit: Rows, *more: Float) -> Float:
    """Gaussian kernel of all blocks and of `more` columns (N, p), (N, N)."""
    return gaussian_kernel(np.hstack([profiles(line_blocks(arrays, fit)), *more]), fit)


def profiles(blocks: dict[str, Float]) -> Float:
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


def standardised(raw: torch.Tensor, present: torch.Tensor, fit_rows: torch.Tensor, *, scale: bool) -> torch.Tensor:
    """Columns centred (and z-scored when `scale`) on `fit_rows`; rows without the modality are 0.

    Shapes: raw (n, p), present, fit_rows (n,) boolean -> (n, p') without the columns that are constant there.
    """
    if not fit_rows.any():
        return torch.zeros(len(raw), 1)
    return standard(raw, fit_rows, scale=scale).of(raw, present)


def standard(raw: torch.Tensor, fit_rows: torch.Tensor, *, scale: bool) -> Standard:
    """Fit on `fit_rows`, at least one. Shapes: raw (n, p), fit_rows (n,) boolean."""
    mean, sd = raw[fit_rows].mean(0), raw[fit_rows].std(0, correction=0)
    varying = sd > 1e-6
    return Standard(varying, mean[varying], sd[varying] if scale else torch.ones_like(sd[varying]))


def one_hot(names: list[str]) -> torch.Tensor:
    """One column per distinct name in alphabetical order; an empty name is a row of zeros. Shape: (n, names)."""
    column = {name: i for i, name in enumerate(sorted(set(names) - {""}))}
    out = torch.zeros(len(names), max(len(column), 1))
    for row, name in enumerate(names):
        if name:
            out[row, column[name]] = 1
    return out


def known_names(names: list[str], fit: Rows) -> Float:
    """One column per name that a row of `fit` has; rows with another name are zeros. Shape: (n, names)."""
    known = {name for name, inside in zip(names, fit, strict=True) if inside}
    return one_hot([name if name in known else "" for name in names]).double().numpy()


def many_hot(names: list[list[str]]) -> torch.Tensor:
    """One column per distinct name in alphabetical order. Shape: (n, names)."""
    column = {name: i for i, name in enumerate(sorted({name for row in names for name in row}))}
    out = torch.zeros(len(names), max(len(column), 1))
    for row, members in enumerate(names):
        out[row, [column[name] for name in members]] = 1
    return out


def _block(arrays: Arrays, modality: str, fit: Rows) -> Float:
    present = arrays.present[modality]
    rows = fit & present
    raw = torch.from_numpy(panel_table(arrays, modality))
    x = standardised(raw, torch.from_numpy(present), torch.from_numpy(rows), scale=modality != "mutation")
    return components(x, rows)


def _without_gaps(arrays: Arrays, blocks: dict[str, Float], name: str, fit: Rows) -> Float:
    """The block with its missing rows predicted from the other blocks by Gaussian kernel ridge."""
    block = blocks[name]
    present = arrays.present.get(name)
    if present is None or present.all():
        return block
    fitted = imputation(blocks, name, fit & present)
    others = np.hstack([x for other, x in blocks.items() if other != name])
    return np.where(present[:, None], block, imputed(fitted, others))


def imputation(blocks: dict[str, Float], name: str, rows: Rows) -> Imputation:
    """Gaussian kernel ridge from the other blocks, whose gaps are zeros, to the block `name`, fitted on `rows`."""
    others = np.hstack([x for other, x in blocks.items() if other != name])[rows]
    median, mean = median_squared(others), blocks[name][rows].mean(0)
    system = np.exp(-cdist(others, others, "sqeuclidean") / median) + IMPUTATION_RIDGE * np.eye(len(others))
    return Imputation(rows, median, mean, np.linalg.solve(system, blocks[name][rows] - mean))


def imputed(fit: Imputation, others: Float) -> Float:
    """What the other blocks, side by side as the fit had them, say of every line. Shapes: (N, q) -> (N, width)."""
    kernel = np.exp(-cdist(others, others[fit.rows], "sqeuclidean") / fit.median)
    return fit.mean + kernel @ fit.duals


def principal_axes(x: torch.Tensor, fit_rows: torch.Tensor, count: int, least: float) -> torch.Tensor:
    """The first `count` principal axes of `fit_rows`, best first, from the eigenvectors of the rows' Gram matrix.

    Axes with less than `least` of the first one's variance are left out. Shapes: x (n, p), centred -> (p, k) double.
    """
    train = x[fit_rows].double()
    values, vectors = torch.linalg.eigh(train @ train.T)
    keep = min(count, int((values > values[-1] * least).sum()))
    if not keep:
        return torch.zeros(x.shape[1], 0, dtype=torch.float64)
    values, vectors = values[-keep:].flip(0), vectors[:, -keep:].flip(1)
    axes: torch.Tensor = (train.T @ vectors) / values.clamp(min=1e-12).sqrt()
    return axes


def components(x: torch.Tensor, fit: Rows) -> Float:
    """Principal components of the rows `fit`, scaled to a mean norm of 1 there.

    Shapes: x (n, p), already centred -> (n, at most COMPONENTS).
    """
    if not fit.any():
        return np.zeros((len(x), 1))
    axes = principal_axes(x, torch.from_numpy(fit), COMPONENTS, LEAST_VARIANCE)
    if not axes.shape[1]:
        return np.zeros((len(x), 1))
    out = (x.double() @ axes).numpy()
    return out / np.linalg.norm(out[fit], axis=1).mean()
