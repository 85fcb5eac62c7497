"""How network baselines are trained: the epoch by validation, then a refit on the development pairs for as long."""

from collections.abc import Callable
from typing import Protocol

import torch

from training.baselines.model_selection import Estimate, to_prediction, validation_value
from training.data.arrays import Arrays
from training.metrics.prediction import Prediction
from training.splits.splits import Mask, Split

EVERY = 20  # epochs from one look at validation to the next
PATIENCE = 100  # epochs without a better value


class Network(Protocol):
    """A network with its data and its optimiser."""

    def step(self) -> None:
        """One epoch."""

    def estimate(self) -> Estimate:
        """What it says of every pair now."""


def stopped(arrays: Arrays, split: Split, build: Callable[[Mask], Network], seed: int, epochs: int) -> Prediction:
    """Train `build(pairs)` on the training pairs with a look at validation every EVERY epochs, then refit.

    The refit starts anew from the same seed and ends at the best epoch. The caller's random state is left as it was.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = build(split.train)
        best, best_epoch, best_value = network.estimate(), 0, -float("inf")
        for epoch in range(1, epochs + 1):
            network.step()
            if epoch % EVERY == 0:
                now = network.estimate()
                if (reached := validation_value(arrays, split, now)) > best_value:
                    best, best_epoch, best_value = now, epoch, reached
                elif epoch - best_epoch >= PATIENCE:
                    break
        torch.manual_seed(seed)
        network = build(split.development)
        for _ in range(best_epoch):
            network.step()
        return to_prediction(network.estimate(), best)
