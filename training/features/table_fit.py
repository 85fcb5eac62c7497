"""One table fitted on training rows: kept columns, means, scales, principal axes, and the scales of components.

Everything that is learned of a table is learned here, once; training, DiM2-DRP's inputs and all exported graphs
transform rows with the same fitted object.
"""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from training.data.arrays import Floats

COMPONENTS = 256
MOST_ROWS = 2_048  # whose Gram matrix is decomposed
LEAST_VARIANCE = 1e-6  # of the first component's, in a block
LEAST_FEATURE_VARIANCE = 1e-9  # of the first component's, among features; less is noise
LEAST_DEVIATION = 1e-6  # of a column that is kept, and of features that are scaled
Rows = NDArray[np.bool_]


@dataclass(frozen=True)
class TableFit:
    """A table's columns and principal axes, fitted on the training rows that have the table.

    A row's components are its kept columns, centred and scaled, times the axes, the best first. The first `width` are
    its block, divided by `norm`, so that the mean norm of a fitted row is 1.
    Shapes: kept (p,) boolean; mean, divisor (p',); axes (p', k) and deviation (k,) of the components, double.
    """

    kept: Tensor
    mean: Tensor
    divisor: Tensor
    axes: Tensor
    deviation: Tensor
    width: int
    norm: float

    def standardise(self, raw: Tensor, present: Tensor) -> Tensor:
        """Kept columns, centred and scaled. Shapes: raw (n, p), present (n,) -> (n, p'), 0 where not present."""
        known = present.unsqueeze(1)
        x = torch.where(known, raw, 0)[:, self.kept] - self.mean
        return torch.where(known, x / self.divisor, 0)

    def scores(self, raw: Tensor, present: Tensor) -> Tensor:
        """All components divided by `norm`. Shapes: raw (n, p), present (n,) -> (n, k) double, 0 where not present."""
        return self.standardise(raw, present).double() @ self.axes / self.norm

    def block(self, raw: Tensor, present: Tensor, width: int = COMPONENTS) -> Floats:
        """The first `width` components of the block. Shapes: raw (n, p), present (n,) -> (n, at most width)."""
        if not self.width:
            return np.zeros((len(raw), 1))
        return self.scores(raw, present)[:, : min(width, self.width)].numpy()

    def features(self, raw: Tensor, present: Tensor, count: int) -> Tensor:
        """The first `count` components with a mean deviation of 1, the best last; with `count` 0 the columns.

        Shapes: raw (n, p), present (n,) -> (n, at most count), a column of zeros where nothing varies.
        """
        x = self.standardise(raw, present)
        if count:
            x = (x.double() @ self.feature_axes(count)).float()
        return x if x.shape[1] else torch.zeros(len(raw), 1)

    def feature_axes(self, count: int) -> Tensor:
        """The axes of `features`: scaled, the best last. Shape: (p', at most count) double."""
        return self.axes[:, :count].flip(1) / self.feature_deviation(count)

    def feature_deviation(self, count: int) -> float:
        """Mean deviation of the first `count` components over the fitted rows."""
        return max(float(self.deviation[:count].mean()), LEAST_DEVIATION) if len(self.deviation) else 1.0


def fit_table(raw: Tensor, rows: Tensor, *, scale: bool, components: int = COMPONENTS) -> TableFit:
    """Fit on `rows`: centre, with `scale` z-score, and find at most `components` axes (0: none).

    Columns that are constant there are left out. Shapes: raw (n, p), rows (n,) boolean.
    """
    train = raw[rows]
    if not len(train):
        nothing, no_axes = torch.zeros(0), torch.zeros(0, 0, dtype=torch.float64)
        kept = torch.zeros(raw.shape[1], dtype=torch.bool)
        return TableFit(kept, nothing, nothing, no_axes, nothing.double(), 0, 1.0)
    mean, sd = train.mean(0), train.std(0, correction=0)
    kept = sd > LEAST_DEVIATION
    divisor = sd[kept] if scale else torch.ones_like(sd[kept])
    x = ((train[:, kept] - mean[kept]) / divisor).double()
    axes = principal_axes(x, components, LEAST_FEATURE_VARIANCE)
    scores = x @ axes
    variance = scores.square().mean(0)
    width = min(COMPONENTS, int((variance > variance[:1] * LEAST_VARIANCE).sum()))
    norm = float(scores[:, :width].norm(dim=1).mean()) if width else 1.0
    return TableFit(kept, mean[kept], divisor, axes, variance.sqrt(), width, norm)


def principal_axes(train: Tensor, count: int, least: float) -> Tensor:
    """The first `count` principal axes of centred rows, best first: of many rows from their covariance.

    Axes with less than `least` of the first one's variance are left out. Shapes: train (m, p) double -> (p, k).
    """
    if not count or not train.shape[1]:
        return torch.zeros(train.shape[1], 0, dtype=torch.float64)
    if len(train) > MOST_ROWS and train.shape[1] < len(train):
        values, vectors = torch.linalg.eigh(train.T @ train)
        keep = min(count, int((values > values[-1] * least).sum()))
        best: Tensor = vectors[:, len(values) - keep :].flip(1)
        return best
    values, vectors = torch.linalg.eigh(train @ train.T)
    keep = min(count, int((values > values[-1] * least).sum()))
    values, vectors = values[len(values) - keep :].flip(0), vectors[:, len(values) - keep :].flip(1)
    axes: Tensor = (train.T @ vectors) / values.clamp(min=1e-12).sqrt()
    return axes
