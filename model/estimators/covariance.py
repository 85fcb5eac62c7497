"""Responses as draws from a Gaussian: lines are independent, a line's responses to the drugs covary.

    z_c = p_c + g_c + ε,  g_c ~ N(0, Σ),  ε_d ~ N(0, ν_d)

Here z are a line's standardised responses to the M drugs, p_c a prior mean (for example predicted from omics); Σ and
ν are fitted by expectation-maximisation on the measured pairs alone. The posterior mean of z_c given its measured
responses fills in the others: a full-rank, Bayesian relative of alternating least squares, which keeps how sure it is
of a sparsely measured line and hence needs no choice of rank. With one response a pair, ν and Σ's diagonal cannot be
told apart; a response that is not measured depends on their sum alone.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

START_NOISE = 0.4  # variance, of responses with variance 1
NOISE_WEIGHT = 50.0  # pairs' worth of pulling a drug's noise to the noise of all


@dataclass(frozen=True)
class FullCovariance:
    """Σ (M, M) and ν (M,). Values, known pairs and prior means are (N, M), and so is what the methods return."""

    covariance: Tensor
    noise: Tensor

    def posterior(self, values: Tensor, known: Tensor, prior: Tensor) -> Tensor:
        """Posterior mean of every line's responses given the known ones; a line without any has its prior."""
        return prior + self._precisions(values - prior, known)[0] @ self.covariance

    def left_out_posterior(self, values: Tensor, known: Tensor, prior: Tensor) -> Tensor:
        """`posterior` in which a known response is predicted from the line's others, z_d − α_d / (A⁻¹)_dd."""
        alpha, diagonal = self._precisions(values - prior, known)
        return torch.where(known, values - alpha / torch.where(known, diagonal, 1), prior + alpha @ self.covariance)

    def shared_posterior(self, values: Tensor, known: Tensor, prior: Tensor, rank: int) -> Tensor:
        """`posterior` through the `shared_axes` of the covariance alone."""
        axes = shared_axes(self.covariance, rank)
        return prior + self._precisions(values - prior, known)[0] @ axes @ axes.T

    def refitted(
        self, values: Tensor, known: Tensor, prior: Tensor, sweeps: int, shrinkage: float
    ) -> "FullCovariance":
        """Fitted around another prior, from here and equal noise."""
        return fit_covariance(values, known, prior, self.covariance, sweeps, shrinkage)

    def _precisions(self, residual: Tensor, known: Tensor) -> tuple[Tensor, Tensor]:
        return _precisions(residual, known, self.covariance, self.noise)


def fit_covariance(
    values: Tensor, known: Tensor, prior: Tensor, start: Tensor, sweeps: int, shrinkage: float
) -> FullCovariance:
    """Σ and ν by expectation-maximisation around a given prior mean, from `start` and equal noise.

    With k the known drugs of a line, A = Σ_kk + diag(ν_k) and α = A⁻¹ (z − p)_k, the line's g has mean Σ_k α and
    covariance Σ − Σ_k A⁻¹ Σ_k, and its noise at known drugs the expected square ν² α² + ν − ν² (A⁻¹)_dd. Σ is shrunk
    towards the mean variance of `start` on the diagonal, with the weight of `shrinkage` lines (an inverse-Wishart
    prior): without it 400 × 400 covariances learn the noise of some hundred lines.

    Shapes: values, known, prior (N, M), start (M, M).
    """
    diagonal = start.diagonal().mean() * torch.eye(len(start))
    covariance, noise = start, torch.full((len(start),), START_NOISE)
    lines, count = int(known.any(1).sum()), known.sum(0)
    for _ in range(sweeps):
        inverses = torch.zeros_like(covariance)
        alpha, _ = _precisions(values - prior, known, covariance, noise, inverses)
        mean = alpha @ covariance
        second = mean.T @ mean + lines * covariance - covariance @ inverses @ covariance
        squares = noise**2 * (alpha**2).sum(0) + count * noise - noise**2 * inverses.diagonal()
        covariance = (second + shrinkage * diagonal) / (lines + shrinkage)
        noise = (squares + NOISE_WEIGHT * squares.sum() / count.sum()) / (count + NOISE_WEIGHT)
    return FullCovariance(covariance, noise)


def shared_axes(covariance: Tensor, rank: int, sweeps: int = 5) -> Tensor:
    """V of the best Σ ≈ V Vᵀ + diagonal: what drugs share, without what is each one's own (principal factors).

    What is a drug's own says nothing of a response that was not measured; left in, a posterior mean would repeat the
    measured ones. Shapes: covariance (M, M) -> (M, at most rank).
    """
    shared = covariance
    rank = min(rank, len(covariance))
    axes = torch.zeros(len(covariance), rank)
    for _ in range(sweeps):
        values, vectors = torch.linalg.eigh(shared)
        axes = vectors[:, -rank:] * values[-rank:].clamp(min=0).sqrt()
        shared = covariance - torch.diag(covariance.diagonal()) + torch.diag(axes.square().sum(1))
    return axes


def _precisions(
    residual: Tensor, known: Tensor, covariance: Tensor, noise: Tensor, total: Tensor | None = None
) -> tuple[Tensor, Tensor]:
    """α of every line and the diagonal of its A⁻¹, (N, M) each, 0 where not known.

    Adds each line's A⁻¹ to `total` (M, M), where given, at its place among all drugs. Of a line that lacks fewer drugs
    u than it has, A⁻¹ is what is left of P = (Σ + diag(ν))⁻¹ after the lacking drugs: P − P_·u (P_uu)⁻¹ P_u·.
    """
    noisy = covariance + torch.diag(noise)
    whole = torch.cholesky_inverse(torch.linalg.cholesky(noisy))
    residual = torch.where(known, residual, 0)
    alpha, diagonal = torch.zeros_like(residual), torch.zeros_like(residual)
    for line in known.any(1).nonzero()[:, 0].tolist():
        seen, lacking = (mask.nonzero()[:, 0] for mask in (known[line], ~known[line]))
        if len(seen) < len(lacking):
            place = (seen.unsqueeze(1), seen)
            inverse = torch.cholesky_inverse(torch.linalg.cholesky(noisy[place]))
            alpha[line, seen] = inverse @ residual[line, seen]
            diagonal[line, seen] = inverse.diagonal()
            if total is not None:
                total[place] += inverse
            continue
        rows = whole[lacking]
        weighed = torch.cholesky_inverse(torch.linalg.cholesky(rows[:, lacking])) @ rows
        alpha[line] = residual[line] @ whole - (rows @ residual[line]) @ weighed
        diagonal[line] = whole.diagonal() - (rows * weighed).sum(0)
        if total is not None:
            total += whole
            total.addmm_(rows.T, weighed, alpha=-1)
    return torch.where(known, alpha, 0), torch.where(known, diagonal, 0)
