"""The Gaussian of model.estimators.covariance for many drugs: Σ = V Vᵀ + diag(o), linear in the drugs.

V, and what o and the noise ν are together, come from factor analysis (model.estimators.factor_analysis). With weights
w = 1 / (o + ν) of a line's known drugs and G = I + Σ_d w_d v_d v_dᵀ, its A⁻¹ is diag(w) − diag(w) V G⁻¹ Vᵀ diag(w).
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from model.estimators.factor_analysis import (
    ROWS,
    factor_analysis,
    grams,
    improved,
    lower_triangles,
    outer_products,
)

RANK, SHRINKAGE, SWEEPS = 100, 150.0, 6  # shrinkage of a drug's loadings in lines
OWN_SHARE = 0.7  # of o + ν, which no response tells apart: as a full covariance of GDSC splits them


@dataclass(frozen=True)
class LowRankCovariance:
    """V (M, r) and o + ν (M,). Values, known pairs and prior means are (N, M), and so is what the methods return."""

    loadings: Tensor
    variance: Tensor

    def posterior(self, values: Tensor, known: Tensor, prior: Tensor) -> Tensor:
        """Posterior mean of every line's responses given the known ones; a line without any has its prior."""
        alpha, _ = self._precisions(values - prior, known)
        mean: Tensor = prior + alpha @ self.loadings @ self.loadings.T + OWN_SHARE * self.variance * alpha
        return mean

    def left_out_posterior(self, values: Tensor, known: Tensor, prior: Tensor) -> Tensor:
        """`posterior` in which a known response is predicted from the line's others, z_d − α_d / (A⁻¹)_dd."""
        alpha, diagonal = self._precisions(values - prior, known)
        others = prior + alpha @ self.loadings @ self.loadings.T
        return torch.where(known, values - alpha / torch.where(known, diagonal, 1), others)

    def shared_posterior(self, values: Tensor, known: Tensor, prior: Tensor, rank: int) -> Tensor:
        """`posterior` without what is each drug's own, through the first `rank` axes of V Vᵀ."""
        axes, scales, _ = torch.linalg.svd(self.loadings, full_matrices=False)
        axes = axes[:, :rank] * scales[:rank]
        mean: Tensor = prior + self._precisions(values - prior, known)[0] @ axes @ axes.T
        return mean

    def refitted(
        self, values: Tensor, known: Tensor, prior: Tensor, sweeps: int, shrinkage: float
    ) -> "LowRankCovariance":
        """Fitted around another prior, from here; `shrinkage` is a full covariance's and not read."""
        del shrinkage
        residual = torch.where(known, values - prior, 0)
        return LowRankCovariance(*improved(residual, known, self.loadings, self.variance, SHRINKAGE, sweeps))

    def _precisions(self, residual: Tensor, known: Tensor) -> tuple[Tensor, Tensor]:
        """α of every line and the diagonal of its A⁻¹, (N, M) each, 0 where not known."""
        loadings, rank = self.loadings, self.loadings.shape[1]
        one, other = torch.tril_indices(rank, rank)
        twice = outer_products(loadings) * torch.where(one == other, 1.0, 2.0)  # both triangles of v vᵀ
        alpha, diagonal = torch.empty_like(residual), torch.empty_like(residual)
        for rows in torch.arange(len(residual)).split(ROWS):
            weight, given = known[rows] / self.variance, torch.where(known[rows], residual[rows], 0)
            root = torch.linalg.cholesky(grams(weight, loadings) + torch.eye(rank))
            factors = torch.cholesky_solve(((weight * given) @ loadings).unsqueeze(2), root).squeeze(2)
            alpha[rows] = weight * (given - factors @ loadings.T)
            spread = lower_triangles(torch.cholesky_inverse(root)) @ twice.T
            diagonal[rows] = weight * (1 - weight * spread)
        return alpha, diagonal


def fit_low_rank(values: Tensor, known: Tensor, generator: torch.Generator) -> LowRankCovariance:
    """Fit by factor analysis of RANK factors around a prior mean of 0. Shapes: values, known (N, M)."""
    fitted = factor_analysis(values, known, min(RANK, *values.shape), SHRINKAGE, generator, SWEEPS)
    return LowRankCovariance(fitted.loadings, fitted.noise)
