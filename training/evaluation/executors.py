"""Executors of a grid's cells: this process, several processes, or a Ray cluster.

An executor takes a function, the arrays and the cells with their splits. It yields each cell with its result, in the
order in which they end.
"""

import multiprocessing
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from typing import Any

import torch
from threadpoolctl import threadpool_limits

from training.data.arrays import Arrays
from training.splits.splits import Split

CellFunction = Callable[[Arrays, Any, Split], Any]
Cells = list[tuple[Any, Split]]
Results = Iterator[tuple[Any, Any]]
Executor = Callable[[CellFunction, Arrays, Cells], Results]
_job: dict[str, Any] = {}  # the function and the arrays, which a worker process gets once, at its start


def run_sequentially(function: CellFunction, arrays: Arrays, cells: Cells) -> Results:
    """One cell after the other, in this process."""
    for cell, split in cells:
        yield cell, function(arrays, cell, split)


def process_executor(jobs: int) -> Executor:
    """`jobs` worker processes with one thread each. Threads of busy workers would wait for each other."""

    def run(function: CellFunction, arrays: Arrays, cells: Cells) -> Results:
        context = multiprocessing.get_context("spawn")  # a fork of a process with threads of torch may hang
        with _environment("OMP_NUM_THREADS", "1"):  # the workers read it as they start
            pool = ProcessPoolExecutor(min(jobs, max(len(cells), 1)), context, _start_worker, (function, arrays))
            try:
                running = {pool.submit(_run_cell, cell, split): cell for cell, split in cells}
                for future in as_completed(running):
                    yield running[future], future.result()
            finally:
                pool.shutdown(wait=True, cancel_futures=True)

    return run


def ray_executor(address: str | None = None) -> Executor:
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

    def run(function: CellFunction, arrays: Arrays, cells: Cells) -> Results:
        @ray.remote(num_cpus=1)
        def run_cell(arrays: Arrays, cell: Any, split: Split) -> Any:  # noqa: ANN401 -- any cell, any result
            torch.set_num_threads(1)
            with threadpool_limits(1):
                return function(arrays, cell, split)

        shared = ray.put(arrays)
        running = {run_cell.remote(shared, cell, split): cell for cell, split in cells}
        waiting = list(running)
        while waiting:
            ready, waiting = ray.wait(waiting)
            for reference in ready:
                yield running[reference], ray.get(reference)

    return run


@contextmanager
def _environment(name: str, value: str) -> Iterator[None]:
    """Set a variable of the environment, and put the earlier value back at the end."""
    before = os.environ.get(name)
    os.environ[name] = value
    try:
        yield
    finally:
        if before is None:
            del os.environ[name]
        else:
            os.environ[name] = before


def _start_worker(function: CellFunction, arrays: Arrays) -> None:
    torch.set_num_threads(1)
    _job.update(function=function, arrays=arrays)


def _run_cell(cell: Any, split: Split) -> Any:  # noqa: ANN401 -- any cell, any result
    return _job["function"](_job["arrays"], cell, split)
