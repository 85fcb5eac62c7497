"""Long work and what is new are answered by workers, so that small requests need not wait for them.

The main process never answers such a request itself: it holds nothing that places samples and compounds, and one that
hangs would hang all of the service.
"""

import asyncio
import signal
from concurrent.futures.process import BrokenProcessPool

from pebble import ProcessExpired
from starlette.types import Receive, Scope, Send

from service.errors import ProblemError
from service.limits.admission import BusyError
from service.routes.paths import GENES, HEALTH, METRICS, TABLES
from service.schemas.problem_codes import Code
from service.scope import headers_of, notes_of, portable
from service.state import State
from service.workers.pool import NoWorkerError, Workers

BATCH_BYTES = 32 * 1024  # some 1,000 pairs
NEVER = HEALTH | {METRICS}
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
    """Hands a request to a worker, whose answer is this service's."""

    def __init__(self, state: State, workers: Workers) -> None:
        self.state = state
        self.workers = workers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; where the caller hangs up, its work is given up. Raises ProblemError."""
        await receive()  # the body, which is noted already
        answering = asyncio.ensure_future(self._answer(scope, send))
        leaving = asyncio.ensure_future(receive())
        try:
            await asyncio.wait({answering, leaving}, return_when=asyncio.FIRST_COMPLETED)
            if answering.done():
                answering.result()
        finally:
            answering.cancel()
            leaving.cancel()

    async def _answer(self, scope: Scope, send: Send) -> None:
        notes = notes_of(scope)
        try:
            with self.state.admission.long_work():
                async with portable(scope) as part:
                    messages, noted = await self.workers.answer(part, self.state.allowance(notes.key))
        except tuple(PROBLEMS) as fault:
            raise self._problem(scope, fault) from None
        notes.code, notes.pairs, notes.route = noted.code, noted.pairs, noted.route
        self.state.settle(scope)
        for message in messages:
            await send(message)

    def _problem(self, scope: Scope, fault: Exception) -> ProblemError:
        seconds = self.state.settings.request_timeout_s
        crashed = isinstance(fault, ProcessExpired) and fault.exitcode in CRASHES
        if brings_compounds(scope) and (crashed or isinstance(fault, TimeoutError)):
            return ProblemError(Code.TOO_COMPLEX, CRASHED if crashed else TOO_COMPLEX.format(seconds))
        code, detail = PROBLEMS[type(fault)]
        return ProblemError(code, detail.format(seconds), headers=self.state.retry_after)


def is_for_workers(scope: Scope) -> bool:
    """Whether a request is long work, or needs samples or compounds to be read or drawn."""
    path, body = scope["path"], notes_of(scope).body
    if path in {TABLES, GENES} or path.endswith("/structure.svg"):
        return True
    new = b"sample" in body or brings_compounds(scope)
    return bool(body) and (new or len(body) > BATCH_BYTES or is_table(scope)) and path not in NEVER


def is_table(scope: Scope) -> bool:
    """Whether tables are uploaded."""
    content_type = headers_of(scope).get(b"content-type", b"")
    return scope["path"] == TABLES or content_type.lower().startswith(b"multipart/")


def brings_compounds(scope: Scope) -> bool:
    """Whether the body may have a field `compound` or `compounds`, be it spelt with escapes."""
    body = notes_of(scope).body
    return b"compound" in body or b"\\" in body
