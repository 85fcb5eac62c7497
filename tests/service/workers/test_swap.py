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
from tests.helpers.demo_bundle import build_bundle, point
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
        (said,) = {line["message"] for line in served.log() if line["level"] == "ERROR"}
        served.process.send_signal(signal.SIGHUP)
        wait_for(lambda: served.bundle() != served_first)
        assert f"but {served_first} is served; SIGHUP takes what is there" in said
        assert {json.loads(ask(served.port, body)[2])["bundle"] for body in (BATCH, SMALL)} == {served.bundle()}
