"""The application: routes, errors and middleware around one predictor."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool

from service.contract import DESCRIPTION, TITLE, VERSION, as_problems
from service.errors import add_handlers
from service.middleware import BodyLimit, Observed
from service.predictor import Predictor
from service.routes import answers, catalogue, operation
from service.settings import Settings
from service.state import State


class App(FastAPI):
    """FastAPI whose schema tells the truth about problems."""

    def openapi(self) -> dict[str, Any]:
        """OpenAPI schema, made once."""
        if self.openapi_schema is None:
            self.openapi_schema = as_problems(super().openapi())
        return self.openapi_schema


def create_app(settings: Settings, predictor: Predictor | None = None) -> App:
    """App for these settings; it serves `predictor`, or loads the bundle of the settings when it starts."""
    state = State(settings)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        state.open(predictor if predictor is not None else await run_in_threadpool(Predictor.load, settings))
        yield
        state.close()

    app = App(
        title=TITLE,
        description=DESCRIPTION,
        version=VERSION,
        lifespan=lifespan,
        redoc_url=None,
        redirect_slashes=False,
        generate_unique_id_function=lambda route: route.name,
    )
    app.state.service = state
    add_handlers(app)
    for room in (answers, catalogue, operation):
        app.include_router(room.router)
    app.add_middleware(BodyLimit, max_body_bytes=settings.max_body_bytes)
    app.add_middleware(Observed, metrics=state.metrics)  # added last, so it stands outermost
    return app
