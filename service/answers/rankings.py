"""The answers to rankings as text: the drugs of a line or sample, the cell lines of a drug or compound."""

import math
from collections.abc import Mapping

from service.answers.catalogue.drug_filters import DrugChoice, choose_drugs
from service.answers.new_compounds import to_compounds
from service.answers.new_entities import (
    COMPOUND,
    SAMPLE,
    encode_new_entities,
    single_pointer,
    to_samples,
)
from service.answers.prediction_objects import entities, provenance, to_predictions
from service.answers.resolve import find_row, new_rows
from service.answers.tables.rendering import render
from service.errors import ProblemError
from service.prediction.new_entities import NO_NEW_ENTITIES, Compound, NewEntities
from service.prediction.prediction_arrays import PredictionArrays
from service.prediction.predictor import Predictor
from service.schemas.new_entities import SampleInput
from service.schemas.problem import Fault
from service.schemas.problem_codes import Code
from service.schemas.rankings import (
    DrugFilter,
    DrugRankRequest,
    DrugsOfLineRequest,
    DrugsOfSampleRequest,
    LineRankRequest,
    LinesOfCompoundRequest,
    LinesOfDrugRequest,
    RankOptions,
)
from service.schemas.responses import DrugRanking, LineRanking, Order

Subject = tuple[int, NewEntities]  # its row, and its embedding where it is new


def answer_drug_ranking(predictor: Predictor, model: str, request: DrugRankRequest, form: str) -> str:
    """Answer a body that asks for the drugs of a line or a sample."""
    choice = choose_drugs(predictor, request.target, request.pathway, "")
    subject = _line_or_sample(predictor, model, request)
    compounds = to_compounds(request.compounds, request.known_structures)
    return render(_rank_drugs(predictor, model, subject, choice, request, compounds, ""), form)


def answer_line_ranking(predictor: Predictor, model: str, request: LineRankRequest, form: str) -> str:
    """Answer a body that asks for the cell lines of a drug or a compound."""
    subject = _drug_or_compound(predictor, model, request)
    return render(_rank_lines(predictor, model, subject, request, request.samples, ""), form)


def answer_drugs_of_line(
    predictor: Predictor, model: str, line: int, choice: DrugChoice, query: DrugFilter, form: str
) -> str:
    """Answer a query for the drugs of a line of the bundle."""
    return render(_rank_drugs(predictor, model, (line, NO_NEW_ENTITIES), choice, query, {}, "/query"), form)


def answer_lines_of_drug(predictor: Predictor, model: str, drug: int, query: RankOptions, form: str) -> str:
    """Answer a query for the cell lines of a drug of the bundle."""
    return render(_rank_lines(predictor, model, (drug, NO_NEW_ENTITIES), query, {}, "/query"), form)


def _rank_drugs(
    predictor: Predictor,
    model: str,
    subject: Subject,
    choice: DrugChoice,
    options: RankOptions,
    compounds: Mapping[str, Compound],
    place: str,
) -> DrugRanking:
    """Rank the chosen drugs and the compounds for a line or a sample; the options stand at `place`."""
    row, of_subject = subject
    encoded = encode_new_entities(predictor, model, {}, compounds)
    new = NewEntities(of_subject.lines, encoded.drugs)
    candidates = [*choice.rows, *new_rows(predictor.drugs, compounds).values()]
    arrays = predictor.rank_drugs(model, row, candidates, options.k, new, options.order)
    _refuse_order_without_numbers(arrays, options.order, place)
    source = provenance(predictor, model, new)
    return DrugRanking(
        **{**source, "warnings": [*source["warnings"], *choice.warnings]},
        order=options.order,
        cell_line=entities(predictor.lines, new.lines)[row],
        drugs=to_predictions(predictor, arrays, new),
    )


def _rank_lines(
    predictor: Predictor,
    model: str,
    subject: Subject,
    options: RankOptions,
    samples: Mapping[str, SampleInput],
    place: str,
) -> LineRanking:
    """Rank the bundle's cell lines and the samples for a drug or a compound; the options stand at `place`."""
    row, of_subject = subject
    encoded = encode_new_entities(predictor, model, to_samples(samples), {})
    new = NewEntities(encoded.lines, of_subject.drugs)
    candidates = [*range(len(predictor.lines)), *new_rows(predictor.lines, samples).values()]
    arrays = predictor.rank_lines(model, row, candidates, options.k, new, options.order)
    _refuse_order_without_numbers(arrays, options.order, place)
    return LineRanking(
        **provenance(predictor, model, new),
        order=options.order,
        drug=entities(predictor.drugs, new.drugs)[row],
        cell_lines=to_predictions(predictor, arrays, new),
    )


def _line_or_sample(predictor: Predictor, model: str, request: DrugRankRequest) -> Subject:
    """The line or the sample whose drugs are ranked."""
    match request:
        case DrugsOfLineRequest():
            return find_row(predictor.lines, "cell_line", request.cell_line, "/cell_line"), NO_NEW_ENTITIES
        case DrugsOfSampleRequest():
            samples = to_samples({SAMPLE: request.sample})
            return len(predictor.lines), encode_new_entities(predictor, model, samples, {}, single_pointer)


def _drug_or_compound(predictor: Predictor, model: str, request: LineRankRequest) -> Subject:
    """The drug or the compound whose cell lines are ranked."""
    match request:
        case LinesOfDrugRequest():
            return find_row(predictor.drugs, "drug", request.drug, "/drug"), NO_NEW_ENTITIES
        case LinesOfCompoundRequest():
            compounds = to_compounds({COMPOUND: request.compound}, request.known_structures)
            return len(predictor.drugs), encode_new_entities(predictor, model, {}, compounds, single_pointer)


def _refuse_order_without_numbers(arrays: PredictionArrays, order: Order, place: str) -> None:
    """Refuse to rank by ln IC50 where the model predicts none. Raises ProblemError."""
    if order == "ln_ic50" and len(arrays) and math.isnan(arrays.ln_ic50[0]):
        detail = "nothing here has a predicted ln IC50; order by score, probability or percentile"
        raise ProblemError(Code.INVALID_REQUEST, detail, [Fault(pointer=f"{place}/order", detail=detail)])
