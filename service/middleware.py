"""Around every request: an id, a log line, a limit to the body, a net for what nobody caught. Pure ASGI is cheap."""

import logging
import re
import time
import uuid

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.access import key_of
from service.errors import Code, code_of, problem_response
from service.state import State, route_of

REQUEST_ID = "x-request-id"
EXPOSED = ("retry-after", REQUEST_ID)  # to pages of other origins
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
MAX_LOGGED_PATH_CHARS = 200
# What an answer says unless its route says otherwise: it is data for this caller, no page and nobody's frame.
SECURITY = tuple(
    (name.encode(), value.encode())
    for name, value in {
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        "referrer-policy": "no-referrer",
        "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
        "cache-control": "no-store",
    }.items()
)
# A body over the limit is read on for so many limits, so that an ordinary client gets to read the answer.
DRAINED_LIMITS = 16

_BODY_BYTES = "drp.body_bytes"

_access = logging.getLogger("service.access")
_errors = logging.getLogger("service.errors")
_sane_id = re.compile(r"[A-Za-z0-9._-]{1,64}")


class Observed:
    """Gives each request an id, its answer the headers that all have, the log a line, the metrics a count.

    An exception that reaches this far is logged with the request's id and answered with 500.
    """

    def __init__(self, app: ASGIApp, state: State) -> None:
        self.app = app
        self.state = state

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started, status = time.perf_counter(), 0
        request_id = request_id_of(scope)

        async def send_marked(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers[REQUEST_ID] = request_id
                given = {name for name, _ in headers.raw}
                headers.raw.extend(pair for pair in SECURITY if pair[0] not in given)
                if self.state.draining:
                    headers["connection"] = "close"
            await send(message)

        try:
            await self.app(scope, receive, send_marked)
        except Exception:
            _errors.exception("unhandled", extra={"fields": {"request_id": request_id}})
            if status:  # the answer is already on its way: only cutting it off says that it is broken
                raise
            await problem_response(scope, Code.INTERNAL, f"request {request_id} failed")(scope, receive, send_marked)
        finally:
            note(self.state, scope, status, request_id, time.perf_counter() - started)


class BodyLimit:
    """Answers 413 to a body over the limit, whether its length is declared or it comes in chunks.

    A body within the limit is handed on in one piece, which is how the routes read it anyway.
    """

    def __init__(self, app: ASGIApp, max_body_bytes: int) -> None:
        self.app = app
        self.max_body_bytes = max_body_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        body = None if self._hopeless(scope) else await self._read(receive)
        if body is None:
            detail = f"a body may have {self.max_body_bytes} bytes; split the request"
            response = problem_response(scope, Code.BODY_TOO_LARGE, detail, headers={"connection": "close"})
            await response(scope, receive, send)
            return
        scope[_BODY_BYTES] = len(body)
        replayed = False

        async def replay() -> Message:
            nonlocal replayed
            if replayed:
                return await receive()
            replayed = True
            return {"type": "http.request", "body": body, "more_body": False}

        await self.app(scope, replay, send)

    def _hopeless(self, scope: Scope) -> bool:
        """Whether the body is not worth reading: the caller waits for leave to send it, or it is far too long."""
        headers = Headers(scope=scope)
        length = headers.get("content-length", "")
        declared = int(length) if length.isdecimal() else 0
        waits = headers.get("expect", "").lower() == "100-continue"
        return declared > self.max_body_bytes * (1 if waits else DRAINED_LIMITS)

    async def _read(self, receive: Receive) -> bytes | None:
        """Read the body; None where it is over the limit, and then what is over is read and dropped."""
        body, size, more = bytearray(), 0, True
        while more and size <= self.max_body_bytes * DRAINED_LIMITS:
            message = await receive()
            chunk = message.get("body", b"")
            size += len(chunk)
            if size <= self.max_body_bytes:
                body += chunk
            more = message.get("more_body", False)  # a disconnect has neither field and ends the body
        return bytes(body) if size <= self.max_body_bytes else None


def note(state: State, scope: Scope, status: int, request_id: str, seconds: float) -> None:
    """Log and count one answered request."""
    route = route_of(scope)
    # Callers make up methods as they like; a label must not grow with them.
    method = scope["method"] if scope["method"] in METHODS else "other"
    code = code_of(scope)
    state.metrics.observe(method, route, status, seconds, code)
    fields = {
        "request_id": request_id,
        "method": method,
        "path": scope["path"][:MAX_LOGGED_PATH_CHARS],
        "route": route,
        "status": status,
        "ms": round(1000 * seconds, 3),
    }
    if code is not None:
        fields["code"] = code
    if (key := key_of(scope)) is not None:
        fields["key"] = key.name
    # Refusals come by the thousand where the service has least time to spare, and the metrics count them.
    _access.log(logging.DEBUG if code == Code.BUSY else logging.INFO, "request", extra={"fields": fields})


def body_bytes(scope: Scope) -> int:
    """Length of the body that BodyLimit let through."""
    length: int = scope.get(_BODY_BYTES, 0)
    return length


def request_id_of(scope: Scope) -> str:
    """Caller's id where it is one that a log can carry, else a new one."""
    given = Headers(scope=scope).get(REQUEST_ID, "")
    return given if _sane_id.fullmatch(given) else uuid.uuid4().hex
