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
from torch.nn import functional

from model.config import HgaclConfig
from model.encoders import JointEncoder, NodeFeatures, TypedEncoder
from model.factors import fold_in
from model.graph import Edges, Responses, neighbour_edges
from model.kernels import fuse, reliable_neighbours


@dataclass(frozen=True)
class Population:
    """What is known of N cell lines and M drugs before any response.

    Kernel columns are the training population only: N' lines (rows `line_sources`) and M' drugs (`drug_sources`).
    Shapes: features[m] (N, p_m), zero where a line lacks modality m; has (N, 3) boolean; line_kernels (3, N, N');
    fingerprints (M, 881); drug_kernel (M, M').
    """

    features: tuple[Tensor, ...]
    has: Tensor
    line_kernels: Tensor
    line_sources: Tensor
    fingerprints: Tensor
    drug_kernel: Tensor
    drug_sources: Tensor

    @property
    def n_lines(self) -> int:
        """N."""
        return len(self.has)


@dataclass(frozen=True)
class Factors:
    """Response factors of the training pairs and their priors (model.factors); r = 0 columns when not in use.

    Shapes: lines, line_prior (N, r); drugs, drug_prior (M, r); offset (M,) = (threshold_d − μ_d) / σ_d.
    """

    lines: Tensor
    drugs: Tensor
    line_prior: Tensor
    drug_prior: Tensor
    offset: Tensor


@dataclass(frozen=True)
class Neighbourhood:
    """Reliable neighbours of n nodes. Shapes: columns, values (n, k); edges over the n nodes."""

    columns: Tensor
    values: Tensor
    edges: Edges


@dataclass(frozen=True)
class Output:
    """Embeddings, codes and similarity edges of one pass; a pair's score is the inner product of its codes.

    Shapes: z (N + M, hidden), lines (N, w), drugs (M, w).
    """

    z: Tensor
    lines: Tensor
    drugs: Tensor
    line_edges: Edges
    drug_edges: Edges

    def scores(self) -> Tensor:
        """Score of every line with every drug, (N, M)."""
        return self.lines @ self.drugs.T


class NodeAttention(nn.Module):
    """a = sigmoid(MLP(E)), scaled to mean 1 (the paper scales to sum 1, which ranks the same; sec. 2.2.4).

    Given the training population alone: other nodes neither are neighbours nor touch the scale.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.mlp = nn.Sequential(nn.Linear(width, width // 2), nn.ReLU(), nn.Linear(width // 2, 1))

    def forward(self, embedding: Tensor) -> Tensor:
        """Shapes: embedding (n, shared) -> (n,), positive, mean 1."""
        a = torch.sigmoid(self.mlp(embedding)).squeeze(1)
        return a / a.mean()


class Fusion(nn.Module):
    """Attention-driven kernel fusion (sec. 2.2.3): dynamic weights per line and static weights, mixed 1:1."""

    def __init__(self, width: int, modalities: int) -> None:
        super().__init__()
        self.dynamic = nn.Sequential(nn.Linear(width, width // 2), nn.Tanh(), nn.Linear(width // 2, modalities))
        self.static = nn.Parameter(torch.zeros(modalities))

    def forward(self, shared: Tensor, has: Tensor) -> Tensor:
        """Weights over the modalities that a line has, summing to 1. Shapes: shared (N, d), has (N, 3) -> (N, 3)."""
        dynamic = torch.softmax(self.dynamic(shared).masked_fill(~has, -torch.inf), dim=1)
        static = torch.softmax(self.static.expand_as(dynamic).masked_fill(~has, -torch.inf), dim=1)
        return (dynamic + static) / 2


class Hgacl(nn.Module):
    """The network; `config` chooses between the paper's text and the default (see HgaclConfig).

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
        self.line_nodes = NodeFeatures(n_rows[0], config, factor_width=config.factor_rank)
        self.drug_nodes = NodeFeatures(n_rows[1], config, factor_width=config.factor_rank + 1)
        self.encoder = TypedEncoder(config) if config.encoder == "typed" else JointEncoder(config)
        self.line_decoder, self.drug_decoder = nn.Linear(h, config.decoder_dim), nn.Linear(h, config.decoder_dim)
        if config.node_bias:
            self.line_bias, self.drug_bias = nn.Linear(h, 1), nn.Linear(h, 1)
        if config.factor_rank:
            self.correlation_weight = nn.Parameter(torch.tensor(1.0))
            self.offset_weight = nn.Parameter(torch.tensor(1.0))

    def forward(
        self,
        population: Population,
        responses: Responses,
        factors: Factors,
        visible: Tensor,
        noise: tuple[Tensor, Tensor] | None = None,
    ) -> Output:
        """One pass with the response edges `visible` (N, M), a subset of `responses.known`.

        `noise`, when given, is added to the node features: (N, shared) and (M, shared), the feature view.
        """
        shared, drug_shared = self.shared_embedding(population), self.drug_shared(population.fingerprints)
        lines, drugs = self.neighbourhoods(population, shared, drug_shared)
        f, g = self.factor_codes(responses, factors, visible)
        x = self.line_nodes(lines, shared, f)
        y = self.drug_nodes(drugs, drug_shared, torch.cat([g, factors.offset.unsqueeze(1)], 1))
        if noise is not None:
            x, y = x + noise[0], y + noise[1]
        z_line, z_drug = self.encoder(x, y, lines.edges, drugs.edges, responses, visible)
        codes = self.codes(z_line, z_drug, f, g, factors.offset)
        return Output(torch.cat([z_line, z_drug]), *codes, lines.edges, drugs.edges)

    def shared_embedding(self, population: Population) -> Tensor:
        """Mean of the modality embeddings that a line has (sec. 2.2.1). Shape: (N, shared)."""
        per_modality = torch.stack([m(x) for m, x in zip(self.modality, population.features, strict=True)])
        has = population.has
        return (per_modality * has.T.unsqueeze(2)).sum(0) / has.sum(1, keepdim=True)

    def neighbourhoods(self, population: Population, shared: Tensor, drug_shared: Tensor) -> tuple[Neighbourhood, ...]:
        """Kernel fusion and reliable neighbours of lines and of drugs (sec. 2.2.3, 2.2.4)."""
        has, sources = population.has, population.line_sources
        fused = fuse(population.line_kernels, self.fusion(shared, has), has, has[sources])  # (N, N')
        line_attention = self.line_attention(shared[sources])
        drug_attention = self.drug_attention(drug_shared[population.drug_sources])
        return (
            self.filtered(fused, line_attention, sources),
            self.filtered(population.drug_kernel, drug_attention, population.drug_sources),
        )

    def filtered(self, similarity: Tensor, attention: Tensor, sources: Tensor) -> Neighbourhood:
        """Reliable neighbours of each row, gated and row-normalised where the configuration says so.

        Shapes: similarity (n, m), attention and sources (m,) of the training population.
        """
        columns, values = reliable_neighbours(similarity, attention, self.config.neighbours)
        if self.config.gate_edges:
            values = values * attention[columns]
        if self.config.row_normalise:
            values = values / values.abs().sum(1, keepdim=True).clamp(min=1e-12)
        return Neighbourhood(columns, values, neighbour_edges(columns, values, sources))

    def factor_codes(self, responses: Responses, factors: Factors, visible: Tensor) -> tuple[Tensor, Tensor]:
        """Factors of lines (N, r) and drugs (M, r) as the visible responses and the priors give them."""
        ridge = self.config.factor_ridge
        if not self.config.factor_rank:
            return factors.line_prior, factors.drug_prior
        f = fold_in(responses.value, visible, factors.drugs, factors.line_prior, ridge)
        g = fold_in(responses.value.T, visible.T, factors.lines, factors.drug_prior, ridge)
        return f, g

    def codes(self, z_line: Tensor, z_drug: Tensor, f: Tensor, g: Tensor, offset: Tensor) -> tuple[Tensor, Tensor]:
        """Codes whose inner product is the score: the correlation ρ, and where configured a factor offset and biases.

        s = β ρ(h_c, h_d) + γ f_c·g_d + offset_d + b_c + b_d; the paper has ρ alone (sec. 2.4).
        """
        line = [centred_unit(self.line_decoder(z_line))]
        drug = [centred_unit(self.drug_decoder(z_drug))]
        line_bias, drug_bias = torch.zeros_like(z_line[:, :1]), torch.zeros_like(z_drug[:, :1])
        if self.config.factor_rank:
            line = [self.correlation_weight * line[0], self.offset_weight * f]
            drug = [drug[0], g]
            drug_bias = offset.unsqueeze(1)
        if self.config.node_bias:
            line_bias, drug_bias = self.line_bias(z_line), drug_bias + self.drug_bias(z_drug)
        if self.config.node_bias or self.config.factor_rank:
            line += [torch.ones_like(line_bias), line_bias]
            drug += [drug_bias, torch.ones_like(drug_bias)]
        return torch.cat(line, 1), torch.cat(drug, 1)


def centred_unit(h: Tensor) -> Tensor:
    """Rows centred and scaled to length 1, so that the Pearson correlation of two rows is their inner product."""
    return functional.normalize(h - h.mean(1, keepdim=True), dim=1)
