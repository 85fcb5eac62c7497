"""The line kernel as a torch module: how close a line outside the training population is to each line of it.

The same numbers as features.line_blocks gives, against constants of the training population: axes, components,
what imputes a table that a line lacks from its others. Large constants stand on a grid of 16 bits before anything is
fitted on them, so that what is stored is what was fitted.
"""

from collections.abc import Mapping

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.spatial.distance import cdist
from torch import Tensor, nn

from model.encoder_inputs import MODALITIES
from training.data.arrays import Arrays
from training.features.components import COMPONENTS, LEAST_VARIANCE, principal_axes, standard
from training.features.line_blocks import (
    EXPRESSION_WEIGHT,
    NAMES,
    imputation,
    line_blocks,
    median_squared,
    panel_table,
)

LARGEST = 32767  # of int16, in which the graphs store their large constants
PLACED_PLATFORM = "rnaseq_log2_tpm1"  # what the service reads, and checks the range of, in a new sample


class NotPlaceableError(ValueError):
    """New samples and compounds have no graphs with these settings or this data; the message says which."""


def refuse_missing_tables(arrays: Arrays, lines: NDArray[np.bool_]) -> None:
    """Raise NotPlaceableError where no training line has one of the three omics tables."""
    missing = [m for m in MODALITIES if not (arrays.present.get(m, np.zeros(len(lines), bool)) & lines).any()]
    if missing:
        raise NotPlaceableError(
            f"no training line has {missing}; new samples are placed where all three tables are known"
        )


def refuse_other_platform(platform: str | None) -> None:
    """Raise NotPlaceableError where the dataset's expression is not what a new sample brings; None is no expression.

    A sample's log2(TPM+1) would stand beside z-scores as if both were one scale.
    """
    if platform not in (PLACED_PLATFORM, None):
        raise NotPlaceableError(
            f"expression_platform {platform!r}: trained on expression of another unit than the log2(TPM+1) that new "
            "samples bring; import the dataset with RNA-seq expression as log2(TPM+1) and train again"
        )


class OmicsTable(nn.Module):
    """One modality of a line as principal components of its genes (a missing gene counts as the training mean).

    The first `n_block` components enter the line kernel, the first `n_feature` a network.
    """

    def __init__(self, arrays: Arrays, train: NDArray[np.bool_], modality: str, width: int, features: int) -> None:
        super().__init__()
        lines = torch.from_numpy(train)
        present = torch.from_numpy(arrays.present[modality])
        rows = lines & present
        raw = torch.from_numpy(panel_table(arrays, modality))
        fit = standard(raw, rows, scale=modality != "mutation")
        x = fit.of(raw, present)
        axes = principal_axes(x, rows, max(features, COMPONENTS), min(LEAST_VARIANCE, 1e-9))
        out = x.double() @ axes
        variance = out[rows].square().sum(0)
        every = min(COMPONENTS, int((variance > variance[0] * LEAST_VARIANCE).sum()))
        self.n_block = min(width, every)
        self.n_feature = min(features, axes.shape[1])
        kept = max(self.n_block, self.n_feature)
        norm = out[rows, :every].norm(dim=1).mean()
        self.feature_scale = 1.0
        if self.n_feature:
            deviation = out[rows, : self.n_feature].float().std(0, correction=0).mean()
            self.feature_scale = float(norm / deviation.clamp(min=1e-6))
        self.kept = fit.kept.numpy()
        self.register_buffer("mean", fit.mean)
        self.register_buffer("divisor", fit.divisor)
        self.register_buffer("axes", (axes / norm).float()[:, :kept])
        self.register_buffer("has", present[lines])
        self.register_buffer("filled", (out / norm).float()[lines, :kept])  # gaps are filled by Closeness

    def fill(self, blocks: Tensor) -> None:
        """Take imputed rows for the gaps, all on the grid of 16 bits, so that duals are fitted on what is stored.

        Shape: blocks (N', n_block).
        """
        self.filled[:, : self.n_block] = blocks.float()
        self.filled = rounded(self.filled)

    def references(self) -> Tensor:
        """Components of the training lines, zero where they lack the table. Shape: (N', k)."""
        return torch.where(self.has.unsqueeze(1), self.filled, 0.0)

    def forward(self, raw: Tensor, has: Tensor) -> Tensor:
        """Shapes: raw (n, p) in the dataset's units, NaN for an unknown gene, has (n,) -> (n, k), 0 where not had."""
        z = torch.where(torch.isnan(raw), 0.0, (raw - self.mean) / self.divisor)
        return torch.where(has.unsqueeze(1), z, 0.0) @ self.axes


class Projected(nn.Module):
    """A block that the training lines have and no new line brings: what a new line's other blocks say of it.

    The kernel ridge of `imputation`. Shapes: others (N', q), the other blocks as the line kernel weighs them; block
    (N', p); known (N',), the lines that it is learned from.
    """

    def __init__(self, others: NDArray[np.float64], block: NDArray[np.float64], known: NDArray[np.bool_]) -> None:
        super().__init__()
        self.register_buffer("block", rounded(torch.from_numpy(block).float()))
        fit = imputation({"others": others, "own": self.block.double().numpy()}, "own", known)
        kernel = np.exp(-cdist(others[known], others[known], "sqeuclidean") / fit.median)
        self.median = fit.median
        self.register_buffer("rows", torch.from_numpy(np.flatnonzero(known)))
        self.register_buffer("mean", torch.from_numpy(fit.mean).float())
        self.register_buffer("duals", torch.from_numpy(on_grid(fit.duals, kernel)).float())

    def forward(self, apart: Tensor) -> Tensor:
        """Squared distances to the training lines over the other blocks -> over this one. Shapes: (n, N') both."""
        kernel = torch.exp(-apart[:, self.rows] / self.median)
        return squared(self.mean + kernel @ self.duals, self.block)


class Closeness(nn.Module):
    """exp(−‖x − x_j‖² / median) over the weighted blocks of three omics tables, tissue, cancer type and medium.

    `width` components of a table enter, `features` are kept for a network; `weights` of blocks, 1 where not named.
    `more` is a further block of the training lines, (N, p), and which lines have it: of new lines it is projected.
    """

    def __init__(
        self,
        arrays: Arrays,
        lines: NDArray[np.bool_],
        width: int = COMPONENTS,
        features: int = 0,
        weights: Mapping[str, float] | None = None,
        more: tuple[NDArray[np.float64], NDArray[np.bool_]] | None = None,
    ) -> None:
        super().__init__()
        self.weights = {"expression": EXPRESSION_WEIGHT} if weights is None else dict(weights)
        self.tables = nn.ModuleList(OmicsTable(arrays, lines, m, width, features) for m in MODALITIES)
        self.names = {
            name: sorted({n for n, inside in zip(getattr(arrays, name), lines, strict=True) if inside and n})
            for name in NAMES
        }
        blocks = line_blocks(arrays, lines, width)
        self.register_buffer("name_blocks", torch.from_numpy(np.hstack([blocks[n][lines] for n in NAMES])).float())
        for name, table in zip(MODALITIES, self.tables, strict=True):
            table.fill(torch.from_numpy(blocks[name][lines]))
            blocks = {**blocks, name: blocks[name].copy()}
            blocks[name][lines] = table.filled[:, : table.n_block].numpy()
        self._fit_imputation(arrays, lines, blocks)
        self.profile = np.hstack([self.weights.get(name, 1.0) * x for name, x in blocks.items()])[lines]
        self.projected = None
        if more is not None:
            block, known = more
            self.projected = Projected(self.profile, block[lines], known[lines])
            self.profile = np.hstack([self.profile, self.projected.block.double().numpy()])
        self.median = median_squared(self.profile)

    def _fit_imputation(
        self, arrays: Arrays, lines: NDArray[np.bool_], blocks: dict[str, NDArray[np.float64]]
    ) -> None:
        gaps = {n: np.where(arrays.present[n][:, None], b, 0) if n in MODALITIES else b for n, b in blocks.items()}
        self.medians = []
        for name in MODALITIES:
            fit = imputation(gaps, name, lines & arrays.present[name])
            self.medians.append(fit.median)
            self.register_buffer(f"{name}_mean", torch.from_numpy(fit.mean).float())
            others = np.hstack([x for other, x in gaps.items() if other != name])[fit.rows]
            kernel = np.exp(-cdist(others, others, "sqeuclidean") / fit.median)
            self.register_buffer(f"{name}_duals", torch.from_numpy(on_grid(fit.duals, kernel)).float())
            self.register_buffer(f"{name}_rows", torch.from_numpy(np.flatnonzero(fit.rows[lines])))

    def kernel(self) -> NDArray[np.float64]:
        """Of the training lines among each other, (N', N')."""
        return np.exp(-cdist(self.profile, self.profile, "sqeuclidean") / self.median)

    def parts(self, raw: tuple[Tensor, ...], has: Tensor) -> list[Tensor]:
        """Components of each table, zeros where a line lacks it. Shapes: raw (n, p_m) each, has (n, 3)."""
        return [table(x, has[:, m]) for m, (table, x) in enumerate(zip(self.tables, raw, strict=True))]

    def forward(self, parts: list[Tensor], has: Tensor, names: Tensor) -> Tensor:
        """Kernel to the training lines, (n, N'), after tables that a line lacks are imputed from its others."""
        blocks = [part[:, : table.n_block] for part, table in zip(parts, self.tables, strict=True)]
        apart = [
            squared(x, table.references()[:, : table.n_block]) for x, table in zip(blocks, self.tables, strict=True)
        ]
        by_name = squared(names, self.name_blocks)
        total = by_name
        for m, name in enumerate(MODALITIES):
            rows, others = getattr(self, f"{name}_rows"), sum((a for i, a in enumerate(apart) if i != m), by_name)
            kernel = torch.exp(-others[:, rows] / self.medians[m])
            imputed = getattr(self, f"{name}_mean") + kernel @ getattr(self, f"{name}_duals")
            filled = torch.where(has[:, m : m + 1], blocks[m], imputed)
            weight = self.weights.get(name, 1.0) ** 2
            total = total + weight * squared(filled, self.tables[m].filled[:, : self.tables[m].n_block])
        if self.projected is not None:
            total = total + self.projected(total)
        return torch.exp(-total / self.median)


def rounded(x: Tensor) -> Tensor:
    """Values as 16 bits with one scale a column hold them. Shape: (n, p)."""
    step = (x.abs().amax(0, keepdim=True) / LARGEST).clamp(min=1e-30)
    return torch.round(x / step) * step


def on_grid(weights: NDArray[np.float64], kernel: NDArray[np.float64]) -> NDArray[np.float64]:
    """Weights rounded to what 16 bits hold so that k @ weights stays the same for rows k like the kernel's.

    Each row's rounding error is made up for by the rows after it (optimal brain quantisation; Frantar et al. 2022,
    with kernelᵀ kernel as the Hessian). Shapes: weights (m, r), kernel (m, m).
    """
    out, step = weights.copy(), np.abs(weights).max(0) / LARGEST
    step = np.where(step > 0, step, 1.0)
    largest = np.abs(weights).argmax(0)  # kept as it is: it is what the grid is read from again
    hessian = kernel.T @ kernel / len(kernel)
    hessian += 1e-3 * hessian.diagonal().mean() * np.eye(len(kernel))
    upper = np.linalg.cholesky(np.linalg.inv(hessian)).T
    for row in range(len(out)):
        wanted = out[row].copy()
        out[row] = np.clip(np.rint(wanted / step), -LARGEST, LARGEST) * step
        fixed = largest == row
        out[row, fixed] = weights[row, fixed]
        out[row + 1 :] -= np.outer(upper[row, row + 1 :], (wanted - out[row]) / upper[row, row])
    return out


def squared(x: Tensor, y: Tensor) -> Tensor:
    """Squared Euclidean distances. Shapes: x (n, p), y (m, p) -> (n, m)."""
    inner = x @ y.T
    return (x.square().sum(1, keepdim=True) + y.square().sum(1) - 2 * inner).clamp(min=0)
