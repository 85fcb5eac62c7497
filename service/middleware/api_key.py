"""Who may ask: the API key of a request, looked at before its body is read. Pure ASGI."""

from starlette.types import ASGIApp, Receive, Scope, Send

from service.contract.docs_page import DOCS, OPENAPI
from service.errors import problem_response
from service.keys import KeyRing
from service.schemas.problem_codes import Code
from service.scope import note_key
from service.settings import Settings

HEADER = "X-API-Key"
HEALTH = {"/health/live", "/health/ready"}
CHALLENGE = {"www-authenticate": f'ApiKey realm="drug-response", header="{HEADER}"'}
_FIELD = HEADER.lower().encode()


class Access:
    """Answers 401 to a request without a valid key. Health needs none, nor do the pages that describe the API."""

    def __init__(self, app: ASGIApp, keys: KeyRing, settings: Settings) -> None:
        self.app = app
        self._keys = keys
        self._open = HEALTH | ({"/metrics"} if settings.metrics == "open" else set())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or self._is_open(scope["path"]):
            await self.app(scope, receive, send)
            return
        presented = next((value for name, value in scope["headers"] if name == _FIELD), None)
        key = self._keys.find(presented) if presented is not None else None
        if key is None:
            detail = f"send a key that is valid in the header {HEADER}"
            await problem_response(scope, Code.UNAUTHORIZED, detail, headers=CHALLENGE)(scope, receive, send)
            return
        note_key(scope, key)
        await self.app(scope, receive, send)

    def _is_open(self, path: str) -> bool:
        return path in self._open or path in {DOCS, OPENAPI} or path.startswith(f"{DOCS}/")
