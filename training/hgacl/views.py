"""The perturbed views that a step contrasts with the original one (HGACL-DRP, sec. 2.3.1).

A view takes the original pass, its response edges and the network's pass for other edges or noise, and gives the
embeddings Z (N + M, hidden) of lines and drugs.
"""
# ruff: noqa: ARG002 -- views share one signature, and not each reads all of it

from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from model.hgacl.config import HgaclConfig
from model.hgacl.graph import random_subset
from model.hgacl.tensors import Inputs, Output

Noise = tuple[Tensor, Tensor]  # of lines and of drugs


class Pass(Protocol):
    """One pass of the network with given response edges, noise on the node features and inputs."""

    def __call__(self, visible: Tensor, noise: Noise | None = None, inputs: Inputs | None = None) -> Output: ...  # noqa: D102


class View(Protocol):
    """Embeddings of a view. Shapes: visible (N, M) boolean -> (N + M, hidden)."""

    def __call__(self, original: Output, visible: Tensor, one_pass: Pass, generator: torch.Generator) -> Tensor: ...  # noqa: D102


@dataclass(frozen=True)
class Unperturbed:
    """The ablation without a perturbation: the original view again."""

    def __call__(self, original: Output, visible: Tensor, one_pass: Pass, generator: torch.Generator) -> Tensor:
        """Z as it is."""
        return original.z


@dataclass(frozen=True)
class EmbeddingNoise:
    """The paper's feature view: Z + β ε, ε ~ N(0, I), on the output of the encoder."""

    beta: float

    def __call__(self, original: Output, visible: Tensor, one_pass: Pass, generator: torch.Generator) -> Tensor:
        """The same messages as the original: nothing is computed again."""
        return original.z + self.beta * gaussian_like(original.z, generator)


@dataclass(frozen=True)
class NodeFeatureNoise:
    """The default's feature view: the encoder reads X + β ε, ε ~ N(0, I), so that messages carry the noise on."""

    beta: float

    def __call__(self, original: Output, visible: Tensor, one_pass: Pass, generator: torch.Generator) -> Tensor:
        """A second pass with the same response edges."""
        inputs = original.inputs
        lines = self.beta * gaussian_like(inputs.shared, generator)
        drugs = self.beta * gaussian_like(inputs.drug_shared, generator)
        return one_pass(visible, (lines, drugs), inputs=inputs).z


@dataclass(frozen=True)
class DroppedEdges:
    """The structural view: each response edge is dropped with probability α."""

    alpha: float

    def __call__(self, original: Output, visible: Tensor, one_pass: Pass, generator: torch.Generator) -> Tensor:
        """A second pass with fewer response edges."""
        kept = random_subset(visible.cpu(), 1 - self.alpha, generator).to(visible.device)
        return one_pass(kept, inputs=original.inputs).z


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
