"""How much may be answered at a time: pairs, because they are what an answer costs, and requests that are long work.

A small request keeps the event loop busy from beginning to end and meets no other one; those that come together are
answered in turn. What meets is work that goes on elsewhere.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager


class BusyError(Exception):
    """There is no room for a request beside those in flight."""


class Admission:
    """A budget of pairs, of which long work leaves `spare` to small requests. Used from the event loop alone."""

    def __init__(self, max_pairs_in_flight: int, spare: int = 0, max_requests: int = 1) -> None:
        self._max_pairs, self._spare, self._max_requests = max_pairs_in_flight, spare, max_requests
        self._given_back = asyncio.Event()
        self.pairs_in_flight = 0
        self.requests_in_flight = 0  # long work, what waits included

    @contextmanager
    def hold(self, pairs: int) -> Iterator[None]:
        """Take `pairs` of the budget for the time of the block.

        Raises BusyError where they do not fit. A request that is larger than the whole budget runs when it runs alone.
        """
        if not self._fit(pairs):
            raise BusyError
        self.pairs_in_flight += pairs
        try:
            yield
        finally:
            self.pairs_in_flight -= pairs
            self._given_back.set()
            self._given_back.clear()

    @asynccontextmanager
    async def hold_soon(self, pairs: int, wait_s: float) -> AsyncIterator[None]:
        """Do the same for long work, as soon as the pairs fit, in the order of coming.

        Raises BusyError where that takes longer than `wait_s`: a refusal at once would bring the caller back at once.
        Likewise at once, where as many as may be are waiting and being answered.
        """
        if self.requests_in_flight >= self._max_requests:
            raise BusyError
        self.requests_in_flight += 1
        try:
            try:
                async with asyncio.timeout(wait_s):
                    while not self._fit(pairs + self._spare):
                        await self._given_back.wait()
            except TimeoutError:
                raise BusyError from None
            with self.hold(pairs):
                yield
        finally:
            self.requests_in_flight -= 1

    def _fit(self, pairs: int) -> bool:
        return not self.pairs_in_flight or self.pairs_in_flight + pairs <= self._max_pairs
