"""The routes that operators and their machines ask: health and metrics."""

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST

from service.contract.schema import problems
from service.errors import ProblemError
from service.routes.paths import route_name
from service.schemas.catalogue import Health
from service.schemas.problem_codes import Code
from service.state import ThePredictor, state_of

router = APIRouter(tags=["operation"], generate_unique_id_function=route_name)


@router.get("/health/live", responses=problems(413))
async def live() -> Health:
    """Whether the process answers at all."""
    return Health()


@router.get("/health/ready", responses=problems(413, 503))
async def ready(_: ThePredictor) -> Health:
    """Whether a bundle is loaded and the service takes requests."""
    return Health()


@router.get("/metrics", response_class=PlainTextResponse, responses=problems(401, 404, 413))
async def metrics(request: Request) -> PlainTextResponse:
    """Counters and timings in Prometheus' text format."""
    state = state_of(request)
    if state.settings.metrics == "closed":
        raise ProblemError(Code.NOT_FOUND, "metrics are closed here")
    return PlainTextResponse(state.metrics.text(), media_type=CONTENT_TYPE_LATEST)
