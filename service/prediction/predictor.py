"""The predictor: a verified bundle in memory that scores and ranks rows of cell lines and drugs.

It knows rows and arrays. Names are service.answers.resolve's matter, HTTP the routes'.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from model.bundle.bundle import Bundle
from model.bundle.card import Regression
from model.bundle.manifest import BundleError
from model.bundle.reader import read_bundle
from model.genes.table import GeneTable, genes_of
from model.molecules.known import KnownStructures
from model.scoring import ln_ic50, pair_scores, percentiles
from service.prediction.catalogue import Catalogue, drug_catalogue, line_catalogue
from service.prediction.decoder import Decoder
from service.prediction.embeddings import Embeddings, Float, Index
from service.prediction.encoders import Encoders
from service.prediction.intervals import IntervalWidths
from service.prediction.new_entities import NO_NEW_ENTITIES, NewEntities
from service.prediction.prediction_arrays import PredictionArrays
from service.schemas.catalogue import CellLine, Drug
from service.schemas.responses import Order
from service.settings import Settings

Rows = Sequence[int] | Index


@dataclass(frozen=True)
class ServedModel:
    """A model in service: decoder, embeddings, regression from margin to ln IC50, and encoders where it has them.

    `reference` holds each drug's scores with all lines of the bundle, ascending, (M, N); `percentile` the share of
    them below each pair's score, (N, M).
    """

    decoder: Decoder
    embeddings: Embeddings
    regression: Regression | None
    interval_widths: IntervalWidths | None
    reference: Float
    percentile: Float
    encoders: Encoders | None


class Predictor:
    """A verified bundle and a session for each of its models."""

    def __init__(self, bundle: Bundle, settings: Settings) -> None:
        self.bundle = bundle
        self.genes = _gene_table(bundle)
        self.lines: Catalogue[CellLine] = line_catalogue(
            bundle.cell_lines, bundle.identifiers.get("cell_line_names", [])
        )
        self.drugs: Catalogue[Drug] = drug_catalogue(bundle.drugs, bundle.identifiers.get("drug_names", []))
        self.structures = KnownStructures(bundle.drugs)
        self.models = {name: self._serve(name, settings) for name in bundle.models}

    @classmethod
    def load(cls, settings: Settings) -> Self:
        """Read, verify and self-test the bundle of the settings. Raises BundleError or DeviceError."""
        return cls(read_bundle(settings.bundle), settings)

    def predict(self, model: str, cells: Rows, drugs: Rows, new: NewEntities = NO_NEW_ENTITIES) -> PredictionArrays:
        """Predict aligned pairs of rows, in their order; rows past the bundle's are the request's new entities."""
        served = self.models[model]
        embeddings = new.append_to(served.embeddings)
        c, rows = np.asarray(cells, np.intp), np.asarray(drugs, np.intp)
        d = new.bundle_drugs(rows, len(self.drugs))
        score, probability = served.decoder.score(embeddings, c, d)
        percentile = self._percentile(served, embeddings, c, d, score)
        return PredictionArrays(c, rows, score, probability, percentile, *self._ln_ic50(served, embeddings, c, d))

    def _percentile(
        self, served: ServedModel, embeddings: Embeddings, cells: Index, drugs: Index, score: Float
    ) -> Float:
        known = (cells < len(self.lines)) & (drugs < len(self.drugs))
        if known.all():
            return served.percentile[cells, drugs]
        share = np.empty(len(score), np.float32)
        share[known] = served.percentile[cells[known], drugs[known]]
        for drug in np.unique(drugs[~known]):
            new_drug = drug >= len(self.drugs)
            of_drug = np.sort(self._scores(served.decoder, embeddings, drug)) if new_drug else served.reference[drug]
            here = ~known & (drugs == drug)
            share[here] = percentiles(of_drug, score[here])
        return share

    def _scores(self, decoder: Decoder, embeddings: Embeddings, drug: int) -> Float:
        """Scores of all lines of the bundle with one drug. Shape: (N,)."""
        every = np.arange(len(self.lines))
        return decoder.score(embeddings, every, np.full(len(every), drug))[0]

    def _ln_ic50(self, served: ServedModel, embeddings: Embeddings, cells: Index, drugs: Index) -> tuple[Float, Float]:
        if served.regression is None or served.interval_widths is None:
            unknown = np.full(len(cells), np.nan, np.float32)
            return unknown, unknown
        slope, intercept = served.regression["slope"], served.regression["intercept"]
        sd = embeddings.sd[drugs]
        margin = pair_scores(embeddings.cell[cells], embeddings.margin[drugs])
        return (
            ln_ic50(margin, slope, intercept, embeddings.threshold[drugs], sd),
            served.interval_widths.half_width(sd, cells >= len(self.lines), drugs >= len(self.drugs)),
        )

    def rank_drugs(
        self, model: str, cell: int, drugs: Rows, k: int, new: NewEntities = NO_NEW_ENTITIES, order: Order = "score"
    ) -> PredictionArrays:
        """Rank these drugs for a line; the k most sensitive, best first."""
        return self.predict(model, np.full(len(drugs), cell), drugs, new).best_first(order, k)

    def rank_lines(
        self, model: str, drug: int, lines: Rows, k: int, new: NewEntities = NO_NEW_ENTITIES, order: Order = "score"
    ) -> PredictionArrays:
        """Rank these cell lines for a drug; the k most sensitive, best first."""
        return self.predict(model, lines, np.full(len(lines), drug), new).best_first(order, k)

    def _serve(self, name: str, settings: Settings) -> ServedModel:
        part, decoder = self.bundle.models[name], Decoder(self.bundle.models[name], settings)
        # Not known is NaN, and so is then the drug's ln IC50.
        columns = [[row.get(key) for row in self.bundle.drugs] for key in ("threshold_ln_um", "ln_ic50_sd")]
        margins = part.drug if part.drug_margin is None else part.drug_margin
        embeddings = Embeddings(part.cell, part.drug, margins, *(np.array(column, np.float32) for column in columns))
        decoder.self_test(embeddings, *self._self_test_rows(name))
        regression, metrics = part.card.get("regression"), self.bundle.manifest["metrics"].get(name, {})
        interval_widths = IntervalWidths.from_card(part.card, metrics)
        scores = np.stack([self._scores(decoder, embeddings, drug) for drug in range(len(self.drugs))])
        ordered = np.sort(scores, axis=1)
        percentile = np.stack([percentiles(*pair) for pair in zip(ordered, scores, strict=True)], axis=1)
        encoders = Encoders.open(part, self.bundle, self.genes, settings)
        return ServedModel(decoder, embeddings, regression, interval_widths, ordered, percentile, encoders)

    def _self_test_rows(self, name: str) -> tuple[Index, Index]:
        tests = self.bundle.models[name].card["self_test"]
        cells = [self.lines.names.find(test["cell_line"]) for test in tests]
        drugs = [self.drugs.names.find(test["drug"]) for test in tests]
        return np.array(cells, np.intp), np.array(drugs, np.intp)


def _gene_table(bundle: Bundle) -> GeneTable:
    """Names of genes that the bundle brings along; without any, genes go by the model's own symbols."""
    try:
        return GeneTable(genes_of(bundle.identifiers.get("genes", [])))
    except ValueError as fault:
        raise BundleError(f"identifiers/genes.json: {fault}; run `drp annotate` again") from None
