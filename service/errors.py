"""Every way a request can fail: one enum, one table, one answer (RFC 9457, application/problem+json)."""

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import Scope

from service.schemas.new_entities import GENES, VALUES
from service.schemas.problem import Fault, Problem
from service.schemas.problem_codes import STATUS_AND_TITLE, Code
from service.schemas.rankings import SUBJECT_TAGS
from service.schemas.requests import COLUMNS_FORM, PAIRS_FORM
from service.scope import notes_of

MEDIA_TYPE = "application/problem+json"
MAX_FAULTS = 20
# A pointer names the caller's own fields, which may be of any length.
MAX_STEP_CHARS = 64
# Pydantic's own marks in a place: a key rather than its value, the form of a union.
NO_STEPS = {"[key]", GENES, VALUES, PAIRS_FORM, COLUMNS_FORM, *SUBJECT_TAGS.values()}
_OF_THE_ROUTER = {404: Code.NOT_FOUND, 405: Code.METHOD_NOT_ALLOWED, 413: Code.BODY_TOO_LARGE}


class ProblemError(HTTPException):
    """Raised anywhere below a route; becomes the answer."""

    def __init__(
        self,
        code: Code,
        detail: str,
        errors: Sequence[Fault] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(STATUS_AND_TITLE[code][0], detail, headers)
        self.code = code
        self.errors = errors


def problem_response(
    scope: Scope, code: Code, detail: str, errors: Sequence[Fault] = (), headers: Mapping[str, str] | None = None
) -> Response:
    """Answer to a problem, noted in the request's scope for the log and the metrics.

    Details are the service's own words: nothing of the request is repeated.
    """
    notes_of(scope).code = code
    status, title = STATUS_AND_TITLE[code]
    problem = Problem(title=title, status=status, code=code, detail=detail, errors=list(errors[:MAX_FAULTS]))
    return Response(problem.model_dump_json(), status, headers, MEDIA_TYPE)


def add_handlers(app: FastAPI) -> None:
    """Make every error of the app, the router's own included, a problem."""

    @app.exception_handler(ProblemError)
    async def raised(request: Request, fault: ProblemError) -> Response:
        return problem_response(request.scope, fault.code, fault.detail, fault.errors, fault.headers)

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, fault: RequestValidationError) -> Response:
        errors = fault.errors()
        if errors and errors[0]["type"] == "json_invalid":
            detail = f"{errors[0]['ctx']['error']}, at character {errors[0]['loc'][-1]}"
            return problem_response(request.scope, Code.MALFORMED_JSON, detail)
        faults = [_fault(error) for error in errors[:MAX_FAULTS]]
        detail = f"{len(errors)} fault{'s' * (len(errors) > 1)} in the request; the first: {faults[0].detail}"
        return problem_response(request.scope, Code.INVALID_REQUEST, detail, faults)

    @app.exception_handler(HTTPException)
    async def of_the_router(request: Request, fault: HTTPException) -> Response:
        code = _OF_THE_ROUTER.get(fault.status_code, Code.INVALID_REQUEST)
        return problem_response(request.scope, code, STATUS_AND_TITLE[code][1], headers=fault.headers)


def pointer(location: Sequence[str | int]) -> str:
    """JSON pointer (RFC 6901) of a place that pydantic names; ("body", "pairs", 17) -> /pairs/17."""
    steps = location[1:] if location[:1] == ("body",) else location
    steps = [step for step in steps if step not in NO_STEPS]
    return "".join(f"/{str(step)[:MAX_STEP_CHARS].replace('~', '~0').replace('/', '~1')}" for step in steps)


def _fault(error: Mapping[str, Any]) -> Fault:
    detail = str(error["msg"])
    place = pointer(error["loc"])
    if error["type"] == "extra_forbidden":
        detail = "this request has no such field"
    elif not place and error["type"] in {"missing", "model_attributes_type", "model_type", "dict_type"}:
        detail = "a JSON object is needed, sent with content-type application/json"
    return Fault(pointer=place, detail=detail)
