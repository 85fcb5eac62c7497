"""Long work and compounds are answered by workers, so that small requests need not wait for them. Pure ASGI.

The main process never answers such a request itself: a compound that hangs would hang all of the service.
"""

import asyncio
import signal
import sys
from concurrent.futures.process import BrokenProcessPool

from pebble import ProcessExpired
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from service.errors import problem_response
from service.limits.admission import BusyError
from service.middleware.api_key import HEALTH
from service.schemas.problem_codes import Code
from service.scope import body_of, key_of, pairs_of, portable
from service.state import State
from service.workers.pool import NoWorkerError, Workers

BATCH_BYTES = 32 * 1024  # some 1,000 pairs
BYTES_OF_A_PAIR = 160  # a body that names few pairs and brings large samples is as much work as so many pairs
NEVER = HEALTH | {"/metrics"}
CRASHES = {-signal.SIGSEGV, -signal.SIGABRT, -signal.SIGFPE, -signal.SIGILL}
LOST = "the process that answered this was lost; come again"
PROBLEMS: dict[type[Exception], tuple[Code, str]] = {
    BusyError: (Code.BUSY, "as much as can be answered in good time is in flight; come again"),
    TimeoutError: (Code.TIMED_OUT, "the answer took longer than {} s; split the request"),
    ProcessExpired: (Code.NOT_READY, LOST),
    BrokenProcessPool: (Code.NOT_READY, LOST),
    NoWorkerError: (Code.NOT_READY, "no process for long work or compounds starts, as the log says; come again"),
}
TOO_COMPLEX = "the compounds of this request could not be read within {} s; send fewer, or simpler ones"
CRASHED = "reading the compounds of this request ended the process that did so; leave the unusual ones out"


class Dispatch:
    """Hands such requests to a worker, whose answer is this service's."""

    def __init__(self, app: ASGIApp, state: State, workers: Workers) -> None:
        self.app = app
        self.state = state
        self.workers = workers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; where the caller hangs up, its work is given up."""
        if scope["type"] != "http" or not self.state.is_serving or not is_for_workers(scope):
            await self.app(scope, receive, send)
            return
        await receive()  # the body, which the scope holds already
        answering = asyncio.ensure_future(self._answer(scope, receive, send))
        leaving = asyncio.ensure_future(receive())
        try:
            await asyncio.wait({answering, leaving}, return_when=asyncio.FIRST_COMPLETED)
            if answering.done():
                answering.result()
        finally:
            answering.cancel()
            leaving.cancel()

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        pairs = min(self.state.settings.max_pairs_per_request, pairs_at_most(scope))
        try:
            async with self.state.admission.hold_soon(pairs, self.state.settings.max_wait_s):
                messages, outcome = await self.workers.answer(portable(scope), self.state.allowance(key_of(scope)))
        except tuple(PROBLEMS) as fault:
            await self._problem(scope, fault)(scope, receive, send)
            return
        scope.update(outcome)
        self.state.settle(scope, pairs_of(scope))
        for message in messages:
            await send(message)

    def _problem(self, scope: Scope, fault: Exception) -> Response:
        seconds = self.state.settings.request_timeout_s
        crashed = isinstance(fault, ProcessExpired) and fault.exitcode in CRASHES
        if brings_compounds(scope) and (crashed or isinstance(fault, TimeoutError)):
            return problem_response(scope, Code.TOO_COMPLEX, CRASHED if crashed else TOO_COMPLEX.format(seconds))
        code, detail = PROBLEMS[type(fault)]
        return problem_response(scope, code, detail.format(seconds), headers=self.state.retry_after)


def is_for_workers(scope: Scope) -> bool:
    """Whether a request is long work: a table, a large body, or compounds to be read."""
    if scope["path"] in NEVER:
        return False
    is_drawing = scope["path"].endswith("/structure.svg")  # which needs chemistry
    return is_drawing or is_table(scope) or len(body_of(scope)) > BATCH_BYTES or brings_compounds(scope)


def is_table(scope: Scope) -> bool:
    """Whether tables are uploaded."""
    content_type = next((value for name, value in scope["headers"] if name == b"content-type"), b"")
    return scope["path"] == "/predict/table" or content_type.lower().startswith(b"multipart/")


def brings_compounds(scope: Scope) -> bool:
    """Whether the body may have a field `compound` or `compounds`, be it spelt with escapes."""
    body = body_of(scope)
    return b"compound" in body or b"\\" in body


def pairs_at_most(scope: Scope) -> int:
    """A bound to the pairs of a body that is not read yet: in either form a pair has two commas; a table has any."""
    body = body_of(scope)
    return sys.maxsize if is_table(scope) else max(body.count(b",") // 2 + 1, len(body) // BYTES_OF_A_PAIR)
