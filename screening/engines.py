"""Where chunks are screened: processes of this machine, or an existing Ray cluster. Both take tasks and give futures.

Plain Ray tasks rather than Ray Data: a chunk is known by its number, so a screen that was killed goes on with those
that are left, and the answer has the same bytes wherever it was computed; Ray Data cuts its blocks as it sees fit.
"""

import multiprocessing
import os
import tempfile
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, InvalidStateError
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from screening.job import Chunk, Job, ScreenError
from screening.tables import Files
from screening.worker import screen_chunk

if TYPE_CHECKING:
    from pebble import ProcessPool

WATCH_S = 0.5
# Of pebble and of Ray, which need not be installed.
LOST = ("ProcessExpired", "BrokenProcessPool", "WorkerCrashedError", "NodeDiedError", "OutOfMemoryError")
Submit = Callable[[Chunk], "Future[Files]"]


class _Process:
    """A pool of one process, made anew where it broke, and what it was given.

    Several processes in one pool share a pipe and its locks: one that is killed while it holds one stops the others.
    """

    def __init__(self) -> None:
        self._pool = self._started()
        self._given: list[tuple[ProcessPool, Future[Files]]] = []

    def _started(self) -> "ProcessPool":
        from pebble import ProcessPool

        return ProcessPool(max_workers=1, context=multiprocessing.get_context("spawn"))

    def waiting(self) -> int:
        """Number of chunks that have not ended."""
        return sum(not future.done() for _, future in self._given)

    def submit(self, job: Job, chunk: Chunk) -> "Future[Files]":
        if self._broken():
            self._begin_anew()
        try:
            future: Future[Files] = self._pool.schedule(screen_chunk, args=(job, chunk))
        except RuntimeError:  # it broke in this moment
            self._begin_anew()
            future = self._pool.schedule(screen_chunk, args=(job, chunk))
        self._given = [*((pool, one) for pool, one in self._given if not one.done()), (self._pool, future)]
        return future

    def _broken(self) -> bool:
        """Whether its process has ended: a next one in the same pool may be given the rest of a message cut off."""
        mine = [future for pool, future in self._given if pool is self._pool and future.done()]
        return not self._pool.active or any(was_lost(fault) for one in mine if (fault := one.exception()))

    def _begin_anew(self) -> None:
        self._fail_waiting()
        self.end()
        self._pool = self._started()

    def fail_lost(self) -> None:
        """Fail what waits in a broken pool: pebble tells of the chunk that was taken up, not always of these."""
        if self._broken():
            self._fail_waiting()

    def _fail_waiting(self) -> None:
        for _, future in self._given:
            if not future.done():
                with suppress(InvalidStateError):  # told in this moment
                    future.set_exception(BrokenProcessPool("its process ended before it took the chunk"))

    def end(self) -> None:
        self._pool.stop()
        self._pool.join()


@contextmanager
def local_engine(job: Job, jobs: int) -> Iterator[tuple[Submit, int]]:
    """Processes of this machine with one thread each; the second value is how many."""
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # the processes read it as they start
    processes = [_Process() for _ in range(jobs)]
    ended = threading.Event()

    def watch() -> None:
        while not ended.wait(WATCH_S):
            for process in processes:
                process.fail_lost()

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield lambda chunk: min(processes, key=_Process.waiting).submit(job, chunk), jobs
    finally:
        ended.set()
        watcher.join()
        for process in processes:
            process.end()


@contextmanager
def ray_engine(job: Job, address: str | None) -> Iterator[tuple[Submit, int]]:
    """Tasks of one CPU on an existing Ray cluster (`address`, else RAY_ADDRESS, else `auto`); the bundle goes along.

    Its machines need this package and nothing of this one's disk. Raises ScreenError where ray is not installed or no
    cluster answers.
    """
    try:
        import ray
    except ImportError:
        raise ScreenError("--engine ray: ray is not installed; pip install 'drug-response[scale]'") from None
    try:
        ray.init(
            address=address or os.environ.get("RAY_ADDRESS", "auto"), ignore_reinit_error=True, log_to_driver=False
        )
    except (ConnectionError, ValueError) as fault:
        raise ScreenError(f"--engine ray: no Ray cluster ({fault}); start one or give --address") from None
    folder = Path(job.bundle)
    content = ray.put({str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()})
    shared = ray.put(job)
    task = ray.remote(num_cpus=1, max_retries=0)(screen_with)  # what is lost is given again by the driver

    yield lambda chunk: task.remote(shared, content, chunk).future(), int(ray.cluster_resources().get("CPU", 1))  # type: ignore[no-untyped-call]


_unpacked: dict[str, Any] = {}


def screen_with(job: Job, content: dict[str, bytes], chunk: Chunk) -> Files:
    """Screen a chunk with a bundle that came as files."""
    if job.bundle not in _unpacked:
        folder = tempfile.TemporaryDirectory(prefix="bundle")
        for name, file in content.items():
            path = Path(folder.name) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(file)
        _unpacked[job.bundle] = folder
    return screen_chunk(replace(job, bundle=_unpacked[job.bundle].name), chunk)


def was_lost(fault: BaseException) -> bool:
    """Whether an error means that the process ended, and not that the chunk cannot be screened."""
    return type(fault).__name__ in LOST
