"""How a model scores a block of new compounds for all lines of a screen: products of codes, or a kernel stack."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from model.kernel_stack.served_stack import ServedStack
from model.scoring import ln_ic50
from service.prediction.decoder import Decoder
from service.prediction.embeddings import Embeddings, Float, Index
from service.prediction.served_model import ServedModel
from service.prediction.stack_decoder import StackDecoder


@dataclass(frozen=True)
class Codes:
    """Codes of n compounds as in model.scoring, their thresholds, deviations and nearest drugs' similarity.

    `known` are rows of the bundle's drugs, -1 for what is none of them.
    """

    drug: Float
    margin: Float
    threshold: Float
    sd: Float
    similarity: Float
    in_domain: NDArray[np.bool_]
    known: Index

    @property
    def is_new(self) -> NDArray[np.bool_]:
        """Which are no drugs of the bundle, (n,)."""
        return self.known < 0


class CodeScorer:
    """Scores and margins are inner products, so those of all lines are one matrix product."""

    def __init__(self, cell: Float, regression: tuple[float, float]) -> None:
        self._cell, self._regression = cell.astype(np.float64), regression

    def scores(self, codes: Codes) -> Float:
        """Score of each line with each compound, (L, n)."""
        return self._products(codes.drug)

    def ln_ic50(self, codes: Codes, lines: Index, columns: Index) -> Float:
        """Predicted ln IC50 (µM) of some pairs. Shapes: lines, columns (p,) -> (p,)."""
        margins = self._products(codes.margin)[lines, columns]
        return ln_ic50(margins, *self._regression, codes.threshold[columns], codes.sd[columns])

    def _products(self, drugs: Float) -> Float:
        return (self._cell @ drugs.T.astype(np.float64)).astype(np.float32)


class StackScorer:
    """A line's z and q of a new compound are matrix products, too; what follows them is done number by number.

    A drug of the bundle is answered as such, from the lines' own numbers of it.
    """

    def __init__(self, decoder: StackDecoder, embeddings: Embeddings) -> None:
        self._decoder, self._embeddings = decoder, embeddings

    @property
    def _stack(self) -> ServedStack:
        return self._decoder.stack

    def scores(self, codes: Codes) -> Float:
        """Score of each line with each compound, (L, n)."""
        z, q = self._stack.crossed(self._embeddings.cell, codes.drug)
        out = self._stack.new_drugs.log_odds(z, q, self._stack.new_scales).astype(np.float32)
        every = np.arange(len(out))
        for column in np.flatnonzero(~codes.is_new).tolist():
            drug = np.full(len(out), codes.known[column])
            out[:, column] = self._decoder.score(self._embeddings, every, drug)[0]
        return out

    def ln_ic50(self, codes: Codes, lines: Index, columns: Index) -> Float:
        """Predicted ln IC50 (µM) of some pairs. Shapes: lines, columns (p,) -> (p,)."""
        scales, new = self._stack.new_scales, codes.is_new[columns]
        z, _ = self._stack.crossed(self._embeddings.cell, codes.drug)
        potency = codes.threshold[columns] - scales.sd * scales.offset
        out = self._stack.new_drugs.ln_ic50(z[lines, columns], replace(scales, mean=potency)).astype(np.float32)
        out[~new] = self._decoder.ln_ic50(self._embeddings, lines[~new], codes.known[columns[~new]])
        return out


def scorer_of(
    served: ServedModel, embeddings: Embeddings, regression: tuple[float, float]
) -> CodeScorer | StackScorer:
    """Of a model; `embeddings` have the rows of a screen's samples behind those of the bundle's lines."""
    if isinstance(served.decoder, Decoder):
        return CodeScorer(embeddings.cell, regression)
    return StackScorer(served.decoder, embeddings)
