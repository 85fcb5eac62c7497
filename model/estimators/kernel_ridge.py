"""Response factors that node codes start from: low-rank ALS, kernel-ridge priors and the fold-in that joins them.

    u_c = argmin_u Σ_{d visible} (r_cd − u·v_d)² + λ ‖u − û_c‖²

û_c is the kernel-ridge prediction of the line's factor from its omics (of a drug's factor from its structure). With
many visible responses u_c is the ALS factor, with none it is û_c, so known, unseen and sparsely measured nodes get
their factor by one formula. In the graph's words: one message along the response edges, with a prior.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

NEGATIVE = 1e-3  # of the mean diagonal: eigenvalues below −1e-3 of it are more than rounding
JITTER = 1e-8  # of the mean diagonal
ROWS = 4_096  # of a kernel at a time


@dataclass(frozen=True)
class KernelRidge:
    """ŷ = mean + k W for a node outside the training population, k (m,) its kernel to that population.

    Shapes: weights (m, r) and mean (r,), double.
    """

    weights: Tensor
    mean: Tensor


def fold_in(values: Tensor, visible: Tensor, factors: Tensor, prior: Tensor, ridge: float) -> Tensor:
    """Factor of each row from its visible responses and its prior (equation above).

    Shapes: values, visible (n, m), factors (m, r), prior (n, r) -> (n, r). A row without any visible one is its prior.
    """
    rank = factors.shape[1]
    w = visible.to(factors.dtype)
    outer = (factors.unsqueeze(2) * factors.unsqueeze(1)).reshape(len(factors), -1)  # (m, r²)
    gram = (w @ outer).reshape(-1, rank, rank) + ridge * torch.eye(rank, device=factors.device)
    target = (w * values) @ factors + ridge * prior
    rows: Tensor = torch.linalg.solve(gram, target.unsqueeze(2)).squeeze(2)
    return rows


def alternating_least_squares(
    values: Tensor, known: Tensor, rank: int, ridge: float, generator: torch.Generator, sweeps: int = 15
) -> tuple[Tensor, Tensor]:
    """Low-rank factors with values ≈ U Vᵀ over the known pairs.

    Shapes: values, known (N, M) -> U (N, rank), V (M, rank). Rows without a known pair get a zero factor.
    """
    drugs = 0.3 * torch.randn(values.shape[1], rank, generator=generator)
    lines = torch.zeros(len(values), rank)
    for _ in range(sweeps):
        lines = fold_in(values, known, drugs, torch.zeros_like(lines), ridge)
        drugs = fold_in(values.T, known.T, lines, torch.zeros_like(drugs), ridge)
    return lines, drugs


def kernel_ridge(train: Tensor, factors: Tensor, ridge: float) -> KernelRidge:
    """Kernel ridge around the mean factor, as `kernel_ridge_prior` gives it for nodes outside the training population.

    Negative eigenvalues of `train` count as 0, and rows of other nodes are projected likewise.
    Shapes: train (m, m) kernel among the training nodes, factors (m, r).
    """
    return _around_mean(_solve(train, factors, ridge))


def kernel_ridge_prior(kernel: Tensor, sources: Tensor, factors: Tensor, ridge: float) -> Tensor:
    """Predicted factors of all nodes from a kernel to the training population; out of sample for every node.

    Kernel ridge around the mean factor. A training node's own factor must not predict itself: its row is that of
    `left_out_predictions`.

    Shapes: kernel (n, m) to the training nodes `sources` (m,), factors (m, r) of these -> (n, r).
    """
    train = kernel[sources]
    solution = _solve(train, factors, ridge)
    fitted = _around_mean(solution)
    prior = (fitted.mean + kernel.double() @ fitted.weights).float()
    prior[sources] = _left_out(train, solution)
    return prior


def left_out_predictions(rows: Tensor, train: Tensor, factors: Tensor, ridge: float) -> Tensor:
    """Kernel ridge prediction for each training node from the fit without it, in closed form.

    `rows` are the nodes' kernels as they shall be predicted from: those of `train`, or others where a node is to be
    known by less than the training has. With C = (train + λ I)⁻¹ and α = C y, node i has

        rows_i · α − (Σ_j rows_ij C_ji / C_ii) α_i

    around the mean of the others. Shapes: rows, train (m, m), factors (m, r) -> (m, r).
    """
    return _left_out(rows, _solve(train, factors, ridge))


@dataclass(frozen=True)
class _Solution:
    """C = (train + λ I)⁻¹, y with a column of ones, C y, and the projection of columns on the axes that are left."""

    inverse: Tensor
    y: Tensor
    duals: Tensor
    project: Callable[[Tensor], Tensor]


def _solve(train: Tensor, factors: Tensor, ridge: float) -> _Solution:
    train, project = _positive_part(train)
    system, y = train + ridge * torch.eye(len(train), dtype=torch.float64), _with_ones(factors)
    inverse = torch.cholesky_inverse(torch.linalg.cholesky(system))
    return _Solution(inverse, y, inverse @ y, project)


def _around_mean(solution: _Solution) -> KernelRidge:
    duals, mean = solution.project(solution.duals), solution.y[:, :-1].mean(0)
    return KernelRidge(duals[:, :-1] - duals[:, -1:] * mean, mean)


def _left_out(rows: Tensor, solution: _Solution) -> Tensor:
    inverse, y, duals = solution.inverse, solution.y, solution.duals
    rows = solution.project(rows.double().T).T
    leverage = (rows * inverse).sum(1) / inverse.diagonal()
    predicted = rows @ duals - leverage.unsqueeze(1) * duals
    mean = (y[:, :-1].sum(0) - y[:, :-1]) / max(len(y) - 1, 1)
    prior: Tensor = (predicted[:, :-1] + mean * (1 - predicted[:, -1:])).float()
    return prior


def landmark_ridge_prior(kernel: Tensor, landmarks: Tensor, train: Tensor, factors: Tensor, ridge: float) -> Tensor:
    """`kernel_ridge_prior` through landmarks (Nyström), linear in the nodes; the same where all nodes are landmarks.

    With K_n the kernel of the training nodes to the landmarks and A = K_nᵀ K_n + λ K_m, node i has k_i A⁻¹ K_nᵀ y; a
    training node, with leverage h_i = k_i A⁻¹ k_iᵀ, has (p_i − h_i y_i) / (1 − h_i), both around the mean.
    Shapes: kernel (n, m) to the nodes `landmarks` (m,), factors (t, r) of the nodes `train` (t,) -> (n, r).
    """
    y, own = _with_ones(factors), kernel[landmarks].double()
    system = ridge * own + JITTER * own.diagonal().mean() * torch.eye(len(own), dtype=torch.float64)
    crossed = torch.zeros(len(own), y.shape[1], dtype=torch.float64)
    for rows, known in zip(train.split(ROWS), y.split(ROWS), strict=True):
        block = kernel[rows].double()
        system += block.T @ block
        crossed += block.T @ known
    root = torch.linalg.cholesky(system)
    duals = torch.cholesky_solve(crossed, root)
    predicted = torch.cat([block.double() @ duals for block in kernel.split(ROWS)])
    for rows, known in zip(train.split(ROWS), y.split(ROWS), strict=True):
        half = torch.linalg.solve_triangular(root, kernel[rows].double().T, upper=False)
        leverage = half.square().sum(0).unsqueeze(1)
        predicted[rows] = (predicted[rows] - leverage * known) / (1 - leverage)
    total = y[:, :-1].sum(0)
    mean = (total / len(y)).repeat(len(kernel), 1)
    mean[train] = (total - y[:, :-1]) / max(len(y) - 1, 1)
    return (predicted[:, :-1] + mean * (1 - predicted[:, -1:])).float()


def _positive_part(train: Tensor) -> tuple[Tensor, Callable[[Tensor], Tensor]]:
    """The kernel without its negative eigenvalues, and the projection of columns (m, k) on the axes that are left.

    A similarity that averages what two nodes both have is no inner product, and where the kernel has an eigenvalue
    near −λ the fit explodes. A kernel without such eigenvalues comes back as it is.
    """
    train = train.double()
    least = NEGATIVE * train.diagonal().mean() * torch.eye(len(train), dtype=torch.float64)
    if int(torch.linalg.cholesky_ex(train + least).info) == 0:
        return train, lambda columns: columns
    values, vectors = torch.linalg.eigh(train)
    axes = vectors[:, values > 0]
    return (axes * values[values > 0]) @ axes.T, lambda columns: axes @ (axes.T @ columns)


def _with_ones(factors: Tensor) -> Tensor:
    """The ones carry the mean through the fit."""
    return torch.cat([factors, torch.ones_like(factors[:, :1])], 1).double()
