"""A new bundle takes the place of the old one while requests are answered."""

import asyncio
import logging

from starlette.concurrency import run_in_threadpool

from service.prediction.predictor import Predictor
from service.state import State
from service.workers.heap import settle_memory
from service.workers.pool import UNUSABLE, Workers

_log = logging.getLogger("service.swap")


async def swap_when(requested: asyncio.Event, state: State, workers: Workers) -> None:
    """Swap whenever it is requested; a request that comes while a swap runs is heeded after it."""
    while await requested.wait():
        requested.clear()
        try:
            await swap(state, workers)
        except Exception as fault:  # noqa: BLE001 -- whatever is wrong with the new bundle, the old one goes on
            state.metrics.swaps.labels("refused").inc()
            fields = {"reason": str(fault), "bundle": state.version}
            unexpected = not isinstance(fault, UNUSABLE)
            _log.error("bundle refused, the old one goes on", extra={"fields": fields}, exc_info=unexpected)
        else:
            state.metrics.swaps.labels("done").inc()
            _log.info("bundle swapped", extra={"fields": {"bundle": state.version}})


async def swap(state: State, workers: Workers) -> None:
    """Load the bundle of the settings anew, here and in new workers, and put all to work at once.

    Requests in flight are finished with the old bundle. Raises BundleError, and whatever else keeps it from loading.
    """
    predictor = await run_in_threadpool(Predictor.load, state.settings, places_new=False)
    await workers.swap(predictor.bundle.version)
    state.open(predictor)
    settle_memory()
