"""Counting baselines, for the papers' own protocol: no features, no model."""

import numpy as np

from training.data.arrays import Arrays
from training.metrics.prediction import Prediction
from training.splits.splits import Split


def positive_counts(arrays: Arrays, split: Split, _seed: int) -> Prediction:
    """Log of 1 + training positives of the line, plus the same of the drug: no features, no model."""
    positive = split.train & (arrays.sensitive == 1)
    return Prediction(np.log1p(positive.sum(1))[:, None] + np.log1p(positive.sum(0))[None, :])


def row_number(arrays: Arrays, split: Split, _seed: int) -> Prediction:
    """Minus the line's row number in the matrix: nothing at all is learnt."""
    rows = -np.arange(split.train.shape[0], dtype=np.float64)
    return Prediction(np.broadcast_to(rows[:, None], arrays.measured.shape).copy())
