"""Processes and a Ray cluster give the bytes that one process gives, also where a process is killed in the middle."""

import os
import signal
import sys
import threading
import time
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

from screening.engines import WATCH_S, local_engine, ray_engine, was_lost
from screening.job import Chunk, ScreenError
from screening.run import _screened
from tests.helpers.ray_cluster import ray_cluster
from tests.screening.conftest import content

WAIT_S = 60


def descendants(pid):
    files = Path(f"/proc/{pid}/task").glob("*/children")
    children = [int(child) for file in files for child in file.read_text().split()]
    return [*children, *(one for child in children for one in descendants(child))]


def kill_first(is_worker):
    """Kill the first process below this one that is a worker at work, once."""
    killed = []

    def look():
        begun = time.monotonic()
        while not killed and time.monotonic() - begun < WAIT_S:
            for pid in descendants(os.getpid()):
                try:
                    if is_worker(pid):
                        os.kill(pid, signal.SIGKILL)
                        killed.append(pid)
                        return
                except OSError:
                    continue
            time.sleep(0.02)

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    return killed, thread


def command(pid):
    return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()


def test_processes_of_which_one_is_killed_give_the_same_bytes(library, answer, screened, job, tmp_path):
    killed, thread = kill_first(lambda pid: "spawn_main" in command(pid))
    screened(library, tmp_path / "out", local_engine(job, 2))
    thread.join()
    assert len(killed) == 1
    assert content(tmp_path / "out") == content(answer)


@pytest.mark.filterwarnings("ignore")  # Ray's own
def test_a_ray_cluster_of_which_a_worker_is_killed_gives_the_same_bytes(
    library, answer, screened, job, tmp_path, monkeypatch
):
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    with ray_cluster() as address:
        killed, thread = kill_first(lambda pid: command(pid).startswith("ray::screen_with"))
        screened(library, tmp_path / "out", ray_engine(job, address))
        thread.join()
    assert len(killed) == 1
    assert content(tmp_path / "out") == content(answer)


def test_without_ray_or_a_cluster_the_remedy_is_named(job, monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with (
        pytest.raises(ScreenError, match=r"ray is not installed; pip install 'drug-response\[scale\]'"),
        ray_engine(job, None),
    ):
        pass

    def init(**options):
        raise ConnectionError("nobody there")

    ray = ModuleType("ray")
    ray.init = init
    monkeypatch.setitem(sys.modules, "ray", ray)
    with pytest.raises(ScreenError, match=r"no Ray cluster \(nobody there\); start one"), ray_engine(job, None):
        pass


class BrokenPool:
    """A pool whose process ended before it took anything: pebble then says nothing of what waits in it."""

    active = False

    def __init__(self, **_):
        pass

    def schedule(self, *_, **__):
        return Future()

    def stop(self):
        pass

    join = stop


def test_what_waits_in_a_pool_that_broke_is_lost_and_not_waited_for(job, monkeypatch):
    monkeypatch.setattr("pebble.ProcessPool", BrokenPool)
    with local_engine(job, 2) as (submit, _):
        faults = [submit(None).exception(timeout=10) for _ in range(3)]
    assert all(was_lost(fault) for fault in faults)


class ProcessExpired(Exception):  # noqa: N818 -- its name
    """As pebble's."""


class LivelyPool(BrokenPool):
    """A pool that has a process again after one ended."""

    active = True


def test_what_waits_behind_a_process_that_ended_is_lost_and_the_next_chunk_goes_to_a_new_pool(job, monkeypatch):
    """A result cut off halfway would swallow what the next process of the same pool sends."""
    monkeypatch.setattr("pebble.ProcessPool", LivelyPool)
    with local_engine(job, 1) as (submit, _):
        first, second = submit(None), submit(None)
        first.set_exception(ProcessExpired())
        assert was_lost(second.exception(timeout=10))
        third = submit(None)
        with pytest.raises(TimeoutError):
            third.exception(timeout=3 * WATCH_S)


def test_a_chunk_that_no_process_ever_takes_ends_the_screen_with_the_remedy():
    def submit(_):
        future = Future()
        future.set_exception(BrokenProcessPool())
        return future

    chunk = Chunk(0, [SimpleNamespace(number=1, place="row 1")])
    with pytest.raises(ScreenError, match=r"20 processes ended before they took row 1; .*--jobs"):
        list(_screened(iter([chunk]), submit, 1))
