"""The response offset: ln IC50 of a pair predicted from other responses, to which DiM2-DRP's default adds its output.

    offset = mean_d + scale_d · (l_c · w_d)                     ln µM; l_c and w_d have `offset_codes` numbers

A training pair must get its offset from a fit that did not see the pair. Otherwise the offset contains the response,
and the network learns to trust it more than it deserves. So the response covariance is fitted

- once without each of `offset_folds` parts of the training pairs (cross-fitting),
- once with all training pairs,
- and every line also gets the offset of an unseen line: a kernel-ridge prediction from its omics, for training lines
  with the line itself left out.

Likewise every drug also gets the offset of an unseen drug, from structure, targets and pathway.
"""

from dataclasses import dataclass, fields

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from model.dim2.config import Dim2Config
from model.estimators.kernel_ridge import kernel_ridge_prior
from model.estimators.response_covariance import fit_responses
from training.data.arrays import Arrays
from training.features.responses import VALUE_LIMIT, drug_scale

PRIOR_SWEEPS = 2  # of the covariance around the prediction from omics


@dataclass(frozen=True)
class ResponseOffset:
    """The codes l_c and w_d in every variant, and the factors of them that the network reads.

    Variants of a line are 0 … folds − 1 (fitted without that fold's pairs), `full` (with all pairs) and `unseen` (from
    omics alone); variants of a drug are 0 (seen) and 1 (unseen). `fold` is the fold that leaves a training pair out.
    `ridge_targets` are the codes that the kernel ridge from omics learns. Factors are the first codes and a flag that
    is 1 in the unseen variant.

    Shapes: line_codes (V, N, r), drug_codes (2, M, r), mean, scale (2, M) ln µM, fold (N, M), ridge_targets (N, r),
    line_factors (V, N, k + 1), drug_factors (2, M, k + 1).
    """

    line_codes: Tensor
    drug_codes: Tensor
    mean: Tensor
    scale: Tensor
    fold: Tensor
    ridge_targets: Tensor
    line_factors: Tensor
    drug_factors: Tensor

    @property
    def full(self) -> int:
        """The variant of lines fitted with all training pairs."""
        return len(self.line_codes) - 2

    @property
    def unseen(self) -> int:
        """The variant of lines without any response."""
        return len(self.line_codes) - 1

    def pairs(self, line_variant: Tensor, drug_variant: Tensor, lines: Tensor, drugs: Tensor) -> Tensor:
        """Offset of aligned pairs in ln µM. Shapes: variants and rows, all (b,) -> (b,)."""
        product = (self.line_codes[line_variant, lines] * self.drug_codes[drug_variant, drugs]).sum(1)
        return self.mean[drug_variant, drugs] + self.scale[drug_variant, drugs] * product

    def matrix(self, line_variant: Tensor, drug_variant: Tensor) -> Tensor:
        """Offset of every pair in ln µM, given a variant for each line (N,) and each drug (M,) -> (N, M)."""
        n, m = (torch.arange(len(x), device=x.device) for x in (line_variant, drug_variant))
        product = self.line_codes[line_variant, n] @ self.drug_codes[drug_variant, m].T
        return self.mean[drug_variant, m] + self.scale[drug_variant, m] * product

    def best_matrix(self, seen_lines: Tensor, seen_drugs: Tensor) -> Tensor:
        """Offset of every pair from all that was fitted, (N, M) ln µM; seen are the nodes with a training pair.

        Shapes: seen_lines (N,), seen_drugs (M,) boolean.
        """
        return self.matrix(torch.where(seen_lines, self.full, self.unseen), (~seen_drugs).long())

    def to(self, device: torch.device | str) -> "ResponseOffset":
        """The same on another device."""
        return ResponseOffset(**{field.name: getattr(self, field.name).to(device) for field in fields(self)})


def constant_offset(arrays: Arrays, train: NDArray[np.bool_]) -> ResponseOffset:
    """The mean of all training pairs for every pair, and no factors: one fold, `full` and `unseen` alike."""
    n, m = train.shape
    measured = arrays.ln_ic50[train]
    mean, sd = (torch.full((2, m), float(x)) for x in (measured.mean(), measured.std()))
    lines, drugs = torch.zeros(3, n, 0), torch.zeros(2, m, 0)
    fold = torch.zeros(n, m, dtype=torch.long)
    return ResponseOffset(lines, drugs, mean, sd, fold, torch.zeros(n, 0), lines, drugs)


def response_offset(
    arrays: Arrays,
    train: NDArray[np.bool_],
    lines: Tensor,
    drugs: Tensor,
    config: Dim2Config,
    seed: int,
    *,
    cross_fitted: bool = True,
) -> ResponseOffset:
    """Fit all variants; without `cross_fitted` none of the folds, for use where nothing is trained on the offset.

    Shapes: lines (N, n) and drugs (M, m) are kernels to the nodes with training pairs (training.dim2.kernels).
    """
    mean, sd = (torch.from_numpy(x) for x in drug_scale(arrays, train))
    known = torch.from_numpy(train)
    z = torch.from_numpy(np.where(train, arrays.ln_ic50, 0)).float()
    z = torch.where(known, (z - mean) / sd, 0).clamp(-VALUE_LIMIT, VALUE_LIMIT)
    generator = torch.Generator().manual_seed(seed)
    folds = config.offset_folds if cross_fitted else 1
    fold = torch.randint(folds, known.shape, generator=generator)
    measured, sources = known.any(1).nonzero()[:, 0], known.any(0).nonzero()[:, 0]
    left_out = range(folds) if cross_fitted else ()
    variants = [_complete(z, known & (fold != k), lines, config, generator, measured)[0] for k in left_out]
    full, unseen, targets = _complete(z, known, lines, config, generator, measured)
    m = len(mean)
    axes = torch.linalg.svd(full[measured], full_matrices=False).Vh[: config.offset_codes].T * m**0.5
    line_codes = torch.stack([*variants, full, unseen]) @ axes / m  # (V, N, r); axes have length 1 a drug

    def from_other_drugs(values: Tensor, ridge: float) -> Tensor:
        return kernel_ridge_prior(drugs, sources, values[sources], ridge)

    drug_codes = torch.stack([axes, from_other_drugs(axes, config.drug_ridge)])
    sd_of_codes = line_codes[-2][measured].std(0, correction=0).clamp(min=1e-6)
    return ResponseOffset(
        line_codes,
        drug_codes,
        torch.stack([mean, from_other_drugs(mean.unsqueeze(1), config.mean_ridge)[:, 0]]),
        torch.stack([sd, sd[sources].mean().expand(m)]),
        fold,
        targets @ axes / m,
        _factors(line_codes / sd_of_codes.mean(), config, [0] * (len(line_codes) - 1) + [1]),
        _factors(drug_codes, config, [0, 1]),
    )


def _factors(codes: Tensor, config: Dim2Config, unseen: list[int]) -> Tensor:
    """The first codes, filled up with zeros, and the flag. Shapes: codes (V, n, r) -> (V, n, offset_rank + 1)."""
    first = codes[:, :, : config.offset_rank]
    first = torch.nn.functional.pad(first, (0, config.offset_rank - first.shape[2]))
    flag = torch.tensor(unseen, dtype=codes.dtype)[:, None, None].expand(-1, codes.shape[1], 1)
    return torch.cat([first, flag], 2)


def _complete(
    z: Tensor, known: Tensor, kernel: Tensor, config: Dim2Config, generator: torch.Generator, measured: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """Standardised responses of every pair (N, M), three times.

    From the known responses and omics; from omics alone; and the ones that the kernel ridge from omics learns.
    """
    z = torch.where(known, z, 0)
    covariance = fit_responses(z, known, config.offset_sweeps, config.offset_shrinkage, generator)
    rows = covariance.posterior(z, known, torch.zeros_like(z))
    prior = kernel_ridge_prior(kernel, measured, rows[measured], config.line_ridge)
    around = covariance.refitted(z, known, prior, PRIOR_SWEEPS, config.offset_shrinkage)
    return around.shared_posterior(z, known, prior, config.offset_codes), prior, rows
