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

    per_head: Tensor

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.query, self.key_value = nn.Linear(width, width), nn.Linear(width, 2 * width)
        self.out = nn.Linear(width, width)
        one_head = torch.eye(heads).repeat_interleave(width // heads, 0)
        self.register_buffer("per_head", one_head, persistent=False)  # (w, heads): sums a head's numbers

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        """The attended tokens, by torch's own attention, which keeps no weights."""
        given = (self.query(x), *self.key_value(y).chunk(2, 2))
        q, k, v = (tokens.unflatten(2, (self.heads, -1)).transpose(1, 2) for tokens in given)  # (b, h, tokens, w/h)
        mixed = nn.functional.scaled_dot_product_attention(q, k, v).transpose(1, 2).flatten(2)
        return cast("Tensor", self.out(mixed))

    def of_one(self, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        """The same for one token, with its weights; faster there. Shapes: x (b, 1, w) -> (b, 1, w), (b, k, heads)."""
        q, (k, v) = self.query(x), self.key_value(y).chunk(2, 2)
        weights = torch.softmax((q * k) @ self.per_head / math.sqrt(q.shape[2] / self.heads), 1)
        mixed = (weights @ self.per_head.T * v).sum(1, keepdim=True)
        return self.out(mixed), weights


class Side(nn.Module):
    """One side of one layer: x + Attention(norm x, norm y), then x + FFN(norm x); pre-norm."""

    def __init__(self, config: Dim2Config) -> None:
        super().__init__()
        w, hidden = config.width, config.feed_forward * config.width
        self.norm_own, self.norm_other, self.norm_out = nn.LayerNorm(w), nn.LayerNorm(w), nn.LayerNorm(w)
        self.attention = Attention(w, config.heads)
        self.feed_forward = nn.Sequential(nn.Linear(w, hidden), nn.GELU(), nn.Linear(hidden, w))

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        """Shapes: x (b, q, w), y (b, k, w) -> (b, q, w)."""
        return self.feed_on(x + self.attention(self.norm_own(x), self.norm_other(y)))

    def of_one(self, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        """The same for one token. Shapes: x (b, 1, w), y (b, k, w) -> (b, 1, w), weights (b, k, heads)."""
        attended, weights = self.attention.of_one(self.norm_own(x), self.norm_other(y))
        return self.feed_on(x + attended), weights

    def feed_on(self, x: Tensor) -> Tensor:
        """Residual feed-forward, x + FFN(norm x)."""
        return cast("Tensor", x + self.feed_forward(self.norm_out(x)))


@dataclass(frozen=True)
class Fused:
    """Output of the fusion of b pairs.

    `over_cell` are the weights of the drug's class token over the line's k tokens in the last layer, `over_drug` those
    of the line's over the drug's, class token first; each head's sum to 1. None without attention.
    Shapes: output (b,) in the target's units, cell (b, cell width), drug (b, drug width), confidence (b,) in [0, 1],
    over_cell and over_drug (b, k, heads).
    """

    output: Tensor
    cell: Tensor
    drug: Tensor
    confidence: Tensor
    over_cell: Tensor | None = None
    over_drug: Tensor | None = None


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
        confidence, over_cell, over_drug = torch.ones_like(cell[:, 0]), None, None
        if self.attend:
            pooled_cell, pooled_drug, over_cell, over_drug = self.cross(cell, drug)
            confidence = (attention_confidence(over_drug) + attention_confidence(over_cell)) / 2
            cell, drug = cell + self.to_cell(pooled_cell), drug + self.to_drug(pooled_drug)
        cell, drug = self.cell_norm(cell), self.drug_norm(drug)
        output = self.mlp(torch.cat([cell, drug], 1)).squeeze(1)
        return Fused(output, cell, drug, confidence, over_cell, over_drug)

    def cross(self, cell: Tensor, drug: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Class tokens (b, width) of both sides after the last layer, and `over_cell` and `over_drug` of Fused."""
        x, y = self.cell_tokens(cell), self.drug_tokens(drug)
        for cell_layer, drug_layer in zip(self.cell_layers[:-1], self.drug_layers[:-1], strict=True):
            x, y = cell_layer(x, y), drug_layer(y, x)
        last_cell, last_drug = (cast("Side", layers[-1]) for layers in (self.cell_layers, self.drug_layers))
        (one, over_drug), (other, over_cell) = last_cell.of_one(x[:, :1], y), last_drug.of_one(y[:, :1], x)
        return one[:, 0], other[:, 0], over_cell, over_drug


def attention_confidence(weights: Tensor) -> Tensor:
    """How concentrated the class token's attention over k tokens is: 1 − entropy / log k, mean over heads.

    It is 0 where all tokens get the same weight and 1 where one token gets all.

    The published weight is the mean attention, which is 1/k for every sample.
    Shapes: weights (b, k, heads), of one token -> (b,).
    """
    entropy = -(weights * torch.log(weights.clamp(min=1e-9))).sum(1)
    return (1 - entropy / math.log(weights.shape[1])).mean(1)
