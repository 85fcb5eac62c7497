"""What is noted of a request in its ASGI scope: its key, its problem, the length of its body, its route."""

import re
import uuid

from starlette.datastructures import Headers
from starlette.types import Scope

from service.keys import Key
from service.schemas.problem_codes import Code

_CODE = "drp.code"


def noted_problem(scope: Scope, code: Code) -> None:
    """Note in the request's scope which problem it is answered with."""
    scope[_CODE] = code


def code_of(scope: Scope) -> Code | None:
    """Problem that the request was answered with."""
    code: Code | None = scope.get(_CODE)
    return code


_KEY = "drp.key"


def key_of(scope: Scope) -> Key | None:
    """Key that a request came with, once Access has let it through; None where keys are not asked for."""
    key: Key | None = scope.get(_KEY)
    return key


REQUEST_ID = "x-request-id"
_BODY_BYTES = "drp.body_bytes"
_sane_id = re.compile(r"[A-Za-z0-9._-]{1,64}")


def body_bytes(scope: Scope) -> int:
    """Length of the body that BodyLimit let through."""
    length: int = scope.get(_BODY_BYTES, 0)
    return length


def request_id_of(scope: Scope) -> str:
    """Caller's id where it is one that a log can carry, else a new one."""
    given = Headers(scope=scope).get(REQUEST_ID, "")
    return given if _sane_id.fullmatch(given) else uuid.uuid4().hex


def route_of(scope: Scope) -> str:
    """Template of the path that a request matched: a label that does not grow with what callers make up."""
    return getattr(scope.get("route"), "path", "unmatched")
