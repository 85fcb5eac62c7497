"""The routes that rank: drugs of a cell line or sample, cell lines of a drug or compound."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from service.answers.catalogue.drug_filters import choose_drugs
from service.answers.new_entities import encoding_cost
from service.answers.rankings import (
    answer_drug_ranking,
    answer_drugs_of_line,
    answer_line_ranking,
    answer_lines_of_drug,
    drug_subject,
    line_subject,
)
from service.answers.resolve import find_row, model_name
from service.contract.schema import problems
from service.routes.accept import WITH_CSV, json_or_csv
from service.routes.body import PairsRoute
from service.routes.paths import CellLineName, DrugName, route_name
from service.routes.threads import compute
from service.schemas.rankings import (
    DrugFilter,
    DrugsOfLineRequest,
    DrugsOfSampleRequest,
    LinesOfCompoundRequest,
    RankOptions,
    RankRequest,
)
from service.schemas.responses import DrugRanking, LineRanking
from service.state import ready_predictor, state_of

router = APIRouter(tags=["predictions"], generate_unique_id_function=route_name, route_class=PairsRoute)
ANSWERS = {**WITH_CSV, **problems(401, 404, 413, 422, 429, 503)}


@router.post("/rank", response_model=DrugRanking | LineRanking, responses=ANSWERS | problems(408))
async def rank_new(request: RankRequest, http: Request) -> Response:
    """Rank the drugs for a new sample, or the cell lines for a new compound, best first.

    What is ranked may be new as well: `compounds` beside the bundle's drugs, `samples` beside its lines. Lines and
    drugs of the bundle may be asked here, too.
    """
    predictor, pairs, form = await ready_predictor(http), state_of(http).pairs, json_or_csv(http)
    model = model_name(predictor, request.model, "/model")
    if isinstance(request, DrugsOfLineRequest | DrugsOfSampleRequest):
        count = len(choose_drugs(predictor, request.target, request.pathway, "").rows) + len(request.compounds)
        placing = encoding_cost(int(isinstance(request, DrugsOfSampleRequest)), len(request.compounds))
        with pairs(http.scope, count, placing):
            content = await compute(count + placing, answer_drug_ranking, predictor, model, request, form)
    else:
        count = len(predictor.lines) + len(request.samples)
        placing = encoding_cost(len(request.samples), int(isinstance(request, LinesOfCompoundRequest)))
        with pairs(http.scope, count, placing):
            content = await compute(count + placing, answer_line_ranking, predictor, model, request, form)
    return Response(content, media_type=form)


@router.get("/rank/{cell_line:path}", response_model=DrugRanking, responses=ANSWERS)
async def rank(
    cell_line: CellLineName,
    query: Annotated[DrugFilter, Query()],
    request: Request,
) -> Response:
    """List the k drugs that a cell line should respond to best, best first.

    Ranked by raw score unless `order` says otherwise; the numbers are those of /predict to the last bit.
    """
    predictor, pairs, form = await ready_predictor(request), state_of(request).pairs, json_or_csv(request)
    model = model_name(predictor, query.model, "/query/model")
    line = line_subject(cell_line, find_row(predictor.lines, "cell_line", cell_line))
    choice = choose_drugs(predictor, query.target, query.pathway)
    with pairs(request.scope, len(choice.rows)):
        content = await compute(len(choice.rows), answer_drugs_of_line, predictor, model, line, choice, query, form)
    return Response(content, media_type=form)


@router.get("/drugs/{drug:path}/cell-lines", response_model=LineRanking, responses=ANSWERS)
async def rank_lines(
    drug: DrugName,
    query: Annotated[RankOptions, Query()],
    request: Request,
) -> Response:
    """List the k cell lines that should respond best to a drug, best first.

    Ranked by raw score unless `order` says otherwise; the numbers are those of /predict to the last bit.
    """
    predictor, pairs, form = await ready_predictor(request), state_of(request).pairs, json_or_csv(request)
    model = model_name(predictor, query.model, "/query/model")
    subject = drug_subject(drug, find_row(predictor.drugs, "drug", drug))
    with pairs(request.scope, len(predictor.lines)):
        content = await compute(len(predictor.lines), answer_lines_of_drug, predictor, model, subject, query, form)
    return Response(content, media_type=form)
