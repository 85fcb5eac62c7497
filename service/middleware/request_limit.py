"""How many requests may be in flight at a time. Pure ASGI, behind the body limit.

A small request keeps the event loop busy from beginning to end, so it never meets another one here, and those that
come together are answered in turn. What meets is work that goes on elsewhere: in a worker, or in a thread.
"""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.errors import problem_response
from service.middleware.api_key import HEALTH
from service.schemas.problem_codes import Code
from service.state import State

OPERATION = HEALTH | {"/metrics"}
DETAIL = "as many requests as can be answered in good time are in flight; come again"


class RequestLimit:
    """Answers 429 to a request too many; health and metrics have a limit of their own, which is as high.

    A request counts until its answer starts: what is left is sending, and a slow reader must not keep others out.
    """

    def __init__(self, app: ASGIApp, state: State) -> None:
        self.app = app
        self.state = state

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        in_flight = self.state.in_flight
        kind = "operation" if scope["path"] in OPERATION else "request"
        if in_flight[kind] >= self.state.settings.max_requests_in_flight:
            refusal = problem_response(scope, Code.BUSY, DETAIL, headers=self.state.retry_after)
            await refusal(scope, receive, send)
            return
        in_flight[kind] += 1
        inside = True

        def leave() -> None:
            nonlocal inside
            in_flight[kind] -= inside
            inside = False

        async def send_leaving(message: Message) -> None:
            leave()
            await send(message)

        try:
            await self.app(scope, receive, send_leaving)
        finally:
            leave()
