"""The perturbed views that a step contrasts with the original one (HGACL-DRP, sec. 2.3.1).

A view takes the original pass, its response edges and the network's encoder for other edges or noise, and gives the
embeddings Z (a, hidden) of the nodes that a step contrasts; it has the node features of the original.
"""
# ruff: noqa: ARG002 -- views share one signature, and not each reads all of it

from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from model.hgacl.config import HgaclConfig
from model.hgacl.graph import random_subset
from model.hgacl.network import Noise
from model.hgacl.tensors import Output


class Encode(Protocol):
    """The encoder for the nodes that are contrasted, with given response edges and noise on the node features."""

    def __call__(self, visible: Tensor, noise: Noise | None = None) -> Tensor: ...  # noqa: D102


class View(Protocol):
    """Embeddings of a view. Shapes: nodes (a,), drugs after lines; visible (N, M) boolean -> (a, hidden)."""

    def __call__(  # noqa: D102
        self, original: Output, nodes: Tensor, visible: Tensor, encode: Encode, generator: torch.Generator
    ) -> Tensor: ...


@dataclass(frozen=True)
class Unperturbed:
    """The ablation without a perturbation: the original view again."""

    def __call__(
        self, original: Output, nodes: Tensor, visible: Tensor, encode: Encode, generator: torch.Generator
    ) -> Tensor:
        """Z as it is."""
        return original.z[nodes]


@dataclass(frozen=True)
class EmbeddingNoise:
    """The paper's feature view: Z + β ε, ε ~ N(0, I), on the output of the encoder."""

    beta: float

    def __call__(
        self, original: Output, nodes: Tensor, visible: Tensor, encode: Encode, generator: torch.Generator
    ) -> Tensor:
        """The same messages as the original: nothing is computed again."""
        z = original.z[nodes]
        return z + self.beta * gaussian_like(z, generator)


@dataclass(frozen=True)
class NodeFeatureNoise:
    """The default's feature view: the encoder reads X + β ε, ε ~ N(0, I), so that messages carry the noise on."""

    beta: float

    def __call__(
        self, original: Output, nodes: Tensor, visible: Tensor, encode: Encode, generator: torch.Generator
    ) -> Tensor:
        """The same response edges."""
        x, y = original.features
        return encode(visible, (self.beta * gaussian_like(x, generator), self.beta * gaussian_like(y, generator)))


@dataclass(frozen=True)
class DroppedEdges:
    """The structural view: each response edge is dropped with probability α."""

    alpha: float

    def __call__(
        self, original: Output, nodes: Tensor, visible: Tensor, encode: Encode, generator: torch.Generator
    ) -> Tensor:
        """Fewer response edges."""
        kept = random_subset(visible.cpu(), 1 - self.alpha, generator).to(visible.device)
        return encode(kept)


def choose_views(config: HgaclConfig) -> tuple[View, View]:
    """The feature view and the structural view of a configuration."""
    noises: dict[str, type[EmbeddingNoise | NodeFeatureNoise]] = {
        "embeddings": EmbeddingNoise,
        "nodes": NodeFeatureNoise,
    }
    noise = noises[config.feature_view]
    feature = noise(config.feature_noise) if config.feature_noise else Unperturbed()
    return feature, DroppedEdges(config.edge_drop) if config.edge_drop else Unperturbed()


def gaussian_like(x: Tensor, generator: torch.Generator) -> Tensor:
    """Standard normal numbers in the shape of x, drawn on the CPU so that every device gets the same."""
    return torch.randn(x.shape, generator=generator).to(x.device)
