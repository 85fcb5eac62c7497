"""The heterogeneous cell line–drug graph and its perturbations (HGACL-DRP, sec. 2.2.5 and 2.3.1).

Messages run along three edge types: line–line and drug–drug similarities, from the training population only, and
responses, training pairs only, in both directions. A pair that a step supervises is not a response edge in that step.
"""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch_geometric.nn import MessagePassing


@dataclass(frozen=True)
class Edges:
    """Weighted directed edges: a message runs from `index[0]` to `index[1]`. Shapes: index (2, e), weight (e,)."""

    index: Tensor
    weight: Tensor


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


class WeightedSum(MessagePassing):  # type: ignore[misc]  # torch_geometric ships no types
    """Σ_j w_ij x_j over the edges j → i."""

    def __init__(self) -> None:
        super().__init__(aggr="add")

    def forward(self, x: Tensor, edges: Edges) -> Tensor:
        """Shapes: x (n, d) -> (n, d); differentiable in x and in the edge weights."""
        out: Tensor = self.propagate(edges.index, x=x, weight=edges.weight)
        return out

    def message(self, x_j: Tensor, weight: Tensor) -> Tensor:
        """One edge's message. Shapes: x_j (e, d), weight (e,) -> (e, d)."""
        return x_j * weight.unsqueeze(1)


@dataclass(frozen=True)
class Neighbourhood:
    """Reliable neighbours of n nodes. Shapes: columns, values (n, k), sources (m,) the node of each column."""

    columns: Tensor
    values: Tensor
    sources: Tensor

    def message(self, x: Tensor) -> Tensor:
        """Σ_j value_ij x_j over the neighbours of each row, differentiable in x and values. Shapes: (n, d) both."""
        near = x.index_select(0, self.sources[self.columns].flatten()).reshape(*self.columns.shape, x.shape[1])
        return torch.einsum("nk,nkd->nd", self.values, near)

    def of(self, rows: Tensor | None) -> "Neighbourhood":
        """The neighbours of some rows, or of all."""
        return self if rows is None else Neighbourhood(self.columns[rows], self.values[rows], self.sources)

    def edges(self) -> "Edges":
        """The same as edges from the neighbours."""
        return neighbour_edges(self.columns, self.values, self.sources)


def neighbour_edges(columns: Tensor, values: Tensor, sources: Tensor, offset: int = 0) -> Edges:
    """Edges from each row's reliable neighbours to the row.

    Shapes: columns, values (n, k) as model.hgacl.neighbours selects them; sources (m,) the node of each column.
    """
    rows = torch.arange(len(columns), device=columns.device).repeat_interleave(columns.shape[1])
    return Edges(torch.stack([sources[columns.flatten()], rows]) + offset, values.flatten())


def sensitive_edges(sensitive: Tensor) -> Edges:
    """Both directions of each sensitive pair, weight 1, drugs numbered after the lines. Shapes: sensitive (N, M)."""
    line, drug = sensitive.nonzero().T
    drug = drug + len(sensitive)
    index = torch.stack([torch.cat([line, drug]), torch.cat([drug, line])])
    return Edges(index, torch.ones(index.shape[1], device=index.device))


def self_loops(n: int, device: torch.device) -> Edges:
    """One edge of weight 1 from each of n nodes to itself: the I of A + I."""
    return Edges(torch.arange(n, device=device).expand(2, n), torch.ones(n, device=device))


def join_edges(parts: list[Edges]) -> Edges:
    """All edges of several parts that share one numbering of the nodes."""
    return Edges(torch.cat([part.index for part in parts], 1), torch.cat([part.weight for part in parts]))


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
