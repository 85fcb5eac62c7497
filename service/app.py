"""The application: routes, errors and middleware around one predictor."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from typing import Any

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool
from starlette.middleware.cors import CORSMiddleware
from starlette.types import Lifespan

from model.version import VERSION
from service.contract import docs_page
from service.contract.schema import DESCRIPTION, TITLE, complete_schema
from service.errors import add_handlers
from service.keys import KeyRing
from service.middleware.api_key import HEADER, Access
from service.middleware.batch_dispatch import Batches
from service.middleware.body_limit import BodyLimit
from service.middleware.concurrency import Turnstile
from service.middleware.observability import EXPOSED, Observed
from service.prediction.predictor import Predictor
from service.routes import catalogue, operation, tables
from service.routes import predict as answers
from service.scope import REQUEST_ID
from service.settings import Settings
from service.state import State
from service.workers.pool import Workers


class App(FastAPI):
    """FastAPI whose schema tells the truth about problems."""

    def openapi(self) -> dict[str, Any]:
        """OpenAPI schema, made once."""
        if self.openapi_schema is None:
            self.openapi_schema = complete_schema(super().openapi())
        return self.openapi_schema


def create_app(settings: Settings, predictor: Predictor | None = None, workers: Workers | None = None) -> App:
    """App for these settings; it serves `predictor`, or loads the bundle of the settings when it starts.

    With `workers` these answer batches. Raises KeyFileError where the settings name a file of keys that is of no use.
    """
    state = State(settings, workers=workers)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        state.open(predictor if predictor is not None else await run_in_threadpool(Predictor.load, settings))
        async with nullcontext() if workers is None else workers:
            yield
        state.close()

    app = bare_app(state, lifespan)
    # The last one added stands outermost.
    app.add_middleware(Batches, state=state)
    app.add_middleware(Turnstile, state=state)
    app.add_middleware(BodyLimit, max_body_bytes=settings.max_body_bytes)
    if settings.keys_file is not None:
        app.add_middleware(Access, keys=KeyRing(settings.keys_file), settings=settings)
    if settings.cors_origins:
        # Outside of Access: a browser asks for leave without a key.
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.cors_origins,
            allow_methods=["GET", "POST"],
            allow_headers=["content-type", HEADER, REQUEST_ID],
            expose_headers=EXPOSED,
        )
    app.add_middleware(Observed, state=state)
    return app


def bare_app(state: State, lifespan: Lifespan[FastAPI] | None = None) -> App:
    """The routes and their errors, with nothing before them."""
    settings = state.settings
    app = App(
        title=TITLE,
        description=DESCRIPTION,
        version=VERSION,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url=docs_page.OPENAPI if settings.docs else None,
        redirect_slashes=False,
        generate_unique_id_function=lambda route: route.name,
    )
    app.state.service = state
    add_handlers(app)
    for room in (answers, tables, catalogue, operation):
        app.include_router(room.router)
    if settings.docs:
        app.include_router(docs_page.router)
    return app
