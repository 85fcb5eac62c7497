"""The answers to POST /rank as JSON text: drugs of a line or sample, cell lines of a drug or compound."""

from service.answers.new_entities import (
    COMPOUND,
    SAMPLE,
    encode_new_entities,
    single_pointer,
    to_compounds,
    to_samples,
)
from service.answers.prediction_objects import entities, provenance, to_predictions
from service.answers.resolve import find_row, new_rows
from service.prediction.encoders import NO_NEW_ENTITIES, NewEntities
from service.prediction.predictor import Predictor
from service.schemas.rankings import (
    DrugRankRequest,
    DrugsOfLineRequest,
    DrugsOfSampleRequest,
    LineRankRequest,
    LinesOfCompoundRequest,
    LinesOfDrugRequest,
)
from service.schemas.responses import DrugRanking, LineRanking

Subject = tuple[int, NewEntities]  # its row, and its embedding where it is new


def answer_drug_ranking(predictor: Predictor, model: str, request: DrugRankRequest, rows: list[int]) -> str:
    """Rank the bundle's drugs `rows` and the request's compounds for a line or a sample."""
    line, subject = _line_or_sample(predictor, model, request)
    compounds = encode_new_entities(predictor, model, {}, to_compounds(request.compounds))
    new = NewEntities(subject.lines, compounds.drugs)
    candidates = [*rows, *new_rows(predictor.drugs, request.compounds).values()]
    arrays = predictor.rank_drugs(model, line, candidates, request.k, new)
    return DrugRanking(
        **provenance(predictor, model, new),
        cell_line=entities(predictor.lines, new.lines)[line],
        drugs=to_predictions(predictor, arrays, new),
    ).model_dump_json()


def answer_line_ranking(predictor: Predictor, model: str, request: LineRankRequest) -> str:
    """Rank the bundle's cell lines and the request's samples for a drug or a compound."""
    drug, subject = _drug_or_compound(predictor, model, request)
    samples = encode_new_entities(predictor, model, to_samples(request.samples), {})
    new = NewEntities(samples.lines, subject.drugs)
    candidates = [*range(len(predictor.lines)), *new_rows(predictor.lines, request.samples).values()]
    arrays = predictor.rank_lines(model, drug, request.k, candidates, new)
    return LineRanking(
        **provenance(predictor, model, new),
        drug=entities(predictor.drugs, new.drugs)[drug],
        cell_lines=to_predictions(predictor, arrays, new),
    ).model_dump_json()


def _line_or_sample(predictor: Predictor, model: str, request: DrugRankRequest) -> Subject:
    match request:
        case DrugsOfLineRequest():
            return find_row(predictor.lines, "cell_line", request.cell_line, "/cell_line"), NO_NEW_ENTITIES
        case DrugsOfSampleRequest():
            samples = to_samples({SAMPLE: request.sample})
            return len(predictor.lines), encode_new_entities(predictor, model, samples, {}, single_pointer)


def _drug_or_compound(predictor: Predictor, model: str, request: LineRankRequest) -> Subject:
    match request:
        case LinesOfDrugRequest():
            return find_row(predictor.drugs, "drug", request.drug, "/drug"), NO_NEW_ENTITIES
        case LinesOfCompoundRequest():
            compounds = to_compounds({COMPOUND: request.compound})
            return len(predictor.drugs), encode_new_entities(predictor, model, {}, compounds, single_pointer)
