"""Who may ask: the API key of a request, looked at before its body is read."""

from starlette.types import Scope

from service.contract.docs_page import DOCS, OPENAPI
from service.contract.page import PAGE
from service.errors import ProblemError
from service.keys import Key, KeyRing
from service.routes.paths import HEALTH, METRICS
from service.schemas.problem_codes import Code
from service.scope import headers_of
from service.settings import Settings

HEADER, BEARER = "X-API-Key", "Authorization"
CHALLENGE = {"www-authenticate": f'ApiKey realm="drug-response", header="{HEADER}", Bearer realm="drug-response"'}


class Access:
    """Asks every request for a valid key. Health needs none, nor do the pages that describe the API."""

    def __init__(self, keys: KeyRing, settings: Settings) -> None:
        self._keys = keys
        self._open = HEALTH | ({METRICS} if settings.metrics == "open" else set()) | {"/", DOCS, OPENAPI}

    def key_of(self, scope: Scope) -> Key | None:
        """Key of the request; None where it needs none. Raises ProblemError, 401, where it has no valid one."""
        path = scope["path"]
        if path in self._open or path.startswith((f"{DOCS}/", f"{PAGE}/")):
            return None
        presented = presented_key(scope)
        key = self._keys.find(presented) if presented is not None else None
        if key is None:
            detail = f"send a valid key in the header {HEADER}, or as {BEARER}: Bearer KEY"
            raise ProblemError(Code.UNAUTHORIZED, detail, headers=CHALLENGE)
        return key


def presented_key(scope: Scope) -> bytes | None:
    """Key of the request's `X-API-Key`, or else of its `Authorization: Bearer`; None where it has neither."""
    headers = headers_of(scope)
    if (key := headers.get(HEADER.lower().encode())) is not None:
        return key
    scheme, _, token = headers.get(BEARER.lower().encode(), b"").partition(b" ")
    return token.strip() if scheme.lower() == b"bearer" and token.strip() else None
