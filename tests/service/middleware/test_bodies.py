"""Too large, too many, too busy, not ready: each is refused in words and the next request is answered."""

import asyncio
import threading

import pytest
from starlette.testclient import TestClient

from service.app import create_app
from service.middleware.front import Front
from service.prediction.predictor import Predictor
from service.settings import Settings
from service.state import State

JSON = {"content-type": "application/json"}
GOOD = {"pairs": [{"cell_line": "A549", "drug": "JQ1"}]}


def chunks(size):
    return (b"x" * min(1000, size - start) for start in range(0, size, 1000))


@pytest.mark.parametrize("over", [1, 5_000, 100_000])
@pytest.mark.parametrize("body", [lambda size: b"x" * size, chunks], ids=["declared", "chunked"])
def test_a_body_over_the_limit_is_refused(client_with, over, body):
    client = client_with(max_body_bytes=2_000)
    answer = client.post("/predict", content=body(2_000 + over), headers=JSON)
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")
    assert answer.headers["connection"] == "close"
    assert client.post("/predict", json=GOOD).status_code == 200


@pytest.mark.parametrize("body", [lambda size: b" " * size, chunks], ids=["declared", "chunked"])
def test_a_body_at_the_limit_is_read(client_with, body):
    answer = client_with(max_body_bytes=2_000).post("/predict", content=body(2_000), headers=JSON)
    assert answer.json()["code"] == "malformed_json"


def test_the_limit_holds_for_every_route(client_with):
    answer = client_with(max_body_bytes=10).request("GET", "/health/live", content=b"x" * 11)
    assert answer.status_code == 413


async def send_parts(app, parts, end):
    """Statuses and headers of a request whose body comes in parts and then, after `end`, goes on for ever."""
    answers, coming = [], [{"type": "http.request", "body": part, "more_body": True} for part in parts]

    async def receive():
        if coming:
            return coming.pop(0)
        await end()
        raise AssertionError("never reached")

    async def send(message):
        if message["type"] == "http.response.start":
            answers.append((message["status"], dict(message["headers"])))

    scope = {"type": "http", "method": "POST", "path": "/predict", "query_string": b"", "headers": []}
    await app(scope, receive, send)
    return answers


def front(**settings):
    """The front of an application that is never reached."""
    return Front(None, State(Settings(**settings)), None, None)


@pytest.mark.parametrize("parts", [[b"x" * 50_000], []], ids=["does not end", "does not begin"])
def test_a_body_that_does_not_come_is_refused_after_a_while(parts):
    app = front(body_timeout_s=0.05)
    ((status, headers),) = asyncio.run(send_parts(app, parts, asyncio.Event().wait))
    assert (status, headers[b"connection"]) == (408, b"close")
    assert app.bodies.bytes_held == 0


def test_bodies_that_never_end_hold_no_more_memory_than_the_limit():
    async def run():
        app = front(body_timeout_s=0.3, max_bytes_in_flight=2**20, max_body_bytes=2**20)
        waiting = [send_parts(app, [b"x" * 100_000] * 5, asyncio.Event().wait) for _ in range(6)]
        tasks = [asyncio.create_task(one) for one in waiting]
        await asyncio.sleep(0.1)
        held = app.bodies.bytes_held
        small = await send_parts(app, [b"x" * 1_000], asyncio.Event().wait)
        return held, [answers[0] for answers in await asyncio.gather(*tasks)], small[0][0], app.bodies.bytes_held

    held, answers, small, left = asyncio.run(run())
    assert 2**20 - 100_000 <= held <= 2**20
    assert sorted(status for status, _ in answers) == [408] * 2 + [429] * 4
    assert all(headers[b"retry-after"] == b"1" for status, headers in answers if status == 429)
    assert (small, left) == (408, 0)  # a small one is let in beside them


@pytest.mark.parametrize(
    "body", [{"pairs": [5] * 11}, {"cell_lines": ["A549"] * 11, "drugs": ["JQ1"] * 11}, {"drugs": ["JQ1"] * 11}]
)
def test_too_many_pairs_are_refused_before_they_are_looked_at(client_with, body):
    answer = client_with(max_pairs_per_request=10).post("/predict", json=body)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_many_pairs")


@pytest.mark.parametrize("path", ["/rank/A549", "/drugs/JQ1/cell-lines", "/predict"])
def test_busy_says_when_to_come_again(client_with, path):
    client = client_with(max_pairs_in_flight=100_000, retry_after_s=7)
    with client.app.state.service.admission.hold(100_000):
        answer = client.post(path, json=GOOD) if path == "/predict" else client.get(path)
        assert (answer.status_code, answer.json()["code"]) == (429, "busy")
        assert answer.headers["retry-after"] == "7"
        assert client.get("/health/ready").status_code == 200
    assert client.get("/rank/A549").status_code == 200


def test_the_budget_is_held_while_a_request_runs_and_given_back(client_with, monkeypatch):
    client = client_with()
    admission, entered, leave = client.app.state.service.admission, threading.Event(), threading.Event()
    real = Predictor.rank_drugs

    def slow(*arguments):
        entered.set()
        leave.wait(5)
        return real(*arguments)

    monkeypatch.setattr(Predictor, "rank_drugs", slow)
    asking = threading.Thread(target=client.get, args=("/rank/A549",))
    asking.start()
    assert entered.wait(5)
    assert admission.pairs_in_flight == 12
    leave.set()
    asking.join()
    assert admission.pairs_in_flight == 0


def test_without_a_predictor_only_liveness_and_metrics_answer(settings, predictor):
    client = TestClient(create_app(settings, predictor))  # not entered: the app has not started
    for path in ("/health/ready", "/rank/A549", "/drugs", "/models"):
        answer = client.get(path)
        assert (answer.status_code, answer.json()["code"]) == (503, "not_ready")
        assert "retry-after" in answer.headers
    assert client.get("/health/live").status_code == 200
    assert client.get("/metrics").status_code == 200


def test_draining_refuses_new_requests(client_with):
    client = client_with()
    client.app.state.service.draining = True
    assert client.get("/health/ready").status_code == 503
    assert client.post("/predict", json=GOOD).status_code == 503


def test_the_app_loads_the_bundle_of_its_settings_and_lets_it_go(settings):
    app = create_app(settings)
    with TestClient(app) as client:
        assert client.get("/health/ready").status_code == 200
    assert app.state.service.predictor is None


@pytest.mark.parametrize("body", [lambda size: b"x" * size, chunks], ids=["declared", "chunked"])
def test_tables_have_a_limit_of_their_own(client_with, body):
    client = client_with(max_body_bytes=2_000, max_table_bytes=20_000)
    headers = {"content-type": "multipart/form-data; boundary=x"}
    for size, status in ((19_000, 422), (20_001, 413)):
        assert client.post("/predict/table", content=body(size), headers=headers).status_code == status
    assert client.post("/predict", content=body(19_000), headers=JSON).status_code == 413
