"""A new bundle takes the place of the old one while requests are answered."""

import asyncio
import gc
import logging

from starlette.concurrency import run_in_threadpool

from model.bundle.manifest import BundleError
from service.prediction.onnx_session import DeviceError
from service.prediction.predictor import Predictor
from service.state import State
from service.workers.pool import WorkerError, Workers
from service.workers.process import trim_heap

_log = logging.getLogger("service.swap")


class BundleSwap:
    """Loads the bundle of the settings anew, here and in new workers, and puts all of them to work at once.

    Requests in flight are finished with the old bundle. Where the new one cannot be loaded, the old one stays.
    """

    def __init__(self, state: State, workers: Workers) -> None:
        self._state, self._workers = state, workers
        self._task: asyncio.Task[None] | None = None
        self._again = False

    def request(self) -> None:
        """Swap; one that is requested while another runs follows it."""
        if self._task is not None and not self._task.done():
            self._again = True
        elif not self._state.draining:
            self._task = asyncio.get_running_loop().create_task(self._run())

    async def _run(self) -> None:
        self._again = True
        while self._again:
            self._again = False
            try:
                await self._load()
            except (BundleError, DeviceError, WorkerError) as fault:
                self._refuse(str(fault))
            except Exception:  # noqa: BLE001 -- whatever is wrong with the new bundle, the old one goes on
                _log.exception("the new bundle cannot be loaded")
                self._refuse("see the exception above")

    async def _load(self) -> None:
        predictor = await run_in_threadpool(Predictor.load, self._state.settings)
        version, workers = predictor.bundle.version, await self._workers.start()
        found = {worker.version for worker in workers}
        if found != {version} or self._state.draining:
            self._workers.end(workers)
            raise WorkerError(f"it was {version} and then {', '.join(found)}: replaced while it was being read")
        self._workers.replace_all(workers)
        self._state.open(predictor)
        settle_memory()
        self._state.metrics.swaps.labels("done").inc()
        _log.info("bundle swapped", extra={"fields": {"bundle": version}})

    def _refuse(self, reason: str) -> None:
        self._state.metrics.swaps.labels("refused").inc()
        serving = self._state.predictor.bundle.version if self._state.predictor else None
        _log.error("bundle refused, the old one goes on", extra={"fields": {"reason": reason, "bundle": serving}})


def settle_memory() -> None:
    """Free what is left behind, give it back to the system, and take the rest out of garbage collection.

    A look through all that is loaded would hold up every request for 50 ms.
    """
    gc.unfreeze()
    gc.collect()
    gc.freeze()
    trim_heap()
