"""How much may be under way at a time, counted in pairs, because pairs are what an answer costs."""

from collections.abc import Iterator
from contextlib import contextmanager


class BusyError(Exception):
    """The pairs of a request do not fit beside those in flight."""


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
