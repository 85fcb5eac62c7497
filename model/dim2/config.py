"""Frozen configuration of DiM2-DRP, with the paper's constants and ours side by side."""

import math
from dataclasses import dataclass
from typing import Annotated, Self

from model.presets import Presets

# What a setting must be: a share below 1, a count of at least 1, above 0, at least 0.
SHARES = ("unseen_lines", "unseen_drugs", "dropout", "label_smoothing", "ema")
# fmt: off
SIZES = (
    "mutation_code", "expression_code", "ecfp_code", "graph_code", "graph_width", "graph_layers", "conformers",
    "offset_codes", "offset_rank", "offset_sweeps", "token_size", "width", "heads", "layers", "feed_forward", "head",
    "projection", "queue", "batch", "codes_every", "graphs_every", "contrast_every", "epochs", "patience", "plateau",
)
# fmt: on
ABOVE_0 = ("offset_shrinkage", "line_ridge", "drug_ridge", "mean_ridge", "temperature", "learning_rate")
WEIGHTS = ("contrastive_weight", "target_weight", "cancer_weight", "weight_decay")
SCHEDULES = ("cosine", "plateau")
RECONSTRUCTIONS = ("drug_reconstruction", "mutation_reconstruction")


@dataclass(frozen=True)
class Dim2Config(Presets):
    """DiM2-DRP. The defaults are the `default` preset; `paper()` is the published model with its faults mended.

    Every difference between the two presets stands here and nowhere else; docs/explanation/dim2.md has what each buys.
    """

    preset: Annotated[str, "Which preset the other settings started from: default or paper."] = "default"
    # cell side
    pathways: Annotated[bool, "Read the pathway activities of a line."] = True
    mutations: Annotated[bool, "Read the mutations of a line."] = True
    panel_genes: Annotated[bool, "Of the mutations, read only the genes that the expression table has."] = True
    expression: Annotated[bool, "Read expression, where there is any, as input and in the offset."] = True
    expression_code: Annotated[int, "Length of the code of a line's expression."] = 30
    mutation_code: Annotated[int, "Length of the code of a line's mutations."] = 30
    tissue: Annotated[bool, "Read the tissue of a line; a new sample without one has none set."] = True
    # drug side
    drug_2d: Annotated[bool, "Read the 2D graph of a drug."] = True
    drug_3d: Annotated[bool, "Read the 3D geometry of a drug."] = True
    ecfp_code: Annotated[int, "Length of the code of a drug's ECFP fingerprint."] = 20
    graph_code: Annotated[int, "Length of the code of each of the 2D and the 3D network."] = 5
    graph_width: Annotated[int, "Width of the graph networks."] = 30
    graph_layers: Annotated[int, "Layers of the graph networks."] = 3
    conformers: Annotated[int, "Conformers a drug: training draws one, a prediction averages over all."] = 1
    # response covariance: what the network's output is added to
    offset: Annotated[bool, "Add the network's output to the covariance of the responses."] = True
    offset_codes: Annotated[int, "Length of the vectors of a line and a drug whose inner product is the offset."] = 80
    offset_rank: Annotated[int, "How many of these numbers, from the first, the network sees."] = 30
    offset_folds: Annotated[int, "Folds; a training pair's offset comes from a fit without its fold."] = 5
    offset_sweeps: Annotated[int, "Sweeps of the fit of the drugs' covariance."] = 8
    offset_shrinkage: Annotated[float, "Weight, in lines, of the diagonal prior on the drugs' covariance."] = 100.0
    line_ridge: Annotated[float, "Ridge of the kernel regression from omics to responses."] = 0.7
    drug_ridge: Annotated[float, "Ridge of the kernel regression from structure and targets to responses."] = 1.0
    mean_ridge: Annotated[float, "Ridge of the kernel regression from structure and targets to a drug's mean."] = 0.3
    unseen_lines: Annotated[float, "Share of a step's pairs trained with the offset of an unseen line."] = 0.3
    unseen_drugs: Annotated[float, "Share of a step's pairs trained with the offset of an unseen drug."] = 0.05
    free_codes: Annotated[int, "Length of a code learnt for every measured line and drug itself; 0 for none."] = 0
    # fusion
    attention: Annotated[bool, "Fuse line and drug by cross-attention."] = True
    token_size: Annotated[int, "Numbers that one token carries; the paper's carry 1."] = 60
    width: Annotated[int, "Width of the attention layers."] = 64
    heads: Annotated[int, "Attention heads."] = 4
    layers: Annotated[int, "Attention layers."] = 2
    feed_forward: Annotated[int, "Width of the feed-forward layers, in multiples of the attention's width."] = 1
    head: Annotated[int, "Width of both hidden layers of the last MLP."] = 98
    dropout: Annotated[float, "Dropout rate."] = 0.0
    monte_carlo: Annotated[int, "Passes with dropout that measure a prediction's spread without offset; 0: none."] = 0
    # contrast
    contrastive_weight: Annotated[float, "Weight of the contrastive loss."] = 0.05
    projection: Annotated[int, "Length of the projections that are contrasted."] = 128
    temperature: Annotated[float, "Temperature τ of the contrastive loss."] = 0.1
    queue: Annotated[int, "Projections that the memory queue keeps for lines, and for drugs."] = 1_024
    # auxiliary heads
    target_weight: Annotated[float, "Weight of the loss of predicting a drug's targets."] = 0.05
    label_smoothing: Annotated[float, "Label smoothing of the drug-target loss."] = 0.05
    cancer_weight: Annotated[float, "Weight of the loss of predicting a line's cancer type."] = 0.02
    drug_reconstruction: Annotated[float, "Weight of reconstructing a drug's inputs from their codes."] = 0.05
    mutation_reconstruction: Annotated[float, "Weight of reconstructing a line's mutations from their code."] = 0.10
    # optimisation
    learning_rate: Annotated[float, "Learning rate of Adam."] = 3e-3
    schedule: Annotated[str, "How the learning rate falls: cosine, over all epochs, or plateau."] = "cosine"
    weight_decay: Annotated[float, "Weight decay."] = 1e-5
    batch: Annotated[int, "Pairs a step."] = 1_024
    codes_every: Annotated[int, "Steps from one computation of the codes of lines and drugs to the next."] = 4
    graphs_every: Annotated[int, "The same for what 2D and 3D add to a drug's code; a multiple of codes_every."] = 32
    contrast_every: Annotated[int, "Steps from one contrastive loss to the next."] = 8
    epochs: Annotated[int, "Most epochs to train for."] = 15
    patience: Annotated[int, "Epochs without a better validation RMSE after which training stops."] = 5
    plateau: Annotated[int, "Epochs without a better validation RMSE after which the learning rate is halved."] = 2
    ema: Annotated[float, "Decay of the exponential moving average of the weights."] = 0.9995

    def __post_init__(self) -> None:  # noqa: C901 -- one branch a kind of field, each with its message
        for name in SHARES:
            if not 0 <= getattr(self, name) < 1:
                raise ValueError(f"{name} = {getattr(self, name)}: give a share from 0 up to, but not including, 1")
        for name in SIZES:
            if getattr(self, name) < 1:
                raise ValueError(f"{name} = {getattr(self, name)}: give a whole number of at least 1")
        for name in ABOVE_0:
            if not 0 < getattr(self, name) < math.inf:
                raise ValueError(f"{name} = {getattr(self, name)}: give a number above 0")
        for name in (*WEIGHTS, *RECONSTRUCTIONS, "free_codes"):
            if not 0 <= getattr(self, name) < math.inf:
                raise ValueError(f"{name} = {getattr(self, name)}: give a number of at least 0")
        if self.monte_carlo < 0 or self.monte_carlo == 1:
            raise ValueError(f"monte_carlo = {self.monte_carlo}: give at least 2 passes, or 0 for none")
        if self.offset_folds < 2:
            raise ValueError(f"offset_folds = {self.offset_folds}: give at least 2, or offset = false for no offset")
        if self.width % self.heads:
            raise ValueError(f"width = {self.width}: give a multiple of heads = {self.heads}")
        if self.schedule not in SCHEDULES:
            raise ValueError(f"schedule = {self.schedule!r}: give one of {', '.join(SCHEDULES)}")
        if self.graphs_every % self.codes_every:
            raise ValueError(f"graphs_every = {self.graphs_every}: give a multiple of codes_every, {self.codes_every}")
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
            panel_genes=False,
            learning_rate=1e-3,
            schedule="plateau",
            codes_every=1,
            graphs_every=1,
            contrast_every=1,
            offset=False,
            unseen_lines=0.0,
            unseen_drugs=0.0,
            token_size=1,
            dropout=0.2,
            monte_carlo=30,
            feed_forward=4,
            queue=4_096,
            target_weight=0.4,
            cancer_weight=0.1,
            weight_decay=0.0,
            epochs=100,
            patience=15,
            plateau=5,
        )
