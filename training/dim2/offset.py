"""What a pair's other responses say of it: the offset that DiM2-DRP's default adds its output to.

    offset = mean_d + scale_d · (l_c · w_d)                     ln µM, l_c and w_d of `offset_codes` numbers

Every training pair must get its offset from a fit that did not see it, or the network learns to trust an offset that
knows the answer. So the response covariance is fitted once without each of `offset_folds` parts of the training pairs,
once with all of them, and every line also has the offset of one never measured: a kernel-ridge prediction from its
omics, for training lines by leaving the line itself out. The same for drugs, from structure, targets and pathway.
"""

from dataclasses import dataclass, fields

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from model.dim2.config import Dim2Config
from model.estimators.covariance import fit_covariance, posterior, shared_posterior
from model.estimators.kernel_ridge import alternating_least_squares, kernel_ridge_prior
from training.data.arrays import Arrays
from training.features.responses import VALUE_LIMIT, drug_scale

PRIOR_SWEEPS = 2  # of the covariance around the prediction from omics
START_RANK, START_RIDGE, START_VARIANCE = 30, 10.0, 0.2


@dataclass(frozen=True)
class Offset:
    """Codes by variant of the line and of the drug (0 measured, 1 never measured), and what the network sees of them.

    A line's variants: 0 … folds − 1 without that fold's pairs, `full` with all, `unseen` from omics alone. `taught` is
    what the ridge from omics learns from. Shapes: lines (V, N, r), drugs (2, M, r), mean, scale (2, M) ln µM, fold
    (N, M) of training pairs, taught (N, r), line_factors (V, N, k + 1) and drug_factors (2, M, k + 1), the last 1 for
    a node never measured.
    """

    lines: Tensor
    drugs: Tensor
    mean: Tensor
    scale: Tensor
    fold: Tensor
    taught: Tensor
    line_factors: Tensor
    drug_factors: Tensor

    @property
    def full(self) -> int:
        """The variant of lines with all training pairs."""
        return len(self.lines) - 2

    @property
    def unseen(self) -> int:
        """The variant of lines never measured."""
        return len(self.lines) - 1

    def of(self, line_as: Tensor, drug_as: Tensor, lines: Tensor, drugs: Tensor) -> Tensor:
        """Offset of aligned pairs in ln µM; variants and rows (b,) -> (b,)."""
        product = (self.lines[line_as, lines] * self.drugs[drug_as, drugs]).sum(1)
        return self.mean[drug_as, drugs] + self.scale[drug_as, drugs] * product

    def matrix(self, line_as: Tensor, drug_as: Tensor) -> Tensor:
        """Offset of every pair in ln µM; a variant for each line (N,) and each drug (M,) -> (N, M)."""
        n, m = (torch.arange(len(x), device=x.device) for x in (line_as, drug_as))
        product = self.lines[line_as, n] @ self.drugs[drug_as, m].T
        return self.mean[drug_as, m] + self.scale[drug_as, m] * product

    def said(self, lines: Tensor, drugs: Tensor) -> Tensor:
        """Offset of every pair (N, M) ln µM; `lines` (N,) and `drugs` (M,) are those with training pairs."""
        return self.matrix(torch.where(lines, self.full, self.unseen), (~drugs).long())

    def to(self, device: torch.device | str) -> "Offset":
        """The same on another device."""
        return Offset(**{field.name: getattr(self, field.name).to(device) for field in fields(self)})


def no_offset(arrays: Arrays, train: NDArray[np.bool_]) -> Offset:
    """The mean of all training pairs for every pair, and nothing for the network to see: one fold, and its alias."""
    n, m = train.shape
    measured = arrays.ln_ic50[train]
    mean, sd = (torch.full((2, m), float(x)) for x in (measured.mean(), measured.std()))
    nothing = (torch.zeros(3, n, 0), torch.zeros(2, m, 0))
    return Offset(*nothing, mean, sd, torch.zeros(n, m, dtype=torch.long), torch.zeros(n, 0), *nothing)


def response_offset(
    arrays: Arrays,
    train: NDArray[np.bool_],
    lines: Tensor,
    drugs: Tensor,
    config: Dim2Config,
    seed: int,
    *,
    crossed: bool = True,
) -> Offset:
    """Fit all variants; with `crossed` false those of the folds are left out, for who trains nothing on top.

    Shapes: lines (N, n) and drugs (M, m) are kernels to the nodes with training pairs (training.dim2.kernels).
    """
    mean, sd = (torch.from_numpy(x) for x in drug_scale(arrays, train))
    known = torch.from_numpy(train)
    z = torch.from_numpy(np.where(train, arrays.ln_ic50, 0)).float()
    z = torch.where(known, (z - mean) / sd, 0).clamp(-VALUE_LIMIT, VALUE_LIMIT)
    generator = torch.Generator().manual_seed(seed)
    folds = config.offset_folds if crossed else 1
    fold = torch.randint(folds, known.shape, generator=generator)
    measured = known.any(1).nonzero()[:, 0]
    without = range(folds) if crossed else ()
    rows = [_fitted(z, known & (fold != left), lines, config, generator, measured)[0] for left in without]
    full, unseen, taught = _fitted(z, known, lines, config, generator, measured)
    m = len(mean)
    axes = torch.linalg.svd(full[measured], full_matrices=False).Vh[: config.offset_codes].T * m**0.5
    codes = torch.stack([*rows, full, unseen]) @ axes / m  # (V, N, r); axes have length 1 a drug
    sources = known.any(0).nonzero()[:, 0]

    def from_others(values: Tensor, ridge: float) -> Tensor:
        return kernel_ridge_prior(drugs, sources, values[sources], ridge)

    means = torch.stack([mean, from_others(mean.unsqueeze(1), config.mean_ridge)[:, 0]])
    scale = torch.stack([sd, sd[sources].mean().expand(m)])
    both = torch.stack([axes, from_others(axes, config.drug_ridge)])
    spread = codes[-2][measured].std(0, correction=0).clamp(min=1e-6)
    seen = (_seen(codes / spread.mean(), config, [0] * (len(codes) - 1) + [1]), _seen(both, config, [0, 1]))
    return Offset(codes, both, means, scale, fold, taught @ axes / m, *seen)


def _seen(codes: Tensor, config: Dim2Config, never_measured: list[int]) -> Tensor:
    """The first codes, filled up with zeros, and the flag. Shapes: codes (V, n, r) -> (V, n, offset_rank + 1)."""
    first = codes[:, :, : config.offset_rank]
    first = torch.nn.functional.pad(first, (0, config.offset_rank - first.shape[2]))
    flag = torch.tensor(never_measured, dtype=codes.dtype)[:, None, None].expand(-1, codes.shape[1], 1)
    return torch.cat([first, flag], 2)


def _fitted(
    z: Tensor, known: Tensor, kernel: Tensor, config: Dim2Config, generator: torch.Generator, measured: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """Standardised responses (N, M): with the known ones, from omics alone, and what the latter was learned from."""
    z = torch.where(known, z, 0)
    u, v = alternating_least_squares(z, known, START_RANK, START_RIDGE, generator)
    spread = u[measured].std(0, correction=0).mean()
    start = spread**2 * v @ v.T + START_VARIANCE * torch.eye(len(v))
    nothing = torch.zeros_like(z)
    covariance, noise = fit_covariance(z, known, nothing, start, config.offset_sweeps, config.offset_shrinkage)
    rows = posterior(z, known, nothing, covariance, noise)
    prior = kernel_ridge_prior(kernel, measured, rows[measured], config.line_ridge)
    covariance, noise = fit_covariance(z, known, prior, covariance, PRIOR_SWEEPS, config.offset_shrinkage)
    return shared_posterior(z, known, prior, covariance, noise, config.offset_codes), prior, rows
