"""Learned weights of HGACL-DRP's graph: of nodes as neighbours, and of modalities in the fused kernel."""

import torch
from torch import Tensor, nn


class NodeAttention(nn.Module):
    """a = sigmoid(MLP(E)), scaled to mean 1 (the paper scales to sum 1, which ranks the same; sec. 2.2.4).

    Given the training population alone: other nodes neither are neighbours nor touch the scale.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.mlp = nn.Sequential(nn.Linear(width, width // 2), nn.ReLU(), nn.Linear(width // 2, 1))

    def forward(self, embedding: Tensor) -> Tensor:
        """Shapes: embedding (n, shared) -> (n,), positive, mean 1."""
        a = torch.sigmoid(self.mlp(embedding)).squeeze(1)
        return a / a.mean()


class Fusion(nn.Module):
    """Attention-driven kernel fusion (sec. 2.2.3): dynamic weights per line and static weights, mixed 1:1."""

    def __init__(self, width: int, modalities: int) -> None:
        super().__init__()
        self.dynamic = nn.Sequential(nn.Linear(width, width // 2), nn.Tanh(), nn.Linear(width // 2, modalities))
        self.static = nn.Parameter(torch.zeros(modalities))

    def forward(self, shared: Tensor, has: Tensor) -> Tensor:
        """Weights over the modalities that a line has, summing to 1. Shapes: shared (N, d), has (N, 3) -> (N, 3)."""
        dynamic = torch.softmax(self.dynamic(shared).masked_fill(~has, -torch.inf), dim=1)
        static = torch.softmax(self.static.expand_as(dynamic).masked_fill(~has, -torch.inf), dim=1)
        return (dynamic + static) / 2
