"""What a swap leaves behind: nothing of the old bundle, and nothing for the garbage collector to look through."""

import gc
import weakref

from starlette.testclient import TestClient

from service.app import create_app
from service.prediction.predictor import Predictor
from service.workers.swap import settle_memory


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
