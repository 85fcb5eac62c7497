"""Reliable neighbours: which training nodes send a message to a node, and with what weight (HGACL-DRP, sec. 2.2.4).

A selection maps similarities S (n, m) and the node attention a (m,) of the reference nodes to the columns and values
(n, k) of each row's neighbours.
"""

from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor, nn


class Selection(Protocol):
    """Which columns, and what they count: apart, so that no gradient is kept of the similarities left out."""

    def choose(self, similarity: Tensor, attention: Tensor) -> Tensor:
        """Shapes: similarity (n, m), attention (m,) -> columns (n, k)."""

    def weigh(self, kept: Tensor, attention: Tensor) -> Tensor:
        """Shapes: similarities and attention of the chosen columns, (n, k) both -> values (n, k)."""


def select(selection: Selection, similarity: Tensor, attention: Tensor) -> tuple[Tensor, Tensor]:
    """Both in one. Shapes: similarity (n, m), attention (m,) -> columns and values (n, k)."""
    columns = selection.choose(similarity, attention)
    return columns, selection.weigh(similarity.gather(1, columns), attention[columns])


class NodeAttention(nn.Module):
    """a = sigmoid(MLP(E)), scaled to mean 1 (the paper scales to sum 1, which ranks the same).

    It reads the training population alone: other nodes neither are neighbours nor touch the scale.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.mlp = nn.Sequential(nn.Linear(width, width // 2), nn.ReLU(), nn.Linear(width // 2, 1))

    def forward(self, embedding: Tensor) -> Tensor:
        """Shapes: embedding (n, shared) -> (n,), positive, mean 1."""
        a = torch.sigmoid(self.mlp(embedding)).squeeze(1)
        return a / a.mean()


@dataclass(frozen=True)
class TopNeighbours:
    """The paper's: the k columns of largest S[i, j] a[j], each at its original similarity S[i, j].

    A hard choice of unweighted values passes no gradient to the attention.
    """

    k: int

    def choose(self, similarity: Tensor, attention: Tensor) -> Tensor:
        """Shapes: similarity (n, m), attention (m,) -> columns (n, k'), k' = min(k, m), the best first."""
        return (similarity * attention).detach().topk(min(self.k, similarity.shape[1]), dim=1).indices

    def weigh(self, kept: Tensor, attention: Tensor) -> Tensor:  # noqa: ARG002 -- one signature
        """The similarities as they are."""
        return kept


@dataclass(frozen=True)
class GatedNeighbours(TopNeighbours):
    """The same columns at S[i, j] a[j]: the kept edges carry the attention, which so gets a gradient."""

    def weigh(self, kept: Tensor, attention: Tensor) -> Tensor:
        """The similarities times the attention."""
        return kept * attention


@dataclass(frozen=True)
class AllNeighbours:
    """The ablation without the filter: every node of the training population, at its original similarity."""

    def choose(self, similarity: Tensor, attention: Tensor) -> Tensor:
        """Shapes: similarity (n, m), attention (m,) -> columns (n, m), by falling S[i, j] a[j]."""
        return TopNeighbours(similarity.shape[1]).choose(similarity, attention)

    def weigh(self, kept: Tensor, attention: Tensor) -> Tensor:  # noqa: ARG002 -- one signature
        """The similarities as they are."""
        return kept


@dataclass(frozen=True)
class RowNormalised:
    """Values of another selection divided by their row's sum, so that they count beside the drug edges."""

    selection: Selection

    def choose(self, similarity: Tensor, attention: Tensor) -> Tensor:
        """The selection's."""
        return self.selection.choose(similarity, attention)

    def weigh(self, kept: Tensor, attention: Tensor) -> Tensor:
        """The selection's over their sum; the absolute values of a row sum to 1."""
        values = self.selection.weigh(kept, attention)
        return values / values.abs().sum(1, keepdim=True).clamp(min=1e-12)
