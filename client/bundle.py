"""A bundle on this machine asked like a service: the same app, without a network and without a server.

It needs the service's packages as well, which `pip install drug-response` brings.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx2

from client.api import Client
from service.app import create_app
from service.prediction.predictor import Predictor
from service.routes.routed_app import App
from service.settings import BUNDLED, Settings


class AppTransport(httpx2.BaseTransport):
    """Hands requests to the app, in a thread of its own: the caller may be in an event loop, as notebooks are."""

    def __init__(self, app: App) -> None:
        self._app = httpx2.ASGITransport(app=app)
        self._thread = ThreadPoolExecutor(1)

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Answer one request."""
        return self._thread.submit(asyncio.run, self._answer(request)).result()

    def close(self) -> None:
        """End the thread."""
        self._thread.shutdown()

    async def _answer(self, request: httpx2.Request) -> httpx2.Response:
        answer = await self._app.handle_async_request(request)
        return httpx2.Response(answer.status_code, headers=answer.headers, content=await answer.aread())


def open_bundle(folder: Path = BUNDLED) -> Client:
    """Client of the bundle in a folder, else of the bundled one. Raises BundleError where it must not be served."""
    # The operator's file of keys is about callers from outside.
    settings = Settings(bundle=folder, further_bundle=None, keys_file=None)
    predictor = Predictor.load(settings)
    app = create_app(settings, predictor)
    app.state.service.open(predictor)
    return Client("http://bundle", transport=AppTransport(app), retries=0)
