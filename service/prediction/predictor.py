"""The predictor: a verified bundle in memory that scores and ranks rows of cell lines and drugs.

It knows rows and arrays. Names are service.answers.resolve's matter, HTTP the routes'.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Self

import numpy as np

from model.bundle.bundle import Bundle
from model.bundle.manifest import BundleError
from model.bundle.merge import read_bundles
from model.genes.table import GeneTable, genes_of
from model.molecules.known import KnownStructures
from service.prediction.catalogue import Catalogue, drug_catalogue, line_catalogue
from service.prediction.embeddings import Index
from service.prediction.new_entities import NO_NEW_ENTITIES, NewEntities
from service.prediction.prediction_arrays import PredictionArrays
from service.prediction.served_model import NUMBERS, ServedModel
from service.schemas.catalogue import CellLine, Drug
from service.schemas.responses import Order
from service.settings import Settings

Rows = Sequence[int] | Index


class Predictor:
    """A verified bundle, opened: each of its models in service.

    One that does not `place_new` entities answers for the bundle's own, at half the memory.
    """

    def __init__(self, bundle: Bundle, settings: Settings, *, places_new: bool = True) -> None:
        self.places_new = places_new
        self.lines: Catalogue[CellLine] = line_catalogue(
            bundle.cell_lines, bundle.identifiers.get("cell_line_names", [])
        )
        self.drugs: Catalogue[Drug] = drug_catalogue(bundle.drugs, bundle.identifiers.get("drug_names", []))
        self.structures = KnownStructures(bundle.drugs)
        genes = _gene_table(bundle) if places_new else None
        self.models = {name: self._serve(bundle, name, genes, settings) for name in bundle.models}
        parts = {name: part.opened() for name, part in bundle.models.items()}
        self.bundle = replace(bundle, models=parts)

    @classmethod
    def load(cls, settings: Settings, *, places_new: bool = True) -> Self:
        """Read, verify and self-test the bundle of the settings, or both. Raises BundleError or DeviceError."""
        return cls(read_bundles(settings.bundle, settings.further_bundle), settings, places_new=places_new)

    def predict(self, model: str, cells: Rows, drugs: Rows, new: NewEntities = NO_NEW_ENTITIES) -> PredictionArrays:
        """Predict aligned pairs of rows, in their order; rows past the bundle's are the request's new entities."""
        served = self.models[model]
        c, rows = np.asarray(cells, np.intp), np.asarray(drugs, np.intp)
        if new.lines is None and new.drugs is None:
            return PredictionArrays(c, rows, *served.known(c, rows))
        d = new.bundle_drugs(rows, len(self.drugs))
        known = (c < len(self.lines)) & (d < len(self.drugs))
        numbers = np.empty((len(NUMBERS), len(c)), np.float32)
        numbers[:, known] = served.known(c[known], d[known])
        numbers[:, ~known] = served.new(new.append_to(served.embeddings), c[~known], d[~known])
        return PredictionArrays(c, rows, *numbers)

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

    def _serve(self, bundle: Bundle, name: str, genes: GeneTable | None, settings: Settings) -> ServedModel:
        served = ServedModel.open(bundle, name, genes, settings)
        tests = bundle.models[name].card["self_test"]
        cells = [self.lines.names.find(test["cell_line"]) for test in tests]
        drugs = [self.drugs.names.find(test["drug"]) for test in tests]
        served.decoder.self_test(served.embeddings, np.array(cells, np.intp), np.array(drugs, np.intp))
        return served


def _gene_table(bundle: Bundle) -> GeneTable:
    """Names of genes that the bundle brings along; without any, genes go by the model's own symbols."""
    try:
        return GeneTable(genes_of(bundle.identifiers.get("genes", [])))
    except ValueError as fault:
        raise BundleError(f"identifiers/genes.json: {fault}; run `drp annotate` again") from None
