"""The running service: uvicorn, with a stop that drops no request and a bundle that can be swapped."""

import asyncio
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

import uvicorn

from model.bundle.manifest import BundleError
from service.app import create_app
from service.keys import KeyFileError
from service.logs import log_to_stdout
from service.prediction.onnx_session import DeviceError
from service.prediction.predictor import Predictor
from service.routes.routed_app import App
from service.settings import Settings
from service.state import State
from service.workers.heap import settle_memory, steady_heap
from service.workers.pool import Workers
from service.workers.swap import swap_when

TICK_S = 0.05
QUIET_S = 0.3  # after so long without a request nobody is left to be told
START_S = 30  # a process of several may take so long to start, or to say that it is alive
SWITCH_S = 0.001
STARTUP_FAILURE = 3  # as uvicorn has it, whose supervisor then stops instead of starting the process again


def run(settings: Settings) -> None:
    """Serve until told to stop. Raises SystemExit where that cannot begin."""
    several = settings.workers > 1
    app: App | str = build_app()
    if several:  # they build their own; this one has shown that it can be done
        app = f"{__name__}:build_app"
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())  # uvicorn raises it again once it has stopped
    uvicorn.run(
        app,
        factory=several,
        workers=settings.workers,
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=settings.shutdown_timeout_s,
        timeout_worker_healthcheck=START_S,
    )


def build_app() -> App:
    """Load the bundle of the settings and build what one process serves.

    Raises SystemExit, having said why, where there is nothing to serve.
    """
    settings = Settings()
    steady_heap()
    log_to_stdout(settings.log_level)
    # Threads work on what takes long. Python lets such a thread go on for 5 ms before another gets a turn, and the
    # event loop, which asks for many turns, would answer small requests that much later each time.
    sys.setswitchinterval(SWITCH_S)
    follow_parent()
    workers = Workers(settings)
    try:
        return create_app(
            settings, Predictor.load(settings, places_new=False), workers, partial(handle_signals, workers=workers)
        )
    except (BundleError, DeviceError, KeyFileError) as fault:
        sys.stderr.write(f"not started: {fault}\n")
        raise SystemExit(STARTUP_FAILURE) from None


def follow_parent() -> None:
    """Stop this process, where it is one of several, once their supervisor has ended in whatever way."""
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def wait() -> None:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait, name="parent", daemon=True).start()


@contextmanager
def handle_signals(state: State, workers: Workers) -> Iterator[None]:
    """While the block runs, swap the bundle at SIGHUP, and drain before uvicorn stops at SIGTERM or SIGINT."""
    settle_memory()
    loop, requested = asyncio.get_running_loop(), asyncio.Event()
    swapping = loop.create_task(swap_when(requested, state, workers))
    handlers: dict[signal.Signals, Callable[[], object]] = {}
    if threading.current_thread() is threading.main_thread() and hasattr(signal, "SIGHUP"):
        stop = Stop(state)
        for number in (signal.SIGTERM, signal.SIGINT):
            handler = signal.getsignal(number)
            if callable(handler):
                handlers[number] = partial(stop.begin, partial(handler, number, None))
        handlers[signal.SIGHUP] = requested.set
    for number, handle in handlers.items():
        loop.add_signal_handler(number, handle)
    try:
        yield
    finally:
        swapping.cancel()
        for number in handlers:
            loop.remove_signal_handler(number)


class Stop:
    """Answers with `connection: close` for a while before the server closes the port.

    A client that keeps its connection would otherwise send into one that is just being closed, and get a reset
    instead of an answer. One process answers 503 meanwhile; of several the others go on, and this one still answers.
    Where nobody asks any more there is nobody to wait for.
    """

    def __init__(self, state: State) -> None:
        self._state = state
        self._draining: asyncio.Task[None] | None = None

    def begin(self, stop_server: Callable[[], object]) -> None:
        """Drain, then stop the server; told a second time, stop it at once."""
        if self._draining is not None:
            stop_server()
        self._state.leaving = True
        self._state.draining = self._state.settings.workers == 1
        self._draining = asyncio.get_running_loop().create_task(self._drain(stop_server))

    async def _drain(self, stop_server: Callable[[], object]) -> None:
        end = time.monotonic() + self._state.settings.drain_s
        while (now := time.monotonic()) < end and now - self._state.last_request_s < QUIET_S:
            await asyncio.sleep(TICK_S)
        stop_server()
