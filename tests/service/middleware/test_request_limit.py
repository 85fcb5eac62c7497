"""Requests that meet are limited; those that the loop answers one after the other never meet."""

import asyncio

import pytest

from service.app import create_app
from service.prediction.predictor import Predictor
from service.settings import Settings


async def ask(app, path="/rank/A549", count=1):
    """So many requests in the same turn of the loop; their statuses and headers."""
    answers = []

    async def receive():
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message):
        if message["type"] == "http.response.start":
            answers.append((message["status"], dict(message["headers"])))

    scope = {"type": "http", "http_version": "1.1", "method": "GET", "path": path, "query_string": b"", "headers": []}
    await asyncio.gather(*(app(dict(scope), receive, send) for _ in range(count)))
    return answers


@pytest.fixture
def app(settings, predictor):
    app = create_app(Settings(**{**settings.model_dump(), "max_requests_in_flight": 3}), predictor)
    app.state.service.open(predictor)
    return app


def test_a_crowd_that_the_loop_answers_in_turn_is_answered_whole(app):
    assert [status for status, _ in asyncio.run(ask(app, count=50))] == [200] * 50


def test_a_crowd_whose_work_goes_on_elsewhere_is_cut_to_the_limit(app, monkeypatch):
    monkeypatch.setattr("service.routes.threads.PAIRS_ON_THE_LOOP", 0)
    answers = asyncio.run(ask(app, count=10))
    assert sorted(status for status, _ in answers) == [200] * 3 + [429] * 7
    assert all(headers[b"retry-after"] == b"1" for status, headers in answers if status == 429)
    assert app.state.service.in_flight == {"request": 0, "operation": 0}


def test_health_and_metrics_answer_in_every_crowd(app):
    app.state.service.in_flight["request"] = 99
    for path in ("/health/live", "/health/ready", "/metrics"):
        assert [status for status, _ in asyncio.run(ask(app, path))] == [200]
    assert [status for status, _ in asyncio.run(ask(app))] == [429]


def test_health_and_metrics_have_a_limit_of_their_own(app):
    app.state.service.in_flight["operation"] = 3
    assert [status for status, _ in asyncio.run(ask(app, "/metrics"))] == [429]
    assert [status for status, _ in asyncio.run(ask(app))] == [200]


def test_a_failing_request_leaves(app, monkeypatch):
    def fail(*_):
        raise ZeroDivisionError

    monkeypatch.setattr(Predictor, "rank_drugs", fail)
    assert [status for status, _ in asyncio.run(ask(app, count=2))] == [500] * 2
    assert app.state.service.in_flight["request"] == 0
