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
from model.estimators.kernels import fuse, fuse_at
from model.hgacl.decoders import CorrelationDecoder
from model.hgacl.encoders import ALL, JointEncoder, Rows, TypedEncoder
from model.hgacl.fusion import AttentionFusion, EqualFusion
from model.hgacl.graph import Neighbourhood, Responses
from model.hgacl.neighbours import NodeAttention, Selection
from model.hgacl.node_features import NodeFeatures
from model.hgacl.shared_embedding import SharedEmbedding
from model.hgacl.tensors import FactorCodes, Factors, Inputs, Output, Population

Noise = tuple[Tensor, Tensor]  # of lines and of drugs
ROWS = 1_024  # of kernels, fused at a time


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
        inputs: Inputs | None = None,
    ) -> Output:
        """One pass with the response edges `visible` (N, M), a subset of `responses.known`.

        `targets` are margin and soft label, or empty for a network without factors; `inputs` may be made before.
        """
        if inputs is None:
            inputs = self.inputs(population, tuple(self.factor_codes(target, visible) for target in targets))
        x, y = self.node_features(inputs)
        z_line, z_drug = self.encoder(x, y, inputs.lines, inputs.drugs, responses, visible)
        codes = self.codes(z_line, z_drug, inputs.factors)
        return Output(torch.cat([z_line, z_drug]), *codes, inputs, (x, y))

    def encode_again(
        self, original: Output, responses: Responses, visible: Tensor, rows: Rows = ALL, noise: Noise | None = None
    ) -> Tensor:
        """Embeddings of another view of a pass: other response edges, or noise on the node features.

        Shapes: noise (N, shared) and (M, shared) -> (lines + drugs of `rows`, hidden).
        """
        (x, y), inputs = original.features, original.inputs
        if noise is not None:
            x, y = x + noise[0], y + noise[1]
        return torch.cat(self.encoder(x, y, inputs.lines, inputs.drugs, responses, visible, rows))

    def inputs(
        self, population: Population, factors: tuple[FactorCodes, ...], nearest: tuple[Tensor, Tensor] | None = None
    ) -> Inputs:
        """Shared embeddings and reliable neighbours, beside the factors.

        `nearest` are columns of neighbours of lines and drugs that an earlier pass chose; without, they are chosen.
        """
        shared, drug_shared = self.embedding(population)
        lines, drugs = self.neighbourhoods(population, shared, drug_shared, nearest)
        return Inputs(shared, drug_shared, lines, drugs, factors)

    def neighbourhoods(
        self, population: Population, shared: Tensor, drug_shared: Tensor, nearest: tuple[Tensor, Tensor] | None = None
    ) -> tuple[Neighbourhood, Neighbourhood]:
        """Kernel fusion and reliable neighbours of lines and of drugs (sec. 2.2.3, 2.2.4).

        Kernels are fused with a gradient at the chosen columns alone.
        """
        has, lines, drugs = population.has, population.line_sources, population.drug_sources
        weights, attention = self.fusion(shared, has), self.line_attention(shared[lines])
        of_drugs = self.drug_attention(drug_shared[drugs])
        columns, drug_columns = nearest or self.nearest(population, weights, attention, of_drugs)
        kept = fuse_at(population.line_kernels, weights, has, has[lines], columns)
        similar = population.drug_kernel.gather(1, drug_columns)
        return (
            Neighbourhood(columns, self.selection.weigh(kept, attention[columns]), lines),
            Neighbourhood(drug_columns, self.selection.weigh(similar, of_drugs[drug_columns]), drugs),
        )

    @torch.no_grad()
    def nearest(
        self, population: Population, weights: Tensor, attention: Tensor, of_drugs: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Columns of reliable neighbours, some rows at a time. Shapes: weights (N, 3), attentions (N',), (M',)."""
        kernels, has = population.line_kernels, population.has
        sources = has[population.line_sources]
        columns = [
            self.selection.choose(fuse(kernels[:, rows], weights[rows], has[rows], sources), attention)
            for rows in torch.arange(len(has), device=has.device).split(ROWS)
        ]
        return torch.cat(columns), self.selection.choose(population.drug_kernel, of_drugs)

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
