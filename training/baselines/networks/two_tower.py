"""Two-tower network: a cell tower and a drug tower whose vectors' inner product, plus biases, is the answer."""

from functools import partial

import numpy as np
import torch
from torch import Tensor, nn

from training.baselines.drug_units import drug_units
from training.baselines.model_selection import Estimate
from training.baselines.networks.early_stopping import fit_with_early_stopping
from training.data.arrays import Arrays, Floats
from training.features.drug_views import drug_blocks
from training.features.line_fit import line_blocks
from training.features.line_kernel import join_blocks
from training.metrics.prediction import Prediction
from training.splits.splits import Mask, Split

COMPONENTS = 128
HIDDEN, WIDTH = 256, 48
DROPOUT = 0.2
NAMELESS = 0.3  # share of the nodes that have to do without their own embedding in a step
LEARNING_RATE, WEIGHT_DECAY = 3e-3, 1e-2
EPOCHS = 600


class Tower(nn.Module):
    """MLP(features) + the node's own embedding; an unseen node has none. Shapes: x (n, p) -> (n, WIDTH + 1)."""

    def __init__(self, x: Floats, seen: Mask) -> None:
        super().__init__()
        self.x = torch.from_numpy(x).float()
        self.seen = torch.from_numpy(seen).float().unsqueeze(1)
        self.features = nn.Sequential(
            nn.Linear(x.shape[1], HIDDEN), nn.ReLU(), nn.Dropout(DROPOUT), nn.Linear(HIDDEN, WIDTH + 1)
        )
        self.own = nn.Parameter(torch.zeros(len(x), WIDTH + 1))

    def forward(self) -> Tensor:
        """Vector and, in the last column, bias of every node."""
        named = self.seen
        if self.training:
            named = named * (torch.rand_like(named) >= NAMELESS)
        out: Tensor = self.features(self.x) + named * self.own
        return out


class TwoTower:
    """Full-batch training on ln IC50 z-scored per drug: mean squared error over the fitted pairs."""

    def __init__(self, arrays: Arrays, pairs: Mask) -> None:
        self.units = drug_units(arrays, pairs)
        lines = join_blocks(line_blocks(arrays, self.units.lines), COMPONENTS)
        drugs = np.hstack(list(drug_blocks(arrays, self.units.drugs, COMPONENTS).values()))
        # Blocks have rows of norm 1; a layer wants columns of about 1.
        self.lines = Tower(lines * np.sqrt(lines.shape[1] / 4), self.units.lines)
        self.drugs = Tower(drugs * np.sqrt(drugs.shape[1] / 4), self.units.drugs)
        self.parameters = [*self.lines.parameters(), *self.drugs.parameters()]
        self.optimiser = torch.optim.AdamW(self.parameters, lr=LEARNING_RATE, weight_decay=WEIGHT_DECAY)
        self.known = torch.from_numpy(pairs)
        self.value = torch.from_numpy(self.units.value)

    def _scores(self) -> Tensor:
        lines, drugs = self.lines(), self.drugs()
        scores: Tensor = lines[:, :-1] @ drugs[:, :-1].T / WIDTH**0.5 + lines[:, -1:] + drugs[:, -1]
        return scores

    def step(self) -> None:
        """One full-batch step."""
        self.lines.train()
        self.drugs.train()
        loss = (self._scores() - self.value)[self.known].square().mean()
        self.optimiser.zero_grad()
        loss.backward()
        self.optimiser.step()

    @torch.no_grad()
    def estimate(self) -> Estimate:
        """Scores and ln IC50 without dropout."""
        self.lines.eval()
        self.drugs.eval()
        return self.units.estimate(self._scores().double().numpy())


def two_tower(arrays: Arrays, split: Split, seed: int) -> Prediction:
    """Network from omics components and tissue, and fingerprint, targets and pathway; epoch by validation."""
    return fit_with_early_stopping(arrays, split, partial(TwoTower, arrays), seed, EPOCHS)
