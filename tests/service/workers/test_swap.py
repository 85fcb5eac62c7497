"""One bundle answers at a time; a swap leaves nothing of the former behind, and no garbage to look through."""

import gc
import json
import os
import signal
import weakref

from starlette.testclient import TestClient

from service.app import create_app
from service.prediction.predictor import Predictor
from service.workers.heap import settle_memory
from tests.helpers.demo_bundle import build_bundle, build_further, point
from tests.helpers.probe import wait_for
from tests.helpers.service_process import serving
from tests.helpers.worker_requests import ask, columns, ready

BATCH, SMALL = columns(4_000), columns(1)


def test_what_is_loaded_is_left_out_of_garbage_collection():
    try:
        settle_memory()
        assert gc.get_freeze_count() > 10_000
    finally:
        gc.unfreeze()


def test_the_predictor_of_the_start_is_freed_once_another_serves(settings):
    first = Predictor.load(settings)
    app, gone = create_app(settings, first), weakref.ref(first)
    del first
    try:
        with TestClient(app) as client:
            assert client.get("/rank/A549").status_code == 200
            assert gone() is not None
            app.state.service.open(Predictor.load(settings))
            assert client.get("/rank/A549").status_code == 200
            settle_memory()
            assert gone() is None
    finally:
        gc.unfreeze()


def test_a_worker_takes_no_bundle_but_the_one_that_is_served(tmp_path, bundle_folder):
    link, other = tmp_path / "bundle", build_bundle(tmp_path / "other", width=32)
    point(link, bundle_folder)
    with serving(bundle=link) as served:
        (worker,), served_first = ready(served, 1), served.bundle()
        point(link, other)
        os.kill(worker, signal.SIGKILL)
        ready(served, 0)
        status, headers, body = ask(served.port, BATCH)
        assert (status, json.loads(body)["code"]) == (503, "not_ready")
        assert "retry-after" in headers
        status, _, body = ask(served.port, SMALL)
        assert (status, json.loads(body)["bundle"]) == (200, served_first)
        (said,) = {line["message"] for line in served.logged(lambda line: line["level"] == "ERROR")}
        served.process.send_signal(signal.SIGHUP)
        wait_for(lambda: served.bundle() != served_first)
        assert f"but {served_first} is served; SIGHUP takes what is there" in said
        assert {json.loads(ask(served.port, body)[2])["bundle"] for body in (BATCH, SMALL)} == {served.bundle()}


def test_both_bundles_are_swapped_together_here_and_in_the_workers(tmp_path, bundle_folder):
    further, large, small = (
        build_further(tmp_path / "second"),
        columns(4_000, model="further"),
        columns(1, model="further"),
    )
    with serving(bundle=bundle_folder, further_bundle=further) as served:
        ready(served, 1)
        first = served.bundle()
        assert "+second@" in first
        answers = [json.loads(ask(served.port, body)[2]) for body in (large, small)]
        assert {answer["bundle"] for answer in answers} == {first}
        before = answers[0]["predictions"][0]
        assert before == answers[1]["predictions"][0]
        build_further(further, seed=3)
        served.process.send_signal(signal.SIGHUP)
        wait_for(lambda: served.bundle() != first)
        second = served.bundle()
        after = [json.loads(ask(served.port, body)[2])["predictions"][0] for body in (large, small)]
        assert after[0] == after[1] != before
        build_bundle(further, lines=29)
        served.process.send_signal(signal.SIGHUP)
        wait_for(lambda: 'drp_bundle_swaps_total{outcome="refused"} 1.0' in served.get("/metrics")[1])
        assert served.bundle() == second
        (refusal,) = served.logged(lambda line: line["message"].startswith("bundle refused"))
    assert f"{further}/cell_lines.json: row 29 has id None, in the first bundle 'SIDM00029'" in refusal["reason"]
