"""Predictions as aligned arrays, and the order in which they are ranked."""

from dataclasses import dataclass

import numpy as np

from model.scoring import top_k
from service.prediction.embeddings import Float, Index
from service.schemas.responses import Order


@dataclass(frozen=True)
class PredictionArrays:
    """Predictions as aligned arrays: pair i is cell line `cells[i]` and drug `drugs[i]`.

    `ln_ic50` (µM) and the `half_width` of its interval are NaN where the model predicts labels alone; the latter also
    where the bundle does not say how far an unseen line or drug may lie off.
    """

    cells: Index
    drugs: Index
    score: Float
    probability: Float
    percentile: Float
    ln_ic50: Float
    half_width: Float

    def __len__(self) -> int:
        return len(self.cells)

    def take(self, places: Index) -> "PredictionArrays":
        """Select the pairs at these places, in that order."""
        return PredictionArrays(
            self.cells[places],
            self.drugs[places],
            self.score[places],
            self.probability[places],
            self.percentile[places],
            self.ln_ic50[places],
            self.half_width[places],
        )

    def ranked_places(self, order: Order, k: int) -> Index:
        """Places of the k most sensitive pairs, best first. Ties go by score, then by place; a NaN stands last."""
        if order == "score":
            return top_k(self.score, k)
        keys = {"probability": -self.probability, "percentile": -self.percentile, "ln_ic50": self.ln_ic50}
        return np.lexsort((-self.score, keys[order]))[:k]

    def best_first(self, order: Order, k: int) -> "PredictionArrays":
        """Select the k most sensitive pairs, best first."""
        return self.take(self.ranked_places(order, k))

    def best_of_each_line(self, order: Order, k: int, width: int) -> "PredictionArrays":
        """Select the k most sensitive of every `width` pairs in a row, which are those of one line."""
        blocks = [np.arange(start, start + width) for start in range(0, len(self), width)]
        return self.take(np.concatenate([block[self.take(block).ranked_places(order, k)] for block in blocks]))
