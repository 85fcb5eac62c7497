"""The least that this service could cost: FastAPI that parses the same requests and answers with constants.

Its server and its request models are the service's own. The constants are answers of the service, read from the folder
that `BARE_ANSWERS` names, so that they have the same shape; objects are built anew where pairs come as objects.
"""

import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Annotated

import uvicorn
from fastapi import FastAPI, Query, Response
from pydantic import Field, TypeAdapter

from service.schemas.catalogue import Health
from service.schemas.rankings import DrugFilter
from service.schemas.requests import ColumnsRequest, PredictRequest
from service.schemas.responses import DrugRanking, Prediction, Predictions, Scores

Answer = Annotated[Predictions | Scores, Field(discriminator="detail")]
app = FastAPI(openapi_url=None)


@cache
def constant(name: str) -> Predictions | Scores:
    """The service's answer of a case."""
    answer: Predictions | Scores = TypeAdapter(Answer).validate_json(_text(name))
    return answer


@cache
def ranking(_: str) -> DrugRanking:
    """The service's ranking."""
    return DrugRanking.model_validate_json(_text("rank"))


def _text(name: str) -> bytes:
    return (Path(os.environ["BARE_ANSWERS"]) / name).read_bytes()


def built(answer: Predictions) -> Iterator[Prediction]:
    """The same predictions, each of them made anew."""
    for one in answer.predictions:
        yield Prediction(
            cell_line=one.cell_line,
            drug=one.drug,
            probability=one.probability,
            score=one.score,
            ln_ic50=one.ln_ic50,
            ln_ic50_interval=one.ln_ic50_interval,
            ln_ic50_interval_other_assay=one.ln_ic50_interval_other_assay,
            ic50_um=one.ic50_um,
            ic50_um_interval=one.ic50_um_interval,
            percentile=one.percentile,
            case=one.case,
            in_domain=one.in_domain,
            nearest=one.nearest,
        )


@app.get("/health/live")
async def live() -> Health:
    """Answer that the process is there."""
    return Health()


@app.get("/rank/{cell_line:path}")
async def rank(cell_line: str, _: Annotated[DrugFilter, Query()]) -> DrugRanking:
    """Rank nothing."""
    return ranking(cell_line)


@app.post("/predict", response_model=Answer)
async def predict(request: PredictRequest) -> Response:
    """Predict nothing."""
    form = "columns" if isinstance(request, ColumnsRequest) else "pairs"
    answer = constant(f"{form}-{len(request.columns()[0])}-{request.detail}")
    if form == "pairs" and isinstance(answer, Predictions):
        answer = answer.model_copy(update={"predictions": list(built(answer))})
    # By its own model: to write a union takes pydantic three times as long.
    return Response(answer.model_dump_json(), media_type="application/json")


if __name__ == "__main__":
    port = int(os.environ["DRP_PORT"])
    uvicorn.run(app, host="127.0.0.1", port=port, log_config=None, access_log=False, server_header=False)
