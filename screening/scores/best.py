"""The best compounds of each line, kept while more come: exact, and ties go by the order of the library."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.float32]
Rows = NDArray[np.int64]

NUMBERS = ("probability", "percentile", "ln_ic50", "half_width")  # of a pair, beside its score


@dataclass(frozen=True)
class Best:
    """Up to k compounds of each of L lines, best first.

    Shapes: score (L, k), -inf where there is none; row (L, k) of the compound; numbers (4, L, k).
    """

    score: Float
    row: Rows
    numbers: Float

    @classmethod
    def none(cls, lines: int) -> Self:
        """No compound yet."""
        return cls(
            np.empty((lines, 0), np.float32),
            np.empty((lines, 0), np.int64),
            np.empty((len(NUMBERS), lines, 0), np.float32),
        )

    def with_later(self, other: Self, k: int) -> "Best":
        """The best k of both; the other's rows come later in the library."""
        score = np.concatenate([self.score, other.score], 1)
        order = np.argsort(-score, axis=1, kind="stable")[:, :k]
        row = np.concatenate([self.row, other.row], 1)
        numbers = np.concatenate([self.numbers, other.numbers], 2)
        every = np.arange(len(score))[:, None]
        return Best(score[every, order], row[every, order], numbers[:, every, order])

    def without(self, rows: Rows) -> "Best":
        """The same without these rows, whose places are then the last."""
        gone = np.isin(self.row, rows)
        return Best(np.where(gone, -np.inf, self.score).astype(np.float32), self.row, self.numbers)

    def least(self, k: int) -> Float:
        """Score that a compound must exceed to be among the best k of each line. Shape: (L,)."""
        return self.score[:, k - 1] if self.score.shape[1] >= k else np.full(len(self.score), -np.inf, np.float32)


def top_columns(scores: Float, k: int) -> NDArray[np.intp]:
    """Columns of the k largest scores of each row, best first; equal scores keep their order.

    Shapes: scores (L, n) without NaN -> (L, min(k, n)).
    """
    lines, width = scores.shape
    k = min(k, width)
    out = np.empty((lines, k), np.intp)
    limits = np.partition(scores, width - k, axis=1)[:, width - k] if k < width else np.full(lines, -np.inf)
    for line, limit in enumerate(limits):
        columns = np.flatnonzero(scores[line] >= limit)  # more than k where scores are equal
        out[line] = columns[np.argsort(-scores[line, columns], kind="stable")[:k]]
    return out
