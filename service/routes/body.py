"""Reading the body of a request that names pairs: strict JSON, and no more of it than may be answered."""

from collections.abc import Callable, Coroutine
from typing import Any, get_type_hints
from urllib.parse import parse_qsl

from fastapi import Request, Response, params
from fastapi.routing import APIRoute
from pydantic import TypeAdapter, ValidationError
from pydantic_core import from_json

from service.answers.tables.media_types import JSON
from service.errors import ProblemError, pointer
from service.routes.repeated_keys import repeated_key
from service.schemas.problem import Fault
from service.schemas.problem_codes import Code
from service.settings import Settings
from service.state import ready_predictor, state_of

COLUMNS = ("pairs", "cell_lines", "drugs")
SAMPLES, COMPOUNDS = "samples", "compounds"
MAX_FIELDS = 100


class PairsRequest(Request):
    """A request whose body is parsed by pydantic-core.

    It refuses NaN, lone surrogates and deep nesting, which json.loads lets through, and is faster where names
    repeat. Pairs and fields are counted here, before validation: a million wrong ones would make a million errors.
    """

    async def json(self) -> Any:  # noqa: ANN401 -- any JSON value
        """Parse the body."""
        try:
            body = from_json(await self.body(), allow_inf_nan=False, cache_strings="all")
        except ValueError as fault:
            raise ProblemError(Code.MALFORMED_JSON, str(fault)) from None
        if isinstance(body, dict):
            _check_counts(body, state_of(self).settings)
            _refuse_repeated_key(await self.body(), body)
        return body


def _refuse_repeated_key(text: bytes, body: dict[str, Any]) -> None:
    place = repeated_key(text, body)
    if place is not None:
        detail = "this key stands twice in one object; give it once"
        raise ProblemError(Code.INVALID_REQUEST, detail, [Fault(pointer=pointer(place), detail=detail)])


def _check_counts(body: dict[str, Any], settings: Settings) -> None:
    columns = [column for name in COLUMNS if isinstance(column := body.get(name), list)]
    pairs = max(map(len, columns), default=0)
    if pairs > settings.max_pairs_per_request:
        most = settings.max_pairs_per_request
        raise ProblemError(Code.TOO_MANY_PAIRS, f"{pairs} pairs; a request may have {most}, so split it")
    of_pairs = body["pairs"] if isinstance(body.get("pairs"), list) else []
    objects = [body, *(item for item in of_pairs if isinstance(item, dict))]
    for kind, most in ((SAMPLES, settings.max_samples_per_request), (COMPOUNDS, settings.max_compounds_per_request)):
        given = body[kind] if isinstance(body.get(kind), dict) else {}
        if len(given) > most:
            raise ProblemError(Code.TOO_MANY_NEW, f"{len(given)} {kind}; a request may have {most}, so split it")
        objects += [item for item in (*given.values(), body.get(kind[:-1])) if isinstance(item, dict)]
    if max(map(len, objects)) > MAX_FIELDS:
        raise ProblemError(Code.INVALID_REQUEST, f"an object has more than {MAX_FIELDS} fields")


class PairsRoute(APIRoute):
    """A route that reads so, and what it is asked with pydantic alone: FastAPI's way costs as much as the answer.

    Where that fails FastAPI reads again, and says what is wrong.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Wrap the route's function, and FastAPI's own handler for what it cannot be called with."""
        handler, answer, arguments_of = super().get_route_handler(), self.endpoint, _reader(self.endpoint)

        async def strict(plain: Request) -> Response:
            await ready_predictor(plain)  # whether the request is right is of no interest before
            request = PairsRequest(plain.scope, plain.receive)
            try:
                arguments = await arguments_of(request)
            except ValidationError:
                return await handler(request)
            response: Response = await answer(**arguments)
            return response

        return strict


def _reader(endpoint: Callable[..., Any]) -> Callable[[Request], Coroutine[Any, Any, dict[str, Any]]]:
    """Read the arguments of a route's function from a request: names of the path, the query or the body, itself.

    Raises ValidationError where one is wrong.
    """
    hints = get_type_hints(endpoint, include_extras=True)
    of_request = next(name for name, hint in hints.items() if hint is Request)
    kinds = {name: {type(mark) for mark in getattr(hint, "__metadata__", ())} for name, hint in hints.items()}
    checks = {
        name: TypeAdapter(hint).validate_python for name, hint in hints.items() if name not in (of_request, "return")
    }

    async def read(request: Request) -> dict[str, Any]:
        arguments: dict[str, Any] = {of_request: request}
        for name, check in checks.items():
            if params.Path in kinds[name]:
                value = request.path_params[name]
            elif params.Query in kinds[name]:
                value = dict(parse_qsl(request.scope["query_string"].decode("latin-1"), keep_blank_values=True))
            else:
                value = await request.json() if _is_json(request) and await request.body() else None
            arguments[name] = check(value)
        return arguments

    return read


def _is_json(request: Request) -> bool:
    return request.headers.get("content-type", "").partition(";")[0] == JSON
