"""The routes that predict: POST /predict and the rankings both ways."""

from collections.abc import Callable
from math import isnan
from typing import Annotated, ParamSpec, TypeVar

from fastapi import APIRouter, Query, Response
from starlette.concurrency import run_in_threadpool

from service.body import PairsRoute
from service.contract import problems
from service.naming import drug_rows, model_name, pair_rows, row
from service.predictor import Answers, Predictor
from service.routes.paths import CellLineName, DrugName
from service.schemas.asked import ModelChoice, PredictRequest, RankQuery
from service.schemas.shown import DrugRanking, LineRanking, Prediction, Predictions, Scores
from service.state import ThePairs, ThePredictor

P = ParamSpec("P")
T = TypeVar("T")

router = APIRouter(tags=["predictions"], route_class=PairsRoute)
# Fewer pairs than this are answered faster than a thread is woken; more would hold up the other requests.
PAIRS_ON_THE_LOOP = 1_000


@router.post("/predict", response_model=Predictions | Scores, responses=problems(401, 404, 413, 422, 429, 503))
async def predict(asked: PredictRequest, pairs: ThePairs, predictor: ThePredictor) -> Response:
    """Predict how likely each cell line is to be sensitive to each drug.

    Pairs come as objects, or as two columns of equal length, which is the fast form; `detail: scores` answers one
    list of raw scores, which is the fast answer. Answers keep the order of the request.
    """
    count = len(asked.columns()[0])
    with pairs(count):
        content = await computed(count, answered, predictor, asked)
    return Response(content, media_type="application/json")


@router.get("/rank/{cell_line:path}", responses=problems(401, 404, 413, 422, 429, 503))
async def rank(
    cell_line: CellLineName,
    query: Annotated[RankQuery, Query()],
    pairs: ThePairs,
    predictor: ThePredictor,
) -> DrugRanking:
    """List the k drugs that a cell line should respond to best, best first.

    Ranked by raw score, ties in the bundle's order; the numbers are those of /predict to the last bit.
    """
    model = model_name(predictor, query.model, "/query/model")
    line, drugs = row(predictor.lines, "cell_line", cell_line), drug_rows(predictor, query)
    with pairs(len(drugs)):
        answers = await computed(len(drugs), predictor.rank_drugs, model, line, drugs, query.k)
    version, ref = predictor.bundle.version, predictor.lines.refs[line]
    return DrugRanking(model=model, bundle=version, cell_line=ref, drugs=shown(predictor, answers))


@router.get("/drugs/{drug:path}/cell-lines", responses=problems(401, 404, 413, 422, 429, 503))
async def rank_lines(
    drug: DrugName,
    query: Annotated[ModelChoice, Query()],
    pairs: ThePairs,
    predictor: ThePredictor,
) -> LineRanking:
    """List the k cell lines that should respond best to a drug, best first.

    Ranked by raw score, ties in the bundle's order; the numbers are those of /predict to the last bit.
    """
    model = model_name(predictor, query.model, "/query/model")
    column = row(predictor.drugs, "drug", drug)
    with pairs(len(predictor.lines)):
        answers = await computed(len(predictor.lines), predictor.rank_lines, model, column, query.k)
    version, ref = predictor.bundle.version, predictor.drugs.refs[column]
    return LineRanking(model=model, bundle=version, drug=ref, cell_lines=shown(predictor, answers))


async def computed(pairs: int, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Do the work of so many pairs, in a thread where they are many."""
    if pairs <= PAIRS_ON_THE_LOOP:
        return work(*args, **kwargs)
    return await run_in_threadpool(work, *args, **kwargs)


def answered(predictor: Predictor, asked: PredictRequest) -> str:
    """Answer to /predict as JSON: written here, a long one does not hold up the other requests."""
    model = model_name(predictor, asked.model, "/model")
    answers = predictor.predict(model, *pair_rows(predictor, asked))
    if asked.detail == "scores":
        scores = Scores(model=model, bundle=predictor.bundle.version, scores=answers.score.tolist())
        return scores.model_dump_json()
    predictions = shown(predictor, answers)
    return Predictions(model=model, bundle=predictor.bundle.version, predictions=predictions).model_dump_json()


def shown(predictor: Predictor, answers: Answers) -> list[Prediction]:
    """Answers as objects, each number as wide as it was computed."""
    lines, drugs = predictor.lines.refs, predictor.drugs.refs
    return [
        Prediction(
            cell_line=lines[c],
            drug=drugs[d],
            probability=probability,
            score=score,
            ln_ic50=None if isnan(ln_ic50) else ln_ic50,
            ln_ic50_interval=None if isnan(ln_ic50) else (ln_ic50 - half, ln_ic50 + half),
            percentile=share,
            case="known",
        )
        for c, d, score, probability, share, ln_ic50, half in zip(
            *(column.tolist() for column in vars(answers).values()), strict=True
        )
    ]
