"""Arrays of the predictor -> the JSON of predictions, column by column; and where an answer comes from."""

import math
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import repeat
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import TypeAdapter
from pydantic_core import to_json

from service.answers.new_compounds import compound_readings, compound_warnings
from service.answers.new_entities import gene_counts, sample_warnings
from service.prediction.catalogue import Catalogue
from service.prediction.explain import explain
from service.prediction.intervals import other_assay
from service.prediction.new_entities import NO_NEW_ENTITIES, NewDrugs, NewEntities, NewLines
from service.prediction.prediction_arrays import PredictionArrays
from service.prediction.predictor import Predictor
from service.schemas.catalogue import CellLine, Drug
from service.schemas.responses import Answer, Case, Entity, NearestNeighbours, Neighbour, Prediction

Table = Catalogue[CellLine] | Catalogue[Drug]
Doubles = NDArray[np.float64]
Domain = tuple[Neighbour | None, bool | None]

MAX_LN_UM = 700.0  # e to the 700th is still a double; no measured concentration comes near
NO_NAMES = '"names":{"cell_lines":{},"drugs":{}}'
KNOWN = '"case":"known","in_domain":true,"nearest":null}'
KNOWN_DOMAIN: Domain = (None, True)  # of a line or drug of the bundle: no neighbour, inside the domain
CASES: dict[tuple[bool, bool], Case] = {
    (True, False): "unseen_line",
    (False, True): "unseen_drug",
    (True, True): "unseen_both",
}
_predictions = TypeAdapter(list[Prediction])


def prediction_texts(predictor: Predictor, arrays: PredictionArrays, new: NewEntities = NO_NEW_ENTITIES) -> list[str]:
    """JSON of each prediction, with every digit of the arrays."""
    if not len(arrays):
        return []
    lines, drugs = _texts(predictor.lines, new.lines), _texts(predictor.drugs, new.drugs)
    ln_um, half = arrays.ln_ic50.astype(np.float64), arrays.half_width.astype(np.float64)
    ln_ic50 = np.stack([ln_um, ln_um - half, ln_um + half])
    elsewhere = other_assay(half, predictor.bundle.manifest.get("other_assay_half_width_ln_um"))
    numbers = (arrays.probability, arrays.score, arrays.percentile)
    ends = (ln_um - elsewhere, ln_um + elsewhere)
    columns = _columns(
        [*(column.tolist() for column in numbers), *ln_ic50.tolist(), *to_um(ln_ic50), *(end.tolist() for end in ends)]
    )
    rows = zip(
        map(lines.__getitem__, arrays.cells.tolist()),
        map(drugs.__getitem__, arrays.drugs.tolist()),
        *columns[:4],
        _intervals(*columns[4:6]),
        columns[6],
        _intervals(*columns[7:9]),
        _intervals(*columns[9:]),
        _endings(predictor, arrays, new),
        strict=False,  # what ends every known pair repeats
    )
    # The fields of service.schemas.responses.Prediction, in their order.
    return [
        f'{{"cell_line":{line},"drug":{drug},"probability":{probability},"score":{score},"ln_ic50":{ln_ic50},'
        f'"ln_ic50_interval":{interval},"ln_ic50_interval_other_assay":{far},"ic50_um":{ic50_um},'
        f'"ic50_um_interval":{um_interval},'
        f'"percentile":{percentile},{ending}'
        for line, drug, probability, score, percentile, ln_ic50, interval, ic50_um, um_interval, far, ending in rows
    ]


def explained_texts(
    predictor: Predictor, model: str, arrays: PredictionArrays, new: NewEntities = NO_NEW_ENTITIES
) -> list[str]:
    """JSON of each prediction with its explanation."""
    texts, explanations = prediction_texts(predictor, arrays, new), explain(predictor, model, arrays, new)
    return [
        f'{prediction[:-1]},"explanation":{explanation.model_dump_json()}}}'
        for prediction, explanation in zip(texts, explanations, strict=True)
    ]


def to_predictions(texts: Iterable[str]) -> list[Prediction]:
    """Prediction objects of their JSON."""
    return _predictions.validate_json(f"[{','.join(texts)}]")


def to_json_text(answer: Answer, items: str, names: str = NO_NAMES) -> str:
    """JSON of an answer whose last field is an empty list, with these items in it, and these names instead of none."""
    return f"{answer.model_dump_json().removesuffix(']}').replace(NO_NAMES, names, 1)}{items}]}}"


def entity(catalogue: Table, new: NewLines | NewDrugs | None, row: int) -> Entity:
    """Id and name of a row of the bundle or, behind these, of the request."""
    known = len(catalogue)
    return catalogue.entities[row] if row < known else _new_entities(catalogue, new)[row - known]


def provenance(predictor: Predictor, model: str, new: NewEntities) -> dict[str, Any]:
    """Fields of service.schemas.responses.Answer."""
    return {
        "model": model,
        "bundle": predictor.bundle.version,
        "samples": gene_counts(new),
        "compounds": compound_readings(predictor, new),
        "refused": new.refused,
        "warnings": [*sample_warnings(new), *compound_warnings(new)],
    }


def to_um(ln_um: Doubles) -> list[list[float]]:
    """Concentrations in µM from ln µM, (r, n), limited to e^±MAX_LN_UM so that they stay finite. NaN stays NaN."""
    return [list(map(math.exp, row)) for row in np.minimum(np.maximum(ln_um, -MAX_LN_UM), MAX_LN_UM).tolist()]


def number_text(values: Sequence[float] | Sequence[Sequence[float]]) -> str:
    """Numbers, or lists of them, as JSON has them, with commas between; a NaN, which is not known, is null."""
    return to_json(values, inf_nan_mode="null").decode()[1:-1]


def _columns(columns: Sequence[Sequence[float]]) -> list[list[str]]:
    """The same of columns that are not empty, number by number."""
    return [column.split(",") for column in number_text(columns)[1:-1].split("],[")]


def _intervals(low: Sequence[str], high: Sequence[str]) -> list[str]:
    return ["null" if a == "null" else f"[{a},{b}]" for a, b in zip(low, high, strict=True)]


def _texts(catalogue: Table, new: NewLines | NewDrugs | None) -> list[str]:
    if new is None:
        return catalogue.texts
    return [*catalogue.texts, *(one.model_dump_json() for one in _new_entities(catalogue, new))]


def _new_entities(catalogue: Table, new: NewLines | NewDrugs | None) -> list[Entity]:
    """A compound that is a drug of the bundle has that drug's id and the name that the request gives it."""
    names = new.names if new else []
    rows = [new.drug_row(place) if isinstance(new, NewDrugs) else None for place in range(len(names))]
    ids = [None if row is None else catalogue.refs[row].id for row in rows]
    return [Entity(id=own, name=name) for own, name in zip(ids, names, strict=True)]


def _endings(predictor: Predictor, arrays: PredictionArrays, new: NewEntities) -> Iterable[str]:
    """Case, domain and neighbours of each pair, to the end of its object."""
    if new.lines is None and new.drugs is None:
        return repeat(KNOWN)
    line_domains, drug_domains = _domains(predictor.lines, new.lines), _domains(predictor.drugs, new.drugs)
    known_lines, known_drugs = len(predictor.lines), len(predictor.drugs)

    @cache
    def ending(line: int, drug: int) -> str:
        if line < 0 and drug < 0:
            return KNOWN
        near_line, line_inside = KNOWN_DOMAIN if line < 0 else line_domains[line]
        near_drug, drug_inside = KNOWN_DOMAIN if drug < 0 else drug_domains[drug]
        fields = {
            "case": CASES[line >= 0, drug >= 0],
            "in_domain": _both_in_domain(line_inside, drug_inside),
            "nearest": NearestNeighbours(cell_line=near_line, drug=near_drug),
        }
        return to_json(fields).decode()[1:]

    lines = np.maximum(arrays.cells - known_lines, -1)
    drugs = np.maximum(new.bundle_drugs(arrays.drugs, known_drugs) - known_drugs, -1)
    return map(ending, lines.tolist(), drugs.tolist())


def _domains(catalogue: Table, new: NewLines | NewDrugs | None) -> Sequence[Domain]:
    """Nearest training neighbour of each new entity, and whether the entity lies in the applicability domain."""
    domains: list[Domain] = []
    if new is None:
        return domains
    for place in range(len(new.names)):
        ((row, similarity),) = new.neighbours.nearest(place, 1)
        ref = catalogue.refs[row]
        neighbour = Neighbour(id=ref.id, name=ref.name, similarity=similarity)
        domains.append((neighbour, new.neighbours.in_domain(place)))
    return domains


def _both_in_domain(line: bool | None, drug: bool | None) -> bool | None:
    """Whether line and drug both lie in the domain: False if one does not, else None if one is not known."""
    if line is False or drug is False:
        return False
    return None if line is None or drug is None else True
