"""Around every request: an id, a log line, a limit to the body, a net for what nobody caught. Pure ASGI is cheap."""

import asyncio
import logging
import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.errors import problem_response
from service.logs import log_event
from service.schemas.problem_codes import Code
from service.scope import REQUEST_ID, code_of, key_of, request_id_of, route_of
from service.state import State

EXPOSED = ("retry-after", "ratelimit", "ratelimit-policy", REQUEST_ID)  # to pages of other origins
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
CUT_OFF = "the service stops, and this answer was not ready in time; come again"
_access = logging.getLogger("service.access")
_errors = logging.getLogger("service.errors")


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
        self.state.last_request_s = time.monotonic()
        request_id = request_id_of(scope)

        async def send_marked(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                given = {name for name, _ in message["headers"]}
                own = [pair for pair in SECURITY if pair[0] not in given]
                if (self.state.leaving or self.state.draining) and b"connection" not in given:
                    own.append((b"connection", b"close"))
                if (key := key_of(scope)) is not None:
                    limits = self.state.rate_limit_headers(key).items()
                    own += [(name.encode(), value.encode()) for name, value in limits]
                message["headers"] = [*message["headers"], (REQUEST_ID.encode(), request_id.encode()), *own]
            await send(message)

        try:
            await self.app(scope, receive, send_marked)
        except asyncio.CancelledError:  # the service stops, and has waited for long
            if status:
                raise
            await problem_response(scope, Code.NOT_READY, CUT_OFF)(scope, receive, send_marked)
        except Exception:
            _errors.exception("unhandled", extra={"fields": {"request_id": request_id}})
            if status:  # the answer is already on its way: only cutting it off says that it is broken
                raise
            await problem_response(scope, Code.INTERNAL, f"request {request_id} failed")(scope, receive, send_marked)
        finally:
            note(self.state, scope, status, request_id, time.perf_counter() - started)


def note(state: State, scope: Scope, status: int, request_id: str, seconds: float) -> None:
    """Log and count one answered request."""
    route = route_of(scope)
    # Callers make up methods as they like; a label must not grow with them.
    method = scope["method"] if scope["method"] in METHODS else "other"
    code = code_of(scope)
    state.metrics.observe(method, route, status, seconds, code)
    fields: dict[str, object] = {
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
    log_event(_access, logging.DEBUG if code == Code.BUSY else logging.INFO, "request", fields)
