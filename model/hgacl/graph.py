"""The heterogeneous cell line–drug graph and its perturbations (HGACL-DRP, sec. 2.2.5 and 2.3.1).

Messages run along three edge types: line–line and drug–drug similarities, from the training population only, and
responses, training pairs only, in both directions. A pair that a step supervises is not a response edge in that step.
"""

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Responses:
    """Training responses, and nothing of any other pair. Shapes: every field (N, M).

    `value` is (μ_d − ln IC50) / σ_d, in standard deviations of the drug over its training lines (larger is more
    sensitive), 0 where unknown; `margin` is (threshold_d − ln IC50) / σ_d, above 0 when sensitive.
    """

    known: Tensor  # boolean
    sensitive: Tensor  # boolean, False where unknown
    value: Tensor
    margin: Tensor


@dataclass(frozen=True)
class Neighbourhood:
    """Reliable neighbours of n nodes. Shapes: columns, values (n, k), sources (m,) the node of each column."""

    columns: Tensor
    values: Tensor
    sources: Tensor

    def message(self, x: Tensor) -> Tensor:
        """Σ_j value_ij x_j over the neighbours of each row, differentiable in x and values. Shapes: (n, d) both."""
        return weighted_rows(x[self.sources], self.columns, self.values)

    def matrix(self, nodes: int) -> Tensor:
        """The values as a row of weights for all nodes, 0 but for neighbours. Shape: (n, nodes)."""
        return dense(self.sources[self.columns], self.values, nodes)

    def of(self, rows: Tensor | None) -> "Neighbourhood":
        """The neighbours of some rows, or of all."""
        return self if rows is None else Neighbourhood(self.columns[rows], self.values[rows], self.sources)


def dense(columns: Tensor, values: Tensor, width: int) -> Tensor:
    """Values at their columns, 0 elsewhere. Shapes: columns, values (n, k) -> (n, width)."""
    return values.new_zeros(len(values), width).scatter(1, columns, values)


def weighted_rows(rows: Tensor, columns: Tensor, values: Tensor) -> Tensor:
    """Σ_k values_ik rows[columns_ik], differentiable in rows and values.

    All rows for each i are multiplied: gathering them would take ten times as long.
    Shapes: rows (m, d), columns, values (n, k) -> (n, d).
    """
    if columns.shape[1] == len(rows):
        return dense(columns, values, len(rows)) @ rows
    near = rows.index_select(0, columns.flatten()).reshape(*columns.shape, rows.shape[1])
    return torch.einsum("nk,nkd->nd", values, near)


def response_message(values: Tensor, visible: Tensor, x: Tensor) -> Tensor:
    """Σ_d value_cd x_d / √n_c over the n_c visible responses of each row, 0 without any.

    The root keeps what the plain mean throws away: how much is known of the row. The product is dense: of a screen
    most pairs are measured. Shapes: values, visible (n, m), x (m, d) -> (n, d).
    """
    count = visible.sum(1, keepdim=True).clamp(min=1)
    return torch.where(visible, values, 0) @ x / count.sqrt()


def random_subset(pairs: Tensor, share: float, generator: torch.Generator) -> Tensor:
    """Each pair of a boolean (N, M) mask is kept with probability `share`: the structural view, and hidden edges."""
    return pairs & (torch.rand(pairs.shape, generator=generator) < share)


def random_nodes(n: int, share: float, generator: torch.Generator) -> Tensor:
    """A random boolean mask (n,): nodes that play new ones in this step, without any response edge."""
    return torch.rand(n, generator=generator) < share
