"""NIHGCN-style graph network (Peng, Chen and Dai 2022): parallel convolutions with neighbourhood interactions.

    H = BN(X W)                                          features of a line or drug
    G = (I + D⁻¹) H + D_c^−½ A D_d^−½ H_of_the_others    graph convolution over the sensitive fitted pairs A
    Z = ReLU(((1 − α) G + α G ⊙ H) W′)                   interaction of what came along the edges with the node itself
    score = Pearson correlation of Z_c and Z_d, squashed by a sigmoid of slope γ for the cross-entropy

Two departures: X are principal components of a node's similarities to the fitted lines (drugs) instead of raw tables,
so that expression, copy number, mutation and tissue take part, and the layers are narrower. As published, a pair that
is supervised is an edge.
"""

from functools import partial

import numpy as np
import torch
from torch import Tensor, nn

from training.baselines.model_selection import Estimate
from training.baselines.networks.early_stopping import fit_with_early_stopping
from training.baselines.networks.mofgcn import squashed
from training.data.arrays import Arrays, Floats
from training.features.drug_views import drug_kernels
from training.features.line_fit import line_blocks
from training.features.line_kernel import gaussian_kernel
from training.features.table_fit import fit_table
from training.metrics.prediction import Prediction
from training.splits.splits import Mask, Split

WIDTH = 256
ALPHA, GAMMA = 0.25, 8.0  # of the authors' code
LEARNING_RATE, WEIGHT_DECAY = 2e-3, 1e-5
EPOCHS = 400


class Side(nn.Module):
    """The layers of one node type."""

    def __init__(self, x: Floats, seen: Mask) -> None:
        super().__init__()
        self.x, self.seen = torch.from_numpy(x).float(), torch.from_numpy(seen)
        self.enter = nn.Linear(x.shape[1], WIDTH)
        self.norm = nn.BatchNorm1d(WIDTH)
        self.leave = nn.Linear(WIDTH, WIDTH)

    def features(self) -> Tensor:
        """H, (n, WIDTH); the statistics of the normalisation are those of the fitted nodes."""
        h = self.enter(self.x)
        mean, variance = h[self.seen].mean(0), h[self.seen].var(0, correction=0)
        normalised: Tensor = self.norm.weight * (h - mean) / (variance + 1e-5).sqrt() + self.norm.bias
        return normalised

    def embed(self, own: Tensor, arriving: Tensor, self_weight: Tensor) -> Tensor:
        """Z with rows centred and of unit length, (n, WIDTH)."""
        g = self_weight * own + arriving
        z = self.leave((1 - ALPHA) * g + ALPHA * g * own).relu()
        return nn.functional.normalize(z - z.mean(1, keepdim=True), dim=1)


class Nihgcn:
    """Full-batch training with cross-entropy over the fitted pairs."""

    def __init__(self, arrays: Arrays, pairs: Mask) -> None:
        lines, drugs = np.any(pairs, axis=1), np.any(pairs, axis=0)
        line_kernels = [gaussian_kernel(x, lines) for x in line_blocks(arrays, lines).values()]
        self.lines = Side(_similarity_features(line_kernels, lines), lines)
        self.drugs = Side(_similarity_features(list(drug_kernels(arrays).values()), drugs), drugs)
        self.label = torch.from_numpy(np.where(pairs, arrays.sensitive, 0)).float()
        self.known = torch.from_numpy(pairs)
        of_line, of_drug = self.label.sum(1, keepdim=True) + 1, self.label.sum(0).unsqueeze(1) + 1
        self.edges = self.label / of_line.sqrt() / of_drug.sqrt().T
        self.self_weight = (1 + 1 / of_line, 1 + 1 / of_drug)
        parameters = [*self.lines.parameters(), *self.drugs.parameters()]
        self.optimiser = torch.optim.Adam(parameters, lr=LEARNING_RATE, weight_decay=WEIGHT_DECAY)

    def _correlations(self) -> Tensor:
        line, drug = self.lines.features(), self.drugs.features()
        lines = self.lines.embed(line, self.edges @ drug, self.self_weight[0])
        drugs = self.drugs.embed(drug, self.edges.T @ line, self.self_weight[1])
        return lines @ drugs.T

    def step(self) -> None:
        """One full-batch step."""
        known = squashed(self._correlations()[self.known], GAMMA)
        loss = nn.functional.binary_cross_entropy(known, self.label[self.known])
        self.optimiser.zero_grad()
        loss.backward()
        self.optimiser.step()

    @torch.no_grad()
    def estimate(self) -> Estimate:
        """Correlations as scores."""
        return Estimate(self._correlations().double().numpy())


def nihgcn(arrays: Arrays, split: Split, seed: int) -> Prediction:
    """The network above; epoch by validation."""
    return fit_with_early_stopping(arrays, split, partial(Nihgcn, arrays), seed, EPOCHS)


def _similarity_features(kernels: list[Floats], fit: Mask) -> Floats:
    """Components of the columns `fit` of all kernels, z-scored, (n, width), with deviations of about 1."""
    x = torch.from_numpy(np.hstack([kernel[:, fit] for kernel in kernels]))
    out = fit_table(x, torch.from_numpy(fit), scale=True).block(x, torch.ones(len(x), dtype=torch.bool))
    return np.asarray(out * np.sqrt(out.shape[1]))
