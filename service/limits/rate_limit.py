"""How many pairs a key may ask for in a minute."""

import math
import time
from collections.abc import Callable

ROUNDING = 1e-6  # so that the time that was told is enough


class RateLimitedError(Exception):
    """The key has asked for too much of late; `retry_after_s` whole seconds from now the same request fits."""

    def __init__(self, retry_after_s: int) -> None:
        super().__init__(f"come again in {retry_after_s} s")
        self.retry_after_s = retry_after_s


class Allowances:
    """A bucket of pairs a key, which fills up steadily to a minute's worth. Used from the event loop alone."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._buckets: dict[str, tuple[float, float]] = {}  # name -> (pairs left, when)

    def left(self, name: str, pairs_per_minute: int) -> float:
        """Pairs that the key may ask for now; below zero what it owes."""
        now = self._clock()
        left, when = self._buckets.get(name, (float(pairs_per_minute), now))
        return min(float(pairs_per_minute), left + (now - when) * pairs_per_minute / 60)

    def set_left(self, name: str, left: float) -> None:
        """Say what the key may ask for now."""
        self._buckets[name] = left, self._clock()

    def take(self, name: str, pairs_per_minute: int, pairs: int) -> None:
        """Take `pairs`, a minute's worth at most, of what the key has left. Raises RateLimitedError where less is."""
        left = self.left(name, pairs_per_minute)
        if pairs > left + ROUNDING:
            self.set_left(name, left)
            raise RateLimitedError(math.ceil((pairs - left) * 60 / pairs_per_minute))
        self.set_left(name, left - pairs)
