"""What is noted of a request in its ASGI scope: its id, its key, its body, its problem, its pairs."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Final, NamedTuple

from starlette.types import Message, Scope

from service.keys import Key
from service.schemas.problem_codes import Code

NOTES: Final = "drp"
LARGE_BYTES, CHUNK_BYTES = 2**20, 2**18
_REQUEST = (
    "type",
    "asgi",
    "http_version",
    "scheme",
    "method",
    "path",
    "raw_path",
    "root_path",
    "query_string",
    "headers",
)


class PairCount(NamedTuple):
    """Pairs that a request asked for, and what they cost together with its samples and compounds, in pairs."""

    asked: int = 0
    cost: int = 0


NO_PAIRS = PairCount()


@dataclass(slots=True)
class Notes:
    """What is known of a request, and of its answer so far.

    `key` is None where none is asked for, `code` where the answer is no problem, `route` unless a worker answered.
    A large body is handed to a worker as a file at `body_path`, and `body` is empty there.
    """

    request_id: str = ""
    key: Key | None = None
    body: bytes = b""
    body_path: str | None = None
    code: Code | None = None
    pairs: PairCount = NO_PAIRS
    route: str | None = None


def notes_of(scope: Scope) -> Notes:
    """Notes of a request, which are made where there are none."""
    if NOTES not in scope:
        scope[NOTES] = Notes()
    notes: Notes = scope[NOTES]
    return notes


def headers_of(scope: Scope) -> dict[bytes, bytes]:
    """Headers by name; of several with a name the first counts."""
    return dict(reversed(scope["headers"]))


def route_of(scope: Scope) -> str:
    """Template of the path that a request matched: a label that does not grow with what callers make up."""
    return notes_of(scope).route or str(getattr(scope.get("route"), "path", "unmatched"))


@asynccontextmanager
async def portable(scope: Scope) -> AsyncIterator[Scope]:
    """Part of a scope that another process can answer: the request itself, and what is noted of it so far.

    A body of more than LARGE_BYTES lies in a file during the block, unless there is no room for one: a pipe would copy
    it three times.
    """
    notes = notes_of(scope)
    part = {name: scope[name] for name in _REQUEST if name in scope}
    if len(notes.body) <= LARGE_BYTES:
        yield {**part, NOTES: notes}
        return
    with ExitStack() as kept:
        try:
            file = kept.enter_context(NamedTemporaryFile(prefix="drp-body-", buffering=0))
            whole = await asyncio.to_thread(file.write, notes.body) == len(notes.body)
        except OSError:
            whole = False
        yield {**part, NOTES: replace(notes, body=b"", body_path=file.name) if whole else notes}


def body_messages(notes: Notes) -> Iterator[Message]:
    """The body of a request as ASGI messages, then that the caller has left."""
    if notes.body_path is None:
        yield {"type": "http.request", "body": notes.body, "more_body": False}
    else:
        with Path(notes.body_path).open("rb") as file:
            while chunk := file.read(CHUNK_BYTES):
                yield {"type": "http.request", "body": chunk, "more_body": True}
        yield {"type": "http.request", "body": b"", "more_body": False}
    while True:
        yield {"type": "http.disconnect"}
