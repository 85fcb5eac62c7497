"""Worker processes: each is lent to one request at a time, ended where it takes too long, replaced where it is lost.

Each is a pebble pool of one process. In a pool of several the processes share a pipe and its locks, and one that is
killed while it holds a lock would stop the others. A pool that has failed in any way is ended as a whole: pebble gives
up one whose process dies while it is idle, and counts the time of a task only from when the process has taken it.
"""

import asyncio
import logging
import multiprocessing
import os
from collections.abc import AsyncIterator
from concurrent.futures.process import BrokenProcessPool
from contextlib import asynccontextmanager, suppress

from pebble import CONSTS, ProcessPool
from starlette.types import Scope

from model.bundle.manifest import BundleError
from service.limits.admission import BusyError
from service.prediction.onnx_session import DeviceError
from service.settings import Settings
from service.workers.process import Answer, answer, load

_log = logging.getLogger("service.workers")
LOAD_S = 120.0  # a bundle is loaded in a second or two
TRIES = 2  # a worker may be lost while it is idle
ABANDONED_S = 3.0  # what a new worker costs: an answer that nobody waits for may take as long
UNUSABLE = BundleError, DeviceError  # they say all in their message
WATCH_S, AGAIN_S = 0.1, 5.0
CONSTS.term_timeout = 1  # seconds that a worker has to end at SIGTERM
# Before a worker is forked: none starts a thread, and workers share what they take.
IMPORTED = ["fastapi", "numpy", "prometheus_client"]
CHEMISTRY = ["rdkit.Chem", "rdkit.Chem.rdFingerprintGenerator", "rdkit.Chem.MolStandardize.rdMolStandardize"]


class NoWorkerError(Exception):
    """There is no worker, and none finds the bundle that it should use."""


class Workers:
    """As many workers as the settings say, all with one version of the bundle. Used from the event loop alone."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._pools: set[ProcessPool] = set()  # all that have not ended
        self._ready: set[ProcessPool] = set()  # those with the bundle in use, idle or lent
        # Beside idle ones some that are ready no more, and None where no bundle can be used: that one is left there.
        self._idle: asyncio.Queue[ProcessPool | None] = asyncio.Queue()
        self._keepers: list[asyncio.Task[None]] = []

    def __len__(self) -> int:
        """How many are ready."""
        return sum(pool.active for pool in self._ready)

    @asynccontextmanager
    async def at_work(self, version: str) -> AsyncIterator[None]:
        """Have them at work with this version of the bundle during the block. Raises what `swap` raises."""
        await self.swap(version)
        try:
            yield
        finally:  # end them all, whatever they do
            for pool in self._pools:
                pool.stop()
            keepers = self._keepers
            self._take([], version)
            await asyncio.gather(*keepers, return_exceptions=True)

    async def swap(self, version: str) -> None:
        """Start a full set with this version of the bundle and take it instead of the former, from then on.

        The former finish the requests that they have. Raises BundleError, also where the folder holds another version,
        DeviceError, TimeoutError or BrokenProcessPool; then the former stay.
        """
        starting = [self._start(version) for _ in range(self._settings.batch_workers)]
        started = await asyncio.gather(*starting, return_exceptions=True)
        pools = [one for one in started if isinstance(one, ProcessPool)]
        for fault in (one for one in started if isinstance(one, BaseException)):
            await asyncio.gather(*map(self._end, pools))
            raise fault
        self._take(pools, version)

    async def answer(self, scope: Scope, allowance: float) -> Answer:
        """Have the next idle worker answer (service.workers.process.answer).

        Requests wait in the order of coming. Raises BusyError where none gets idle in time, NoWorkerError where none
        can load the bundle, TimeoutError where one takes too long, ProcessExpired or BrokenProcessPool where its
        process ends, and what the request's own route raises.
        """
        for _ in range(TRIES):
            pool = await self._lend()
            with suppress(BrokenProcessPool):  # it was lost before it began
                return await self._answer(pool, scope, allowance)
        raise BrokenProcessPool

    async def _lend(self) -> ProcessPool:
        try:
            async with asyncio.timeout(self._settings.max_wait_s):
                while (pool := await self._idle.get()) not in self._ready or not pool.active:
                    if pool is None and not self._ready:
                        self._idle.put_nowait(None)
                        raise NoWorkerError
                return pool
        except TimeoutError:
            raise BusyError from None

    async def _answer(self, pool: ProcessPool, scope: Scope, allowance: float) -> Answer:
        try:
            future = asyncio.wrap_future(pool.schedule(answer, (scope, allowance)))
        except RuntimeError as fault:
            raise BrokenProcessPool from fault
        future.add_done_callback(lambda _: self._give_back(pool, future))
        try:
            async with asyncio.timeout(self._settings.request_timeout_s):
                return await asyncio.shield(future)
        except asyncio.CancelledError:  # the caller has gone
            asyncio.get_running_loop().call_later(ABANDONED_S, future.cancel)
            raise
        except TimeoutError:
            future.cancel()
            raise

    def _give_back(self, pool: ProcessPool, future: asyncio.Future[Answer]) -> None:
        if future.cancelled() or future.exception() is not None:  # it may be stuck, or out of memory
            pool.stop()
        else:
            self._idle.put_nowait(pool)

    async def _start(self, version: str) -> ProcessPool:
        pool = ProcessPool(max_workers=1, context=_context(self._settings))
        self._pools.add(pool)
        try:
            loading = await asyncio.to_thread(pool.schedule, load, (self._settings, version))
            await asyncio.wait_for(asyncio.wrap_future(loading), LOAD_S)
        except BaseException:
            pool.stop()
            await self._end(pool)
            raise
        return pool

    def _take(self, pools: list[ProcessPool], version: str) -> None:
        for keeper in self._keepers:
            keeper.cancel()
        self._ready = set()
        self._keepers = [asyncio.get_running_loop().create_task(self._keep(pool, version)) for pool in pools]

    async def _keep(self, pool: ProcessPool, version: str) -> None:
        """Have this worker at work, and after it others, each until it is lost; when cancelled, end it."""
        while True:
            self._ready.add(pool)
            self._idle.put_nowait(pool)
            try:
                while pool.active:
                    await asyncio.sleep(WATCH_S)
                _log.warning("a worker is lost or was too slow; another takes its place")
            finally:
                self._ready.discard(pool)
                await self._end(pool)
            pool = await self._start_again(version)

    async def _start_again(self, version: str) -> ProcessPool:
        while True:
            try:
                return await self._start(version)
            except Exception as fault:  # noqa: BLE001 -- whatever it is, the service goes on and tries again
                _log.error(f"a worker does not start: {fault!r}")
                if isinstance(fault, UNUSABLE) and self._idle.empty():  # which waiting does not mend
                    self._idle.put_nowait(None)
                await asyncio.sleep(AGAIN_S)

    async def _end(self, pool: ProcessPool) -> None:
        """End it after the request that it has."""
        pool.close()
        await asyncio.to_thread(pool.join)
        self._pools.discard(pool)


def _context(settings: Settings) -> multiprocessing.context.BaseContext:
    """How processes start: forked from one that has loaded no bundle and no chemistry, where the system can."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    # A fork takes no threads along, so the process that is forked must have none, not even those of linear algebra.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    context = multiprocessing.get_context("forkserver")
    chemistry = CHEMISTRY if settings.preload_chemistry else []
    context.set_forkserver_preload([*IMPORTED, *chemistry, f"{__package__}.freeze"])
    return context
