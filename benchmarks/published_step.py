"""One training step of HGACL-DRP as its authors' public code takes it, without that code's loops over nodes.

Three linear embeddings of whole tables, kernels of fixed width, one scalar weight a kernel, hard neighbours, a dense
graph I + D^−½AD^−½, two passes of the encoder, three full contrasts with up to ten partners of a line left out, the
rescaled correlation, Adam. What the authors loop over (neighbours, partners) is one tensor operation here, and D is
multiplied in by rows and columns, so that a comparison is with the arithmetic and not with the loops.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

from training.hgacl.losses import rescaled_sigmoid

NEIGHBOURS, NEUTRAL, TEMPERATURE, NOISE, DROPPED, SCALE = 10, 10, 0.2, 0.05, 0.1, 8.70
SHARED, HIDDEN, DECODED, ATTENTION = 128, 192, 64, 32


class PublishedStep(nn.Module):
    """Shapes: tables (N, p_m) three times, bits (M, 881), kernels (3, N, N), drug_kernel (M, M), sensitive (N, M)."""

    def __init__(
        self, tables: list[Tensor], bits: Tensor, kernels: Tensor, drug_kernel: Tensor, sensitive: Tensor
    ) -> None:
        super().__init__()
        n, m = sensitive.shape
        self.tables, self.bits, self.kernels, self.drug_kernel = tables, bits, kernels, drug_kernel
        self.edges = sensitive.float()
        self.embed = nn.ModuleList(nn.Linear(x.shape[1], SHARED) for x in tables)
        self.embed_drug = nn.Linear(bits.shape[1], SHARED)
        self.static = nn.Parameter(torch.ones(3))
        self.dynamic = nn.Sequential(nn.Linear(SHARED, ATTENTION), nn.ReLU(), nn.Linear(ATTENTION, 3), nn.Softmax(1))
        self.line_attention, self.drug_attention = (
            nn.Sequential(nn.Linear(SHARED, ATTENTION), nn.ReLU(), nn.Linear(ATTENTION, 1), nn.Sigmoid())
            for _ in range(2)
        )
        self.line_features, self.drug_features = nn.Linear(n, SHARED), nn.Linear(m, SHARED)
        self.encoder = nn.Linear(SHARED, HIDDEN, bias=False)
        self.line, self.drug = nn.Linear(HIDDEN, DECODED, bias=False), nn.Linear(HIDDEN, DECODED, bias=False)
        self.optimiser = torch.optim.Adam(self.parameters(), lr=1e-3)

    def step(self, known: Tensor) -> float:
        """One update; `known` (N, M) are the supervised pairs. Returns the loss."""
        n = len(self.edges)
        shared = torch.stack([embed(x) for embed, x in zip(self.embed, self.tables, strict=True)]).mean(0)
        norms = self.kernels.flatten(1).norm(dim=1)
        weight = (torch.softmax(self.static, 0) + self.dynamic(shared).mean(0)) / 2
        fused = ((weight / norms)[:, None, None] * self.kernels).sum(0)
        attention = self.line_attention(shared)[:, 0]
        lines = nearest(fused, attention / attention.sum())
        of_drugs = self.drug_attention(self.embed_drug(self.bits))[:, 0]
        drugs = nearest(self.drug_kernel, of_drugs / of_drugs.sum())
        x = torch.cat([self.line_features(lines), self.drug_features(drugs)])
        kept = self.edges * (torch.rand_like(self.edges) >= DROPPED)
        z, dropped = (torch.relu(self.encoder(graph(lines, drugs, edges) @ x)) for edges in (self.edges, kept))
        code, drug_code = (
            functional.normalize(h - h.mean(1, keepdim=True), dim=1) for h in (self.line(z[:n]), self.drug(z[n:]))
        )
        probability = rescaled_sigmoid(code @ drug_code.T, SCALE)
        supervised = functional.binary_cross_entropy(probability[known], self.edges[known])
        loss = 0.9 * supervised + 0.1 * self.contrast(z, z + NOISE * torch.randn_like(z), dropped, attention)
        self.optimiser.zero_grad()
        loss.backward()
        self.optimiser.step()
        return float(loss.detach())

    def contrast(self, z: Tensor, noisy: Tensor, dropped: Tensor, attention: Tensor) -> Tensor:
        """Mean of the three InfoNCE losses over all nodes."""
        n, m = self.edges.shape
        own = torch.eye(n + m, dtype=torch.bool)
        partners, neutral = (torch.zeros(n + m, n + m, dtype=torch.bool) for _ in range(2))
        partners[:n, n:] = self.edges > 0
        best = (attention.detach()[:, None] * self.edges).topk(min(NEUTRAL, m), 1)
        neutral[:n, n:] = torch.zeros(n, m, dtype=torch.bool).scatter(1, best.indices, best.values > 0)
        partners, neutral = partners | partners.T, neutral | neutral.T
        across, within = (partners | own) & ~neutral, partners & ~neutral
        losses = [
            info_nce(z, noisy, across, ~(partners | own | neutral)),
            info_nce(z, dropped, across, ~(partners | own | neutral)),
            info_nce(z, z, within, ~(partners | own | neutral)),
        ]
        return torch.stack(losses).mean()


def nearest(similarity: Tensor, attention: Tensor) -> Tensor:
    """The ten best columns of each row at their similarity, 0 elsewhere. Shapes: (n, n), (n,) -> (n, n)."""
    columns = (similarity * attention).topk(min(NEIGHBOURS, len(similarity)), 1).indices
    return torch.zeros_like(similarity).scatter(1, columns, similarity.gather(1, columns))


def graph(lines: Tensor, drugs: Tensor, edges: Tensor) -> Tensor:
    """I + D^−½ A D^−½ of similarities and response edges, (N + M, N + M)."""
    a = torch.cat([torch.cat([lines, edges], 1), torch.cat([edges.T, drugs], 1)])
    root = (a.sum(1) + 1e-9).clamp(min=1e-9).rsqrt()
    return torch.eye(len(a)) + root[:, None] * a * root


def info_nce(z: Tensor, other: Tensor, positive: Tensor, negative: Tensor) -> Tensor:
    """−log of the positives' share, mean over the nodes that have any."""
    similarity = (functional.normalize(z, dim=1) @ functional.normalize(other, dim=1).T / TEMPERATURE).exp()
    above, below = (similarity * positive).sum(1), (similarity * negative).sum(1)
    some = positive.any(1)
    return -(above[some] / (above + below)[some]).clamp(min=1e-9).log().mean()
