"""What a pair's other responses say of it: the offset that DiM2-DRP's default adds its output to.

Every training pair must get its offset from a fit that did not see it, or the network learns to trust an offset that
knows the answer. So the response covariance is fitted once without each of `offset_folds` parts of the training pairs,
once with all of them, and every line also has the offset of one never measured: a kernel-ridge prediction from its
omics, for training lines by leaving the line itself out. The same for drugs, from structure, targets and pathway.
"""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from model.covariance import fit_covariance, posterior
from model.dim2.config import Dim2Config
from model.factors import alternating_least_squares, kernel_ridge_prior
from training.dataset import Arrays
from training.drug_features import drug_kernel
from training.prepare import VALUE_LIMIT, drug_scale

PRIOR_SWEEPS = 2  # of the covariance around the prediction from omics
START_RANK, START_RIDGE, START_VARIANCE = 30, 10.0, 0.2
BLOCK_WEIGHTS = {"pathways": 1.0, "mutation": 0.3, "tissue": 0.7, "cancer": 0.7}
EXPRESSION_SHARE = 0.7  # of the kernel between two lines that both have expression


@dataclass(frozen=True)
class Offset:
    """Offsets in ln µM by variant of the drug (0 measured, 1 never measured) and of the line.

    A line's variants: 0 … folds − 1 without that fold's pairs, `full` with all, `unseen` from omics alone.
    Shapes: value (2, V, N, M), scale (2, M) ln µM of one unit of the network's output, fold (N, M) of training pairs,
    lines (V, N, r + 1) and drugs (2, M, r + 1) numbers for the network to see, the last 1 for a node never measured.
    """

    value: Tensor
    scale: Tensor
    fold: Tensor
    lines: Tensor
    drugs: Tensor

    @property
    def full(self) -> int:
        """The variant of lines with all training pairs."""
        return len(self.lines) - 2

    @property
    def unseen(self) -> int:
        """The variant of lines never measured."""
        return len(self.lines) - 1


def no_offset(arrays: Arrays, train: NDArray[np.bool_]) -> Offset:
    """The mean of all training pairs for every pair, and nothing for the network to see: one fold, and its alias."""
    n, m = train.shape
    measured = arrays.ln_ic50[train]
    mean, sd = float(measured.mean()), float(measured.std())
    return Offset(
        torch.full((1, 1, 1, 1), mean).expand(2, 3, n, m),
        torch.full((2, m), sd),
        torch.zeros(n, m, dtype=torch.long),
        torch.zeros(3, n, 0),
        torch.zeros(2, m, 0),
    )


def response_offset(arrays: Arrays, train: NDArray[np.bool_], kernel: Tensor, config: Dim2Config, seed: int) -> Offset:
    """Fit all variants. `kernel` (N, n) is between all lines and those with training pairs, see `line_kernel`."""
    mean, sd = (torch.from_numpy(x) for x in drug_scale(arrays, train))
    known = torch.from_numpy(train)
    z = torch.from_numpy(np.where(train, arrays.ln_ic50, 0)).float()
    z = torch.where(known, (z - mean) / sd, 0).clamp(-VALUE_LIMIT, VALUE_LIMIT)
    generator = torch.Generator().manual_seed(seed)
    fold = torch.randint(config.offset_folds, known.shape, generator=generator)
    measured = known.any(1).nonzero()[:, 0]
    rows = [
        _fitted(z, known & (fold != left_out), kernel, config, generator, measured)[0]
        for left_out in range(config.offset_folds)
    ]
    full, unseen = _fitted(z, known, kernel, config, generator, measured)
    rows = torch.stack([*rows, full, unseen])  # (V, N, M)
    drugs = torch.from_numpy(drug_kernel(arrays)[:, train.any(0)]).float()
    return _laid_out(rows, mean, sd, fold, measured, known.any(0), drugs, config)


def line_kernel(blocks: dict[str, Tensor], measured: Tensor, expression: Tensor, profiled: Tensor) -> Tensor:
    """Gaussian kernel of all lines with the measured ones, (N, n): of the blocks, and expression where both have it.

    Blocks, by BLOCK_WEIGHTS' names, are scaled to its lengths in the mean over the measured lines; widths are the
    median distances of these. Shapes: blocks (N, width) each, measured, profiled (N,) boolean, expression (N, genes).
    """
    parts = [BLOCK_WEIGHTS[name] * x / x[measured].norm(dim=1).mean().clamp(min=1e-6) for name, x in blocks.items()]
    kernel = _gaussian(torch.cat(parts, 1), measured, torch.ones_like(measured)) if parts else None
    if not profiled.any():
        if kernel is None:
            raise ValueError("lines have no table that the offset could read: add one, or set offset=false")
        return kernel
    own = _gaussian(expression, measured, profiled)
    return own if kernel is None else (1 - EXPRESSION_SHARE) * kernel + EXPRESSION_SHARE * own


def _gaussian(x: Tensor, measured: Tensor, has: Tensor) -> Tensor:
    squared = torch.cdist(x, x[measured]).square()
    fit = squared[measured & has][:, has[measured]]
    return torch.exp(-squared / fit.median().clamp(min=1e-6)) * has.unsqueeze(1) * has[measured]


def _fitted(
    z: Tensor, known: Tensor, kernel: Tensor, config: Dim2Config, generator: torch.Generator, measured: Tensor
) -> tuple[Tensor, Tensor]:
    """Standardised responses of every line, (N, M): with its known responses, and from omics alone."""
    z = torch.where(known, z, 0)
    u, v = alternating_least_squares(z, known, START_RANK, START_RIDGE, generator)
    spread = u[measured].std(0, correction=0).mean()
    start = spread**2 * v @ v.T + START_VARIANCE * torch.eye(len(v))
    nothing = torch.zeros_like(z)
    covariance, noise = fit_covariance(z, known, nothing, start, config.offset_sweeps, config.offset_shrinkage)
    rows = posterior(z, known, nothing, covariance, noise)
    prior = kernel_ridge_prior(kernel, measured, rows[measured], config.line_ridge)
    covariance, noise = fit_covariance(z, known, prior, covariance, PRIOR_SWEEPS, config.offset_shrinkage)
    return posterior(z, known, prior, covariance, noise), prior


def _laid_out(
    rows: Tensor,
    mean: Tensor,
    sd: Tensor,
    fold: Tensor,
    measured_lines: Tensor,
    measured_drugs: Tensor,
    kernel: Tensor,
    config: Dim2Config,
) -> Offset:
    variants, n, m = rows.shape
    sources = measured_drugs.nonzero()[:, 0]
    per_drug = torch.cat([rows.permute(2, 0, 1).reshape(m, -1), mean.unsqueeze(1)], 1)
    predicted = kernel_ridge_prior(kernel, sources, per_drug[sources], config.drug_ridge)
    unseen_rows = predicted[:, :-1].reshape(m, variants, n).permute(1, 2, 0)
    scale = torch.stack([sd, sd[sources].mean().expand(m)])
    value = torch.stack([mean + sd * rows, predicted[:, -1] + scale[1] * unseen_rows])
    axes = torch.linalg.svd(rows[-2][measured_lines], full_matrices=False).Vh[: config.offset_rank].T  # (M, r)
    axes = torch.nn.functional.pad(axes, (0, config.offset_rank - axes.shape[1])) * m**0.5  # of length 1 a drug
    lines = rows @ axes / m
    lines = lines / lines[-2][measured_lines].std(correction=0).clamp(min=1e-6)
    flags = torch.zeros(variants, n, 1)
    flags[-1] = 1
    unseen_axes = kernel_ridge_prior(kernel, sources, axes[sources], config.drug_ridge)
    drug_flags = torch.stack([torch.zeros(m, 1), torch.ones(m, 1)])
    drugs = torch.cat([torch.stack([axes, unseen_axes]), drug_flags], 2)
    return Offset(value, scale, fold, torch.cat([lines, flags], 2), drugs)
