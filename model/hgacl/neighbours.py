"""Reliable neighbours: which training nodes send a message to a node, and with what weight (HGACL-DRP, sec. 2.2.4).

A selection maps similarities S (n, m) and the node attention a (m,) of the training population to the columns and
values (n, k) of each row's neighbours.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

Selection = Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]


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

    def __call__(self, similarity: Tensor, attention: Tensor) -> tuple[Tensor, Tensor]:
        """Shapes: similarity (n, m), attention (m,) -> columns (n, k'), values (n, k'), k' = min(k, m)."""
        columns = (similarity * attention).detach().topk(min(self.k, similarity.shape[1]), dim=1).indices
        return columns, similarity.gather(1, columns)


@dataclass(frozen=True)
class GatedNeighbours(TopNeighbours):
    """The same columns at S[i, j] a[j]: the kept edges carry the attention, which so gets a gradient."""

    def __call__(self, similarity: Tensor, attention: Tensor) -> tuple[Tensor, Tensor]:
        """Shapes as in TopNeighbours."""
        columns, values = super().__call__(similarity, attention)
        return columns, values * attention[columns]


@dataclass(frozen=True)
class AllNeighbours:
    """The ablation without the filter: every node of the training population, at its original similarity."""

    def __call__(self, similarity: Tensor, attention: Tensor) -> tuple[Tensor, Tensor]:
        """Shapes: similarity (n, m), attention (m,) -> columns and values (n, m), by falling S[i, j] a[j]."""
        return TopNeighbours(similarity.shape[1])(similarity, attention)


@dataclass(frozen=True)
class RowNormalised:
    """Values of another selection divided by their row's sum, so that they count beside the drug edges."""

    selection: Selection

    def __call__(self, similarity: Tensor, attention: Tensor) -> tuple[Tensor, Tensor]:
        """Shapes as in the selection; the absolute values of a row sum to 1."""
        columns, values = self.selection(similarity, attention)
        return columns, values / values.abs().sum(1, keepdim=True).clamp(min=1e-12)
