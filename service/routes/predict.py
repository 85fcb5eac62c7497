"""The route that predicts pairs: POST /predict."""

from typing import Annotated

from fastapi import APIRouter, Request, Response
from pydantic import Field

from service.answers.new_entities import encoding_cost, explaining_cost
from service.answers.predict import answer_predict
from service.answers.tables.media_types import JSON
from service.contract.schema import problems
from service.routes.accept import WITH_CSV, json_or_csv
from service.routes.body import PairsRoute
from service.routes.paths import route_name
from service.routes.threads import compute
from service.schemas.explanations import ExplainedPredictions
from service.schemas.requests import PredictRequest
from service.schemas.responses import Predictions, Scores
from service.state import ready_predictor, state_of

router = APIRouter(tags=["predictions"], generate_unique_id_function=route_name, route_class=PairsRoute)


@router.post(
    "/predict",
    response_model=Annotated[Predictions | Scores | ExplainedPredictions, Field(discriminator="detail")],
    responses={**WITH_CSV, **problems(401, 404, 408, 413, 422, 429, 503)},
)
async def predict(request: PredictRequest, http: Request) -> Response:
    """Predict how likely each cell line is to be sensitive to each drug.

    Pairs come as objects, or as two columns of equal length, which is the fast form; `detail: scores` answers one
    list of raw scores, which is the fast answer. Answers keep the order of the request. `samples` and `compounds` let
    a pair name something that the bundle does not know. `detail: explain` says what carried each prediction.

    Full predictions come as CSV where `Accept` prefers it.
    """
    state, predictor = state_of(http), await ready_predictor(http)
    form = json_or_csv(http) if request.detail == "full" else JSON
    count, placing = len(request.columns()[0]), encoding_cost(len(request.samples), len(request.compounds))
    if request.detail == "explain":
        placing += explaining_cost(count, len(request.samples), state.settings.max_explained_pairs)
    with state.pairs(http.scope, count, placing):
        content = await compute(count + placing, answer_predict, predictor, request, form)
    return Response(content, media_type=form)
