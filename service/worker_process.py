"""A process that answers what the service hands to it: the same routes on the same bundle, one request at a time.

The service keeps what belongs to all requests, so the worker asks it for leave before it computes.
"""

import asyncio
import os
import socket
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from starlette.types import Message, Scope

from service.app import App, bare_app
from service.errors import ProblemError
from service.prediction.predictor import Predictor
from service.schemas.problem_codes import Code
from service.scope import code_of, route_of
from service.settings import Settings
from service.state import State
from service.workers.messages import Head, headers_as_bytes, headers_as_text, receive, send


@dataclass
class WorkerState(State):
    """State of a worker: pairs are held, and charged to a key, by the service."""

    front: socket.socket | None = None

    @contextmanager
    def pairs(self, scope: Scope, count: int, placing: int = 0) -> Iterator[None]:
        """Ask the service to hold the pairs until the answer; the problem where it refuses."""
        if self.front is None:
            raise RuntimeError("a worker holds pairs for the service that it works for")
        send(self.front, {"route": route_of(scope), "hold": [count, placing]})
        refusal, _ = receive(self.front)
        if refusal:
            raise ProblemError(Code(refusal["code"]), refusal["detail"], headers=refusal["headers"])
        yield


def prepared(settings: Settings, predictor: Predictor) -> Callable[[socket.socket], None]:
    """Make what all workers with this predictor can share; the function that is each one's work."""
    state = WorkerState(settings, predictor)
    app = bare_app(state)

    def work(front: socket.socket) -> None:
        """Answer requests until the service is gone."""
        state.front = front
        with asyncio.Runner() as runner, suppress(EOFError, ConnectionError):
            send(front, {"ready": predictor.bundle.version, "pid": os.getpid()})
            while True:
                head, body = receive(front)
                send(front, *runner.run(_answer(app, head, body)))

    return work


async def _answer(app: App, head: Head, body: bytes) -> tuple[Head, bytes]:
    """Head and body of the answer; the traceback where there is none."""
    scope = {**head, "type": "http", "asgi": {"version": "3.0"}, "headers": headers_as_bytes(head["headers"])}
    scope |= {"raw_path": head["path"].encode(), "query_string": head["query_string"].encode("latin-1")}
    coming: list[Message] = [{"type": "http.disconnect"}, {"type": "http.request", "body": body, "more_body": False}]
    start: Message = {}
    parts = []

    async def give() -> Message:
        return coming.pop() if len(coming) > 1 else coming[0]

    async def take(message: Message) -> None:
        start.update(message if message["type"] == "http.response.start" else {})
        parts.append(message.get("body", b""))

    try:
        await app(scope, give, take)
    except (EOFError, ConnectionError):
        raise
    except Exception:  # noqa: BLE001 -- told to the service, which knows the request's id
        return {"failed": traceback.format_exc()}, b""
    told = {"status": start["status"], "headers": headers_as_text(start["headers"])}
    return {**told, "route": route_of(scope), "code": code_of(scope)}, b"".join(parts)
