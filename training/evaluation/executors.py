"""Where the cells of a grid run: in this process, in several processes, or on a Ray cluster."""

import multiprocessing
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from typing import Any

import torch
from threadpoolctl import threadpool_limits

from training.data.arrays import Arrays
from training.splits.splits import Split

# (work, arrays, [(cell, split)]) -> (cell, outcome) in the order in which they end
Work = Callable[[Arrays, Any, Split], Any]
Engine = Callable[[Work, Arrays, list[tuple[Any, Split]]], Iterator[tuple[Any, Any]]]
_shared: dict[str, Any] = {}  # what a worker process was given once, at its start


def run_here(work: Work, arrays: Arrays, todo: list[tuple[Any, Split]]) -> Iterator[tuple[Any, Any]]:
    """One after the other, in this process."""
    for cell, split in todo:
        yield cell, work(arrays, cell, split)


def processes(jobs: int) -> Engine:
    """`jobs` worker processes with one thread each. Threads of busy workers would wait for each other."""

    def run(work: Work, arrays: Arrays, todo: list[tuple[Any, Split]]) -> Iterator[tuple[Any, Any]]:
        context = multiprocessing.get_context("spawn")  # a fork of a process with threads of torch may hang
        before = os.environ.get("OMP_NUM_THREADS")
        os.environ["OMP_NUM_THREADS"] = "1"  # the workers read it as they start
        pool = ProcessPoolExecutor(min(jobs, max(len(todo), 1)), context, _start, (work, arrays))
        try:
            running = {pool.submit(_work, cell, split): cell for cell, split in todo}
            for future in as_completed(running):
                yield running[future], future.result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
            if before is None:
                del os.environ["OMP_NUM_THREADS"]
            else:
                os.environ["OMP_NUM_THREADS"] = before

    return run


def _start(work: Work, arrays: Arrays) -> None:
    torch.set_num_threads(1)
    _shared.update(work=work, arrays=arrays)


def _work(cell: Any, split: Split) -> Any:  # noqa: ANN401 -- whatever the grid's cells and outcomes are
    return _shared["work"](_shared["arrays"], cell, split)


def ray_cluster(address: str | None = None) -> Engine:
    """Tasks of one CPU on an existing Ray cluster (`RAY_ADDRESS`, else `auto`). Needs the extra `scale`.

    Raises ValueError where ray is not installed or no cluster answers.
    """
    try:
        import ray
    except ImportError:
        raise ValueError("--engine ray: ray is not installed; pip install 'drug-response[scale]'") from None
    try:
        ray.init(address=address or os.environ.get("RAY_ADDRESS", "auto"), ignore_reinit_error=True)
    except ConnectionError as fault:
        raise ValueError(f"--engine ray: no Ray cluster ({fault}); start one or set RAY_ADDRESS") from None

    def run(work: Work, arrays: Arrays, todo: list[tuple[Any, Split]]) -> Iterator[tuple[Any, Any]]:
        @ray.remote(num_cpus=1)  # type: ignore[untyped-decorator]
        def task(arrays: Arrays, cell: Any, split: Split) -> Any:  # noqa: ANN401
            torch.set_num_threads(1)
            with threadpool_limits(1):
                return work(arrays, cell, split)

        shared = ray.put(arrays)
        running = {task.remote(shared, cell, split): cell for cell, split in todo}
        waiting = list(running)
        while waiting:
            ready, waiting = ray.wait(waiting)
            for reference in ready:
                yield running[reference], ray.get(reference)

    return run
