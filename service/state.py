"""What an app holds while it runs, and how a route asks for it."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Annotated, Protocol

from fastapi import Depends, Request
from starlette.types import Scope

from service.errors import ProblemError
from service.limits.admission import Admission, BusyError, Lane, Turns
from service.limits.rate_limit import Allowances, NeverFitsError, RateLimitedError
from service.metrics import Metrics
from service.prediction.predictor import Predictor
from service.schemas.problem_codes import Code
from service.scope import key_of, route_of
from service.settings import Settings
from service.workers.pool import Workers

# Small requests that get in at once where they come in a crowd of a moment; they take some 30 ms.
BURST = 64


@dataclass
class State:
    """The settings, the budget, the instruments, the workers for batches; the predictor from start to stop."""

    settings: Settings
    predictor: Predictor | None = None
    workers: Workers | None = None
    draining: bool = False
    allowances: Allowances = field(default_factory=Allowances)
    admission: Admission = field(init=False)
    turns: Turns = field(init=False)
    requests: Lane = field(init=False)
    batches: Lane = field(init=False)
    metrics: Metrics = field(init=False)

    def __post_init__(self) -> None:
        self.admission = Admission(self.settings.max_pairs_in_flight)
        most = self.settings.max_requests_in_flight
        self.turns = Turns(self.settings.max_wait_ms / 1000)
        self.requests = Lane(most, burst=max(BURST, most))
        self.batches = Lane(self.settings.max_batches_in_flight, burst=self.settings.max_batches_in_flight)
        self.metrics = Metrics(self.admission, {"request": self.requests, "batch": self.batches}, self.workers)

    def open(self, predictor: Predictor) -> None:
        """Take requests with this predictor."""
        self.draining, self.predictor = False, predictor
        providers = {name: served.decoder.provider for name, served in predictor.models.items()}
        self.metrics.serving(predictor.bundle.version, providers)

    def close(self) -> None:
        """Take no more requests and let the predictor go."""
        self.draining, self.predictor = True, None

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
        try:
            with self.admission.hold(count + placing):
                self._charge(scope, count + placing)
                self.metrics.pairs.labels(route_of(scope)).inc(count)
                yield
        except BusyError:
            detail = f"{self.admission.pairs_in_flight} pairs are in flight; come again"
            raise ProblemError(Code.BUSY, detail, headers=self.retry_after) from None

    def _charge(self, scope: Scope, count: int) -> None:
        key = key_of(scope)
        limit = (key.pairs_per_minute or self.settings.key_pairs_per_minute) if key else None
        if key is None or limit is None:
            return
        try:
            self.allowances.take(key.name, limit, count)
        except RateLimitedError as fault:
            detail = f"this key may ask for {limit} pairs a minute; come again"
            raise ProblemError(Code.RATE_LIMITED, detail, headers={"retry-after": str(fault.retry_after_s)}) from None
        except NeverFitsError:
            detail = f"{count} pairs; this key may ask for {limit} a minute, so split the request"
            raise ProblemError(Code.TOO_MANY_PAIRS, detail) from None


def state_of(request: Request) -> State:
    """State of the app that serves this request."""
    state: State = request.app.state.service
    return state


async def the_state(request: Request) -> State:
    """Give the state as a dependency; async, because FastAPI sends plain functions through a thread."""
    return state_of(request)


TheState = Annotated[State, Depends(the_state)]


async def ready_predictor(state: TheState) -> Predictor:
    """Give the predictor, or a problem while there is none or none is to be used any more."""
    if state.predictor is None or state.draining:
        raise ProblemError(Code.NOT_READY, "no bundle is being served now", headers=state.retry_after)
    return state.predictor


ThePredictor = Annotated[Predictor, Depends(ready_predictor)]


class Pairs(Protocol):
    """Way to hold pairs of the budget for one request."""

    def __call__(self, count: int, placing: int = 0) -> AbstractContextManager[None]:
        """Hold so many pairs, and what placing costs."""


async def the_pairs(request: Request, state: TheState) -> Pairs:
    """Give the way to hold pairs of the budget for this request."""
    return partial(state.pairs, request.scope)


ThePairs = Annotated[Pairs, Depends(the_pairs)]
