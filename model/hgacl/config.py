"""Frozen configuration of the networks, with the paper's constants and ours side by side."""

import math
from dataclasses import dataclass
from typing import Self

from model.presets import Presets


@dataclass(frozen=True)
class HgaclConfig(Presets):
    """HGACL-DRP. The defaults are the `default` preset; `paper()` is the published text, constants included.

    Every difference between the two presets stands here and nowhere else; docs/experiments.md gives what each buys.
    """

    preset: str = "default"
    # sizes
    shared_dim: int = 128
    hidden_dim: int = 192
    decoder_dim: int = 64
    feature_components: int = 256  # principal components of each omics table; 0 keeps the table itself
    # kernels (sec. 2.2.2)
    gaussian_sigma: float = 0.0  # 0: the median distance of the training lines; the paper's text has 2
    polynomial_degree: int = 3
    scale_inner_product: bool = True  # divide c_i·c_j by the number of genes
    reduced_kernels: bool = True  # from principal components, which a bundle may hold; mutation then by their cosine
    fusion: bool = True  # attention-driven weights; without, every modality of a line counts alike
    # reliable neighbours (sec. 2.2.4)
    filter_neighbours: bool = True  # without, every node of the training population is a neighbour
    neighbours: int = 10
    gate_edges: bool = True  # kept edges carry the node attention, which otherwise never gets a gradient
    row_normalise: bool = True  # kept similarities of a row sum to 1, so that they count beside the drug edges
    # encoder (sec. 2.3.2)
    encoder: str = "typed"  # typed: own weights per edge type; joint: ReLU(ÂXW) of the paper
    feature_path: bool = True  # the shared embedding joins the kernel rows as node features
    factor_rank: int = 60  # response factors as node features and as the score's offset; 0: none
    factor_shrinkage: float = 60.0  # of a drug's loadings towards what its structure and targets predict
    prior_ridge: float = 0.5  # ridge of the kernel predictions of line factors
    drug_prior_ridge: float = 1.0  # ridge of the kernel predictions of drug loadings
    soft_slope: float = 1.0  # k of the soft label σ(k · margin), the second target of the factors
    panel_genes: bool = True  # copy number and mutation of the genes of the expression table alone
    drug_annotations: bool = True  # ECFP4, targets and pathway beside the PubChem bits in the drug kernel
    # views and contrast (sec. 2.3)
    edge_drop: float = 0.2  # α
    feature_noise: float = 0.1  # β
    temperature: float = 0.2  # τ
    contrastive_weight: float = 0.1
    # decoder and supervision (sec. 2.4)
    decoder_scale: float = 8.70  # α of the rescaled sigmoid
    node_bias: bool = True
    hidden_edges: float = 0.2  # share of the training pairs kept out of message passing, and supervised, in each step
    redraw_every: int = 5  # epochs that share one choice of hidden edges and masked nodes
    masked_lines: float = 0.1  # share of the lines without any response edge in each step
    masked_drugs: float = 0.1  # share of the drugs, likewise
    margin_weight: float = 1.0  # weight of the ln IC50 margin beside the label; 0 is the paper's label alone
    # optimisation
    dropout: float = 0.5
    learning_rate: float = 1e-3
    average_weights: bool = True  # answer with the mean of the weights of all epochs so far (Polyak and Juditsky 1992)
    weight_decay: float = 1.0  # of all weight matrices and node embeddings, decoupled (AdamW)
    epochs: int = 200
    patience: int = 40
    evaluate_every: int = 5

    def __post_init__(self) -> None:
        for name in ("edge_drop", "hidden_edges", "masked_lines", "masked_drugs", "dropout"):
            if not 0 <= getattr(self, name) < 1:
                raise ValueError(f"{name} = {getattr(self, name)}: give a share from 0 up to, but not including, 1")
        sizes = ("shared_dim", "hidden_dim", "decoder_dim", "neighbours", "polynomial_degree")
        for name in (*sizes, "epochs", "patience", "evaluate_every", "redraw_every"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} = {getattr(self, name)}: give a whole number of at least 1")
        ridges = ("factor_shrinkage", "prior_ridge", "drug_prior_ridge", "soft_slope")
        for name in ("temperature", "decoder_scale", "learning_rate", *ridges):
            if not 0 < getattr(self, name) < math.inf:
                raise ValueError(f"{name} = {getattr(self, name)}: give a number above 0")
        for name in (
            "feature_components",
            "factor_rank",
            "weight_decay",
            "gaussian_sigma",
            "feature_noise",
            "margin_weight",
        ):
            if not 0 <= getattr(self, name) < math.inf:
                raise ValueError(f"{name} = {getattr(self, name)}: give a number of at least 0")
        if self.encoder not in ("typed", "joint"):
            raise ValueError(f"encoder = {self.encoder!r}: give 'typed' or 'joint'")
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
