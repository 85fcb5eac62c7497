"""What is noted of a request in its ASGI scope: its id, its key, its body, its problem, its pairs."""

from dataclasses import dataclass
from typing import Final, NamedTuple

from starlette.types import Scope

from service.keys import Key
from service.schemas.problem_codes import Code

NOTES: Final = "drp"
_REQUEST = (
    "type",
    "asgi",
    "http_version",
    "scheme",
    "method",
    "path",
    "raw_path",
    "root_path",
    "query_string",
    "headers",
)


class PairCount(NamedTuple):
    """Pairs that a request asked for, and what they cost together with its samples and compounds, in pairs."""

    asked: int = 0
    cost: int = 0


NO_PAIRS = PairCount()


@dataclass(slots=True)
class Notes:
    """What is known of a request, and of its answer so far.

    `key` is None where none is asked for, `code` where the answer is no problem, `route` unless a worker answered.
    """

    request_id: str = ""
    key: Key | None = None
    body: bytes = b""
    code: Code | None = None
    pairs: PairCount = NO_PAIRS
    route: str | None = None


def notes_of(scope: Scope) -> Notes:
    """Notes of a request, which are made where there are none."""
    if NOTES not in scope:
        scope[NOTES] = Notes()
    notes: Notes = scope[NOTES]
    return notes


def headers_of(scope: Scope) -> dict[bytes, bytes]:
    """Headers by name; of several with a name the first counts."""
    return dict(reversed(scope["headers"]))


def route_of(scope: Scope) -> str:
    """Template of the path that a request matched: a label that does not grow with what callers make up."""
    return notes_of(scope).route or str(getattr(scope.get("route"), "path", "unmatched"))


def portable(scope: Scope) -> Scope:
    """Part of a scope that another process can answer: the request itself, and what is noted of it so far."""
    return {name: scope[name] for name in (*_REQUEST, NOTES) if name in scope}
