"""What a worker process runs: it loads the bundle itself and answers whole requests with the service's own routes."""

import asyncio
import faulthandler
import gc
import os
import signal

from starlette.types import Message, Scope

from model.bundle.manifest import BundleError
from model.molecules.fingerprints import fingerprints
from service.logs import log_to_stdout
from service.prediction.predictor import Predictor
from service.routes.routed_app import App, routed_app
from service.scope import LARGE_BYTES, Notes, body_messages, notes_of, route_of
from service.settings import Settings
from service.state import State
from service.workers.heap import steady_heap, trim_heap

NICE = 5  # below the event loop, which has callers waiting
# Longer than the main process waits: this ends a worker that hangs after the main process is gone.
OVERTIME_S = 5
Answer = tuple[list[Message], Notes]  # ASGI messages, and what is noted beside the body

_app: App | None = None
_runner = asyncio.Runner()


def load(settings: Settings, version: str) -> None:
    """Make this process a worker with this version of the settings' bundle.

    Raises BundleError, also where another version lies there: all answers come from one. Or DeviceError.
    """
    global _app
    if hasattr(signal, "SIGHUP"):
        signal.signal(signal.SIGHUP, signal.SIG_IGN)  # the main process swaps bundles
        os.nice(NICE)
    steady_heap()
    log_to_stdout(settings.log_level)
    if settings.preload_chemistry:
        fingerprints(["C"])
    state, predictor = State(settings), Predictor.load(settings)
    if predictor.bundle.version != version:
        found = predictor.bundle.version
        where = " and ".join(str(folder) for folder in (settings.bundle, settings.further_bundle) if folder)
        raise BundleError(f"{where}: holds {found}, but {version} is served; SIGHUP takes what is there")
    state.open(predictor)
    _app = routed_app(state)
    gc.freeze()  # a look through all that is loaded would take 50 ms every now and then


def answer(scope: Scope, allowance: float) -> Answer:
    """Answer one request, whose key, where it has one, may spend `allowance` pairs. Raises what its route raises."""
    if _app is None:
        raise RuntimeError("no bundle is loaded in this process")
    state: State = _app.state.service
    # This watch needs no interpreter lock, which a hanging extension may hold.
    faulthandler.dump_traceback_later(state.settings.request_timeout_s + OVERTIME_S, exit=True)
    try:
        notes = notes_of(scope)
        if notes.key is not None:
            state.allowances.set_left(notes.key.name, allowance)
        messages = _runner.run(_answer(_app, scope))
    finally:
        faulthandler.cancel_dump_traceback_later()
    size = len(notes.body) + sum(len(message.get("body", b"")) for message in messages)
    is_large = size > LARGE_BYTES or notes.body_path is not None
    notes.body, notes.route = b"", route_of(scope)
    if is_large:  # what it took is not kept until the next one
        trim_heap()
    return messages, notes


async def _answer(app: App, scope: Scope) -> list[Message]:
    requests, messages = body_messages(notes_of(scope)), list[Message]()

    async def receive() -> Message:
        return next(requests)

    async def send(message: Message) -> None:
        messages.append(message)

    await app(scope, receive, send)
    return messages
