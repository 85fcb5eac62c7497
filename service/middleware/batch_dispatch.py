"""Batches are answered by processes of their own, so that small requests need not wait for them. Pure ASGI, innermost.

While the event loop answers small requests, a batch is read, computed and written elsewhere (service.worker_process);
here its bytes only pass through. Where there is no such process, this one answers.
"""

import asyncio
from contextlib import ExitStack
from types import SimpleNamespace

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.errors import ProblemError, problem_response
from service.middleware.concurrency import is_batch
from service.schemas.problem_codes import Code
from service.scope import noted_problem
from service.state import State
from service.workers.messages import Head, headers_as_bytes, headers_as_text, receive_soon, send_soon
from service.workers.pool import Worker

WRITTEN_AT_ONCE = 256 * 1024
PASSED = ("method", "path", "root_path", "http_version", "scheme")
TRIES = 2  # one may have been lost while it was idle
LOST = "the process that answered this was lost; come again"


class WorkerFailedError(Exception):
    """An error in a worker that nobody caught; the message is its traceback."""


class Batches:
    """Hands large bodies, and tables, to a worker; its answer is this service's."""

    def __init__(self, app: ASGIApp, state: State) -> None:
        self.app = app
        self.state = state

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        workers, serving = self.state.workers, self.state.predictor is not None and not self.state.draining
        if scope["type"] != "http" or workers is None or not serving or not is_batch(scope):
            await self.app(scope, receive, send)
            return
        body = (await receive()).get("body", b"")  # in one piece, as the body limit hands it on
        for _ in range(TRIES):
            async with workers.one() as worker:
                if worker is None:
                    await self.app(scope, _again(body, receive), send)
                    return
                answered = await self._answer(worker, scope, body)
            if answered is not None:
                await _pass_on(scope, *answered, send)
                return
            if "route" in scope:
                break  # its pairs are counted already
        await problem_response(scope, Code.NOT_READY, LOST, headers=self.state.retry_after)(scope, receive, send)

    async def _answer(self, worker: Worker, scope: Scope, body: bytes) -> tuple[Head, bytes] | None:
        """What the worker answers; None where it is lost, or silent for too long. Raises WorkerFailedError."""
        asked = {name: scope[name] for name in PASSED} | {"query_string": scope["query_string"].decode("latin-1")}
        asked["headers"] = headers_as_text(scope["headers"])
        try:
            async with asyncio.timeout(self.state.settings.batch_timeout_s):
                with ExitStack() as held:
                    await send_soon(worker.socket, asked, body)
                    head, answer = await receive_soon(worker.socket)
                    while "hold" in head:
                        scope["route"] = SimpleNamespace(path=head["route"])
                        await send_soon(worker.socket, self._hold(held, scope, *head["hold"]))
                        head, answer = await receive_soon(worker.socket)
        except TimeoutError:
            worker.kill()
            return None
        except asyncio.CancelledError:  # the service stops, and has waited for long
            worker.kill()
            raise
        except (EOFError, OSError):
            return None
        worker.free = "failed" not in head  # it may have no memory left, and would fail again
        if "failed" in head:
            raise WorkerFailedError(head["failed"])
        return head, answer

    def _hold(self, held: ExitStack, scope: Scope, count: int, placing: int) -> Head:
        try:
            held.enter_context(self.state.pairs(scope, count, placing))
        except ProblemError as fault:
            return {"code": fault.code, "detail": fault.detail, "headers": dict(fault.headers or {})}
        return {}


def _again(body: bytes, receive: Receive) -> Receive:
    """The body once more, and then what comes after it."""
    coming: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def again() -> Message:
        return coming.pop() if coming else await receive()

    return again


async def _pass_on(scope: Scope, head: Head, body: bytes, send: Send) -> None:
    if head["route"] != "unmatched":
        scope["route"] = SimpleNamespace(path=head["route"])
    if head["code"] is not None:
        noted_problem(scope, Code(head["code"]))
    headers = headers_as_bytes(head["headers"])
    await send({"type": "http.response.start", "status": head["status"], "headers": headers})
    for at in range(0, max(len(body), 1), WRITTEN_AT_ONCE):
        more = at + WRITTEN_AT_ONCE < len(body)
        await send({"type": "http.response.body", "body": body[at : at + WRITTEN_AT_ONCE], "more_body": more})
        await asyncio.sleep(0)  # where the caller has hung up, the loop finds out now, not after writing all the rest
