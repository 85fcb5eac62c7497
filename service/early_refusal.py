"""Small requests are let in or refused here, before they cost anything: uvicorn's HTTP protocol with a door.

An answer to a small request keeps the event loop busy from beginning to end. What comes meanwhile waits unseen in its
socket and is read in the loop's next turn, all of it before the first of it is answered; so here the crowd is seen.
A refusal through the whole application costs nearly half of an answer, so that at twice the capacity the service would
do little but refuse. Here it is a write of bytes made beforehand, a tenth of an answer.

The door stands before the look at the API key. Its refusal is the same with any key or none, so it tells nothing of
keys, and it takes nothing off an allowance. Were keys looked at first, nothing would limit callers that have none.
"""

import time
from collections.abc import Iterable
from typing import cast

from starlette.types import Scope
from uvicorn._types import ASGI3Application
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from service.errors import problem_response
from service.middleware.concurrency import BATCH_BYTES, DETAIL, NEVER_REFUSED
from service.middleware.observability import EXPOSED, SECURITY, note
from service.schemas.problem_codes import STATUS_AND_TITLE, Code
from service.scope import REQUEST_ID, noted_problem, request_id_of
from service.state import State

STATUS = STATUS_AND_TITLE[Code.BUSY][0]


class Door:
    """Says who is let in whatever the crowd, and what the others are told. One for all connections."""

    def __init__(self, state: State) -> None:
        self.state, self.turns = state, state.turns
        refusal = problem_response({}, Code.BUSY, DETAIL, headers=state.retry_after)
        self._head = STATUS_LINE[STATUS] + _lines([*refusal.raw_headers, *SECURITY])
        self._body = bytes(refusal.body)
        exposed = (b"access-control-expose-headers", ", ".join(EXPOSED).encode())
        self._cors = {
            origin.encode(): _lines([(b"access-control-allow-origin", origin.encode()), exposed, (b"vary", b"Origin")])
            for origin in state.settings.cors_origins
        }

    def is_open(self, scope: Scope) -> bool:
        """Whether the request is let in whatever the crowd."""
        if self.state.draining or self.state.predictor is None:
            return True  # 503 says more than 429
        # A page is never told why its browser's preflight failed.
        return scope["path"] in NEVER_REFUSED or scope["method"] == "OPTIONS"

    def refusal(self, scope: Scope, request_id: str, more: Iterable[tuple[bytes, bytes]]) -> bytes:
        """Bytes of the whole answer, with some headers more."""
        origin = next((value for name, value in scope["headers"] if name == b"origin"), b"") if self._cors else b""
        own = _lines([(REQUEST_ID.encode(), request_id.encode()), *more])
        head = self._head + own + self._cors.get(origin, b"") + b"\r\n"
        return head if scope["method"] == "HEAD" else head + self._body


class Protocol(HttpToolsProtocol):
    """One connection. A request begins once its body, or 32 KiB of it, has come: nobody is let in and then waits.

    An exception are callers that want leave to send a body (Expect: 100-continue); the turnstile sees them.
    """

    door: Door
    _coming: tuple[RequestResponseCycle, ASGI3Application] | None = None

    def on_body(self, body: bytes) -> None:
        """Keep a part of the body; where it turns out a batch, the application reads on."""
        super().on_body(body)
        if self._coming is not None and len(self._coming[0].body) > BATCH_BYTES:
            self._begin()

    def on_message_complete(self) -> None:
        """Begin what waited for the end of its body."""
        super().on_message_complete()
        if self._coming is not None:
            self._begin()

    def _begin(self) -> None:
        if self._coming is not None:
            cycle, app = self._coming
            self._coming = None
            self._start_asgi_task(cycle, app)

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        """Answer a request whose turn it is; one that came before the last one's answer, uvicorn keeps back."""
        scope, gathered = cast(Scope, cycle.scope), len(cycle.body)
        waits = cycle.more_body and not cycle.waiting_for_100_continue
        if waits and max(gathered, _declared(scope)) <= BATCH_BYTES:
            self._coming = cycle, app
        elif cycle.more_body or gathered > BATCH_BYTES or self.flow.write_paused or self.door.is_open(scope):
            super()._start_asgi_task(cycle, app)  # also where the caller does not read: the refusals would pile up
        elif self.door.turns.enter(self.loop.time()):
            self.loop.call_soon(self._answer_begins)
            super()._start_asgi_task(cycle, app)
            self.loop.call_soon(self._answer_ended)
        else:
            self._refuse(cycle, scope)

    def _answer_begins(self) -> None:
        self.door.turns.begin(self.loop.time())

    def _answer_ended(self) -> None:
        """Note that a request was answered, or goes on in a thread, where other limits hold.

        It leaves a turn later: what came meanwhile is read by then, and the next to be let in is the first of that
        rather than one that came just before the answer began.
        """
        self.door.turns.end(self.loop.time())
        self.loop.call_soon(self.door.turns.leave)

    def _refuse(self, cycle: RequestResponseCycle, scope: Scope) -> None:
        started, request_id = time.perf_counter(), request_id_of(scope)
        more = [*self.server_state.default_headers, *([] if cycle.keep_alive else [(b"connection", b"close")])]
        self.transport.write(self.door.refusal(scope, request_id, more))
        cycle.response_started = cycle.response_complete = True
        if not cycle.keep_alive:
            self.transport.close()
        cycle.on_response()
        noted_problem(scope, Code.BUSY)
        note(self.door.state, scope, STATUS, request_id, time.perf_counter() - started)


def protocol_of(state: State) -> type[Protocol]:
    """Protocol of one app, of which uvicorn makes one for each connection."""
    return type("Protocol", (Protocol,), {"door": Door(state)})


def _declared(scope: Scope) -> int:
    """Length of the body as declared; 0 where it is not."""
    return next((int(value) for name, value in scope["headers"] if name == b"content-length"), 0)


def _lines(headers: Iterable[tuple[bytes, bytes]]) -> bytes:
    return b"".join(b"%b: %b\r\n" % header for header in headers)
