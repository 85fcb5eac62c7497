"""The application with its routes and errors alone, as the main process and every worker run it."""

from typing import Any

from fastapi import FastAPI
from starlette.types import Lifespan

from model.version import VERSION
from service.contract import docs_page, page
from service.contract.schema import DESCRIPTION, TITLE, complete_schema
from service.errors import add_handlers
from service.routes import catalogue, explorer, operation, predict, rankings, tables
from service.state import State


class App(FastAPI):
    """FastAPI whose schema tells the truth about problems."""

    def openapi(self) -> dict[str, Any]:
        """OpenAPI schema, made once."""
        if self.openapi_schema is None:
            self.openapi_schema = complete_schema(super().openapi())
        return self.openapi_schema


def routed_app(state: State, lifespan: Lifespan[FastAPI] | None = None) -> App:
    """Application that answers with this state; nothing stands before its routes."""
    app = App(
        title=TITLE,
        description=DESCRIPTION,
        version=VERSION,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url=docs_page.OPENAPI if state.settings.docs else None,
        redirect_slashes=False,
    )
    app.state.service = state
    add_handlers(app)
    rooms = [operation, predict, rankings, tables, explorer, catalogue]
    rooms += [docs_page] if state.settings.docs else []
    rooms += [page] if state.settings.page else []
    # As routes of the app itself: a router within a router is searched at several times the cost.
    app.router.routes += [route for room in rooms for route in room.router.routes]
    return app
