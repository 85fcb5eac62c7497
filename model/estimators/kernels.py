"""Similarities between cell lines and between drugs (HGACL-DRP, sec. 2.2): pure functions of arrays.

Every kernel is rectangular: rows are the nodes asked about, columns the training population, so that a new sample
gets its row by the same function as a training line.
"""

from typing import NamedTuple

import torch
from torch import Tensor


def median_distance(x: Tensor) -> float:
    """Median Euclidean distance between different rows, the default σ of the Gaussian kernel.

    Shapes: x (n, p), n >= 2. With a fixed σ = 2 and hundreds of z-scored genes the kernel is the identity matrix to
    machine precision.
    """
    return float(torch.pdist(x.double()).median())


def gaussian(x: Tensor, y: Tensor, sigma: float) -> Tensor:
    """exp(−‖x_i − y_j‖² / 2σ²). Shapes: x (n, p), y (m, p) -> (n, m) in [0, 1]."""
    return torch.exp(-torch.cdist(x.double(), y.double()).square() / (2 * sigma**2)).float()


def squared_distances(x: Tensor, y: Tensor) -> Tensor:
    """‖x_i − y_j‖² by inner products, in the precision of its input. Shapes: x (n, p), y (m, p) -> (n, m)."""
    inner = x @ y.T
    return (x.square().sum(1, keepdim=True) + y.square().sum(1) - 2 * inner).clamp(min=0)


def polynomial(x: Tensor, y: Tensor, degree: int, *, scale_inner_product: bool) -> Tensor:
    """(x_i·y_j / s + 1)^degree, with s = p when `scale_inner_product`, else 1.

    Shapes: x (n, p), y (m, p) -> (n, m). Unscaled, a cube over 20,000 genes reaches 1e13 and a few rows rule the rest.
    """
    inner = x.double() @ y.double().T
    if scale_inner_product:
        inner = inner / x.shape[1]
    return ((inner + 1) ** degree).float()


def jaccard(x: Tensor, y: Tensor) -> Tensor:
    """Jaccard similarity of binary rows.

    Shapes: x (n, p), y (m, p) in {0, 1} -> (n, m) in [0, 1]. Two all-zero rows (0/0) have nothing in common: 0.
    """
    shared = x @ y.T
    either = x.sum(1, keepdim=True) + y.sum(1) - shared
    return torch.where(either > 0, shared / either.clamp(min=1), 0.0)


def structural(bits: Tensor, ecfp: Tensor, other_bits: Tensor, other_ecfp: Tensor) -> Tensor:
    """Mean of two fingerprints' Jaccard similarities; the first alone where a side has no second (all zeros).

    Shapes: bits (n, p), ecfp (n, q), other_bits (m, p), other_ecfp (m, q) in {0, 1} -> (n, m) in [0, 1].
    """
    first = jaccard(bits, other_bits)
    both = ecfp.any(1)[:, None] & other_ecfp.any(1)[None, :]
    return torch.where(both, (first + jaccard(ecfp, other_ecfp)) / 2, first)


class DrugViews(NamedTuple):
    """What drugs are compared by; zeros where unknown.

    Shapes: bits (n, 881) of PubChem, ecfp (n, 1024), targets (n, T) and pathway (n, P), one-hot.
    """

    bits: Tensor
    ecfp: Tensor
    targets: Tensor
    pathway: Tensor

    def rows(self, which: Tensor) -> "DrugViews":
        """The drugs `which`."""
        return DrugViews(*(view[which] for view in self))


def drug_similarity(one: DrugViews, other: DrugViews, pathway_weight: float = 1.0) -> Tensor:
    """Weighted mean of structure, Jaccard of targets and same pathway, (n, m) in [0, 1].

    Targets and pathway count where both drugs have them, so a compound without is compared by structure alone.
    """
    total, weight = structural(one.bits, one.ecfp, other.bits, other.ecfp), torch.ones(())
    shared = jaccard(one.targets, other.targets), one.pathway @ other.pathway.T
    known = ((one.targets, other.targets), (one.pathway, other.pathway))
    for view, sides, counts in zip(shared, known, (1.0, pathway_weight), strict=True):
        mine, theirs = (side.sum(1) > 0 for side in sides)
        both = counts * (mine[:, None] & theirs[None, :]).to(total.dtype)
        total, weight = total + both * view, weight + both
    return total / weight


def fuse(kernels: Tensor, weights: Tensor, row_has: Tensor, column_has: Tensor) -> Tensor:
    """Fused kernel: row k is Σ_i w[k, i] K_i[k, :] over the modalities that both nodes have (sec. 2.2.3).

    Where the column lacks a modality, the weights of the shared ones are scaled up to the row's total, so that a
    missing table makes a pair less informed, not less similar. Pairs that share no modality get 0.

    Shapes: kernels (3, n, m), weights (n, 3) with rows summing to 1, row_has (n, 3), column_has (m, 3) -> (n, m).
    """
    shared = weights * row_has  # (n, 3)
    total = shared @ column_has.T.to(shared.dtype)  # (n, m)
    fused = torch.einsum("ni,mi,inm->nm", shared, column_has.to(shared.dtype), kernels)
    return torch.where(total > 0, fused / total.clamp(min=1e-12), 0.0)


def fuse_at(kernels: Tensor, weights: Tensor, row_has: Tensor, column_has: Tensor, columns: Tensor) -> Tensor:
    """`fuse` at k columns of each row alone. Shapes: as there, columns (n, k) -> (n, k)."""
    at = kernels.gather(2, columns.expand(len(kernels), -1, -1))  # (3, n, k)
    shared = (weights * row_has).T.unsqueeze(2) * column_has.T[:, columns]
    total = shared.sum(0)
    return torch.where(total > 0, (shared * at).sum(0) / total.clamp(min=1e-12), 0.0)
