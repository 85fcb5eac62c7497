"""Frozen configuration of the networks, with the paper's constants and ours side by side."""

import math
from dataclasses import dataclass
from typing import Annotated, Self

from model.presets import Presets

LEAST_TEMPERATURE = 0.03  # weights of the contrastive loss go down to e^(-2/τ), which must not vanish


@dataclass(frozen=True)
class HgaclConfig(Presets):
    """HGACL-DRP. The defaults are the `default` preset; `paper()` is the published text, constants included.

    Every difference between the two presets stands here and nowhere else; what each buys:
    docs/explanation/experiments.md.
    """

    preset: Annotated[str, "Which preset the other settings started from: default or paper."] = "default"
    # sizes
    shared_dim: Annotated[int, "Width of the embedding that the omics tables of a line share."] = 128
    hidden_dim: Annotated[int, "Width of the encoder's output."] = 192
    decoder_dim: Annotated[int, "Width of the vectors whose correlation is the score."] = 64
    feature_components: Annotated[int, "Principal components of each omics table; 0 keeps the table itself."] = 256
    # kernels (sec. 2.2.2)
    gaussian_sigma: Annotated[float, "Width σ of the Gaussian kernel; 0 is the training lines' median distance."] = 0.0
    polynomial_degree: Annotated[int, "Degree of the polynomial kernel of copy number."] = 3
    scale_inner_product: Annotated[bool, "Divide inner products of copy number by the number of genes."] = True
    reduced_kernels: Annotated[bool, "Compute kernels from principal components, mutation by their cosine."] = True
    fusion: Annotated[bool, "Fuse kernels by attention; without it all tables count alike."] = True
    # reliable neighbours (sec. 2.2.4)
    filter_neighbours: Annotated[bool, "Keep reliable neighbours only, not every training node."] = True
    neighbours: Annotated[int, "Number of reliable neighbours of a node."] = 10
    gate_edges: Annotated[bool, "Kept edges carry the node attention, which otherwise never gets a gradient."] = True
    row_normalise: Annotated[bool, "Kept similarities of a node sum to 1, to count beside response edges."] = True
    # encoder (sec. 2.3.2)
    encoder: Annotated[str, "Graph encoder: typed has weights per edge type, joint is ReLU(ÂXW)."] = "typed"
    feature_path: Annotated[bool, "The shared embedding joins the kernel rows as node features."] = True
    factor_rank: Annotated[int, "Response factors, node features and the score's offset; 0 for none."] = 60
    factor_shrinkage: Annotated[float, "Shrinkage of a drug's loadings to what its kernel predicts."] = 60.0
    prior_ridge: Annotated[float, "Ridge of the kernel predictions of line factors."] = 0.5
    drug_prior_ridge: Annotated[float, "Ridge of the kernel predictions of drug loadings."] = 1.0
    soft_slope: Annotated[float, "Slope k of the soft label σ(k · margin), the second target of the factors."] = 1.0
    panel_genes: Annotated[bool, "Read copy number and mutation of the genes of the expression table alone."] = True
    drug_annotations: Annotated[bool, "The drug kernel reads ECFP4, targets, pathway and PubChem bits."] = True
    # views and contrast (sec. 2.3)
    edge_drop: Annotated[float, "Share α of the response edges that the structural view drops."] = 0.2
    feature_noise: Annotated[float, "Scale β of the noise that the feature view adds."] = 0.1
    feature_view: Annotated[str, "Where the noise goes: nodes (before the encoder) or embeddings (its output)."] = (
        "nodes"
    )
    temperature: Annotated[float, "Temperature τ of the contrastive loss."] = 0.2
    contrast_nodes: Annotated[int, "Nodes, drawn anew each step, that are contrasted; 0 is every node."] = 256
    contrastive_weight: Annotated[float, "Weight of the contrastive loss against the supervised one."] = 0.1
    # decoder and supervision (sec. 2.4)
    decoder_scale: Annotated[float, "Scale α of the rescaled sigmoid (sec. 2.4)."] = 8.70
    node_bias: Annotated[bool, "Every line and every drug has a bias that is added to the score."] = True
    hidden_edges: Annotated[float, "Share of the pairs supervised, and out of the graph, in a step."] = 0.2
    redraw_every: Annotated[int, "Epochs that share one choice of hidden edges, masked nodes and neighbours."] = 5
    masked_lines: Annotated[float, "Share of the lines that have no response edge in a step."] = 0.1
    masked_drugs: Annotated[float, "Share of the drugs that have no response edge in a step."] = 0.1
    margin_weight: Annotated[float, "Weight of the ln IC50 margin beside the label; 0 for the label alone."] = 1.0
    # optimisation
    dropout: Annotated[float, "Dropout rate."] = 0.5
    learning_rate: Annotated[float, "Learning rate of Adam."] = 1e-3
    average_weights: Annotated[bool, "Answer with the mean of all epochs' weights (Polyak averaging)."] = True
    weight_decay: Annotated[float, "Decoupled decay (AdamW) of weight matrices and node embeddings."] = 1.0
    epochs: Annotated[int, "Most epochs to train for."] = 200
    patience: Annotated[int, "Epochs without a better validation figure after which training stops."] = 40
    evaluate_every: Annotated[int, "Epochs from one look at the validation pairs to the next."] = 5

    def __post_init__(self) -> None:  # noqa: C901 -- one branch a kind of field, each with its message
        for name in ("edge_drop", "hidden_edges", "masked_lines", "masked_drugs", "dropout"):
            if not 0 <= getattr(self, name) < 1:
                raise ValueError(f"{name} = {getattr(self, name)}: give a share from 0 up to, but not including, 1")
        sizes = ("shared_dim", "hidden_dim", "decoder_dim", "neighbours", "polynomial_degree")
        for name in (*sizes, "epochs", "patience", "evaluate_every", "redraw_every"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} = {getattr(self, name)}: give a whole number of at least 1")
        ridges = ("factor_shrinkage", "prior_ridge", "drug_prior_ridge", "soft_slope")
        for name in ("decoder_scale", "learning_rate", *ridges):
            if not 0 < getattr(self, name) < math.inf:
                raise ValueError(f"{name} = {getattr(self, name)}: give a number above 0")
        if not LEAST_TEMPERATURE <= self.temperature < math.inf:
            raise ValueError(f"temperature = {self.temperature}: give a number of at least {LEAST_TEMPERATURE}")
        for name in (
            "feature_components",
            "factor_rank",
            "contrast_nodes",
            "weight_decay",
            "gaussian_sigma",
            "feature_noise",
            "margin_weight",
        ):
            if not 0 <= getattr(self, name) < math.inf:
                raise ValueError(f"{name} = {getattr(self, name)}: give a number of at least 0")
        if self.encoder not in ("typed", "joint"):
            raise ValueError(f"encoder = {self.encoder!r}: give 'typed' or 'joint'")
        if self.feature_view not in ("nodes", "embeddings"):
            raise ValueError(f"feature_view = {self.feature_view!r}: give 'nodes' or 'embeddings'")
        if not 0 <= self.contrastive_weight < 1:
            raise ValueError(f"contrastive_weight = {self.contrastive_weight}: give a share from 0 to below 1")

    @classmethod
    def paper(cls) -> Self:
        """The published model: text first, the authors' code for constants that the text leaves out."""
        return cls(
            preset="paper",
            feature_components=0,
            gaussian_sigma=2.0,
            scale_inner_product=False,
            reduced_kernels=False,
            gate_edges=False,
            row_normalise=False,
            encoder="joint",
            feature_path=False,
            feature_view="embeddings",
            contrast_nodes=0,
            factor_rank=0,
            panel_genes=False,
            drug_annotations=False,
            node_bias=False,
            hidden_edges=0.0,
            redraw_every=1,
            masked_lines=0.0,
            masked_drugs=0.0,
            margin_weight=0.0,
            dropout=0.0,
            average_weights=False,
            weight_decay=0.0,
            learning_rate=1e-3,
            epochs=500,
            patience=500,
        )
