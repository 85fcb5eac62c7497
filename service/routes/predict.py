"""The routes that predict: POST /predict and the rankings both ways."""

from collections.abc import Callable
from typing import Annotated, ParamSpec, TypeVar

from fastapi import APIRouter, Query, Response
from pydantic import Field
from starlette.concurrency import run_in_threadpool

from service.answers.new_entities import PAIRS_OF_AN_OCCLUSION, encoding_cost
from service.answers.predict import answer_predict
from service.answers.prediction_objects import to_predictions
from service.answers.rankings import answer_drug_ranking, answer_line_ranking
from service.answers.resolve import drug_rows, find_row, model_name
from service.contract.schema import problems
from service.errors import ProblemError
from service.routes.body import PairsRoute
from service.routes.paths import CellLineName, DrugName
from service.schemas.explanations import ExplainedPredictions
from service.schemas.problem_codes import Code
from service.schemas.rankings import (
    DrugFilter,
    DrugsOfLineRequest,
    DrugsOfSampleRequest,
    LinesOfCompoundRequest,
    RankOptions,
    RankRequest,
)
from service.schemas.requests import PredictRequest
from service.schemas.responses import DrugRanking, LineRanking, Predictions, Scores
from service.state import ThePairs, ThePredictor, TheState

P = ParamSpec("P")
T = TypeVar("T")

router = APIRouter(tags=["predictions"], route_class=PairsRoute)
# Fewer pairs than this are answered faster than a thread is woken; more would hold up the other requests.
PAIRS_ON_THE_LOOP = 1_000


@router.post(
    "/predict",
    response_model=Annotated[Predictions | Scores | ExplainedPredictions, Field(discriminator="detail")],
    responses=problems(401, 404, 413, 422, 429, 503),
)
async def predict(request: PredictRequest, state: TheState, pairs: ThePairs, predictor: ThePredictor) -> Response:
    """Predict how likely each cell line is to be sensitive to each drug.

    Pairs come as objects, or as two columns of equal length, which is the fast form; `detail: scores` answers one
    list of raw scores, which is the fast answer. Answers keep the order of the request. `samples` and `compounds` let
    a pair name something that the bundle does not know. `detail: explain` says what carried each prediction.
    """
    count, placing = len(request.columns()[0]), encoding_cost(len(request.samples), len(request.compounds))
    if request.detail == "explain":
        most = state.settings.max_explained_pairs
        if count > most:
            raise ProblemError(
                Code.TOO_MANY_PAIRS, f"{count} pairs to explain; a request may have {most}, so split it"
            )
        placing += len(request.samples) * PAIRS_OF_AN_OCCLUSION
    with pairs(count, placing):
        content = await compute(count + placing, answer_predict, predictor, request)
    return Response(content, media_type="application/json")


@router.post("/rank", response_model=DrugRanking | LineRanking, responses=problems(401, 404, 413, 422, 429, 503))
async def rank_new(request: RankRequest, pairs: ThePairs, predictor: ThePredictor) -> Response:
    """Rank the drugs for a new sample, or the cell lines for a new compound, best first.

    What is ranked may be new as well: `compounds` beside the bundle's drugs, `samples` beside its lines. Lines and
    drugs of the bundle may be asked here, too.
    """
    model = model_name(predictor, request.model, "/model")
    if isinstance(request, DrugsOfLineRequest | DrugsOfSampleRequest):
        rows = drug_rows(predictor, request, "")
        placing = encoding_cost(int(isinstance(request, DrugsOfSampleRequest)), len(request.compounds))
        with pairs(len(rows) + len(request.compounds), placing):
            content = await compute(len(rows) + placing, answer_drug_ranking, predictor, model, request, rows)
    else:
        count = len(predictor.lines) + len(request.samples)
        placing = encoding_cost(len(request.samples), int(isinstance(request, LinesOfCompoundRequest)))
        with pairs(count, placing):
            content = await compute(count + placing, answer_line_ranking, predictor, model, request)
    return Response(content, media_type="application/json")


@router.get("/rank/{cell_line:path}", responses=problems(401, 404, 413, 422, 429, 503))
async def rank(
    cell_line: CellLineName,
    query: Annotated[DrugFilter, Query()],
    pairs: ThePairs,
    predictor: ThePredictor,
) -> DrugRanking:
    """List the k drugs that a cell line should respond to best, best first.

    Ranked by raw score, ties in the bundle's order; the numbers are those of /predict to the last bit.
    """
    model = model_name(predictor, query.model, "/query/model")
    line, drugs = find_row(predictor.lines, "cell_line", cell_line), drug_rows(predictor, query)
    with pairs(len(drugs)):
        arrays = await compute(len(drugs), predictor.rank_drugs, model, line, drugs, query.k)
    version, ref = predictor.bundle.version, predictor.lines.entities[line]
    return DrugRanking(model=model, bundle=version, cell_line=ref, drugs=to_predictions(predictor, arrays))


@router.get("/drugs/{drug:path}/cell-lines", responses=problems(401, 404, 413, 422, 429, 503))
async def rank_lines(
    drug: DrugName,
    query: Annotated[RankOptions, Query()],
    pairs: ThePairs,
    predictor: ThePredictor,
) -> LineRanking:
    """List the k cell lines that should respond best to a drug, best first.

    Ranked by raw score, ties in the bundle's order; the numbers are those of /predict to the last bit.
    """
    model = model_name(predictor, query.model, "/query/model")
    column = find_row(predictor.drugs, "drug", drug)
    with pairs(len(predictor.lines)):
        arrays = await compute(len(predictor.lines), predictor.rank_lines, model, column, query.k)
    version, ref = predictor.bundle.version, predictor.drugs.entities[column]
    return LineRanking(model=model, bundle=version, drug=ref, cell_lines=to_predictions(predictor, arrays))


async def compute(pairs: int, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run the work of so many pairs, in a thread where they are many."""
    if pairs <= PAIRS_ON_THE_LOOP:
        return work(*args, **kwargs)
    return await run_in_threadpool(work, *args, **kwargs)
