"""Predictions of a whole grid: every sample and line of a table request with every compound and drug."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from model.encoder_inputs import MODALITIES
from service.answers.name_warnings import homonym_warnings, listed_name_warnings
from service.answers.new_entities import COMPOUND, encode_new_entities
from service.answers.prediction_text import explained_texts, prediction_texts, provenance, to_predictions
from service.answers.refusals import refusal_of_all
from service.answers.resolve import Table, listed_rows, new_rows
from service.answers.tables.media_types import CSV, PARQUET
from service.answers.tables.prediction_table import WideValue, to_parquet, to_wide_csv, to_wide_parquet
from service.answers.tables.rendering import render
from service.answers.tables.table_input import TableCompounds, TableSamples
from service.errors import pointer
from service.prediction.new_entities import NewDrugs, NewLines
from service.prediction.predictor import Predictor
from service.schemas.explanations import ExplainedPredictions
from service.schemas.responses import Order, Predictions, Refusal


@dataclass(frozen=True)
class GridRanking:
    """How the drugs of each line are ranked, and how many of them are kept; None keeps all."""

    order: Order
    top_k: int | None


def predict_grid(
    predictor: Predictor,
    model: str,
    read: TableSamples,
    brought: TableCompounds,
    known: tuple[Sequence[str], Sequence[str]],
    ranking: GridRanking | None = None,
    *,
    marking: bool = False,
    explaining: bool = False,
) -> tuple[Predictions | ExplainedPredictions, list[str]]:
    """Predict all pairs of a grid, line by line; with a ranking, the best drugs of each line, best first.

    The answer has no predictions yet: their JSON stands beside it. `known` are names of lines and of drugs of the
    bundle, each answered once however often it is named; a side of which nothing is given stands for all that it has.
    With `marking` what cannot be read is left out, with `explaining` each prediction has its explanation. Raises
    ProblemError where a whole side, or without `marking` anything, cannot be read.
    """
    names = listed_rows(predictor, *known)
    encoded = encode_new_entities(predictor, model, read.samples, brought.compounds, table_pointer, marking=marking)
    new = replace(encoded, refused=[*brought.refused, *(_with_columns(one, brought) for one in encoded.refused)])
    rows = _side(predictor.lines, new.lines, names.cell_lines.rows, new.refused, given=bool(read.samples))
    columns = _side(predictor.drugs, new.drugs, names.drugs.rows, new.refused, given=brought.given)
    arrays = predictor.predict(model, np.repeat(rows, len(columns)), np.tile(columns, len(rows)), new)
    if ranking is not None:
        arrays = arrays.best_of_each_line(ranking.order, ranking.top_k or len(columns), len(columns))
    source = provenance(predictor, model, new)
    source["names"] = names.readings
    for name, reading in source["compounds"].items():
        source["compounds"][name] = reading.model_copy(update={"columns": brought.columns.get(name, {})})
    respelled = listed_name_warnings(predictor, *known, names.doubtful)
    source["warnings"] = [
        *respelled,
        *homonym_warnings(predictor, new),
        *read.notes,
        *brought.notes,
        *source["warnings"],
    ]
    if explaining:
        return ExplainedPredictions(**source, predictions=[]), explained_texts(predictor, model, arrays, new)
    return Predictions(**source, predictions=[]), prediction_texts(predictor, arrays, new)


def _with_columns(refused: Refusal, brought: TableCompounds) -> Refusal:
    columns = brought.columns.get(refused.name, {}) if refused.kind == COMPOUND else {}
    return refused.model_copy(update={"columns": columns})


def _side(
    catalogue: Table, new: NewLines | NewDrugs | None, known: Iterable[int], refused: list[Refusal], *, given: bool
) -> Sequence[int]:
    """Rows of one side. Raises ProblemError where samples or compounds were given and none of them could be read."""
    rows = [*new_rows(catalogue, new.names if new else ()).values(), *dict.fromkeys(known)]
    if given and not rows:
        raise refusal_of_all(refused)
    return rows or range(len(catalogue))


def answer_grid(
    form: str, wide: WideValue | None, grid: Callable[[], tuple[Predictions | ExplainedPredictions, list[str]]]
) -> str | bytes:
    """Predict a grid and write it in the media type `form`; with `wide`, a line a row and a drug a column."""
    answer, texts = grid()
    if wide is not None:
        write = to_wide_csv if form == CSV else to_wide_parquet
        return write(answer, to_predictions(texts), wide)
    return to_parquet(answer, to_predictions(texts)) if form == PARQUET else render(answer, texts, form)


def table_pointer(kind: str, name: str, place: Sequence[str]) -> str:
    """Place of a fault in an uploaded table: /expression/<sample>/<gene>, /compounds/<name>."""
    field, rest = (place[0], place[1:]) if place and place[0] in MODALITIES else (f"{kind}s", place)
    return pointer((field, name, *rest))
