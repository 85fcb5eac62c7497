"""One cell of the evaluation grid: a method on one fold with one seed, and what comes of it."""

import time
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from training.data.arrays import Arrays, Floats
from training.evaluation.measure import Measurement, measure
from training.evaluation.methods import find_method
from training.evaluation.prediction_table import validation_table
from training.features.responses import known_thresholds
from training.metrics.prediction import Prediction, TokenWeights
from training.splits import paper_protocols
from training.splits.permuted_features import FeaturePermutation, permute_features
from training.splits.splits import Split


@dataclass(frozen=True)
class Cell:
    """The name of a cell; with dataset and configuration it determines every number of its result."""

    method: str
    split: str
    fold: int
    folds: int
    split_seed: int = 0
    seed: int = 0
    shuffle: str = FeaturePermutation.NONE.value
    protocol: str = "folds"
    dataset: str = ""

    def name(self) -> str:
        """File name of the cell's results, without its suffix."""
        permuted = "" if self.shuffle == FeaturePermutation.NONE else f"-shuffled_{self.shuffle}"
        protocol = "" if self.protocol == "folds" else f"-{self.protocol}"
        fold = f"{self.split}-{self.fold}of{self.folds}-folds{self.split_seed}"
        return f"{self.method}-{fold}-seed{self.seed}{permuted}{protocol}".replace("/", "_")


@dataclass(frozen=True)
class CellResult:
    """Measurements, the predictions of the test pairs, and a network's embeddings of the lines, stage -> (N, any).

    `attention` is what a network's attention looks at, by side.
    `validation` are the validation pairs as predicted by a fit that did not see them.
    """

    measurements: list[Measurement]
    predictions: pd.DataFrame
    validation: pd.DataFrame
    line_embeddings: dict[str, Floats]
    attention: dict[str, TokenWeights] = field(default_factory=dict)

    def metrics(self) -> dict[str, float]:
        """The pooled measurements by metric."""
        return {row.metric: row.value for row in self.measurements if row.level == "pooled"}


def evaluate_cell(arrays: Arrays, cell: Cell, split: Split) -> CellResult:
    """Fit one method on one fold's training pairs, choose on its validation pairs, measure on its test pairs."""
    started = time.perf_counter()
    leaky = cell.protocol == paper_protocols.PROTOCOL  # there, methods choose on the test pairs
    visible = arrays if leaky else hide_test_responses(arrays, split)
    visible = permute_features(visible, FeaturePermutation(cell.shuffle), cell.seed)
    prediction = find_method(cell.method).predict(visible, split, cell.seed)
    return result_of(arrays, cell, split, prediction, time.perf_counter() - started)


def result_of(arrays: Arrays, cell: Cell, split: Split, prediction: Prediction, seconds: float) -> CellResult:
    """Measure what a cell predicted; `seconds` is what it took."""
    measurements, predictions = measure(arrays, split, prediction, cell.seed)
    notes = {"seconds": seconds, **prediction.notes}
    extra = [Measurement("pooled", "", name, float(value), len(predictions)) for name, value in notes.items()]
    validation = validation_table(arrays, split, prediction)
    figures = [*measurements, *extra]
    return CellResult(figures, predictions, validation, prediction.line_embeddings, prediction.attention)


def hide_test_responses(arrays: Arrays, split: Split) -> Arrays:
    """The arrays as a method may see them: without responses outside `development`, or thresholds of unseen drugs.

    A threshold is computed from a drug's responses, so that of an unseen drug would tell how its lines respond.
    """
    hidden = ~split.development
    return replace(
        arrays,
        ln_ic50=np.where(hidden, np.nan, arrays.ln_ic50).astype(np.float32),
        sensitive=np.where(hidden, np.nan, arrays.sensitive).astype(np.float32),
        threshold=known_thresholds(arrays, split.development),
    )
