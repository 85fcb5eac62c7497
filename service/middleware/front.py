"""What stands between the server and the routes: one middleware, for each one more costs every request. Pure ASGI.

A request gets an id, is asked for its key, has its body read within limits, and goes to a worker where it is long; its
answer gets the headers that all have, a line in the log and a count.
"""

import asyncio
import logging
import re
import time
from secrets import token_hex

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.errors import ProblemError, problem_response
from service.keys import KeyRing
from service.logs import stdout_log, timestamp, to_json
from service.middleware.api_key import BEARER, HEADER, Access
from service.middleware.bodies import Bodies
from service.schemas.problem_codes import Code
from service.scope import NOTES, Notes, headers_of, notes_of, route_of
from service.state import State
from service.workers.dispatch import Dispatch, is_for_workers
from service.workers.pool import Workers

REQUEST_ID = "x-request-id"
EXPOSED = ("retry-after", "ratelimit", "ratelimit-policy", REQUEST_ID)  # to pages of other origins
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
MAX_LOGGED_PATH_CHARS = 200
# What an answer says unless its route says otherwise: it is data for this caller, no page and nobody's frame.
SECURITY = {
    b"x-content-type-options": b"nosniff",
    b"x-frame-options": b"DENY",
    b"referrer-policy": b"no-referrer",
    b"content-security-policy": b"default-src 'none'; frame-ancestors 'none'",
    b"cache-control": b"no-store",
}
CUT_OFF = "the service stops, and this answer was not ready in time; come again"
_ID = REQUEST_ID.encode()
_sane_id = re.compile(rb"[A-Za-z0-9._-]{1,64}")
_access = logging.getLogger("service.access")
_errors = logging.getLogger("service.errors")


class Front:
    """Lets requests in and observes them. An exception that reaches this far is logged and answered with 500."""

    def __init__(self, app: ASGIApp, state: State, keys: KeyRing | None, workers: Workers | None) -> None:
        settings = state.settings
        self._app, self._state = app, state
        self._access = None if keys is None else Access(keys, settings)
        self.bodies = Bodies(settings)
        self._dispatch = None if workers is None else Dispatch(state, workers)
        self._log = stdout_log()
        self._let_in: ASGIApp = self._admit
        if settings.cors_origins:  # before keys: a browser asks for leave without one
            self._let_in = CORSMiddleware(
                self._admit,
                allow_origins=settings.cors_origins,
                allow_methods=["GET", "POST"],
                allow_headers=["content-type", HEADER, BEARER, REQUEST_ID],
                expose_headers=EXPOSED,
            )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started, status = time.monotonic(), 0
        self._state.last_request_s = started
        notes = scope[NOTES] = Notes(_request_id(scope))

        async def send_marked(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                self._mark(message, notes)
            await send(message)

        try:
            await self._let_in(scope, receive, send_marked)
        except asyncio.CancelledError:  # the service stops, and has waited for long
            if status:
                raise
            await problem_response(scope, Code.NOT_READY, CUT_OFF)(scope, receive, send_marked)
        except Exception:
            _errors.exception("unhandled", extra={"fields": {"request_id": notes.request_id}})
            if status:  # the answer is already on its way: only cutting it off says that it is broken
                raise
            detail = f"request {notes.request_id} failed"
            await problem_response(scope, Code.INTERNAL, detail)(scope, receive, send_marked)
        finally:
            self._note(scope, notes, status, time.monotonic() - started)

    async def _admit(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request that has a key, where one is asked for, and a body within the limits."""
        notes = notes_of(scope)
        try:
            if self._access is not None:
                notes.key = self._access.key_of(scope)
            body = await self.bodies.read(scope, receive)
            if body is None:
                await self._answer(scope, receive, send)
                return
            notes.body = body
            try:
                await self._answer(scope, _replaying(body, receive), send)
            finally:
                self.bodies.bytes_held -= len(body)
        except ProblemError as fault:
            response = problem_response(scope, fault.code, fault.detail, fault.errors, fault.headers)
            await response(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._dispatch is not None and self._state.is_serving and is_for_workers(scope):
            await self._dispatch(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _mark(self, start: Message, notes: Notes) -> None:
        """Add the headers that every answer has, where its route has not."""
        given = dict(start["headers"])
        own = [(_ID, notes.request_id.encode()), *(pair for pair in SECURITY.items() if pair[0] not in given)]
        if (self._state.leaving or self._state.draining) and b"connection" not in given:
            own.append((b"connection", b"close"))
        if notes.key is not None:
            limits = self._state.rate_limit_headers(notes.key).items()
            own += [(name.encode(), value.encode()) for name, value in limits]
        start["headers"] = [*start["headers"], *own]

    def _note(self, scope: Scope, notes: Notes, status: int, seconds: float) -> None:
        """Count and log one answered request."""
        route, code = route_of(scope), notes.code
        # Callers make up methods as they like; a label must not grow with them.
        method = scope["method"] if scope["method"] in METHODS else "other"
        self._state.metrics.observe(method, route, status, seconds, code)
        # Refusals come by the thousand where the service has least time to spare, and the metrics count them.
        level = logging.DEBUG if code == Code.BUSY else logging.INFO
        if self._log is not None and _access.isEnabledFor(level):
            problem = "" if code is None else f',"code":"{code}"'
            key = "" if notes.key is None else f',"key":"{notes.key.name}"'
            # Loggers and a dictionary would cost as much as the rest of this class.
            self._log.write(
                f'{{"time":"{timestamp(time.time())}","level":"{logging.getLevelName(level)}",'
                f'"logger":"service.access","message":"request","request_id":"{notes.request_id}",'
                f'"method":"{method}","path":{to_json(scope["path"][:MAX_LOGGED_PATH_CHARS])},"route":"{route}",'
                f'"status":{status},"ms":{1000 * seconds:.3f}{problem}{key}}}'
            )


def _request_id(scope: Scope) -> str:
    """Caller's id where it is one that a log can carry, else a new one."""
    given = headers_of(scope).get(_ID, b"")
    return given.decode() if _sane_id.fullmatch(given) else token_hex(16)


def _replaying(body: bytes, receive: Receive) -> Receive:
    """A `receive` that gives a body that was read already, then what comes after it."""
    replayed = False

    async def replay() -> Message:
        nonlocal replayed
        if replayed:
            return await receive()
        replayed = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay
