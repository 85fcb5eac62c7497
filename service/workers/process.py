"""What a worker process runs: it loads the bundle itself and answers whole requests with the service's own routes."""

import asyncio
import ctypes
import faulthandler
import gc
import os
import signal
from contextlib import suppress
from dataclasses import dataclass

from starlette.types import Message, Scope

from model.molecules.fingerprints import fingerprints
from service.keys import Key
from service.logs import log_to_stdout
from service.prediction.predictor import Predictor
from service.routes.routed_app import App, routed_app
from service.schemas.problem_codes import Code
from service.scope import PairCount, code_of, note_key, pairs_of, route_of
from service.settings import Settings
from service.state import State

NICE = 5  # below the event loop, which has callers waiting
# Longer than the main process waits: this ends a worker that hangs after the main process is gone.
OVERTIME_S = 5
LARGE_BYTES = 2**20  # what an answer of this size took is not kept until the next one
Headers = list[tuple[bytes, bytes]]


@dataclass(frozen=True)
class Task:
    """A request; `key`, where it came with one, may spend `allowance` pairs."""

    method: str
    path: str
    root_path: str
    query: bytes
    headers: Headers
    body: bytes
    key: Key | None = None
    allowance: float = 0.0


@dataclass(frozen=True)
class Answer:
    """Its answer, and what the main process notes of it."""

    status: int
    headers: Headers
    body: bytes
    route: str
    code: Code | None
    pairs: PairCount


@dataclass(frozen=True)
class _Worker:
    state: State
    app: App
    runner: asyncio.Runner


_this: _Worker | None = None


def load(settings: Settings) -> str:
    """Make this process a worker with the bundle of the settings; the bundle's version.

    Raises BundleError or DeviceError.
    """
    global _this
    if hasattr(signal, "SIGHUP"):
        signal.signal(signal.SIGHUP, signal.SIG_IGN)  # the main process swaps bundles
        os.nice(NICE)
    log_to_stdout(settings.log_level)
    if settings.preload_chemistry:
        fingerprints(["C"])
    state, predictor = State(settings), Predictor.load(settings)
    state.open(predictor)
    _this = _Worker(state, routed_app(state), asyncio.Runner())
    gc.freeze()  # a look through all that is loaded would take 50 ms every now and then
    return predictor.bundle.version


def answer(task: Task) -> Answer:
    """Answer one request. Raises RuntimeError with the traceback where a route fails."""
    if _this is None:
        raise RuntimeError("no bundle is loaded in this process")
    # This watch needs no interpreter lock, which a hanging extension may hold.
    faulthandler.dump_traceback_later(_this.state.settings.request_timeout_s + OVERTIME_S, exit=True)
    try:
        found = _this.runner.run(_answer(_this, task))
    finally:
        faulthandler.cancel_dump_traceback_later()
    if len(found.body) > LARGE_BYTES:
        trim_heap()
    return found


def trim_heap() -> None:
    """Give back to the system what was freed: the allocator of glibc keeps what lies between other things."""
    with suppress(OSError, AttributeError):  # another C library
        ctypes.CDLL(None).malloc_trim(0)


async def _answer(worker: _Worker, task: Task) -> Answer:
    scope: Scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "scheme": "http",
        "method": task.method,
        "path": task.path,
        "raw_path": task.path.encode(),
        "root_path": task.root_path,
        "query_string": task.query,
        "headers": task.headers,
    }
    if task.key is not None:
        note_key(scope, task.key)
        worker.state.allowances.set_left(task.key.name, task.allowance)
    requests: list[Message] = [{"type": "http.request", "body": task.body, "more_body": False}]
    start: Message = {}
    parts: list[bytes] = []

    async def receive() -> Message:
        return requests.pop() if requests else {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            start.update(message)
        parts.append(message.get("body", b""))

    await worker.app(scope, receive, send)
    return Answer(
        start["status"], list(start["headers"]), b"".join(parts), route_of(scope), code_of(scope), pairs_of(scope)
    )
