"""A limit to the length of a body. Pure ASGI."""

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.errors import problem_response
from service.schemas.problem_codes import Code
from service.scope import note_body

# A body over the limit is read on for so many limits, so that an ordinary client gets to read the answer.
DRAINED_LIMITS = 16


class BodyLimit:
    """Answers 413 to a body over the limit, whether its length is declared or it comes in chunks.

    A body within the limit is handed on in one piece, which is how the routes read it anyway.
    """

    def __init__(self, app: ASGIApp, max_body_bytes: int) -> None:
        self.app = app
        self.max_body_bytes = max_body_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        body = None if self._hopeless(scope) else await self._read(receive)
        if body is None:
            detail = f"a body may have {self.max_body_bytes} bytes; split the request"
            response = problem_response(scope, Code.BODY_TOO_LARGE, detail, headers={"connection": "close"})
            await response(scope, receive, send)
            return
        note_body(scope, body)
        replayed = False

        async def replay() -> Message:
            nonlocal replayed
            if replayed:
                return await receive()
            replayed = True
            return {"type": "http.request", "body": body, "more_body": False}

        await self.app(scope, replay, send)

    def _hopeless(self, scope: Scope) -> bool:
        """Whether the body is not worth reading: the caller waits for leave to send it, or it is far too long."""
        headers = Headers(scope=scope)
        length = headers.get("content-length", "")
        declared = int(length) if length.isdecimal() else 0
        waits = headers.get("expect", "").lower() == "100-continue"
        return declared > self.max_body_bytes * (1 if waits else DRAINED_LIMITS)

    async def _read(self, receive: Receive) -> bytes | None:
        """Read the body; None where it is over the limit, and then what is over is read and dropped."""
        body, size, more = bytearray(), 0, True
        while more and size <= self.max_body_bytes * DRAINED_LIMITS:
            message = await receive()
            chunk = message.get("body", b"")
            size += len(chunk)
            if size <= self.max_body_bytes:
                body += chunk
            more = message.get("more_body", False)  # a disconnect has neither field and ends the body
        return bytes(body) if size <= self.max_body_bytes else None
