"""How much may be under way at a time: pairs, because they are what an answer costs, and requests of a kind."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from math import inf


class BusyError(Exception):
    """The pairs of a request do not fit beside those in flight."""


@dataclass
class Lane:
    """Requests of a kind: `most` at a time where the crowd lasts, `burst` at a time for a moment.

    A pause of the machine makes even a light load arrive at once, and such a crowd is gone by the next turn of the
    loop; refusing it would cost its callers a second to save them milliseconds. A crowd that lasts longer than
    `patience_s` is overload, and there only a short queue keeps the wait short (after CoDel, Nichols and Jacobson
    2012). Seconds are those of one monotonic clock.
    """

    most: int
    burst: int
    patience_s: float = 0.05
    inside: int = 0
    _came: int = field(default=0, init=False)  # since the lane was last empty
    _left_s: float = field(default=-inf, init=False)
    _calm_s: float = field(default=-inf, init=False)

    def enter(self, now_s: float) -> bool:
        """Let one more in where it fits; whether it did."""
        if not self.inside:
            if self._came <= self.most or now_s - self._left_s > self.patience_s:
                self._calm_s = now_s
            self._came = 0
        self._came += 1
        fits = self.inside < (self.burst if now_s - self._calm_s <= self.patience_s else self.most)
        self.inside += fits
        return fits

    def leave(self, now_s: float) -> None:
        """Let one out."""
        self.inside -= 1
        self._left_s = now_s


class Admission:
    """A budget of pairs. Used from the event loop alone, so it needs no lock."""

    def __init__(self, max_pairs_in_flight: int) -> None:
        self._max_pairs = max_pairs_in_flight
        self.pairs_in_flight = 0

    @contextmanager
    def hold(self, pairs: int) -> Iterator[None]:
        """Take `pairs` of the budget for the time of the block.

        Raises BusyError where they do not fit. A request that is larger than the whole budget runs when it runs alone.
        """
        if self.pairs_in_flight and self.pairs_in_flight + pairs > self._max_pairs:
            raise BusyError
        self.pairs_in_flight += pairs
        try:
            yield
        finally:
            self.pairs_in_flight -= pairs
