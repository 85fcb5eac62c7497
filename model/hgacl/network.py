"""HGACL-DRP: heterogeneous graph attention with dual-perturbation contrastive learning (sec. 2).

E = mean_m Linear_m(X_m)                shared embedding, m ∈ {expression, copy number, mutation}
K = Σ_m w_m K_m                         attention-driven fusion, dynamic and static weights 1:1
K̃ = top-k of K · a                      reliable neighbours
Z = ReLU(Â X W),  X = Linear(K̃)         encoder over the three edge types
s = Pearson(Linear(z_c), Linear(z_d))   correlation decoder
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from model.estimators.factor_analysis import factors_of_lines, loadings_of_drugs
from model.estimators.kernels import fuse
from model.hgacl.decoders import CorrelationDecoder
from model.hgacl.encoders import JointEncoder, TypedEncoder
from model.hgacl.fusion import AttentionFusion, EqualFusion
from model.hgacl.graph import Responses, neighbour_edges
from model.hgacl.neighbours import NodeAttention, Selection
from model.hgacl.node_features import NodeFeatures
from model.hgacl.shared_embedding import SharedEmbedding
from model.hgacl.tensors import FactorCodes, Factors, Inputs, Neighbourhood, Output, Population


@dataclass(frozen=True)
class Parts:
    """What a network is made of, in the order of its computation; model.hgacl.assembly chooses them."""

    embedding: SharedEmbedding
    fusion: AttentionFusion | EqualFusion
    line_attention: NodeAttention
    drug_attention: NodeAttention
    selection: Selection
    line_nodes: NodeFeatures
    drug_nodes: NodeFeatures
    encoder: JointEncoder | TypedEncoder
    decoder: CorrelationDecoder
    factor_shrinkage: float


class Hgacl(nn.Module):
    """The network of sec. 2 from its parts. The paper's score is ρ; the default's, and its margin, are

        s = β ρ(h_c, h_d) + Σ_t γ_t (u_ct · v_dt + offset_dt) + b_c + b_d,   t: margin, soft label
        m = β' ρ(h_c, h_d) + Σ_t γ'_t (u_ct · v_dt + offset_dt) + κ b_c + b'_d

    s ranks and calls, m estimates (threshold − ln IC50) / σ_d; β, γ, κ are learned. Both are inner products.

    Embedding rows belong to the training population. A node outside it enters as a row of similarities to that
    population, without response edges, and its factor is its prior: the inductive path, which `masked_lines` and
    `masked_drugs` train for.
    """

    def __init__(self, parts: Parts) -> None:
        super().__init__()
        self.embedding, self.fusion = parts.embedding, parts.fusion
        self.line_attention, self.drug_attention = parts.line_attention, parts.drug_attention
        self.selection = parts.selection
        self.line_nodes, self.drug_nodes = parts.line_nodes, parts.drug_nodes
        self.encoder, self.decoder = parts.encoder, parts.decoder
        self.factor_shrinkage = parts.factor_shrinkage

    def forward(
        self,
        population: Population,
        responses: Responses,
        targets: tuple[Factors, ...],
        visible: Tensor,
        noise: tuple[Tensor, Tensor] | None = None,
        inputs: Inputs | None = None,
    ) -> Output:
        """One pass with the response edges `visible` (N, M), a subset of `responses.known`.

        `targets` are margin and soft label, or empty for a network without factors. `noise`, when given, is added to
        the node features: (N, shared) and (M, shared). `inputs` are those of another view of this step.
        """
        if inputs is None:
            inputs = self.inputs(population, tuple(self.factor_codes(target, visible) for target in targets))
        x, y = self.node_features(inputs)
        if noise is not None:
            x, y = x + noise[0], y + noise[1]
        z_line, z_drug = self.encoder(x, y, inputs.lines.edges, inputs.drugs.edges, responses, visible)
        return Output(torch.cat([z_line, z_drug]), *self.codes(z_line, z_drug, inputs.factors), inputs)

    def inputs(self, population: Population, factors: tuple[FactorCodes, ...]) -> Inputs:
        """Shared embeddings and reliable neighbours, beside the factors."""
        shared, drug_shared = self.embedding(population)
        lines, drugs = self.neighbourhoods(population, shared, drug_shared)
        return Inputs(shared, drug_shared, lines, drugs, factors)

    def neighbourhoods(
        self, population: Population, shared: Tensor, drug_shared: Tensor
    ) -> tuple[Neighbourhood, Neighbourhood]:
        """Kernel fusion and reliable neighbours of lines and of drugs (sec. 2.2.3, 2.2.4)."""
        has, lines, drugs = population.has, population.line_sources, population.drug_sources
        fused = fuse(population.line_kernels, self.fusion(shared, has), has, has[lines])  # (N, N')
        return (
            self.reliable(fused, self.line_attention(shared[lines]), lines),
            self.reliable(population.drug_kernel, self.drug_attention(drug_shared[drugs]), drugs),
        )

    def reliable(self, similarity: Tensor, attention: Tensor, sources: Tensor) -> Neighbourhood:
        """Reliable neighbours of each row. Shapes: similarity (n, m), attention and sources (m,)."""
        columns, values = self.selection(similarity, attention)
        return Neighbourhood(columns, values, neighbour_edges(columns, values, sources))

    def node_features(self, inputs: Inputs) -> tuple[Tensor, Tensor]:
        """X of lines (N, shared) and of drugs (M, shared), before noise and messages."""
        shared, drug_shared, factors = inputs.shared, inputs.drug_shared, inputs.factors
        line_factors = torch.cat([shared[:, :0], *(f.lines for f in factors)], 1)
        offsets = [f.offset.unsqueeze(1) for f in factors]
        drug_factors = torch.cat([drug_shared[:, :0], *(f.drugs for f in factors), *offsets], 1)
        x: Tensor = self.line_nodes(inputs.lines, shared, line_factors)
        return x, self.drug_nodes(inputs.drugs, drug_shared, drug_factors)

    def factor_codes(self, target: Factors, visible: Tensor) -> FactorCodes:
        """Factors of lines and drugs as the visible responses and the priors give them.

        A drug's loadings are taken from lines' factors that themselves know the visible pairs alone.
        """
        t, none = target, ~visible.any(0)
        f = factors_of_lines(t.value, visible, t.loadings, t.noise, t.line_prior, t.precision)
        g = loadings_of_drugs(t.value, visible, f, t.spread, t.drug_prior, self.factor_shrinkage)
        return FactorCodes(f, g * t.scale.unsqueeze(1), torch.where(none, t.offset_prior, t.offset))

    def codes(self, z_line: Tensor, z_drug: Tensor, factors: tuple[FactorCodes, ...]) -> tuple[Tensor, Tensor, Tensor]:
        """Codes of lines, of drugs for the score, and of drugs for the margin (model.hgacl.decoders)."""
        lines = self.decoder.line_codes(z_line, tuple(f.lines for f in factors))
        loadings, offsets = tuple(f.drugs for f in factors), tuple(f.offset for f in factors)
        return lines, *self.decoder.drug_codes(z_drug, loadings, offsets)
