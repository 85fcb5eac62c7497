"""Weights of the modalities in a line's fused kernel (HGACL-DRP, sec. 2.2.3)."""

import torch
from torch import Tensor, nn


class AttentionFusion(nn.Module):
    """Attention-driven fusion: dynamic weights of each line and static weights of all, mixed 1:1.

    w = ½ softmax(MLP(E)) + ½ softmax(w_static), each over the modalities that the line has.
    """

    def __init__(self, width: int, modalities: int) -> None:
        super().__init__()
        self.dynamic = nn.Sequential(nn.Linear(width, width // 2), nn.Tanh(), nn.Linear(width // 2, modalities))
        self.static = nn.Parameter(torch.zeros(modalities))

    def forward(self, shared: Tensor, has: Tensor) -> Tensor:
        """Weights over the modalities that a line has, summing to 1. Shapes: shared (N, d), has (N, 3) -> (N, 3)."""
        dynamic = torch.softmax(self.dynamic(shared).masked_fill(~has, -torch.inf), dim=1)
        static = torch.softmax(self.static.expand_as(dynamic).masked_fill(~has, -torch.inf), dim=1)
        return (dynamic + static) / 2


class EqualFusion(nn.Module):
    """The ablation without attention: every modality that a line has counts alike."""

    def forward(self, shared: Tensor, has: Tensor) -> Tensor:
        """Shapes: shared (N, d), has (N, 3) boolean -> (N, 3), rows summing to 1."""
        known = has.to(shared.dtype)
        return known / known.sum(1, keepdim=True)
