"""Factor analysis of the responses by expectation-maximisation: what most of a prediction for known pairs rests on.

    r_cd = v_d · u_c + ε_cd,   ε_cd ~ N(0, ψ_d),   u_c ~ N(û_c, Λ⁻¹)

u_c are a line's factors, v_d a drug's loadings. Unlike alternating least squares it weighs a response by its drug's
own noise ψ_d and carries how uncertain the factors of a sparsely measured line are. û_c is what the omics predict of
the factors (kernel_ridge_prior), so a known, a sparsely measured and an unseen line get theirs by one
formula:

    u_c = (Σ_d v_d v_dᵀ / ψ_d + Λ)⁻¹ (Σ_d v_d r_cd / ψ_d + Λ û_c)        sums over the visible responses

and likewise the loadings of a drug, from the lines it was tried on and what its structure and targets predict.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from model.estimators.kernel_ridge import alternating_least_squares

ROWS = 2_048  # lines whose r × r matrices are held at a time
START_NOISE = 0.5
LEAST_NOISE = 0.05  # of a unit variance: no drug is measured better than that


@dataclass(frozen=True)
class FactorAnalysis:
    """A fitted model with prior N(0, I). Shapes: loadings (M, r), noise (M,), lines (N, r), spread (r, r).

    `lines` are posterior means, `spread` is the posterior covariance averaged over the lines.
    """

    loadings: Tensor
    noise: Tensor
    lines: Tensor
    spread: Tensor


def factors_of_lines(
    values: Tensor, visible: Tensor, loadings: Tensor, noise: Tensor, prior: Tensor, precision: Tensor
) -> Tensor:
    """Posterior mean of each line's factors given its visible responses; a line without any has its prior.

    Shapes: values, visible (N, M), loadings (M, r), noise (M,), prior (N, r), precision (r, r) -> (N, r).
    """
    solved = []
    for rows in torch.arange(len(values), device=values.device).split(ROWS):
        weight = visible[rows] / noise
        target = (weight * values[rows]) @ loadings + prior[rows] @ precision
        solved.append(_solve(grams(weight, loadings) + precision, target))
    return torch.cat(solved)


def loadings_of_drugs(
    values: Tensor, visible: Tensor, lines: Tensor, spread: Tensor, prior: Tensor, shrinkage: float
) -> Tensor:
    """Loadings of each drug given the lines it was tried on; a drug without any has its prior.

    Shapes: values, visible (N, M), lines (N, r), spread (r, r), prior (M, r) -> (M, r).
    """
    weight = visible.T.to(values.dtype)
    gram = grams(weight, lines) + weight.sum(1)[:, None, None] * spread
    gram = gram + shrinkage * torch.eye(lines.shape[1], device=lines.device)
    target = (weight * values.T) @ lines + shrinkage * prior
    return _solve(gram, target)


def factor_analysis(
    values: Tensor, known: Tensor, rank: int, shrinkage: float, generator: torch.Generator, sweeps: int = 25
) -> FactorAnalysis:
    """Fit by expectation-maximisation, starting from a few sweeps of alternating least squares.

    After each sweep the factors are rotated and scaled to unit covariance (parameter expansion; Liu, Rubin and Wu
    1998), which speeds convergence up. Shapes: values, known (N, M), values about unit variance per drug.
    """
    some = known.any(1)
    weight = known.to(values.dtype)
    values = torch.where(known, values, 0.0)
    start, loadings = alternating_least_squares(values, known, rank, 10.0, generator, sweeps=3)
    loadings = loadings @ _root(start[some].T @ start[some] / some.sum())
    noise = torch.full((values.shape[1],), START_NOISE)
    loadings, noise = improved(values, known, loadings, noise, shrinkage, sweeps)
    identity = torch.eye(rank)
    zero = torch.zeros(len(values), rank)
    lines = factors_of_lines(values, known, loadings, noise, zero, identity)
    spread = torch.zeros(rank, rank)
    for rows in some.nonzero()[:, 0].split(ROWS):
        root = torch.linalg.cholesky(grams(weight[rows] / noise, loadings) + identity)
        spread += torch.cholesky_inverse(root).sum(0) / some.sum()
    return FactorAnalysis(loadings, noise, lines, spread)


def improved(
    values: Tensor, known: Tensor, loadings: Tensor, noise: Tensor, shrinkage: float, sweeps: int
) -> tuple[Tensor, Tensor]:
    """Loadings and noise after so many sweeps from given ones; unknown values are 0.

    Shapes: values, known (N, M), loadings (M, r), noise (M,) -> (M, r), (M,).
    """
    some, weight, rank = known.any(1), known.to(values.dtype), loadings.shape[1]
    identity, count = torch.eye(rank), weight.sum(0).clamp(min=1)
    for _ in range(sweeps):
        gram, moment, crossed = torch.zeros(len(loadings), _half(rank)), torch.zeros(_half(rank)), 0 * loadings
        for rows in torch.arange(len(values)).split(ROWS):
            w, target = weight[rows] / noise, weight[rows] * values[rows]
            root = torch.linalg.cholesky(grams(w, loadings) + identity)
            lines = torch.cholesky_solve(((target / noise) @ loadings).unsqueeze(2), root).squeeze(2)
            second = lower_triangles(torch.cholesky_inverse(root)) + outer_products(lines)
            gram += weight[rows].T @ second
            moment += some[rows].to(second.dtype) @ second
            crossed += target.T @ lines
        loadings = _solve(_symmetric(gram, rank) + shrinkage * identity, crossed)
        noise = ((weight * values.square()).sum(0) - (loadings * crossed).sum(1)) / count
        noise = torch.where(known.any(0), noise, 1.0).clamp(min=LEAST_NOISE)
        loadings = loadings @ _root(_symmetric(moment.unsqueeze(0), rank)[0] / some.sum())
    return loadings, noise


def grams(weight: Tensor, rows: Tensor) -> Tensor:
    """Σ_j w_ij x_j x_jᵀ for each i. Shapes: weight (n, m), rows (m, r) -> (n, r, r)."""
    return _symmetric(weight @ outer_products(rows), rows.shape[1])


def _half(rank: int) -> int:
    """Elements of a triangle, the diagonal included: a symmetric matrix is computed as one."""
    return rank * (rank + 1) // 2


def outer_products(rows: Tensor) -> Tensor:
    """Lower triangle of x_i x_iᵀ. Shapes: (n, r) -> (n, half)."""
    one, other = torch.tril_indices(rows.shape[1], rows.shape[1], device=rows.device)
    return rows.index_select(1, one) * rows.index_select(1, other)


def lower_triangles(matrices: Tensor) -> Tensor:
    """Shapes: (n, r, r) -> (n, half)."""
    one, other = torch.tril_indices(matrices.shape[1], matrices.shape[1], device=matrices.device)
    return matrices.flatten(1).index_select(1, one * matrices.shape[1] + other)


def _symmetric(half: Tensor, rank: int) -> Tensor:
    """The inverse of `_lower` for symmetric matrices. Shapes: (n, half) -> (n, r, r)."""
    one, other = torch.tril_indices(rank, rank, device=half.device)
    place = torch.empty(rank, rank, dtype=torch.long, device=half.device)
    place[one, other] = place[other, one] = torch.arange(len(one), device=half.device)
    return half.index_select(1, place.flatten()).reshape(-1, rank, rank)


def _solve(gram: Tensor, target: Tensor) -> Tensor:
    """Positive definite systems. Shapes: gram (n, r, r), target (n, r) -> (n, r)."""
    return torch.cholesky_solve(target.unsqueeze(2), torch.linalg.cholesky(gram)).squeeze(2)


def _root(covariance: Tensor) -> Tensor:
    """Lower Cholesky factor, with a little added to the diagonal."""
    size = len(covariance)
    root: Tensor = torch.linalg.cholesky(covariance + 1e-4 * covariance.diagonal().mean() * torch.eye(size))
    return root
