"""Limits to the bodies of requests: the length of each, of all at a time, and the time that one takes."""

import asyncio

from starlette.types import Receive, Scope

from service.errors import ProblemError
from service.routes.paths import TABLES
from service.schemas.problem_codes import Code
from service.scope import headers_of
from service.settings import Settings

# A body over the limit is read on for so many limits, so that an ordinary client gets to read the answer.
DRAINED_LIMITS = 16
SMALL_BYTES = 32 * 1024  # a body up to here is let in whatever the others hold
CLOSE = {"connection": "close"}


class Bodies:
    """Reads bodies whole. `bytes_held` is what those of all requests take; who has read one gives its bytes back."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.bytes_held = 0

    async def read(self, scope: Scope, receive: Receive) -> bytes | None:
        """The body of a request, whose bytes are held from then on; None where nothing is sent that could be one.

        Raises ProblemError: 413 where it is over the limit, whether its length is declared or it comes in chunks, 429
        where all bodies take too much memory, 408 where it does not end in time.
        """
        headers = headers_of(scope)
        if scope["method"] == "GET" and not (b"content-length" in headers or b"transfer-encoding" in headers):
            return None
        most = self._settings.max_table_bytes if scope["path"] == TABLES else self._settings.max_body_bytes
        drained = most + DRAINED_LIMITS * self._settings.max_body_bytes
        length = headers.get(b"content-length", b"")
        waits = headers.get(b"expect", b"").lower() == b"100-continue"  # for leave to send it
        if length.isdigit() and int(length) > (most if waits else drained):
            raise _too_large(most)
        chunks = list[bytes]()
        try:
            async with asyncio.timeout(self._settings.body_timeout_s):  # even its first byte may never come
                await self._read(receive, chunks, most, drained)
        except BaseException as fault:
            self.bytes_held -= sum(map(len, chunks))
            if isinstance(fault, TimeoutError):
                detail = f"a body must arrive within {self._settings.body_timeout_s:g} s"
                raise ProblemError(Code.BODY_TIMEOUT, detail, headers=CLOSE) from None
            raise
        return b"".join(chunks)

    async def _read(self, receive: Receive, chunks: list[bytes], most: int, drained: int) -> None:
        """Read the body into `chunks`; where it is over the limit, what is over is read and dropped."""
        size = 0
        while True:
            message = await receive()
            chunk = message.get("body", b"")  # a disconnect has neither field and ends the body
            size += len(chunk)
            if size <= most:
                if size > SMALL_BYTES and self.bytes_held + len(chunk) > self._settings.max_bytes_in_flight:
                    retry = {"retry-after": str(self._settings.retry_after_s)}
                    detail = "the bodies in flight take all of their memory; come again"
                    raise ProblemError(Code.BUSY, detail, headers=CLOSE | retry)
                chunks.append(chunk)
                self.bytes_held += len(chunk)
            if size > drained or not message.get("more_body", False):
                break
        if size > most:
            raise _too_large(most)


def _too_large(limit: int) -> ProblemError:
    return ProblemError(Code.BODY_TOO_LARGE, f"a body may have {limit} bytes; split the request", headers=CLOSE)
