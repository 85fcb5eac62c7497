"""Predictions of a whole grid: every sample and line of a table request with every compound and drug."""

from collections.abc import Mapping, Sequence

import numpy as np

from model.encoder_inputs import MODALITIES
from service.answers.new_entities import encode_new_entities
from service.answers.prediction_objects import provenance, to_predictions
from service.answers.resolve import listed_rows, new_rows
from service.answers.table_input import TableSamples
from service.errors import pointer
from service.prediction.encoders import Compound
from service.prediction.predictor import Predictor
from service.schemas.responses import Predictions


def predict_grid(
    predictor: Predictor,
    model: str,
    read: TableSamples,
    compounds: Mapping[str, Compound],
    cell_lines: Sequence[str],
    drugs: Sequence[str],
) -> Predictions:
    """Predict all pairs of a grid. A side of which nothing is given stands for all that the bundle has of it."""
    known_lines, known_drugs = listed_rows(predictor, cell_lines, drugs)
    new = encode_new_entities(predictor, model, read.samples, compounds, table_pointer)
    rows = [*new_rows(predictor.lines, read.samples).values(), *known_lines] or range(len(predictor.lines))
    columns = [*new_rows(predictor.drugs, compounds).values(), *known_drugs] or range(len(predictor.drugs))
    arrays = predictor.predict(model, np.repeat(rows, len(columns)), np.tile(columns, len(rows)), new)
    source = provenance(predictor, model, new)
    source["warnings"] = [*read.notes, *source["warnings"]]
    return Predictions(**source, predictions=to_predictions(predictor, arrays, new))


def table_pointer(kind: str, name: str, place: Sequence[str]) -> str:
    """Place of a fault in an uploaded table: /expression/<sample>/<gene>, /compounds/<name>."""
    field, rest = (place[0], place[1:]) if place and place[0] in MODALITIES else (f"{kind}s", place)
    return pointer((field, name, *rest))
