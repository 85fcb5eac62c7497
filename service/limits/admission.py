"""How much may be under way at a time: pairs, because they are what an answer costs, and requests of a kind."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from math import inf

# Answers that may wait for one another, however slow the machine: for a moment, and at any time. Half of one more, for
# what an answer costs is a mean.
FEW, LASTING = 4.5, 3.5
MOMENT = 3  # times the patience: so long a crowd may take to be answered
MEMORY_S, CALM_S = 0.2, 0.9
MEAN_OF, OUTLIER = 32, 8


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


@dataclass
class Turns:
    """Small requests that wait for one another, since the event loop answers each in one go.

    What is owed is how long it would take to answer all had none been refused: each that comes adds the cost of an
    answer, time takes it away again. Below the capacity it stays short whatever the moment brings, and everybody is
    let in. Above the capacity it only grows. Where it is over `patience_s` and more than a few answers, or over three
    answers for longer than a moment, that is overload, and one at a time is let in until nothing is owed any more. For
    a second after that no moment is granted: near its capacity a service would otherwise let the same queue grow again
    and again. Seconds are those of one monotonic clock.
    """

    patience_s: float
    cost_s: float = 0.001  # of an answer: a running mean, and where it starts
    inside: int = 0
    overload: bool = field(default=False, init=False)
    _owed_s: float = field(default=0.0, init=False)
    _last_s: float = field(default=-inf, init=False)
    _began_s: float = field(default=0.0, init=False)
    _short_s: float = field(default=-inf, init=False)  # when no more than three were last owed
    _crowded_s: float = field(default=-inf, init=False)

    def enter(self, now_s: float) -> bool:
        """Let one more in where it fits; whether it did."""
        # Until somebody is refused all that is owed is inside: a mean that is a little too high must not add up.
        left_s = max(0.0, self._owed_s - (now_s - self._last_s)) if self.overload else 0.0
        # Those inside are owed whatever the mean says; no more is remembered than calm pays back within a second.
        owed_s = max(left_s + self.cost_s, (self.inside + 1) * self.cost_s)
        if owed_s <= LASTING * self.cost_s:
            self._short_s = now_s
        a_moment = now_s - self._short_s <= MOMENT * self.patience_s and now_s - self._crowded_s > CALM_S
        most_s = max(self.patience_s, FEW * self.cost_s) if a_moment else LASTING * self.cost_s
        self._owed_s, self._last_s = min(owed_s, most_s + MEMORY_S), now_s
        self.overload = owed_s > most_s or (self.overload and left_s > 0)
        self._crowded_s = now_s if self.overload else self._crowded_s
        fits = not self.overload or not self.inside
        self.inside += fits
        return fits

    def begin(self, now_s: float) -> None:
        """Note that the answer to one begins."""
        self._began_s = now_s

    def end(self, now_s: float) -> None:
        """Note that it is through. Where the machine paused meanwhile, that is no cost of an answer."""
        took_s = min(now_s - self._began_s, OUTLIER * self.cost_s)
        self.cost_s += (took_s - self.cost_s) / MEAN_OF

    def leave(self) -> None:
        """Let one out."""
        self.inside -= 1


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
