"""Early stopping of network baselines: the epoch is chosen on validation, then a refit runs for as many epochs."""

from collections.abc import Callable
from typing import Protocol

import torch

from training.baselines.model_selection import Estimate, to_prediction, validation_value
from training.data.arrays import Arrays
from training.metrics.prediction import Prediction
from training.splits.splits import Mask, Split

EVALUATE_EVERY = 20  # epochs
PATIENCE = 100  # epochs without a better value


class Network(Protocol):
    """A network with its data and its optimiser."""

    def step(self) -> None:
        """Train for one epoch."""

    def estimate(self) -> Estimate:
        """Predict every pair with the current weights."""


def fit_with_early_stopping(
    arrays: Arrays, split: Split, build: Callable[[Mask], Network], seed: int, epochs: int
) -> Prediction:
    """Train `build(pairs)` on the training pairs, validating every EVALUATE_EVERY epochs, then on development pairs.

    The refit starts anew from the same seed and ends at the best epoch. The caller's random state is left as it was.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = build(split.train)
        best, best_epoch, best_value = network.estimate(), 0, -float("inf")
        for epoch in range(1, epochs + 1):
            network.step()
            if epoch % EVALUATE_EVERY == 0:
                estimate = network.estimate()
                if (value := validation_value(arrays, split, estimate)) > best_value:
                    best, best_epoch, best_value = estimate, epoch, value
                elif epoch - best_epoch >= PATIENCE:
                    break
        torch.manual_seed(seed)
        network = build(split.development)
        for _ in range(best_epoch):
            network.step()
        return to_prediction(network.estimate(), best)
