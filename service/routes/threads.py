"""Work of a route on the event loop, or in a thread where it is long."""

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from starlette.concurrency import run_in_threadpool

P = ParamSpec("P")
T = TypeVar("T")

# Fewer pairs than this are answered faster than a thread is woken; more would hold up the other requests.
PAIRS_ON_THE_LOOP = 1_000


async def compute(pairs: int, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run the work of so many pairs, in a thread where they are many."""
    if pairs <= PAIRS_ON_THE_LOOP:
        return work(*args, **kwargs)
    return await run_in_threadpool(work, *args, **kwargs)
