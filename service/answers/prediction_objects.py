"""Arrays of the predictor -> prediction objects of an answer, and where the answer comes from."""

import math
from collections.abc import Sequence
from typing import Any

from service.answers.new_compounds import compound_readings, compound_warnings
from service.answers.new_entities import gene_counts, sample_warnings
from service.prediction.catalogue import Catalogue
from service.prediction.new_entities import NO_NEW_ENTITIES, NewDrugs, NewEntities, NewLines
from service.prediction.prediction_arrays import PredictionArrays
from service.prediction.predictor import Predictor
from service.schemas.catalogue import CellLine, Drug
from service.schemas.responses import Case, Entity, NearestNeighbours, Neighbour, Prediction

Table = Catalogue[CellLine] | Catalogue[Drug]
Domain = tuple[Neighbour | None, bool | None]

MAX_LN_UM = 700.0  # e to the 700th is still a double; no measured concentration comes near
KNOWN: Domain = (None, True)  # of a line or drug of the bundle: no neighbour, inside the domain
CASES: dict[tuple[bool, bool], Case] = {
    (False, False): "known",
    (True, False): "unseen_line",
    (False, True): "unseen_drug",
    (True, True): "unseen_both",
}


def to_predictions(
    predictor: Predictor, arrays: PredictionArrays, new: NewEntities = NO_NEW_ENTITIES
) -> list[Prediction]:
    """Prediction objects of aligned arrays, with every digit of the arrays."""
    lines, drugs = entities(predictor.lines, new.lines), entities(predictor.drugs, new.drugs)
    line_domains, drug_domains = _domains(predictor.lines, new.lines), _domains(predictor.drugs, new.drugs)
    known_lines, known_drugs = len(predictor.lines), len(predictor.drugs)
    bundle_drugs = new.bundle_drugs(arrays.drugs, known_drugs)
    predictions = []
    for c, d, row, score, probability, percentile, ln_ic50, half in zip(
        arrays.cells.tolist(),
        arrays.drugs.tolist(),
        bundle_drugs.tolist(),
        arrays.score.tolist(),
        arrays.probability.tolist(),
        arrays.percentile.tolist(),
        arrays.ln_ic50.tolist(),
        arrays.half_width.tolist(),
        strict=True,
    ):
        line_domain = line_domains[c - known_lines] if c >= known_lines else KNOWN
        drug_domain = drug_domains[row - known_drugs] if row >= known_drugs else KNOWN
        case = CASES[c >= known_lines, row >= known_drugs]
        interval = None if math.isnan(ln_ic50 + half) else (ln_ic50 - half, ln_ic50 + half)
        predictions.append(
            Prediction(
                cell_line=lines[c],
                drug=drugs[d],
                probability=probability,
                score=score,
                ln_ic50=None if math.isnan(ln_ic50) else ln_ic50,
                ln_ic50_interval=interval,
                ic50_um=None if math.isnan(ln_ic50) else exp(ln_ic50),
                ic50_um_interval=None if interval is None else (exp(interval[0]), exp(interval[1])),
                percentile=percentile,
                case=case,
                in_domain=_both_in_domain(line_domain[1], drug_domain[1]),
                nearest=None if case == "known" else NearestNeighbours(cell_line=line_domain[0], drug=drug_domain[0]),
            )
        )
    return predictions


def entities(catalogue: Table, new: NewLines | NewDrugs | None) -> list[Entity]:
    """Id and name of every row: the bundle's rows, then those of the request.

    A compound that is a drug of the bundle has that drug's id and the name that the request gives it.
    """
    names = new.names if new else []
    rows = [new.drug_row(place) if isinstance(new, NewDrugs) else None for place in range(len(names))]
    ids = [None if row is None else catalogue.refs[row].id for row in rows]
    return [*catalogue.entities, *(Entity(id=own, name=name) for own, name in zip(ids, names, strict=True))]


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


def exp(ln_um: float) -> float:
    """Concentration in µM from ln µM, limited to e^±MAX_LN_UM so that it stays finite."""
    return math.exp(max(-MAX_LN_UM, min(MAX_LN_UM, ln_um)))


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
