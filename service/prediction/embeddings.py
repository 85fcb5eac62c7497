"""The rows that a pair can point to: the bundle's lines and drugs, and after them those that a request brings."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.float32]
Index = NDArray[np.intp]


@dataclass(frozen=True)
class Codes:
    """Codes as in model.scoring, with what ln IC50 needs of each drug.

    Shapes: cell (n, w), drug and margin (m, w), threshold (ln µM) and sd (m,), NaN where not known. A model without
    margin codes has its drug codes there: its score is the margin.
    """

    cell: Float
    drug: Float
    margin: Float
    threshold: Float
    sd: Float

    def __add__(self, other: Self) -> "Codes":
        """These rows and then the other's; where both have none, nothing is copied."""
        return Codes(
            _joined(self.cell, other.cell),
            _joined(self.drug, other.drug),
            _joined(self.margin, other.margin),
            _joined(self.threshold, other.threshold),
            _joined(self.sd, other.sd),
        )


def _joined(first: Float, second: Float) -> Float:
    return np.concatenate([first, second]) if len(second) else first
