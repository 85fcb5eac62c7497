"""A fit of DiM2-DRP: trained on the training pairs, its epoch and share chosen on the validation pairs."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from model.dim2.config import Dim2Config
from model.dim2.network import Dim2
from training.data.arrays import Arrays
from training.dim2.inputs import Inputs, inputs_of
from training.dim2.trainer import Dim2Trainer
from training.loop import Progress


@dataclass(frozen=True)
class Dim2Fit:
    """A trained network at its best validation epoch; `history` has a dict for each epoch.

    What the network adds to the offset is weighted by `share`, between 0 and 1: the least-squares weight on the
    validation pairs, so that a network which learnt nothing useful changes nothing. Without an offset it is 1.
    Shapes: ln_ic50 (N, M) ln µM of every pair. `seconds` is the time of all epochs, those before a resume included.
    """

    state: dict[str, Tensor]
    ln_ic50: NDArray[np.float32]
    epoch: int
    share: float
    seconds: float
    history: list[dict[str, float]]
    inputs: Inputs
    config: Dim2Config

    def network(self) -> Dim2:
        """The network with these weights, in evaluation mode."""
        network = Dim2(*self.inputs.sizes, self.config)
        network.load_state_dict(self.state)
        return network.eval()


def fit_dim2(
    arrays: Arrays,
    train: NDArray[np.bool_],
    validation: NDArray[np.bool_],
    config: Dim2Config,
    seed: int = 0,
    device: str = "cpu",
    checkpoint: Path | None = None,
    progress: Progress | None = None,
) -> Dim2Fit:
    """Train until the epochs or the patience are used up and return the best validation epoch.

    Shapes: train, validation (N, M) boolean, disjoint. With `checkpoint` the run writes it after every epoch and goes
    on from it when it is there. Raises ValueError where training or validation has no pair, or a table is missing.
    """
    if not validation.any():
        raise ValueError("no validation pair: give some, they choose the epoch")
    inputs = inputs_of(arrays, train, config, seed)
    trainer = Dim2Trainer(inputs, train, config, seed, device)
    if config.offset and (checkpoint is None or not checkpoint.exists()):
        trainer.validate(arrays.ln_ic50, validation)  # the offset alone may be best, for lines never measured
    trainer.train(lambda: trainer.validate(arrays.ln_ic50, validation), checkpoint, progress)
    trainer.average.load_state_dict(trainer.best_state())
    every = torch.cartesian_prod(*(torch.arange(count) for count in train.shape))
    predicted, offset = trainer.predict(every).reshape(train.shape).cpu().numpy(), trainer.offset()
    best, share = trainer.best, trainer.best.figures["share"]
    ln_ic50 = offset + np.float32(share) * (predicted - offset)
    return Dim2Fit(best.state, ln_ic50, best.epoch, share, trainer.seconds, trainer.history, inputs, config)
