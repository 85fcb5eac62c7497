"""Node features X, a sum of terms: filtered kernel rows, and in the default shared embedding and response factors.

Every term maps neighbours of n nodes, shared embedding (n, d) and factors (n, r) to (n, d) (HGACL-DRP, sec. 2.3.2).
"""
# ruff: noqa: ARG002 -- terms share one signature, and not each reads all of it

from collections.abc import Iterable
from typing import Protocol

import torch
from torch import Tensor, nn

from model.hgacl.graph import weighted_rows


class FilteredRows(Protocol):
    """The kept kernel row of each node. Shapes: columns, values (n, k)."""

    @property
    def columns(self) -> Tensor: ...  # noqa: D102

    @property
    def values(self) -> Tensor: ...  # noqa: D102


class KernelRows(nn.Module):
    """K̃ W, a linear map of the filtered kernel rows.

    Rows of W belong to the training population, so a node outside it is the mean of its neighbours' rows.
    """

    def __init__(self, n_rows: int, width: int) -> None:
        super().__init__()
        self.rows = nn.Embedding(n_rows, width)
        nn.init.normal_(self.rows.weight, std=0.1)

    def forward(self, neighbours: FilteredRows, shared: Tensor, factors: Tensor) -> Tensor:
        """Shapes: neighbours of n nodes -> (n, d)."""
        return weighted_rows(self.rows.weight, neighbours.columns, neighbours.values)


class KernelMap(KernelRows):
    """K̃ W + b with the start of a linear layer: the paper's node features, where no other term has a constant.

    Without b a node with few sensitive partners and one with many differ in nothing that messages carry.
    """

    def __init__(self, n_rows: int, width: int) -> None:
        super().__init__(n_rows, width)
        bound = n_rows**-0.5
        self.bias = nn.Parameter(torch.empty(width).uniform_(-bound, bound))
        nn.init.uniform_(self.rows.weight, -bound, bound)

    def forward(self, neighbours: FilteredRows, shared: Tensor, factors: Tensor) -> Tensor:
        """Shapes: neighbours of n nodes -> (n, d)."""
        return super().forward(neighbours, shared, factors) + self.bias


class SharedPath(nn.Module):
    """A direct path of the node's own features: a linear map of its shared embedding."""

    def __init__(self, width: int, dropout: float) -> None:
        super().__init__()
        self.linear = nn.Linear(width, width)
        self.dropout = nn.Dropout(dropout)

    def forward(self, neighbours: FilteredRows, shared: Tensor, factors: Tensor) -> Tensor:
        """Shapes: shared (n, d) -> (n, d)."""
        path: Tensor = self.linear(torch.relu(self.dropout(shared)))
        return path


class FactorPath(nn.Module):
    """A linear map of the node's response factors."""

    def __init__(self, factor_width: int, width: int) -> None:
        super().__init__()
        self.linear = nn.Linear(factor_width, width)

    def forward(self, neighbours: FilteredRows, shared: Tensor, factors: Tensor) -> Tensor:
        """Shapes: factors (n, r) -> (n, d)."""
        path: Tensor = self.linear(factors)
        return path


class NodeFeatures(nn.Module):
    """X, the sum of its terms."""

    def __init__(self, terms: Iterable[nn.Module]) -> None:
        super().__init__()
        self.terms = nn.ModuleList(terms)

    def forward(self, neighbours: FilteredRows, shared: Tensor, factors: Tensor) -> Tensor:
        """Shapes: neighbours of n nodes, shared (n, d), factors (n, r) -> (n, d)."""
        first, *others = (term(neighbours, shared, factors) for term in self.terms)
        x: Tensor = sum(others, first)
        return x
