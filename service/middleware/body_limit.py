"""Limits to the bodies of requests: the length of each, of all at a time, and the time that one takes. Pure ASGI."""

import asyncio
from dataclasses import dataclass, field

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.errors import problem_response
from service.schemas.problem_codes import Code
from service.scope import note_body
from service.settings import Settings

# A body over the limit is read on for so many limits, so that an ordinary client gets to read the answer.
DRAINED_LIMITS = 16
SMALL_BYTES = 32 * 1024  # a body up to here is let in whatever the others hold
TABLES = "/predict/table"  # whose bodies have a limit of their own
CLOSE = {"connection": "close"}
FRAMING = {b"content-length", b"transfer-encoding"}  # without these a request of HTTP/1.1 has no body


@dataclass
class Body:
    """What has come of one body; `size` counts what was dropped, too."""

    chunks: list[bytes] = field(default_factory=list)
    held: int = 0
    size: int = 0


class BodyLimit:
    """Answers 413 to a body over the limit, whether its length is declared or it comes in chunks.

    429 where the bodies of all requests hold too much memory, 408 where one does not end in time. A body within the
    limits is handed on in one piece, which is how the routes read it anyway.
    """

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        self.settings = settings
        self.bytes_held = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or _has_no_body(scope):
            await self.app(scope, receive, send)
            return
        body = Body()
        try:
            refusal = self._refuse_unread(scope) or await self._read_in_time(scope, receive, body)
            if refusal is None:
                await self._hand_on(scope, body, receive, send)
            else:
                await problem_response(scope, *refusal, headers=self._headers(refusal[0]))(scope, receive, send)
        finally:
            self.bytes_held -= body.held

    async def _hand_on(self, scope: Scope, body: Body, receive: Receive, send: Send) -> None:
        content = b"".join(body.chunks)
        body.chunks.clear()
        note_body(scope, content)
        replayed = False

        async def replay() -> Message:
            nonlocal replayed
            if replayed:
                return await receive()
            replayed = True
            return {"type": "http.request", "body": content, "more_body": False}

        await self.app(scope, replay, send)

    def _refuse_unread(self, scope: Scope) -> tuple[Code, str] | None:
        """Refuse a body not worth reading: the caller waits for leave to send it, or it is far too long."""
        headers = Headers(scope=scope)
        length = headers.get("content-length", "")
        declared = int(length) if length.isdecimal() else 0
        waits = headers.get("expect", "").lower() == "100-continue"
        limit = self._limit(scope)
        return _too_large(limit) if declared > limit + (0 if waits else self._drained) else None

    async def _read_in_time(self, scope: Scope, receive: Receive, body: Body) -> tuple[Code, str] | None:
        try:
            async with asyncio.timeout(self.settings.body_timeout_s):
                return await self._read(self._limit(scope), receive, body)
        except TimeoutError:
            return Code.BODY_TIMEOUT, f"a body must arrive within {self.settings.body_timeout_s:g} s"

    async def _read(self, most: int, receive: Receive, body: Body) -> tuple[Code, str] | None:
        """Read the body; where it is over the limit, what is over is read and dropped."""
        more = True
        while more and body.size <= most + self._drained:
            message = await receive()
            chunk = message.get("body", b"")
            body.size += len(chunk)
            if body.size <= most:
                if body.size > SMALL_BYTES and self.bytes_held + len(chunk) > self.settings.max_bytes_in_flight:
                    return Code.BUSY, "the bodies in flight take all of their memory; come again"
                body.chunks.append(chunk)
                body.held += len(chunk)
                self.bytes_held += len(chunk)
            more = message.get("more_body", False)  # a disconnect has neither field and ends the body
        return None if body.size <= most else _too_large(most)

    def _limit(self, scope: Scope) -> int:
        return self.settings.max_table_bytes if scope["path"] == TABLES else self.settings.max_body_bytes

    @property
    def _drained(self) -> int:
        return DRAINED_LIMITS * self.settings.max_body_bytes

    def _headers(self, code: Code) -> dict[str, str]:
        return CLOSE | ({"retry-after": str(self.settings.retry_after_s)} if code == Code.BUSY else {})


def _has_no_body(scope: Scope) -> bool:
    return scope["method"] == "GET" and FRAMING.isdisjoint([name for name, _ in scope["headers"]])


def _too_large(limit: int) -> tuple[Code, str]:
    return Code.BODY_TOO_LARGE, f"a body may have {limit} bytes; split the request"
