"""Frozen configuration of DiM2-DRP, with the paper's constants and ours side by side."""

import math
from dataclasses import dataclass
from typing import Self

from model.presets import Presets

# What a setting must be: a share below 1, a count of at least 1, above 0, at least 0.
SHARES = ("unseen_lines", "unseen_drugs", "dropout", "label_smoothing", "ema")
# fmt: off
SIZES = (
    "mutation_code", "expression_code", "ecfp_code", "graph_code", "graph_width", "graph_layers", "conformers",
    "offset_codes", "offset_rank", "offset_sweeps", "token_size", "width", "heads", "layers", "feed_forward", "head",
    "projection", "queue", "batch", "codes_every", "epochs", "patience", "plateau",
)
# fmt: on
ABOVE_0 = ("offset_shrinkage", "line_ridge", "drug_ridge", "mean_ridge", "temperature", "learning_rate")
WEIGHTS = ("contrastive_weight", "target_weight", "cancer_weight", "weight_decay")
RECONSTRUCTIONS = ("drug_reconstruction", "mutation_reconstruction")


@dataclass(frozen=True)
class Dim2Config(Presets):
    """DiM2-DRP. The defaults are the `default` preset; `paper()` is the published model with its faults mended.

    Every difference between the two presets stands here and nowhere else; docs/dim2.md says what each buys.
    """

    preset: str = "default"
    # cell side
    pathways: bool = True
    mutations: bool = True
    expression: bool = True  # read where the dataset has it: as an input, and in the offset's kernel
    expression_code: int = 30
    mutation_code: int = 30
    tissue: bool = True  # the tissue is an input; a new sample without one has none set
    # drug side
    drug_2d: bool = True
    drug_3d: bool = True
    ecfp_code: int = 20
    graph_code: int = 5  # of each of the 2D and the 3D network
    graph_width: int = 30
    graph_layers: int = 3
    conformers: int = 1  # drawn anew whenever drug codes are made in training; a prediction takes the mean over all
    # response covariance: what the network's output is added to
    offset: bool = True
    offset_codes: int = 80  # numbers a side whose inner product is the offset
    offset_rank: int = 30  # of them, the first, that the network sees
    offset_folds: int = 5  # a training pair's offset comes from a fit that did not see its fold
    offset_sweeps: int = 8
    offset_shrinkage: float = 100.0  # lines' worth of a diagonal prior on the drugs' covariance
    line_ridge: float = 0.7  # of the kernel ridge from omics to responses
    drug_ridge: float = 1.0  # of the kernel ridge from structure and targets to responses
    mean_ridge: float = 0.3  # of the same to a drug's mean
    unseen_lines: float = 0.3  # share of a step's pairs whose line is shown as one never measured
    unseen_drugs: float = 0.05  # likewise of the drug
    # fusion
    attention: bool = True
    token_size: int = 10  # numbers a token carries; 1 is the paper's
    width: int = 64
    heads: int = 4
    layers: int = 2
    feed_forward: int = 2  # times the width
    head: int = 98  # of both hidden layers of the last MLP
    dropout: float = 0.2
    # contrast
    contrastive_weight: float = 0.05
    projection: int = 128
    temperature: float = 0.1
    queue: int = 1_024  # projections a side
    # auxiliary heads
    target_weight: float = 0.05
    label_smoothing: float = 0.05
    cancer_weight: float = 0.02
    drug_reconstruction: float = 0.05
    mutation_reconstruction: float = 0.10
    # optimisation
    learning_rate: float = 1e-3
    weight_decay: float = 1e-5
    batch: int = 1_024
    codes_every: int = 4  # steps from one making of the nodes' codes to the next; gradients are gathered between
    epochs: int = 15
    patience: int = 5  # epochs without a better validation RMSE
    plateau: int = 2  # epochs without one after which the learning rate is halved
    ema: float = 0.9995

    def __post_init__(self) -> None:
        for name in SHARES:
            if not 0 <= getattr(self, name) < 1:
                raise ValueError(f"{name} = {getattr(self, name)}: give a share from 0 up to, but not including, 1")
        for name in SIZES:
            if getattr(self, name) < 1:
                raise ValueError(f"{name} = {getattr(self, name)}: give a whole number of at least 1")
        for name in ABOVE_0:
            if not 0 < getattr(self, name) < math.inf:
                raise ValueError(f"{name} = {getattr(self, name)}: give a number above 0")
        for name in (*WEIGHTS, *RECONSTRUCTIONS):
            if not 0 <= getattr(self, name) < math.inf:
                raise ValueError(f"{name} = {getattr(self, name)}: give a number of at least 0")
        if self.offset_folds < 2:
            raise ValueError(f"offset_folds = {self.offset_folds}: give at least 2, or offset = false for no offset")
        if self.width % self.heads:
            raise ValueError(f"width = {self.width}: give a multiple of heads = {self.heads}")
        if not (self.pathways or self.mutations or self.expression or self.tissue):
            raise ValueError("pathways, mutations, expression and tissue are all off: leave one on")

    @classmethod
    def paper(cls) -> Self:
        """The published model: one number a token, all conformers, no covariance, no tissue, no expression."""
        return cls(
            preset="paper",
            expression=False,
            tissue=False,
            conformers=5,
            codes_every=1,
            offset=False,
            unseen_lines=0.0,
            unseen_drugs=0.0,
            token_size=1,
            feed_forward=4,
            queue=4_096,
            target_weight=0.4,
            cancer_weight=0.1,
            weight_decay=0.0,
            epochs=100,
            patience=15,
            plateau=5,
        )
