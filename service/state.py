"""What an app holds while it runs, and how a route asks for it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends, Request

from service.admission import Admission, BusyError
from service.errors import Code, ProblemError
from service.metrics import Metrics
from service.predictor import Predictor
from service.settings import Settings


@dataclass
class State:
    """The settings, the budget, the instruments; the predictor from start to stop."""

    settings: Settings
    predictor: Predictor | None = None
    draining: bool = False
    admission: Admission = field(init=False)
    metrics: Metrics = field(init=False)

    def __post_init__(self) -> None:
        self.admission = Admission(self.settings.max_pairs_in_flight)
        self.metrics = Metrics(self.admission)

    def open(self, predictor: Predictor) -> None:
        """Take requests with this predictor."""
        self.draining, self.predictor = False, predictor
        self.metrics.bundle.labels(predictor.bundle.version).set(1)

    def close(self) -> None:
        """Take no more requests and let the predictor go."""
        self.draining, self.predictor = True, None

    @property
    def retry_after(self) -> dict[str, str]:
        """Header that tells a caller when to come again."""
        return {"retry-after": str(self.settings.retry_after_s)}

    @contextmanager
    def pairs(self, count: int, route: str) -> Iterator[None]:
        """Hold `count` pairs of the budget while they are answered; a problem where they do not fit."""
        try:
            with self.admission.hold(count):
                self.metrics.pairs.labels(route).inc(count)
                yield
        except BusyError:
            detail = f"{self.admission.pairs_in_flight} pairs are in flight; come again"
            raise ProblemError(Code.BUSY, detail, headers=self.retry_after) from None


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
