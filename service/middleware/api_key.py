"""Who may ask: the API key of a request, looked at before its body is read. Pure ASGI."""

from starlette.types import ASGIApp, Receive, Scope, Send

from service.contract.docs_page import DOCS, OPENAPI
from service.contract.page import PAGE
from service.errors import problem_response
from service.keys import KeyRing
from service.schemas.problem_codes import Code
from service.scope import note_key
from service.settings import Settings

HEADER, BEARER = "X-API-Key", "Authorization"
HEALTH = {"/health/live", "/health/ready"}
CHALLENGE = {"www-authenticate": f'ApiKey realm="drug-response", header="{HEADER}", Bearer realm="drug-response"'}


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
        presented = presented_key(scope)
        key = self._keys.find(presented) if presented is not None else None
        if key is None:
            detail = f"send a valid key in the header {HEADER}, or as {BEARER}: Bearer KEY"
            await problem_response(scope, Code.UNAUTHORIZED, detail, headers=CHALLENGE)(scope, receive, send)
            return
        note_key(scope, key)
        await self.app(scope, receive, send)

    def _is_open(self, path: str) -> bool:
        return path in self._open or path in {"/", DOCS, OPENAPI} or path.startswith((f"{DOCS}/", f"{PAGE}/"))


def presented_key(scope: Scope) -> bytes | None:
    """Key of the request's `X-API-Key`, or else of its `Authorization: Bearer`; None where it has neither."""
    headers = dict(reversed(scope["headers"]))  # the first of a name counts
    if (key := headers.get(HEADER.lower().encode())) is not None:
        return bytes(key)
    scheme, _, token = headers.get(BEARER.lower().encode(), b"").partition(b" ")
    return bytes(token.strip()) if scheme.lower() == b"bearer" and token.strip() else None
