"""The bundle in memory and what can be asked of it. Knows rows and arrays; names are `resolve`'s, HTTP the routes'."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from model.bundle import Bundle, read_bundle
from model.scoring import ln_ic50, pair_scores, percentiles, top_k
from service.catalogue import Catalogue, drug_catalogue, line_catalogue
from service.decoder import Decoder, Float, Index
from service.schemas.tables import CellLine, Drug
from service.settings import Settings

Rows = Sequence[int] | Index


@dataclass(frozen=True)
class Answers:
    """Aligned answers: pair i is cell line `cells[i]` and drug `drugs[i]`.

    `ln_ic50` (µM) and the `half_width` of its interval are NaN where the model predicts labels alone.
    """

    cells: Index
    drugs: Index
    score: Float
    probability: Float
    percentile: Float
    ln_ic50: Float
    half_width: Float

    def take(self, order: Index) -> "Answers":
        """Answers at some places, in that order."""
        return Answers(*(column[order] for column in vars(self).values()))


@dataclass(frozen=True)
class ServedModel:
    """A model that answers: decoder, way from margin to ln IC50, percentile of every pair of the bundle, (N, M)."""

    decoder: Decoder
    regression: dict[str, float] | None
    percentile: Float


class Predictor:
    """Owns a verified bundle and a session for each of its models."""

    def __init__(self, bundle: Bundle, settings: Settings) -> None:
        self.bundle = bundle
        self.lines: Catalogue[CellLine] = line_catalogue(bundle.cell_lines)
        self.drugs: Catalogue[Drug] = drug_catalogue(bundle.drugs)
        # Not known is NaN, and so is then the drug's ln IC50.
        self._threshold = np.array([row.get("threshold_ln_um") for row in bundle.drugs], np.float32)
        self._sd = np.array([row.get("ln_ic50_sd") for row in bundle.drugs], np.float32)
        self.models = {name: self._serve(name, settings) for name in bundle.models}

    @classmethod
    def load(cls, settings: Settings) -> Self:
        """Read, verify and try out the bundle of the settings. Raises BundleError or DeviceError."""
        return cls(read_bundle(settings.bundle), settings)

    def predict(self, model: str, cells: Rows, drugs: Rows) -> Answers:
        """Answer aligned pairs of rows, in their order."""
        served = self.models[model]
        c, d = np.asarray(cells, np.intp), np.asarray(drugs, np.intp)
        score, probability = served.decoder.score(c, d)
        return Answers(c, d, score, probability, served.percentile[c, d], *self._ln_ic50(model, c, d, score))

    def _ln_ic50(self, model: str, cells: Index, drugs: Index, score: Float) -> tuple[Float, Float]:
        served, part = self.models[model], self.bundle.models[model]
        if served.regression is None:
            unknown = np.full(len(score), np.nan, np.float32)
            return unknown, unknown
        slope, intercept = served.regression["slope"], served.regression["intercept"]
        sd = self._sd[drugs]
        # A bundle without margin codes was calibrated on its scores.
        margin = score if part.drug_margin is None else pair_scores(part.cell[cells], part.drug_margin[drugs])
        return (
            ln_ic50(margin, slope, intercept, self._threshold[drugs], sd),
            sd * np.float32(served.regression["half_width_sd"]),
        )

    def rank_drugs(self, model: str, cell: int, drugs: Rows, k: int) -> Answers:
        """K of these drugs to which the line should respond best, best first."""
        answers = self.predict(model, np.full(len(drugs), cell), drugs)
        return answers.take(top_k(answers.score, k))

    def rank_lines(self, model: str, drug: int, k: int) -> Answers:
        """K cell lines that should respond best to the drug, best first."""
        lines = np.arange(len(self.lines))
        answers = self.predict(model, lines, np.full(len(lines), drug))
        return answers.take(top_k(answers.score, k))

    def _serve(self, name: str, settings: Settings) -> ServedModel:
        decoder = Decoder(self.bundle.models[name], settings)
        decoder.self_test(*self._self_test_rows(name))
        regression = self.bundle.models[name].card.get("regression")
        return ServedModel(decoder, regression, percentile_table(decoder, len(self.lines), len(self.drugs)))

    def _self_test_rows(self, name: str) -> tuple[Index, Index]:
        tests = self.bundle.models[name].card["self_test"]
        cells = [self.lines.names.find(test["cell_line"]) for test in tests]
        drugs = [self.drugs.names.find(test["drug"]) for test in tests]
        return np.array(cells, np.intp), np.array(drugs, np.intp)


def percentile_table(decoder: Decoder, lines: int, drugs: int) -> NDArray[np.float32]:
    """Share (0–100) of the bundle's lines predicted less sensitive to a drug than each line, for every drug.

    Shapes: -> (lines, drugs).
    """
    every = np.arange(lines)
    table = np.empty((lines, drugs), np.float32)
    for drug in range(drugs):
        score, _ = decoder.score(every, np.full(lines, drug))
        table[:, drug] = percentiles(np.sort(score), score)
    return table
