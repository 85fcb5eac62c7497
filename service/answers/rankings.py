"""The answers to rankings as text: the drugs of a line or sample, the cell lines of a drug or compound."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from service.answers.catalogue.drug_filters import DrugChoice, choose_drugs
from service.answers.name_warnings import homonym_warnings
from service.answers.new_compounds import to_compounds
from service.answers.new_entities import (
    COMPOUND,
    SAMPLE,
    encode_new_entities,
    single_pointer,
    to_samples,
)
from service.answers.prediction_text import entity, prediction_texts, provenance
from service.answers.refusals import is_marking_all
from service.answers.resolve import ResolvedName, find_row, new_rows
from service.answers.tables.rendering import render
from service.errors import ProblemError
from service.prediction.new_entities import NO_NEW_ENTITIES, Compound, NewEntities
from service.prediction.prediction_arrays import PredictionArrays
from service.prediction.predictor import Predictor, Rows
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
from service.schemas.responses import DrugRanking, LineRanking, NameReadings, Order

NO_NAMES = NameReadings()


@dataclass(frozen=True)
class Subject:
    """What is ranked for: its row, its embedding where it is new, and how its name was read."""

    row: int
    new: NewEntities = NO_NEW_ENTITIES
    names: NameReadings = NO_NAMES
    warnings: Sequence[str] = ()


def line_subject(name: str, found: ResolvedName) -> Subject:
    """The line of the bundle that has a name."""
    return Subject(
        found.row, names=NameReadings.model_construct(cell_lines={name: found.reading}), warnings=found.warnings
    )


def drug_subject(name: str, found: ResolvedName) -> Subject:
    """The drug of the bundle that has a name."""
    return Subject(found.row, names=NameReadings.model_construct(drugs={name: found.reading}), warnings=found.warnings)


def answer_drug_ranking(predictor: Predictor, model: str, request: DrugRankRequest, form: str) -> str:
    """Answer a body that asks for the drugs of a line or a sample."""
    choice = choose_drugs(predictor, request.target, request.pathway, "")
    subject = _line_or_sample(predictor, model, request)
    compounds = to_compounds(request.compounds, request.known_structures)
    marking = is_marking_all(request.on_error, len(compounds))
    return _rank_drugs(predictor, model, subject, choice, request, compounds, ("", form), marking=marking)


def answer_line_ranking(predictor: Predictor, model: str, request: LineRankRequest, form: str) -> str:
    """Answer a body that asks for the cell lines of a drug or a compound."""
    subject = _drug_or_compound(predictor, model, request)
    marking = is_marking_all(request.on_error, len(request.samples))
    return _rank_lines(predictor, model, subject, request, request.samples, ("", form), marking=marking)


def answer_drugs_of_line(
    predictor: Predictor, model: str, line: Subject, choice: DrugChoice, query: DrugFilter, form: str
) -> str:
    """Answer a query for the drugs of a line of the bundle."""
    return _rank_drugs(predictor, model, line, choice, query, {}, ("/query", form))


def answer_lines_of_drug(predictor: Predictor, model: str, drug: Subject, query: RankOptions, form: str) -> str:
    """Answer a query for the cell lines of a drug of the bundle."""
    return _rank_lines(predictor, model, drug, query, {}, ("/query", form))


def _rank_drugs(
    predictor: Predictor,
    model: str,
    subject: Subject,
    choice: DrugChoice,
    options: RankOptions,
    compounds: Mapping[str, Compound],
    place_and_form: tuple[str, str],
    *,
    marking: bool = False,
) -> str:
    """Rank the chosen drugs and the compounds for a line or a sample; where the options stand, and the media type."""
    encoded = encode_new_entities(predictor, model, {}, compounds, marking=marking)
    new = NewEntities(subject.new.lines, encoded.drugs, encoded.refused)
    candidates = behind(choice.rows, new_rows(predictor.drugs, new.drugs.names if new.drugs else ()))
    arrays = predictor.rank_drugs(model, subject.row, candidates, options.k, new, options.order)
    place, form = place_and_form
    _refuse_order_without_numbers(arrays, options.order, place)
    source, homonyms = provenance(predictor, model, new), homonym_warnings(predictor, new)
    ranking = DrugRanking(
        **{**source, "warnings": [*subject.warnings, *homonyms, *source["warnings"], *choice.warnings]},
        names=subject.names,
        order=options.order,
        cell_line=entity(predictor.lines, new.lines, subject.row),
        drugs=[],
    )
    return render(ranking, prediction_texts(predictor, arrays, new), form)


def _rank_lines(
    predictor: Predictor,
    model: str,
    subject: Subject,
    options: RankOptions,
    samples: Mapping[str, SampleInput],
    place_and_form: tuple[str, str],
    *,
    marking: bool = False,
) -> str:
    """Rank the bundle's cell lines and the samples for a drug or a compound likewise."""
    encoded = encode_new_entities(predictor, model, to_samples(samples), {}, marking=marking)
    new = NewEntities(encoded.lines, subject.new.drugs, encoded.refused)
    brought = new_rows(predictor.lines, new.lines.names if new.lines else ())
    candidates = behind(predictor.lines.every, brought)
    arrays = predictor.rank_lines(model, subject.row, candidates, options.k, new, options.order)
    place, form = place_and_form
    _refuse_order_without_numbers(arrays, options.order, place)
    source, homonyms = provenance(predictor, model, new), homonym_warnings(predictor, new)
    ranking = LineRanking(
        **{**source, "warnings": [*subject.warnings, *homonyms, *source["warnings"]]},
        names=subject.names,
        order=options.order,
        drug=entity(predictor.drugs, new.drugs, subject.row),
        cell_lines=[],
    )
    return render(ranking, prediction_texts(predictor, arrays, new), form)


def behind(known: Rows, new: Mapping[str, int]) -> Rows:
    """Rows of the bundle, then those of the request."""
    return [*known, *new.values()] if new else known


def _line_or_sample(predictor: Predictor, model: str, request: DrugRankRequest) -> Subject:
    """The line or the sample whose drugs are ranked."""
    match request:
        case DrugsOfLineRequest():
            name = request.cell_line
            return line_subject(name, find_row(predictor.lines, "cell_line", name, "/cell_line"))
        case DrugsOfSampleRequest():
            samples = to_samples({SAMPLE: request.sample})
            return Subject(len(predictor.lines), encode_new_entities(predictor, model, samples, {}, single_pointer))


def _drug_or_compound(predictor: Predictor, model: str, request: LineRankRequest) -> Subject:
    """The drug or the compound whose cell lines are ranked."""
    match request:
        case LinesOfDrugRequest():
            name = request.drug
            return drug_subject(name, find_row(predictor.drugs, "drug", name, "/drug"))
        case LinesOfCompoundRequest():
            compounds = to_compounds({COMPOUND: request.compound}, request.known_structures)
            return Subject(len(predictor.drugs), encode_new_entities(predictor, model, {}, compounds, single_pointer))


def _refuse_order_without_numbers(arrays: PredictionArrays, order: Order, place: str) -> None:
    """Refuse to rank by ln IC50 where the model predicts none. Raises ProblemError."""
    if order == "ln_ic50" and len(arrays) and math.isnan(arrays.ln_ic50[0]):
        detail = "nothing here has a predicted ln IC50; order by score, probability or percentile"
        raise ProblemError(Code.INVALID_REQUEST, detail, [Fault(pointer=f"{place}/order", detail=detail)])
