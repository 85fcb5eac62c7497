"""Where chunks are screened: processes of this machine, or an existing Ray cluster. Both take tasks and give futures.

Plain Ray tasks rather than Ray Data: a chunk is known by its number, so a screen that was killed goes on with those
that are left, and the answer has the same bytes wherever it was computed; Ray Data cuts its blocks as it sees fit.
"""

import multiprocessing
import os
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from screening.job import Chunk, Job, ScreenError
from screening.tables import Files
from screening.worker import screen_chunk

# Of pebble and of Ray, which need not be installed.
LOST = ("ProcessExpired", "BrokenProcessPool", "WorkerCrashedError", "NodeDiedError", "OutOfMemoryError")
Submit = Callable[[Chunk], "Future[Files]"]


@contextmanager
def local_engine(job: Job, jobs: int) -> Iterator[tuple[Submit, int]]:
    """Processes of this machine with one thread each; the second value is how many."""
    from pebble import ProcessPool

    os.environ.setdefault("OMP_NUM_THREADS", "1")  # the processes read it as they start
    started: list[ProcessPool] = []

    def submit(chunk: Chunk) -> "Future[Files]":
        if not started or not started[-1].active:  # a pool breaks where a process ends that has no chunk yet
            started.append(ProcessPool(max_workers=jobs, context=multiprocessing.get_context("spawn")))
        future: Future[Files] = started[-1].schedule(screen_chunk, args=(job, chunk))
        return future

    try:
        yield submit, jobs
    finally:
        for pool in started:
            pool.stop()
            pool.join()


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
    return type(fault).__name__ in (
        "ProcessExpired",
        "BrokenProcessPool",
        "WorkerCrashedError",
        "NodeDiedError",
        "OutOfMemoryError",
    )
