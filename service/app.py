"""The application of the main process: the routes, with limits, keys and observation before them."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool

from service.keys import KeyRing
from service.middleware.front import Front
from service.prediction.predictor import Predictor
from service.routes.routed_app import App, routed_app
from service.settings import Settings
from service.state import State
from service.workers.pool import Workers

Signals = Callable[[State], AbstractContextManager[None]]


def create_app(
    settings: Settings,
    predictor: Predictor | None = None,
    workers: Workers | None = None,
    signals: Signals | None = None,
) -> App:
    """Application for these settings; it serves `predictor`, or loads the bundle of the settings when it starts.

    `workers` answer what is long or brings samples or compounds; without them, as in a test, this process answers all.
    `signals` is entered while the application runs. Raises KeyFileError where the settings name a useless keys file.
    """
    state = State(settings, ready_workers=lambda: 0 if workers is None else len(workers))

    loaded = [] if predictor is None else [predictor]  # given away, so that a swap frees it

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        state.open(loaded.pop() if loaded else await run_in_threadpool(Predictor.load, settings))
        async with nullcontext() if workers is None else workers.at_work(state.version):
            with nullcontext() if signals is None else signals(state):
                yield
        state.close()

    app = routed_app(state, lifespan)
    keys = None if settings.keys_file is None else KeyRing(settings.keys_file)
    app.add_middleware(Front, state=state, keys=keys, workers=workers)
    return app
