"""HGACL-DRP: heterogeneous graph attention with dual-perturbation contrastive learning (sec. 2).

E = mean_m Linear_m(X_m)                shared embedding, m ∈ {expression, copy number, mutation}
K = Σ_m w_m K_m                         attention-driven fusion, dynamic and static weights 1:1
K̃ = top-k of K · a                      reliable neighbours
Z = ReLU(Â X W),  X = Linear(K̃)         encoder over the three edge types
s = Pearson(Linear(z_c), Linear(z_d))   correlation decoder
"""

from dataclasses import fields

import torch
from torch import Tensor, nn
from torch.nn import functional

from model.estimators.factor_analysis import factors_of_lines, loadings_of_drugs
from model.estimators.kernels import fuse, reliable_neighbours
from model.hgacl.attention import Fusion, NodeAttention
from model.hgacl.config import HgaclConfig
from model.hgacl.encoders import JointEncoder, NodeFeatures, TypedEncoder
from model.hgacl.graph import Responses, neighbour_edges
from model.hgacl.tensors import FactorCodes, Factors, Inputs, Neighbourhood, Output, Population

TARGETS = 2  # margin and soft label


class Hgacl(nn.Module):
    """The network; `config` chooses between the paper's text and the default (see HgaclConfig).

        s = β ρ(h_c, h_d) + Σ_t γ_t (u_ct · v_dt + offset_dt) + b_c + b_d,   t: margin, soft label
        m = β' ρ(h_c, h_d) + Σ_t γ'_t (u_ct · v_dt + offset_dt) + κ b_c + b'_d

    s ranks and calls, m estimates (threshold − ln IC50) / σ_d; β, γ, κ are learned. Both are inner products.

    Embedding rows belong to the training population. A node outside it enters as a row of similarities to that
    population, without response edges, and its factor is its prior: the inductive path, which `masked_lines` and
    `masked_drugs` train for.
    """

    def __init__(self, population: Population, config: HgaclConfig) -> None:
        super().__init__()
        self.config = config
        d, h = config.shared_dim, config.hidden_dim
        self.modality = nn.ModuleList(nn.Linear(x.shape[1], d) for x in population.features)
        self.drug_shared = nn.Linear(population.fingerprints.shape[1], d)
        self.fusion = Fusion(d, len(population.features))
        self.line_attention, self.drug_attention = NodeAttention(d), NodeAttention(d)
        n_rows = (population.line_kernels.shape[2], population.drug_kernel.shape[1])
        width = TARGETS * config.factor_rank
        self.line_nodes = NodeFeatures(n_rows[0], config, factor_width=width)
        self.drug_nodes = NodeFeatures(n_rows[1], config, factor_width=width + TARGETS)
        self.encoder = TypedEncoder(config) if config.encoder == "typed" else JointEncoder(config)
        self.line_decoder, self.drug_decoder = nn.Linear(h, config.decoder_dim), nn.Linear(h, config.decoder_dim)
        if config.node_bias:
            self.line_bias, self.drug_bias = nn.Linear(h, 1), nn.Linear(h, 1)
        if config.factor_rank:
            self.correlation_weight = nn.Parameter(torch.tensor(0.0))
            self.factor_weight = nn.Parameter(torch.tensor([0.1, 3.0]))  # margin, soft label
        if config.margin_weight:
            self.margin_correlation_weight = nn.Parameter(torch.tensor(0.0))
            if config.factor_rank:
                self.margin_factor_weight = nn.Parameter(torch.tensor([1.0, 0.0]))
            self.margin_line_weight = nn.Parameter(torch.tensor(1.0))
            self.margin_drug_bias = nn.Linear(h, 1)
        # The start is the factors alone: a bias drawn at random would only have to be unlearned.
        for name, layer in self.named_children():
            if name.endswith("_bias") and isinstance(layer, nn.Linear):
                nn.init.zeros_(layer.weight)
                nn.init.zeros_(layer.bias)

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

        `targets` are empty when factor_rank is 0, else margin and soft label. `noise`, when given, is added to the
        node features: (N, shared) and (M, shared), the feature view. `inputs` are those of another view of this step.
        """
        if inputs is None:
            inputs = self.inputs(population, tuple(self.factor_codes(target, visible) for target in targets))
        x, y = self.node_features(inputs)
        if noise is not None:
            x, y = x + noise[0], y + noise[1]
        z_line, z_drug = self.encoder(x, y, inputs.lines.edges, inputs.drugs.edges, responses, visible)
        return Output(torch.cat([z_line, z_drug]), *self.codes(z_line, z_drug, inputs.factors), inputs)

    def node_features(self, inputs: Inputs) -> tuple[Tensor, Tensor]:
        """X of lines (N, shared) and of drugs (M, shared), before noise and messages."""
        shared, drug_shared, lines, drugs, factors = (getattr(inputs, field.name) for field in fields(inputs))
        offsets = [f.offset.unsqueeze(1) for f in factors]
        of_drugs = torch.cat([drug_shared[:, :0], *(f.drugs for f in factors), *offsets], 1)
        x: Tensor = self.line_nodes(lines, shared, torch.cat([shared[:, :0], *(f.lines for f in factors)], 1))
        return x, self.drug_nodes(drugs, drug_shared, of_drugs)

    def inputs(self, population: Population, factors: tuple[FactorCodes, ...]) -> Inputs:
        """Shared embeddings and reliable neighbours, beside the factors."""
        shared, drug_shared = self.shared_embedding(population), self.drug_shared(population.fingerprints)
        lines, drugs = self.neighbourhoods(population, shared, drug_shared)
        return Inputs(shared, drug_shared, lines, drugs, factors)

    def shared_embedding(self, population: Population) -> Tensor:
        """Mean of the modality embeddings that a line has (sec. 2.2.1). Shape: (N, shared)."""
        per_modality = torch.stack([m(x) for m, x in zip(self.modality, population.features, strict=True)])
        has = population.has
        return (per_modality * has.T.unsqueeze(2)).sum(0) / has.sum(1, keepdim=True)

    def neighbourhoods(
        self, population: Population, shared: Tensor, drug_shared: Tensor
    ) -> tuple[Neighbourhood, Neighbourhood]:
        """Kernel fusion and reliable neighbours of lines and of drugs (sec. 2.2.3, 2.2.4)."""
        has, sources = population.has, population.line_sources
        weights = self.fusion(shared, has) if self.config.fusion else has / has.sum(1, keepdim=True)
        fused = fuse(population.line_kernels, weights, has, has[sources])  # (N, N')
        line_attention = self.line_attention(shared[sources])
        drug_attention = self.drug_attention(drug_shared[population.drug_sources])
        return (
            self.filtered(fused, line_attention, sources),
            self.filtered(population.drug_kernel, drug_attention, population.drug_sources),
        )

    def filtered(self, similarity: Tensor, attention: Tensor, sources: Tensor) -> Neighbourhood:
        """Reliable neighbours of each row. Shapes: similarity (n, m), attention and sources (m,)."""
        columns, values = self.neighbour_values(similarity, attention)
        return Neighbourhood(columns, values, neighbour_edges(columns, values, sources))

    def neighbour_values(self, similarity: Tensor, attention: Tensor) -> tuple[Tensor, Tensor]:
        """Columns and values (n, k) of the reliable neighbours, gated and row-normalised where the configuration says.

        Shapes: similarity (n, m), attention (m,) of the training population.
        """
        k = self.config.neighbours if self.config.filter_neighbours else similarity.shape[1]
        columns, values = reliable_neighbours(similarity, attention, k)
        if self.config.gate_edges and self.config.filter_neighbours:
            values = values * attention[columns]
        if self.config.row_normalise:
            values = values / values.abs().sum(1, keepdim=True).clamp(min=1e-12)
        return columns, values

    def factor_codes(self, target: Factors, visible: Tensor) -> FactorCodes:
        """Factors of lines and drugs as the visible responses and the priors give them.

        A drug's loadings are taken from lines' factors that themselves know the visible pairs alone.
        """
        t, none = target, ~visible.any(0)
        f = factors_of_lines(t.value, visible, t.loadings, t.noise, t.line_prior, t.precision)
        g = loadings_of_drugs(t.value, visible, f, t.spread, t.drug_prior, self.config.factor_shrinkage)
        return FactorCodes(f, g * t.scale.unsqueeze(1), torch.where(none, t.offset_prior, t.offset))

    def codes(self, z_line: Tensor, z_drug: Tensor, factors: tuple[FactorCodes, ...]) -> tuple[Tensor, Tensor, Tensor]:
        """Codes of lines, of drugs for the score, and of drugs for the margin; see the class for the formula.

        The paper has ρ alone (sec. 2.4), and there the margin's codes are the score's.
        """
        lines = self.line_codes(z_line, tuple(f.lines for f in factors))
        return lines, *self.drug_codes(z_drug, tuple(f.drugs for f in factors), tuple(f.offset for f in factors))

    def line_codes(self, z: Tensor, factors: tuple[Tensor, ...]) -> Tensor:
        """Shapes: z (n, hidden), each of factors (n, r) -> (n, w)."""
        line = centred_unit(self.line_decoder(z))
        if not (self.config.factor_rank or self.config.node_bias or self.config.margin_weight):
            return line
        one = torch.ones_like(z[:, :1])
        bias = self.line_bias(z) if self.config.node_bias else torch.zeros_like(one)
        return torch.cat([line, *factors, one, bias], 1)

    def drug_codes(self, z: Tensor, factors: tuple[Tensor, ...], offsets: tuple[Tensor, ...]) -> tuple[Tensor, Tensor]:
        """Codes for the score and the margin. Shapes: z (n, hidden), factors (n, r), offsets (n,) -> (n, w) each."""
        drug = centred_unit(self.drug_decoder(z))
        if not (self.config.factor_rank or self.config.node_bias or self.config.margin_weight):
            return drug, drug
        one = torch.ones_like(z[:, :1])
        bias = self.drug_bias(z) if self.config.node_bias else torch.zeros_like(one)
        weight = self.factor_weight if factors else z.new_zeros(0)
        score = [(self.correlation_weight if factors else 1.0) * drug]
        score += [w * f for w, f in zip(weight, factors, strict=True)]
        bias = sum((w * f.unsqueeze(1) for w, f in zip(weight, offsets, strict=True)), bias)
        for_score = torch.cat([*score, bias, one], 1)
        if not self.config.margin_weight:
            return for_score, for_score
        weight = self.margin_factor_weight if factors else z.new_zeros(0)
        margin = [self.margin_correlation_weight * drug]
        margin += [w * f for w, f in zip(weight, factors, strict=True)]
        bias = sum((w * f.unsqueeze(1) for w, f in zip(weight, offsets, strict=True)), self.margin_drug_bias(z))
        return for_score, torch.cat([*margin, bias, self.margin_line_weight * one], 1)


def centred_unit(h: Tensor) -> Tensor:
    """Rows centred and scaled to length 1, so that the Pearson correlation of two rows is their inner product."""
    return functional.normalize(h - h.mean(1, keepdim=True), dim=1)
