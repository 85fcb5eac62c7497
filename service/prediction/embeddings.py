"""The embedding rows that a pair can point to: those of the bundle, then those of the request."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.float32]
Index = NDArray[np.intp]


@dataclass(frozen=True)
class Embeddings:
    """Embeddings as in model.scoring, and each drug's threshold and standard deviation, from which ln IC50 follows.

    Shapes: cell (n, w), drug and margin (m, w), threshold (ln µM) and sd (m,), NaN where not known. A model without
    margin embeddings has its drug embeddings there: its score is the margin.
    """

    cell: Float
    drug: Float
    margin: Float
    threshold: Float
    sd: Float

    def __add__(self, other: Self) -> "Embeddings":
        """Append the other's rows; an array to which nothing is appended is not copied."""
        return Embeddings(
            _append(self.cell, other.cell),
            _append(self.drug, other.drug),
            _append(self.margin, other.margin),
            _append(self.threshold, other.threshold),
            _append(self.sd, other.sd),
        )


def _append(first: Float, second: Float) -> Float:
    return np.concatenate([first, second]) if len(second) else first
