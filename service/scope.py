"""What is noted of a request in its ASGI scope: its key, its problem, its body, its pairs, its route."""

import re
from secrets import token_hex
from types import SimpleNamespace
from typing import NamedTuple

from starlette.types import Scope

from service.keys import Key
from service.schemas.problem_codes import Code

REQUEST_ID = "x-request-id"
_ID = REQUEST_ID.encode()
_CODE, _KEY, _BODY, _PAIRS = "drp.code", "drp.key", "drp.body", "drp.pairs"
_REQUEST = {
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
}
_sane_id = re.compile(r"[A-Za-z0-9._-]{1,64}")


class PairCount(NamedTuple):
    """Pairs that a request asked for, and what they cost together with its samples and compounds, in pairs."""

    asked: int = 0
    cost: int = 0


def note_problem(scope: Scope, code: Code) -> None:
    """Note which problem the request is answered with."""
    scope[_CODE] = code


def code_of(scope: Scope) -> Code | None:
    """Problem that the request was answered with."""
    code: Code | None = scope.get(_CODE)
    return code


def note_key(scope: Scope, key: Key) -> None:
    """Note which key the request came with."""
    scope[_KEY] = key


def key_of(scope: Scope) -> Key | None:
    """Key that a request came with, once Access has let it through; None where keys are not asked for."""
    key: Key | None = scope.get(_KEY)
    return key


def note_body(scope: Scope, body: bytes) -> None:
    """Note the whole body."""
    scope[_BODY] = body


def body_of(scope: Scope) -> bytes:
    """Body that BodyLimit let through."""
    body: bytes = scope.get(_BODY, b"")
    return body


def note_pairs(scope: Scope, pairs: PairCount) -> None:
    """Note how many pairs the request asks for."""
    scope[_PAIRS] = pairs


def pairs_of(scope: Scope) -> PairCount:
    """Pairs that the request was found to ask for."""
    pairs: PairCount = scope.get(_PAIRS, PairCount())
    return pairs


def request_id_of(scope: Scope) -> str:
    """Caller's id where it is one that a log can carry, else a new one."""
    given = next((value.decode("latin-1") for name, value in scope["headers"] if name == _ID), "")
    return given if _sane_id.fullmatch(given) else token_hex(16)


def route_of(scope: Scope) -> str:
    """Template of the path that a request matched: a label that does not grow with what callers make up."""
    return getattr(scope.get("route"), "path", "unmatched")


def portable(scope: Scope) -> Scope:
    """Part of a scope that another process can answer: the request itself, and what is noted of it so far."""
    return {name: value for name, value in scope.items() if name in _REQUEST or name.startswith("drp.")}


def outcome_of(scope: Scope) -> Scope:
    """What is noted of an answer; a scope that takes it in tells the same problem, pairs and route."""
    route = SimpleNamespace(path=route_of(scope))
    return {_CODE: code_of(scope), _PAIRS: pairs_of(scope), "route": route}
