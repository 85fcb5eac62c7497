"""One demo bundle, one loaded predictor and one client for the whole run: loading is what costs."""

import logging
import os

import pytest
from starlette.testclient import TestClient

from service.app import create_app
from service.logs import JsonLines, ThreadedHandler
from service.prediction.predictor import Predictor
from service.settings import Settings


@pytest.fixture(scope="session")
def settings(bundle_folder):
    return Settings(bundle=bundle_folder)


@pytest.fixture(scope="session")
def predictor(settings):
    return Predictor.load(settings)


@pytest.fixture(scope="session")
def client(settings, predictor):
    with TestClient(create_app(settings, predictor)) as client:
        yield client


@pytest.fixture
def client_with(settings, predictor):
    """A client of an app with other settings: client_with(max_body_bytes=10)."""
    clients = []

    def make(**changes):
        client = TestClient(create_app(Settings(**{**settings.model_dump(), **changes}), predictor))
        clients.append(client)
        return client.__enter__()

    yield make
    for client in clients:
        client.__exit__(None, None, None)


@pytest.fixture
def access_log(caplog):
    """Lines of the access log of apps that are made from here on."""
    reading, writing = os.pipe()
    handler = ThreadedHandler(writing)
    handler.setFormatter(JsonLines())
    logging.getLogger().addHandler(handler)
    caplog.set_level(logging.INFO, "service.access")

    def lines():
        handler.flush()
        return [line for line in os.read(reading, 2**20).decode().split("\n") if '"service.access"' in line]

    yield lines
    logging.getLogger().removeHandler(handler)
    os.close(writing)
    os.close(reading)
