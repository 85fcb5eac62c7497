"""What an app holds while it runs, and how a route asks for it."""

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends, Request
from starlette.types import Scope

from service.errors import ProblemError
from service.keys import Key
from service.limits.admission import Admission, BusyError
from service.limits.rate_limit import Allowances, RateLimitedError
from service.metrics import Metrics
from service.prediction.predictor import Predictor
from service.schemas.problem_codes import Code
from service.scope import PairCount, notes_of, route_of
from service.settings import Settings

MINUTE_S = 60


@dataclass
class State:
    """The settings, the budget, the instruments; the predictor from start to stop.

    A process that is `leaving` closes its connections, and one that is `draining` takes no requests.
    `last_request_s` is when a request last came, on the monotonic clock.
    """

    settings: Settings
    ready_workers: Callable[[], int] = lambda: 0
    predictor: Predictor | None = None
    draining: bool = False
    leaving: bool = False
    last_request_s: float = field(default_factory=time.monotonic)
    allowances: Allowances = field(default_factory=Allowances)
    admission: Admission = field(init=False)
    metrics: Metrics = field(init=False)

    def __post_init__(self) -> None:
        self.admission = Admission(self.settings.max_pairs_in_flight, self.settings.max_requests_in_flight)
        self.metrics = Metrics(self.admission, self.ready_workers)

    def open(self, predictor: Predictor) -> None:
        """Take requests with this predictor."""
        self.predictor = predictor
        providers = {name: served.decoder.provider for name, served in predictor.models.items()}
        self.metrics.serving(predictor.bundle.version, providers)

    def close(self) -> None:
        """Take no more requests and let the predictor go."""
        self.predictor = None

    @property
    def version(self) -> str:
        """Version of the bundle that is served; empty before the start and after the end."""
        return "" if self.predictor is None else self.predictor.bundle.version

    @property
    def is_serving(self) -> bool:
        """Whether requests are answered."""
        return self.predictor is not None and not self.draining

    @property
    def retry_after(self) -> dict[str, str]:
        """Header that tells a caller when to come again."""
        return {"retry-after": str(self.settings.retry_after_s)}

    @contextmanager
    def pairs(self, scope: Scope, count: int, placing: int = 0) -> Iterator[None]:
        """Hold `count` pairs of the budget while a request is answered, and take them off its key's allowance.

        `placing` is what its new samples and compounds cost beside, in pairs (service.answers.new_entities.cost).

        A problem where they do not fit: 429 busy where others are in the way, 429 rate_limited where the key itself
        has asked for too much of late. What is refused as busy costs the key nothing.
        """
        pairs = PairCount(count, count + placing)
        try:
            with self.admission.hold(pairs.cost):
                notes = notes_of(scope)
                self._charge(notes.key, pairs.cost)
                notes.pairs = pairs
                self.metrics.pairs(route_of(scope)).inc(count)
                yield
        except BusyError:
            detail = f"{self.admission.pairs_in_flight} pairs are in flight; come again"
            raise ProblemError(Code.BUSY, detail, headers=self.retry_after) from None

    def allowance(self, key: Key | None) -> float:
        """Pairs that a key may ask for now."""
        limit = self._limit(key)
        return 0.0 if key is None or limit is None else self.allowances.left(key.name, limit)

    def rate_limit_headers(self, key: Key) -> dict[str, str]:
        """What a key may ask for, as draft-ietf-httpapi-ratelimit-headers-10 writes it; nothing without a limit.

        The quota `pairs` is in pairs: q a minute of w seconds, r left now, and t seconds until it is whole again.
        """
        limit = self._limit(key)
        if limit is None:
            return {}
        left = max(0, math.floor(self.allowances.left(key.name, limit)))
        full_s = math.ceil((limit - left) * MINUTE_S / limit)
        return {
            "ratelimit-policy": f'"pairs";q={limit};w={MINUTE_S}',
            "ratelimit": f'"pairs";r={left};t={full_s}',
        }

    def settle(self, scope: Scope) -> None:
        """Count the pairs that a worker has answered, and take them off the key's allowance.

        The worker held against them what the key had left when the request came. What other requests of the key took
        meanwhile is owed.
        """
        notes = notes_of(scope)
        key, limit = notes.key, self._limit(notes.key)
        if key is not None and limit is not None:
            self.allowances.set_left(key.name, self.allowances.left(key.name, limit) - notes.pairs.cost)
        self.metrics.pairs(route_of(scope)).inc(notes.pairs.asked)

    def _limit(self, key: Key | None) -> int | None:
        return None if key is None else key.pairs_per_minute or self.settings.key_pairs_per_minute

    def _charge(self, key: Key | None, count: int) -> None:
        limit = self._limit(key)
        if key is None or limit is None:
            return
        if count > limit:
            detail = f"{count} pairs; this key may ask for {limit} a minute, so split the request"
            raise ProblemError(Code.TOO_MANY_PAIRS, detail)
        try:
            self.allowances.take(key.name, limit, count)
        except RateLimitedError as fault:
            detail = f"this key may ask for {limit} pairs a minute; come again"
            raise ProblemError(Code.RATE_LIMITED, detail, headers={"retry-after": str(fault.retry_after_s)}) from None


def state_of(request: Request) -> State:
    """State of the app that serves this request."""
    state: State = request.app.state.service
    return state


async def ready_predictor(request: Request) -> Predictor:
    """Give the predictor, or a problem while there is none or none is to be used any more.

    Async, because FastAPI sends a plain function that is a dependency through a thread.
    """
    state = state_of(request)
    if state.predictor is None or not state.is_serving:
        raise ProblemError(Code.NOT_READY, "no bundle is being served now", headers=state.retry_after)
    return state.predictor


ThePredictor = Annotated[Predictor, Depends(ready_predictor)]
