"""The decoder of a model in ONNX Runtime: embedding rows in, scores and probabilities out.

The score of a pair is the same to the last bit whatever other pairs are scored with it.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from model.bundle.bundle import ModelPart
from model.bundle.manifest import BundleError
from model.bundle.reader import SELF_TEST_TOLERANCE
from model.scoring import calibrated, ln_ic50, pair_scores
from service.prediction.embeddings import Embeddings, Float, Index
from service.prediction.onnx_session import open_session
from service.settings import Settings

INPUTS, OUTPUTS = {"cell", "drug"}, ["score", "probability"]
BLOCK_ROWS = 64


class Decoder:
    """The decoder graph of one model, which scores pairs of embedding rows.

    The kernels of ONNX Runtime sum a row in an order that depends on how the row lies in memory, and treat the
    tail of an array apart, so the last bit of a score could depend on its neighbours. Hence every call has
    BLOCK_ROWS rows, and the bundle pads every row to a vector boundary. Then /predict and /rank agree to the last
    bit.
    """

    def __init__(self, part: ModelPart, settings: Settings) -> None:
        self._part = part.opened()
        self._session = open_session(f"{part.name}/decoder.onnx", part.decoder, INPUTS, set(OUTPUTS), settings)

    @property
    def provider(self) -> str:
        """Execution provider that the session really has."""
        return str(self._session.get_providers()[0])

    def score(self, embeddings: Embeddings, cells: Index, drugs: Index) -> tuple[Float, Float]:
        """Score and probability of aligned rows of the embeddings.

        Shapes: cells (n,), drugs (n,) -> (n,), (n,).
        """
        outputs = np.empty((2, len(cells)), np.float32)
        for start in range(0, len(cells), BLOCK_ROWS):
            block = slice(start, start + BLOCK_ROWS)
            outputs[:, block] = self._block(embeddings, cells[block], drugs[block])
        return outputs[0], outputs[1]

    def ln_ic50(self, embeddings: Embeddings, cells: Index, drugs: Index) -> Float:
        """Predicted ln IC50 (µM) of such pairs, (n,); NaN where the model predicts labels alone."""
        regression = self._part.card.get("regression")
        if regression is None:
            return np.full(len(cells), np.nan, np.float32)
        margin = pair_scores(embeddings.cell[cells], embeddings.margin[drugs])
        slope, intercept = regression["slope"], regression["intercept"]
        return ln_ic50(margin, slope, intercept, embeddings.threshold[drugs], embeddings.sd[drugs])

    def without(self, codes: Float, embeddings: Embeddings, drug: int) -> tuple[Float, Float]:
        """Score and probability of n lines with other codes, (n, w), and one drug, in numpy."""
        score = pair_scores(codes, embeddings.drug[drug][None, :])
        return score, calibrated(score, *self._part.calibration)

    def line_cases(self, _: Embeddings, cells: Index) -> Index:
        """Whether each line is new, as 0 or 1, (n,)."""
        return (cells >= len(self._part.cell)).astype(np.intp)

    def _block(self, embeddings: Embeddings, cells: Index, drugs: Index) -> Float:
        # Unused rows of the block repeat row 0, whose values are finite.
        rows = np.zeros((2, BLOCK_ROWS), np.intp)
        rows[0, : len(cells)], rows[1, : len(cells)] = cells, drugs
        feeds = {"cell": embeddings.cell[rows[0]], "drug": embeddings.drug[rows[1]]}
        outputs: Float = np.stack(self._session.run(OUTPUTS, feeds))[:, : len(cells)]  # (2, n)
        return outputs

    def self_test(self, embeddings: Embeddings, cells: Index, drugs: Index) -> None:
        """Compare with the manifest's answers and with numpy; raises BundleError where they differ."""
        got = dict(zip(OUTPUTS, self.score(embeddings, cells, drugs), strict=True))
        numpy_score = pair_scores(embeddings.cell[cells], embeddings.drug[drugs])
        expected = {"score": numpy_score, "probability": calibrated(numpy_score, *self._part.calibration)}
        tests: Sequence[Mapping[str, Any]] = self._part.card["self_test"]
        for key in OUTPUTS:
            stated = np.array([test[key] for test in tests])
            gap = max(float(np.abs(got[key] - want).max()) for want in (stated, expected[key]))
            if not gap <= SELF_TEST_TOLERANCE:
                raise BundleError(f"{self._part.name}/decoder.onnx: self-test fails, {key} is off by {gap:.2g}")
