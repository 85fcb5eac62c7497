"""How much may be answered at a time: pairs, because they are what an answer costs, and requests that workers answer.

A small request keeps the event loop busy from beginning to end and meets no other one; those that come together are
answered in turn. Workers have one request each, and others wait for them.
"""

from collections.abc import Iterator
from contextlib import contextmanager


class BusyError(Exception):
    """There is no room for a request beside those in flight."""


class Admission:
    """A budget of pairs, and one of requests for workers. Used from the event loop alone."""

    def __init__(self, max_pairs: int, max_requests: int = 1) -> None:
        self._max_pairs, self._max_requests = max_pairs, max_requests
        self.pairs_in_flight = 0
        self.requests_in_flight = 0  # of workers, what waits included

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

    @contextmanager
    def long_work(self) -> Iterator[None]:
        """Count a request of workers for the time of the block. Raises BusyError where there are too many."""
        if self.requests_in_flight >= self._max_requests:
            raise BusyError
        self.requests_in_flight += 1
        try:
            yield
        finally:
            self.requests_in_flight -= 1
