"""Training of HGACL-DRP on a split: early stopping on validation, a refit on all development pairs, predictions."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from model.hgacl.config import HgaclConfig
from training.data.arrays import Arrays
from training.features.responses import drug_scale
from training.hgacl.inputs import TrainingData, predicted_thresholds
from training.hgacl.line_embeddings import line_embeddings
from training.hgacl.trainer import Codes, Trainer
from training.loop import Progress
from training.metrics.prediction import Prediction
from training.splits.splits import Split


@dataclass(frozen=True)
class Fit:
    """A trained network at its best validation epoch; `history` has a dict for each look at the validation pairs.

    `seconds` is the time of all steps, those before a resume included; `data` is what the network read.
    """

    state: dict[str, Tensor]
    codes: Codes
    epoch: int
    seconds: float
    history: list[dict[str, float]]
    data: TrainingData


def fit(
    arrays: Arrays,
    train: NDArray[np.bool_],
    validation: NDArray[np.bool_],
    config: HgaclConfig,
    seed: int = 0,
    device: str = "cpu",
    checkpoint: Path | None = None,
    progress: Progress | None = None,
) -> Fit:
    """Train until the epochs or the patience are used up and return the best validation epoch.

    Shapes: train, validation (N, M) boolean, disjoint. With `checkpoint` the run writes it at every look at the
    validation pairs and goes on from it when it is there. Raises ValueError where validation lacks one of the classes.
    """
    if len(np.unique(arrays.sensitive[validation])) < 2:
        raise ValueError(f"{validation.sum()} validation pairs, not both sensitive and resistant: give more data")
    trainer = Trainer(arrays, train, config, seed, device)
    trainer.train(lambda: trainer.validate(arrays.sensitive, validation), checkpoint, progress)
    trainer.average.load_state_dict(trainer.best_state())
    return _result(trainer, trainer.best_state(), trainer.best.epoch)


def refit(
    arrays: Arrays,
    train: NDArray[np.bool_],
    config: HgaclConfig,
    epochs: int,
    seed: int = 0,
    device: str = "cpu",
    checkpoint: Path | None = None,
    progress: Progress | None = None,
) -> Fit:
    """Train on `train` for as many epochs as an earlier fit found best; nothing is looked at on the way."""
    trainer = Trainer(arrays, train, replace(config, epochs=epochs), seed, device)
    trainer.train(None, checkpoint, progress)
    return _result(trainer, trainer.weights(), trainer.epoch)


def _result(trainer: Trainer, state: dict[str, Tensor], epoch: int) -> Fit:
    return Fit(state, trainer.codes(), epoch, trainer.seconds, trainer.history, trainer.training_data())


def predict(arrays: Arrays, split: Split, config: HgaclConfig, seed: int) -> Prediction:
    """Train on the training pairs, choose the epoch on validation, train again on all development pairs."""
    first = fit(arrays, split.train, split.validation, config, seed)
    again = refit(arrays, split.development, config, first.epoch, seed)
    held_out, final = first.codes, again.codes
    stages = line_embeddings(again.state, again.data, config)
    notes = {"epoch": float(first.epoch), "training_seconds": first.seconds + again.seconds}
    if not config.margin_weight:
        return Prediction(final.scores(), held_out_score=held_out.scores(), notes=notes, line_embeddings=stages)
    ln_ic50 = [
        _ln_ic50(arrays, pairs, codes.margins(), config)
        for pairs, codes in ((split.development, final), (split.train, held_out))
    ]
    return Prediction(final.scores(), ln_ic50[0], held_out.scores(), ln_ic50[1], notes, stages)


def _ln_ic50(
    arrays: Arrays, train: NDArray[np.bool_], margins: NDArray[np.float32], config: HgaclConfig
) -> NDArray[np.float32]:
    """Threshold − σ_d · margin (ln µM), with what is known of a drug from its training pairs. Shapes: (N, M)."""
    _, sd = drug_scale(arrays, train)
    return predicted_thresholds(arrays, train, config) - sd * margins
