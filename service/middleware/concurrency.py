"""How many requests may be in the house at a time. Pure ASGI, behind the body limit and before anything that costs.

Small requests whose answer keeps the event loop busy from beginning to end never meet here: the door limits them
(service.early_refusal). What meets are requests whose work goes on in a thread, and batches.
"""

import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.errors import problem_response
from service.middleware.api_key import HEALTH
from service.schemas.problem_codes import Code
from service.scope import body_bytes
from service.state import State

# Some 1,000 pairs: work for milliseconds, most of it in a thread. Counted apart, so that neither kind shuts out
# the other.
BATCH_BYTES = 32 * 1024
# A table of one compound is answered for all lines.
ALWAYS_BATCHES = {"/predict/table"}
DETAIL = "as many requests of this size as can be answered in good time are in flight; come again"
NEVER_REFUSED = HEALTH | {"/metrics"}


class Turnstile:
    """Answers 429 to a request of a kind of which there are enough inside; one leaves as its answer starts."""

    def __init__(self, app: ASGIApp, state: State) -> None:
        self.app = app
        self.state = state

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or scope["path"] in NEVER_REFUSED:
            await self.app(scope, receive, send)
            return
        lane = self.state.batches if is_batch(scope) else self.state.requests
        inside = lane.enter(time.monotonic())
        if not inside:
            refusal = problem_response(scope, Code.BUSY, DETAIL, headers=self.state.retry_after)
            await refusal(scope, receive, send)
            return

        def leave() -> None:
            nonlocal inside
            if inside:
                lane.leave(time.monotonic())
            inside = False

        async def send_leaving(message: Message) -> None:
            leave()  # what is left is sending, and a slow reader must not keep others out
            await send(message)

        try:
            await self.app(scope, receive, send_leaving)
        finally:
            leave()


def is_batch(scope: Scope) -> bool:
    """Whether the answer is long work; that of health and metrics never is, whatever body comes with the request."""
    path = scope["path"]
    return path not in NEVER_REFUSED and (body_bytes(scope) > BATCH_BYTES or path in ALWAYS_BATCHES)
