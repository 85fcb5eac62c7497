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
from service.prediction.encoders import NewEntities
from service.prediction.predictor import Predictor
from service.schemas.requests import RankRequest
from service.schemas.responses import DrugRanking, LineRanking


def answer_drug_ranking(predictor: Predictor, model: str, request: RankRequest, rows: list[int]) -> str:
    """Rank the bundle's drugs `rows` and the request's compounds for a line or a sample."""
    samples = {} if request.sample is None else {SAMPLE: request.sample}
    line = len(predictor.lines)
    if request.cell_line is not None:
        line = find_row(predictor.lines, "cell_line", request.cell_line, "/cell_line")
    lines = encode_new_entities(predictor, model, to_samples(samples), {}, single_pointer).lines
    new = NewEntities(lines, encode_new_entities(predictor, model, {}, to_compounds(request.compounds)).drugs)
    candidates = [*rows, *new_rows(predictor.drugs, request.compounds).values()]
    arrays = predictor.rank_drugs(model, line, candidates, request.k, new)
    return DrugRanking(
        **provenance(predictor, model, new),
        cell_line=entities(predictor.lines, lines)[line],
        drugs=to_predictions(predictor, arrays, new),
    ).model_dump_json()


def answer_line_ranking(predictor: Predictor, model: str, request: RankRequest) -> str:
    """Rank the bundle's cell lines and the request's samples for a drug or a compound."""
    compounds = {} if request.compound is None else {COMPOUND: request.compound}
    drug = len(predictor.drugs)
    if request.drug is not None:
        drug = find_row(predictor.drugs, "drug", request.drug, "/drug")
    drugs = encode_new_entities(predictor, model, {}, to_compounds(compounds), single_pointer).drugs
    new = NewEntities(encode_new_entities(predictor, model, to_samples(request.samples), {}).lines, drugs)
    candidates = [*range(len(predictor.lines)), *new_rows(predictor.lines, request.samples).values()]
    arrays = predictor.rank_lines(model, drug, request.k, candidates, new)
    return LineRanking(
        **provenance(predictor, model, new),
        drug=entities(predictor.drugs, drugs)[drug],
        cell_lines=to_predictions(predictor, arrays, new),
    ).model_dump_json()
