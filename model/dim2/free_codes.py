"""Codes learnt for measured lines or drugs themselves, whatever is known of them."""

import torch
from torch import Tensor, nn


class FreeCodes(nn.Module):
    """A learnt code of each of n nodes, 0 where the node counts as never measured, and a flag that says so."""

    def __init__(self, nodes: int, width: int) -> None:
        super().__init__()
        self.codes = nn.Embedding(nodes, width)
        nn.init.normal_(self.codes.weight, std=0.1)

    def forward(self, rows: Tensor, unseen: Tensor) -> Tensor:
        """Shapes: rows, unseen (b,) boolean -> (b, width + 1)."""
        flag = unseen.unsqueeze(1)
        return torch.cat([self.codes(rows).masked_fill(flag, 0), flag.to(self.codes.weight.dtype)], 1)
