"""Codes as token sequences, bi-directional cross-attention between them, and the last MLP."""

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import cast

import torch
from torch import Tensor, nn

from model.dim2.config import Dim2Config


class Tokens(nn.Module):
    """Split a code into tokens that carry its values: token t = W_t · numbers_t + position_t, after a class token.

    The published code normalises tokens of one number over that one number, which makes every token the same constant:
    LayerNorm(1)(x) = β whatever x is. Here a token is a vector before anything is normalised.

    Shapes: code (b, w) -> (b, 1 + ⌈w / size⌉, width); with `size` 1 each number is a token.
    """

    def __init__(self, code: int, size: int, width: int) -> None:
        super().__init__()
        self.size, self.count = size, math.ceil(code / size)
        self.fill = self.count * size - code
        self.weight = nn.Parameter(torch.randn(self.count, size, width) / math.sqrt(size))
        self.position = nn.Parameter(0.1 * torch.randn(self.count + 1, width))

    def forward(self, code: Tensor) -> Tensor:
        """Cut, map, and put the class token first."""
        parts = nn.functional.pad(code, (0, self.fill)).reshape(-1, self.count, self.size)
        tokens = torch.einsum("bts,tsw->btw", parts, self.weight)
        return nn.functional.pad(tokens, (0, 0, 1, 0)) + self.position


class Attention(nn.Module):
    """Multi-head attention of one side's tokens to the other's. Shapes: x (b, q, w), y (b, k, w) -> (b, q, w)."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.query, self.key_value = nn.Linear(width, width), nn.Linear(width, 2 * width)
        self.out = nn.Linear(width, width)

    def forward(self, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        """The attended tokens, and the weights (b, heads, q, k)."""
        q = self.query(x).unflatten(2, (self.heads, -1)).transpose(1, 2)  # (b, h, q, w/h)
        k, v = self.key_value(y).unflatten(2, (2, self.heads, -1)).permute(2, 0, 3, 1, 4).unbind(0)
        weights = torch.softmax(q @ k.transpose(2, 3) / math.sqrt(q.shape[3]), 3)
        mixed = (weights @ v).transpose(1, 2).flatten(2)
        return self.out(mixed), weights


class Side(nn.Module):
    """One side of one layer: x + Attention(norm x, norm y), then x + FFN(norm x); pre-norm."""

    def __init__(self, config: Dim2Config) -> None:
        super().__init__()
        w, hidden = config.width, config.feed_forward * config.width
        self.norm_own, self.norm_other, self.norm_out = nn.LayerNorm(w), nn.LayerNorm(w), nn.LayerNorm(w)
        self.attention = Attention(w, config.heads)
        self.feed_forward = nn.Sequential(nn.Linear(w, hidden), nn.GELU(), nn.Linear(hidden, w))

    def forward(self, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        """Shapes: x (b, q, w), y (b, k, w) -> (b, q, w), weights (b, heads, q, k)."""
        attended, weights = self.attention(self.norm_own(x), self.norm_other(y))
        x = x + attended
        return x + self.feed_forward(self.norm_out(x)), weights


@dataclass(frozen=True)
class Fused:
    """Output of the fusion of b pairs.

    Shapes: output (b,) in the target's units, cell (b, cell width), drug (b, drug width), confidence (b,) in [0, 1].
    """

    output: Tensor
    cell: Tensor
    drug: Tensor
    confidence: Tensor


class Fusion(nn.Module):
    """Two layers of bi-directional cross-attention between the codes of cell and drug, then an MLP.

    The class tokens pool the attention and are added back to the codes. In the last layer only they are read, so only
    they are computed; the result is the same.
    """

    def __init__(self, cell: int, drug: int, config: Dim2Config) -> None:
        super().__init__()
        self.attend = config.attention
        self.cell_norm, self.drug_norm = nn.LayerNorm(cell), nn.LayerNorm(drug)
        if config.attention:
            self.cell_tokens = Tokens(cell, config.token_size, config.width)
            self.drug_tokens = Tokens(drug, config.token_size, config.width)
            self.cell_layers = nn.ModuleList(Side(config) for _ in range(config.layers))
            self.drug_layers = nn.ModuleList(Side(config) for _ in range(config.layers))
            self.to_cell, self.to_drug = nn.Linear(config.width, cell), nn.Linear(config.width, drug)
        sizes, drop = (cell + drug, config.head, config.head), config.dropout
        hidden = [
            part for one, other in pairwise(sizes) for part in (nn.Linear(one, other), nn.GELU(), nn.Dropout(drop))
        ]
        self.mlp = nn.Sequential(*hidden, nn.Linear(config.head, 1))
        if config.offset:
            nn.init.zeros_(cast("nn.Linear", self.mlp[-1]).weight)  # the output starts at the offset alone

    def forward(self, cell: Tensor, drug: Tensor) -> Fused:
        """Shapes: cell (b, cell width), drug (b, drug width), aligned pairs."""
        confidence = torch.ones_like(cell[:, 0])
        if self.attend:
            pooled_cell, pooled_drug, confidence = self.cross(cell, drug)
            cell, drug = cell + self.to_cell(pooled_cell), drug + self.to_drug(pooled_drug)
        cell, drug = self.cell_norm(cell), self.drug_norm(drug)
        return Fused(self.mlp(torch.cat([cell, drug], 1)).squeeze(1), cell, drug, confidence)

    def cross(self, cell: Tensor, drug: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Class tokens (b, width) of both sides after the last layer, and the pairs' confidence (b,)."""
        x, y = self.cell_tokens(cell), self.drug_tokens(drug)
        focus = []
        for cell_layer, drug_layer in zip(self.cell_layers, self.drug_layers, strict=True):
            if cell_layer is self.cell_layers[-1]:
                (x, from_cell), (y, from_drug) = cell_layer(x[:, :1], y), drug_layer(y[:, :1], x)
                focus = [from_cell, from_drug]
            else:
                (x, _), (y, _) = cell_layer(x, y), drug_layer(y, x)
        return x[:, 0], y[:, 0], torch.stack([attention_confidence(weights) for weights in focus]).mean(0)


def attention_confidence(weights: Tensor) -> Tensor:
    """How concentrated the class token's attention over k tokens is: 1 − entropy / log k, mean over heads.

    It is 0 where all tokens get the same weight and 1 where one token gets all.

    The published weight is the mean attention, which is 1/k for every sample.
    Shapes: weights (b, heads, q, k), class token first -> (b,).
    """
    p = weights[:, :, 0]
    entropy = -(p * torch.log(p.clamp(min=1e-9))).sum(-1)
    return (1 - entropy / math.log(p.shape[-1])).mean(1)
