"""Workers killed or stopped in the middle of their work, and bundles swapped a hundred times under load."""

import contextlib
import json
import os
import shutil
import signal
import threading
import time

import pytest

from tests.helpers.demo_bundle import build_bundle, point
from tests.helpers.probe import Probe, asked, resources_come_back, wait_for
from tests.helpers.service_process import Callers, serving, workers_of

BATCH = json.dumps({"cell_lines": ["A549"] * 10_000, "drugs": ["JQ1"] * 10_000, "detail": "scores"}).encode()
ONE = json.dumps({"pairs": [{"cell_line": "A549", "drug": "JQ1"}]}).encode()


@contextlib.contextmanager
def busy_worker(served):
    """A worker that has a request and does not come to an end with it, and that request's answers."""
    (worker,) = workers_of(served.process.pid)
    os.kill(worker, signal.SIGSTOP)
    answers = []
    caller = threading.Thread(target=lambda: answers.append(asked(served.port, BATCH)))
    caller.start()
    wait_for(lambda: "drp_requests_in_flight 1.0" in served.get("/metrics")[1])
    yield worker, answers
    caller.join()


def replaced(served, worker):
    now = workers_of(served.process.pid)
    return len(now) == 1 and now != [worker] and "drp_batch_workers 1.0" in served.get("/metrics")[1]


def test_a_worker_killed_while_busy_costs_its_own_caller_a_503(attacked):
    right = asked(attacked.port, BATCH)
    with busy_worker(attacked) as (worker, answers), Probe(attacked.port) as probe:
        time.sleep(0.3)  # the request is on its way to the worker
        os.kill(worker, signal.SIGKILL)
        wait_for(lambda: answers)
    probe.assert_right(least=1)
    ((status, answer),) = answers
    # It may have been lost before it began; then the next worker is waited for, as long as a request may take.
    assert (status, answer) == right or (status, answer["code"]) in {(503, "not_ready"), (429, "busy")}
    wait_for(lambda: replaced(attacked, worker))
    assert asked(attacked.port, BATCH) == right


def test_a_worker_stopped_while_busy_costs_its_own_caller_a_503(attacked):
    right = asked(attacked.port, BATCH)
    with busy_worker(attacked) as (worker, answers), Probe(attacked.port) as probe:
        wait_for(lambda: answers)
    probe.assert_right()
    assert [(status, answer["code"]) for status, answer in answers] == [(503, "timed_out")]
    wait_for(lambda: replaced(attacked, worker))
    assert asked(attacked.port, BATCH) == right


@pytest.mark.slow_attack
def test_a_hundred_signals_between_two_bundles_under_load_mix_no_answer(tmp_path, bundle_folder):
    folders = [shutil.copytree(bundle_folder, tmp_path / "first"), build_bundle(tmp_path / "second", width=32)]
    link = tmp_path / "bundle"
    point(link, folders[0])
    with serving(bundle=link, max_pairs_in_flight=10**9) as served:
        versions, right = [], {}
        for folder in (folders[1], folders[0]):
            versions.append(served.bundle())
            right[versions[-1]] = asked(served.port, ONE)[1], asked(served.port, BATCH)[1]
            point(link, folder)
            served.process.send_signal(signal.SIGHUP)
            wait_for(lambda: served.bundle() != versions[-1])
        assert len(right) == 2
        with (
            resources_come_back(served, patience_s=60),
            Callers(served.port, ONE, count=3) as small,
            Callers(served.port, BATCH, count=1) as large,
        ):
            for number in range(1, 101):
                point(link, folders[number % 2])
                served.process.send_signal(signal.SIGHUP)
                time.sleep(0.5)
            point(link, folders[1])
            served.process.send_signal(signal.SIGHUP)
            wait_for(lambda: served.bundle() == versions[1])
        outcomes = {line["message"] for line in served.log() if line["logger"] == "service.swap"}
    assert small.dropped == large.dropped == []
    for place, callers in enumerate((small, large)):
        assert {status for status, _ in callers.answers} == {200}
        assert {answer["bundle"] for _, answer in callers.answers} == set(right)
        assert all(answer == right[answer["bundle"]][place] for _, answer in callers.answers)
    # One that changes while it is being read is refused, and the signal that came meanwhile is heeded.
    assert outcomes <= {"bundle swapped", "bundle refused, the old one goes on"}
