"""The one place where a configuration becomes a network: every part of HGACL-DRP is chosen here.

The paper's network is SharedEmbedding, AttentionFusion, TopNeighbours, KernelMap, JointEncoder, CorrelationDecoder.
The default's is SharedEmbedding, AttentionFusion, RowNormalised(GatedNeighbours), KernelRows + SharedPath +
FactorPath, TypedEncoder, MarginDecoder.
"""

import torch
from torch import nn

from model.hgacl.config import HgaclConfig
from model.hgacl.decoders import CorrelationDecoder, FactorDecoder, InnerProduct, MarginDecoder, NoBias
from model.hgacl.encoders import JointEncoder, TypedEncoder
from model.hgacl.fusion import AttentionFusion, EqualFusion
from model.hgacl.neighbours import (
    AllNeighbours,
    GatedNeighbours,
    NodeAttention,
    RowNormalised,
    Selection,
    TopNeighbours,
)
from model.hgacl.network import Hgacl, Parts
from model.hgacl.node_features import FactorPath, KernelMap, KernelRows, NodeFeatures, SharedPath
from model.hgacl.shared_embedding import SharedEmbedding
from model.hgacl.tensors import Population

TARGETS = 2  # margin and soft label


def build_network(population: Population, config: HgaclConfig) -> Hgacl:
    """The network of a configuration, with random weights, in the widths of the population's tables."""
    d, factors = config.shared_dim, TARGETS * config.factor_rank
    encoder = JointEncoder if config.encoder == "joint" else TypedEncoder
    # Weights are drawn in this order: another one would give other numbers for the same seed.
    return Hgacl(
        Parts(
            embedding=SharedEmbedding([x.shape[1] for x in population.features], population.fingerprints.shape[1], d),
            fusion=AttentionFusion(d, len(population.features)) if config.fusion else EqualFusion(),
            line_attention=NodeAttention(d),
            drug_attention=NodeAttention(d),
            selection=choose_selection(config),
            line_nodes=choose_node_features(config, population.line_kernels.shape[2], factors),
            drug_nodes=choose_node_features(config, population.drug_kernel.shape[1], factors + TARGETS),
            encoder=encoder(d, config.hidden_dim, config.dropout),
            decoder=choose_decoder(config),
            factor_shrinkage=config.factor_shrinkage,
        )
    )


def choose_selection(config: HgaclConfig) -> Selection:
    """Which neighbours of a node are kept, and at what value."""
    filtered = GatedNeighbours if config.gate_edges else TopNeighbours
    selection = filtered(config.neighbours) if config.filter_neighbours else AllNeighbours()
    return RowNormalised(selection) if config.row_normalise else selection


def choose_node_features(config: HgaclConfig, n_rows: int, factor_width: int) -> NodeFeatures:
    """Terms of the node features of one side, whose training population has `n_rows` nodes."""
    d = config.shared_dim
    terms: list[nn.Module] = [KernelRows(n_rows, d) if config.feature_path else KernelMap(n_rows, d)]
    if config.feature_path:
        terms.append(SharedPath(d, config.dropout))
    if config.factor_rank:
        terms.append(FactorPath(factor_width, d))
    return NodeFeatures(terms)


def choose_decoder(config: HgaclConfig) -> CorrelationDecoder:
    """The correlation alone, or with factors and biases beside it, or with a second inner product for the margin."""
    h = config.hidden_dim
    line, drug = nn.Linear(h, config.decoder_dim), nn.Linear(h, config.decoder_dim)
    if not (config.factor_rank or config.node_bias or config.margin_weight):
        return CorrelationDecoder(line, drug)
    line_bias, drug_bias = (zero_bias(h), zero_bias(h)) if config.node_bias else (NoBias(), NoBias())
    # The default starts from the factors alone, for score and for margin, and learns what is left.
    correlation = learned(0.0) if config.factor_rank else 1.0
    score = InnerProduct(correlation, learned([0.1, 3.0]) if config.factor_rank else (), drug_bias)
    if not config.margin_weight:
        return FactorDecoder(line, drug, line_bias, score)
    weights = learned([1.0, 0.0]) if config.factor_rank else ()
    return MarginDecoder(line, drug, line_bias, score, InnerProduct(learned(0.0), weights, zero_bias(h), learned(1.0)))


def learned(start: float | list[float]) -> nn.Parameter:
    """A parameter with its first value."""
    return nn.Parameter(torch.tensor(start))


def zero_bias(hidden: int) -> nn.Linear:
    """A bias linear in z that starts at 0: one drawn at random would only have to be unlearned."""
    bias = nn.Linear(hidden, 1)
    nn.init.zeros_(bias.weight)
    nn.init.zeros_(bias.bias)
    return bias
