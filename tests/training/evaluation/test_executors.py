"""One grid, the same figures whoever runs it: this process, two processes, a Ray cluster."""

import os
import sys
from types import ModuleType

import pytest

from tests.helpers.one_thread import one_thread
from tests.helpers.ray_cluster import ray_cluster
from training.evaluation.cell import Cell, evaluate_cell
from training.evaluation.executors import process_executor, ray_executor, run_sequentially
from training.splits.splits import SplitName, make_split


@pytest.fixture(scope="module")
def todo(arrays):
    cells = [Cell(name, SplitName.LCO, fold, 5) for name in ("drug_mean", "als_ln_ic50") for fold in (0, 1)]
    return [(cell, make_split(arrays, SplitName.LCO, cell.fold)) for cell in cells]


def figures(executor, arrays, todo):
    """Every cell's figures but its time, and its predictions."""
    out = {}
    for cell, result in executor(evaluate_cell, arrays, todo):
        rows = [
            (f.level, f.unit, f.metric, f.value, f.low, f.high) for f in result.measurements if f.metric != "seconds"
        ]
        out[cell] = (repr(rows), result.predictions)
    return out


def same(a, b):
    return a.keys() == b.keys() and all(a[c][0] == b[c][0] and a[c][1].equals(b[c][1]) for c in a)


@pytest.fixture(scope="module")
def here(arrays, todo):
    return figures(run_sequentially, arrays, todo)


def test_this_process_runs_the_cells_in_their_order(here, todo):
    assert list(here) == [cell for cell, _ in todo]


def test_two_processes_bring_the_same_figures_to_the_last_bit(arrays, todo, here, monkeypatch):
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    assert same(figures(process_executor(2), arrays, todo), here)
    assert "OMP_NUM_THREADS" not in os.environ


def test_a_worker_is_another_process_with_one_thread_and_its_errors_reach_the_caller(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    ran = process_executor(1)(one_thread, None, [("a", None), ("fails", None)])
    cell, (pid, *threads) = next(ran)
    assert (cell, threads) == ("a", [1, "1"])
    assert pid != os.getpid()
    with pytest.raises(ValueError, match="this cell cannot be run"):
        next(ran)
    assert os.environ["OMP_NUM_THREADS"] == "3"


def test_without_ray_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(ValueError, match=r"--engine ray: ray is not installed; pip install 'drug-response\[scale\]'"):
        ray_executor()


def test_without_a_cluster_the_remedy_is_named(monkeypatch):
    def init(**options):
        raise ConnectionError(f"nobody at {options['address']}")

    ray = ModuleType("ray")
    ray.init = init
    monkeypatch.setitem(sys.modules, "ray", ray)
    monkeypatch.setenv("RAY_ADDRESS", "10.0.0.9:6379")
    with pytest.raises(ValueError, match=r"no Ray cluster \(nobody at 10.0.0.9:6379\); start one or set RAY_ADDRESS"):
        ray_executor()


@pytest.mark.filterwarnings("ignore")  # Ray's own, and torch's about arrays that Ray shares read-only
def test_a_ray_cluster_brings_the_same_figures_to_the_last_bit(arrays, todo, here, monkeypatch):
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    with ray_cluster() as address:
        assert same(figures(ray_executor(address), arrays, todo), here)
