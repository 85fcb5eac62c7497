"""Worker processes: each is lent to one request at a time, ended where it takes too long, replaced where it is lost.

Each is a pebble pool of one process. In a pool of several the processes share a pipe and its locks, and one that is
killed while it holds a lock would stop the others.
"""

import asyncio
import logging
import multiprocessing
import os
from collections.abc import Coroutine
from concurrent.futures.process import BrokenProcessPool
from typing import Any, Self

from pebble import ProcessExpired, ProcessPool

from service.limits.admission import BusyError
from service.settings import Settings
from service.workers.process import Answer, Task, answer, load

_log = logging.getLogger("service.workers")
LOAD_S = 120.0  # a bundle is loaded in a second or two
TRIES = 2  # a worker may be lost while it is idle
ABANDONED_S = 3.0  # what a new worker costs: an answer that nobody waits for may take as long
WATCH_S, AGAIN_S = 0.5, 5.0
IMPORTED = ["fastapi", "numpy", "prometheus_client"]  # before a worker is forked; none of them starts a thread
CHEMISTRY = ["rdkit.Chem.AllChem", "skfp.fingerprints"]  # nor do these; workers share what they take


class WorkerError(Exception):
    """A worker that does not start; the message says why."""


class WorkerLostError(Exception):
    """The process ended before it had answered; `exit_code` is negative for a signal, 0 where nobody knows."""

    def __init__(self, exit_code: int = 0) -> None:
        super().__init__(f"exit code {exit_code}")
        self.exit_code = exit_code


class Worker:
    """One process that has loaded the bundle; `version` is the bundle's."""

    def __init__(self, settings: Settings) -> None:
        """Start it and wait until it is ready. Raises WorkerError."""
        self._pool = ProcessPool(max_workers=1, context=_context(settings))
        try:
            self.version = self._pool.schedule(load, (settings,)).result(LOAD_S)
        except Exception as fault:
            self.end()
            raise WorkerError(str(fault) or type(fault).__name__) from fault

    @property
    def alive(self) -> bool:
        """Whether it can take a task."""
        return bool(self._pool.active)

    def answer(self, task: Task) -> asyncio.Future[Answer]:
        """Start a task. Raises RuntimeError where the process is lost."""
        return asyncio.wrap_future(self._pool.schedule(answer, (task,)))

    def end(self) -> None:
        """End the process, whatever it does; takes 3 s where it does not listen."""
        self._pool.stop()
        self._pool.join()


class Workers:
    """As many workers as the settings say; an asynchronous context. Used from the event loop alone."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._all: set[Worker] = set()  # of the bundle in use
        self._lent: set[Worker] = set()
        self._idle: asyncio.Queue[Worker] = asyncio.Queue()
        self._tasks: set[asyncio.Task[None]] = set()
        self._generation = 0

    def __len__(self) -> int:
        """How many are ready."""
        return len(self._all)

    async def __aenter__(self) -> Self:
        """Start them all, and watch over them. Raises WorkerError."""
        self.replace_all(await self.start())
        self._background(self._watch())
        return self

    async def __aexit__(self, *_: object) -> None:
        """End them all."""
        self._generation += 1
        for task in self._tasks:
            task.cancel()
        ending, self._all = self._all | self._lent, set()
        await asyncio.gather(*(asyncio.to_thread(worker.end) for worker in ending))

    async def start(self) -> list[Worker]:
        """Start a full set with the bundle that the settings name now. Raises WorkerError."""
        starting = [asyncio.to_thread(Worker, self._settings) for _ in range(self._settings.batch_workers)]
        started = await asyncio.gather(*starting, return_exceptions=True)
        workers = [one for one in started if isinstance(one, Worker)]
        if len(workers) < len(started):
            self.end(workers)
            raise next(one for one in started if isinstance(one, BaseException))
        return workers

    def replace_all(self, workers: list[Worker]) -> None:
        """Take these instead of the ones at work, which finish the request that they have."""
        self._generation += 1
        former, self._all = self._all, set(workers)
        self.end([worker for worker in former if worker not in self._lent])
        for worker in workers:
            self._idle.put_nowait(worker)

    def end(self, workers: list[Worker]) -> None:
        """End these, without waiting for it."""
        for worker in workers:
            self._background(asyncio.to_thread(worker.end))

    async def answer(self, task: Task) -> Answer:
        """Have the next idle worker answer.

        Raises BusyError where none gets idle within the time limit of a request, TimeoutError where one takes longer
        than that, WorkerLostError where its process ends, RuntimeError where the request's own route fails.
        """
        for _ in range(TRIES):
            worker = await self._lend()
            try:
                return await self._answer(worker, task)
            except BrokenProcessPool:
                continue  # it was lost before it began
        raise WorkerLostError

    async def _lend(self) -> Worker:
        try:
            async with asyncio.timeout(self._settings.request_timeout_s):
                while (worker := await self._idle.get()) not in self._all:
                    pass  # lost or replaced while it was idle
        except TimeoutError:
            raise BusyError from None
        self._lent.add(worker)
        return worker

    async def _answer(self, worker: Worker, task: Task) -> Answer:
        try:
            future = worker.answer(task)
        except RuntimeError:
            self._replace(worker)
            raise BrokenProcessPool from None
        try:
            async with asyncio.timeout(self._settings.request_timeout_s):
                found = await asyncio.shield(future)
        except asyncio.CancelledError:
            self._background(self._await_abandoned(worker, future))
            raise
        except ProcessExpired as fault:
            self._replace(worker)
            raise WorkerLostError(fault.exitcode) from None
        except BaseException:  # it may be stuck, or out of memory
            self._replace(worker)
            raise
        self._give_back(worker)
        return found

    async def _await_abandoned(self, worker: Worker, future: asyncio.Future[Answer]) -> None:
        """Give back a worker whose caller has gone once it has answered, or replace it."""
        done, _ = await asyncio.wait({future}, timeout=ABANDONED_S)
        if done and future.exception() is None:
            self._give_back(worker)
        else:
            self._replace(worker)

    def _give_back(self, worker: Worker) -> None:
        self._lent.discard(worker)
        if worker in self._all:
            self._idle.put_nowait(worker)
        else:
            self.end([worker])

    def _replace(self, worker: Worker) -> None:
        self._lent.discard(worker)
        self.end([worker])
        if worker in self._all:
            _log.warning("a worker is lost or was too slow; another takes its place")
            self._all.discard(worker)
            self._background(self._start_one(self._generation))

    async def _start_one(self, generation: int) -> None:
        while generation == self._generation:
            try:
                worker = await asyncio.to_thread(Worker, self._settings)
            except WorkerError as fault:
                _log.error(f"a worker does not start: {fault}")
                await asyncio.sleep(AGAIN_S)
                continue
            if generation == self._generation:
                self._all.add(worker)
                self._idle.put_nowait(worker)
            else:
                self.end([worker])
            return

    async def _watch(self) -> None:
        """Replace workers that end while they are idle."""
        while True:
            await asyncio.sleep(WATCH_S)
            for worker in self._all - self._lent:
                if not worker.alive:
                    self._replace(worker)

    def _background(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _context(settings: Settings) -> multiprocessing.context.BaseContext:
    """How processes start: forked from one that has loaded no bundle and no chemistry, where the system can."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    # A fork takes no threads along, so the process that is forked must have none, not even those of linear algebra.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    context = multiprocessing.get_context("forkserver")
    chemistry = CHEMISTRY if settings.preload_chemistry else []
    context.set_forkserver_preload([*IMPORTED, *chemistry, "service.workers.freeze"])
    return context
