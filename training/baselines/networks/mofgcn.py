"""MOFGCN (Peng et al. 2021): similarities of several omics, fused, and one graph convolution over lines and drugs.

    S_c = mean over tables of a Gaussian kernel, S_d = structure of two drugs, each kept to its nearest neighbours
    A   = [[S_c, Y], [Yᵀ, S_d]]            Y are the sensitive fitted pairs
    Z   = ReLU(D^−½ (A + I) D^−½ X W)       X are linear maps of the tables and of the fingerprint
    score = Pearson correlation of Z_c and Z_d after a linear map each, squashed by a sigmoid of slope γ

Departures: the mean of kernels stands for similarity network fusion, and X are principal components of the tables, so
that expression and names take part as in the other baselines. As published, a supervised pair is an edge.
"""

from functools import partial

import numpy as np
import torch
from torch import Tensor, nn
from torch_geometric.nn import GCNConv

from training.baselines.model_selection import Estimate
from training.baselines.networks.early_stopping import fit_with_early_stopping
from training.data.arrays import Arrays, Floats
from training.features.drug_views import drug_kernels, fingerprint_bits
from training.features.line_fit import line_blocks
from training.features.line_kernel import gaussian_kernel
from training.metrics.prediction import Prediction
from training.splits.splits import Mask, Split

WIDTH, HIDDEN, CODE = 128, 192, 64
NEIGHBOURS, GAMMA = 11, 5.74  # of the authors' code
LEARNING_RATE, WEIGHT_DECAY = 1e-3, 1e-5
EPOCHS = 1_000


class Mofgcn(nn.Module):
    """Full-batch training with cross-entropy over the fitted pairs."""

    def __init__(self, arrays: Arrays, pairs: Mask) -> None:
        super().__init__()
        lines, drugs = np.any(pairs, axis=1), np.any(pairs, axis=0)
        blocks = line_blocks(arrays, lines)
        between_lines = np.mean([gaussian_kernel(x, lines) for x in blocks.values()], axis=0)
        self.label = torch.from_numpy(np.where(pairs, arrays.sensitive, 0)).float()
        self.known = torch.from_numpy(pairs)
        self.x_lines = torch.from_numpy(np.hstack(list(blocks.values()))).float()
        self.x_drugs = fingerprint_bits(arrays).float()
        structure = drug_kernels(arrays)["structure"]
        self.edges, self.weights = _graph(_nearest(between_lines, lines), _nearest(structure, drugs), self.label)
        self.enter_lines, self.enter_drugs = (nn.Linear(x.shape[1], WIDTH) for x in (self.x_lines, self.x_drugs))
        self.convolution = GCNConv(WIDTH, HIDDEN)
        self.leave_lines, self.leave_drugs = nn.Linear(HIDDEN, CODE), nn.Linear(HIDDEN, CODE)
        self.optimiser = torch.optim.Adam(self.parameters(), lr=LEARNING_RATE, weight_decay=WEIGHT_DECAY)

    def forward(self) -> Tensor:
        """Correlation of every line with every drug, (N, M)."""
        x = torch.cat([self.enter_lines(self.x_lines), self.enter_drugs(self.x_drugs)])
        z = self.convolution(x, self.edges, self.weights).relu()
        n = len(self.x_lines)
        lines, drugs = self.leave_lines(z[:n]), self.leave_drugs(z[n:])
        centred = [nn.functional.normalize(code - code.mean(1, keepdim=True), dim=1) for code in (lines, drugs)]
        return centred[0] @ centred[1].T

    def step(self) -> None:
        """One full-batch step."""
        loss = nn.functional.binary_cross_entropy(squashed(self()[self.known], GAMMA), self.label[self.known])
        self.optimiser.zero_grad()
        loss.backward()
        self.optimiser.step()

    @torch.no_grad()
    def estimate(self) -> Estimate:
        """Correlations as scores."""
        return Estimate(self().double().numpy())


def mofgcn(arrays: Arrays, split: Split, seed: int) -> Prediction:
    """The network above; epoch by validation."""
    return fit_with_early_stopping(arrays, split, partial(Mofgcn, arrays), seed, EPOCHS)


def squashed(correlation: Tensor, gamma: float) -> Tensor:
    """A sigmoid of slope γ, stretched so that correlations −1 and 1 become 0 and 1, kept off both ends."""
    low, high = torch.sigmoid(torch.tensor([-gamma, gamma]))
    stretched: Tensor = (torch.sigmoid(gamma * correlation) - low) / (high - low)
    return stretched.clamp(1e-6, 1 - 1e-6)


def _nearest(similarity: Floats, fit: Mask) -> Tensor:
    """The similarities of each node to its nearest NEIGHBOURS among the fitted nodes, 0 elsewhere, (n, n)."""
    kept = torch.from_numpy(np.where(fit, similarity, 0)).float().fill_diagonal_(0)
    values, columns = kept.topk(min(NEIGHBOURS, len(kept)))
    return torch.zeros_like(kept).scatter_(1, columns, values)


def _graph(lines: Tensor, drugs: Tensor, label: Tensor) -> tuple[Tensor, Tensor]:
    """Edges (2, e), from source to target, and their weights (e,). Shapes: (N, N), (M, M), (N, M)."""
    joined = torch.cat([torch.cat([lines, label], 1), torch.cat([label.T, drugs], 1)])
    target, source = joined.nonzero().T
    return torch.stack([source, target]), joined[target, source]
