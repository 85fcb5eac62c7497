"""A crowd whose work takes longer than a turn of the loop is refused; one that is gone in a moment is not."""

import asyncio
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.app import create_app
from service.limits.admission import Lane
from service.prediction.predictor import Predictor
from service.settings import Settings

BATCH = {"cell_lines": ["A549"] * 3_000, "drugs": ["JQ1"] * 3_000, "detail": "scores"}


def crowd(lane, count, now_s):
    """So many come at once and leave together; how many got in."""
    entered = sum(lane.enter(now_s) for _ in range(count))
    for _ in range(entered):
        lane.leave(now_s)
    return entered


def test_a_crowd_of_a_moment_gets_in_whole():
    lane = Lane(most=4, burst=64)
    assert crowd(lane, 60, now_s=10) == 60
    assert crowd(lane, 3, now_s=10.01) == 3
    assert crowd(lane, 60, now_s=20) == 60


def test_a_crowd_that_lasts_is_cut_to_the_short_queue():
    lane = Lane(most=4, burst=64)
    entered = [crowd(lane, 20, now_s=10 + i / 100) for i in range(12)]
    assert entered[:5] == [20] * 5
    assert entered[7:] == [4] * 5


def test_calm_opens_the_lane_again():
    lane = Lane(most=4, burst=64)
    assert [crowd(lane, 20, now_s=10 + i / 100) for i in range(8)][-1] == 4
    crowd(lane, 2, now_s=10.1)
    assert crowd(lane, 20, now_s=10.11) == 20  # a calm turn lies between
    assert [crowd(lane, 20, now_s=11 + i / 100) for i in range(8)][-1] == 4
    assert crowd(lane, 20, now_s=12) == 20  # a pause does as well


def test_no_moment_lets_more_in_than_the_burst():
    assert crowd(Lane(most=4, burst=64), 1000, now_s=0) == 64


@given(st.lists(st.tuples(st.booleans(), st.floats(0, 0.1)), max_size=200))
def test_what_enters_leaves_and_the_limits_hold(steps):
    lane, now_s, inside = Lane(most=2, burst=5), 0.0, 0
    for comes, wait_s in steps:
        now_s += wait_s
        if comes:
            inside += lane.enter(now_s)
        elif inside:
            lane.leave(now_s)
            inside -= 1
        assert lane.inside == inside <= 5


async def ask(app, path="/rank/A549", count=1):
    """So many requests in the same turn of the loop; their statuses."""
    statuses = []

    async def receive():
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message):
        if message["type"] == "http.response.start":
            statuses.append((message["status"], dict(message["headers"])))

    scope = {"type": "http", "http_version": "1.1", "method": "GET", "path": path, "query_string": b"", "headers": []}
    await asyncio.gather(*(app(dict(scope), receive, send) for _ in range(count)))
    return statuses


@pytest.fixture
def app(settings, predictor):
    app = create_app(Settings(**{**settings.model_dump(), "max_requests_in_flight": 3}), predictor)
    app.state.service.open(predictor)
    app.state.service.requests.burst = 3
    return app


def test_health_and_metrics_answer_in_every_crowd(app):
    app.state.service.requests.inside = 99
    for path in ("/health/live", "/health/ready", "/metrics"):
        assert [status for status, _ in asyncio.run(ask(app, path))] == [200]
    ((status, headers),) = asyncio.run(ask(app))
    assert (status, headers[b"retry-after"]) == (429, b"1")


def test_a_failing_request_leaves_the_lane(app, monkeypatch):
    def fail(*_):
        raise ZeroDivisionError

    monkeypatch.setattr(Predictor, "rank_drugs", fail)
    assert [status for status, _ in asyncio.run(ask(app, count=2))] == [500] * 2
    assert app.state.service.requests.inside == 0


def test_batches_are_counted_apart_from_small_requests(client_with, monkeypatch):
    client = client_with(max_batches_in_flight=1)
    entered, leave = threading.Event(), threading.Event()
    real = Predictor.predict

    def slow(predictor, model, cells, drugs, *new):
        if len(cells) == len(BATCH["drugs"]):
            entered.set()
            leave.wait(10)
        return real(predictor, model, cells, drugs, *new)

    monkeypatch.setattr(Predictor, "predict", slow)
    answers = []
    first = threading.Thread(target=lambda: answers.append(client.post("/predict", json=BATCH)))
    first.start()
    assert entered.wait(10)
    second = client.post("/predict", json=BATCH)
    assert (second.status_code, second.json()["code"]) == (429, "busy")
    assert client.get("/rank/A549").status_code == 200
    assert 'drp_requests_in_flight{kind="batch"} 1.0' in client.get("/metrics").text
    leave.set()
    first.join()
    assert answers[0].status_code == 200
    assert client.post("/predict", json=BATCH).status_code == 200
