"""Which requests workers answer, how much of the budget they take, and what is answered where a worker is lost."""

import asyncio
import json
import pickle
import signal
from concurrent.futures.process import BrokenProcessPool
from contextlib import nullcontext
from itertools import takewhile
from pathlib import Path

import pytest
from pebble import ProcessExpired
from starlette.testclient import TestClient

from service.app import create_app
from service.scope import LARGE_BYTES, NOTES, Notes, body_messages, portable
from service.workers.dispatch import BATCH_BYTES, is_for_workers
from service.workers.pool import NoWorkerError, Workers

COMPOUND = json.dumps({"compound": "CCO"}).encode()
BATCH = json.dumps({"cell_lines": ["A549"] * 3_000, "drugs": ["JQ1"] * 3_000}).encode()


def scope_of(body=b"", path="/predict", content_type=b"application/json"):
    return {"path": path, "headers": [(b"content-type", content_type)], NOTES: Notes(body=body)}


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        (scope_of(b'{"pairs": []}'), False),
        (scope_of(b"x" * BATCH_BYTES), False),
        (scope_of(b"x" * (BATCH_BYTES + 1)), True),
        (scope_of(b'{"compounds": {}}'), True),
        (scope_of(COMPOUND, path="/rank"), True),
        (scope_of(rb'{"\u0063ompound": "C"}', path="/rank"), True),
        (scope_of(b'{"samples": {}}'), True),
        (scope_of(b'{"sample": {}}', path="/rank"), True),
        (scope_of(path="/genes"), True),
        (scope_of(b"{}", path="/genes"), True),
        (scope_of(b"{}", path="/drugs/1/structure.svg"), True),
        (scope_of(path="/predict/table"), True),
        (scope_of(b"--b--", path="/other", content_type=b"Multipart/Form-Data; boundary=b"), True),
        (scope_of(path="/rank/A549"), False),
        (scope_of(b"x" * (BATCH_BYTES + 1), path="/health/ready"), False),
        (scope_of(COMPOUND, path="/metrics"), False),
    ],
)
def test_what_is_long_or_needs_samples_or_compounds_to_be_read_goes_to_workers(scope, expected):
    assert is_for_workers(scope) == expected


def handed_over(scope):
    """A scope as a worker gets it, and the messages that it reads there."""

    async def hand_over():
        async with portable(scope | {"app": lambda: None, "router": object(), "state": {}}) as handed:
            notes = handed[NOTES]
            messages = list(takewhile(lambda one: one["type"] == "http.request", body_messages(notes)))
            return pickle.loads(pickle.dumps(handed)), messages  # noqa: S301 -- its own bytes

    return asyncio.run(hand_over())


def test_what_a_worker_is_handed_of_a_request_can_be_pickled():
    scope = scope_of(COMPOUND)
    handed, messages = handed_over(scope)
    assert handed == scope
    assert messages == [{"type": "http.request", "body": COMPOUND, "more_body": False}]


def test_a_large_body_is_handed_over_as_a_file_that_does_not_stay():
    body = bytes(range(256)) * (LARGE_BYTES // 256) + b"and more"
    handed, messages = handed_over(scope_of(body))
    assert b"".join(one["body"] for one in messages) == body
    assert [one["more_body"] for one in messages] == [True] * (len(messages) - 1) + [False]
    assert handed[NOTES].body == b""
    assert not Path(handed[NOTES].body_path).exists()


def test_a_large_body_goes_through_the_pipe_where_no_file_has_room(monkeypatch):
    body = b"x" * (LARGE_BYTES + 1)
    with Path("/dev/full").open("wb", buffering=0) as full:
        monkeypatch.setattr("service.scope.NamedTemporaryFile", lambda **_: full)
        handed, messages = handed_over(scope_of(body))
    assert (handed[NOTES].body, handed[NOTES].body_path) == (body, None)
    assert messages == [{"type": "http.request", "body": body, "more_body": False}]


def test_a_large_body_goes_through_the_pipe_where_no_file_can_be_made(monkeypatch):
    def none_left(**_):
        raise OSError(24, "Too many open files")

    monkeypatch.setattr("service.scope.NamedTemporaryFile", none_left)
    body = b"x" * (LARGE_BYTES + 1)
    assert handed_over(scope_of(body))[0][NOTES].body == body


def lost(exit_code):
    """What pebble raises where the process of a task ends."""
    return ProcessExpired("Abnormal termination", code=exit_code)


class LostWorkers(Workers):
    """Workers that raise instead of answering."""

    def __init__(self, settings, fault):
        super().__init__(settings)
        self.fault = fault

    def at_work(self, version):
        return nullcontext()

    async def answer(self, scope, allowance):
        raise self.fault


@pytest.mark.parametrize(
    ("fault", "body", "status", "code"),
    [
        (lost(-signal.SIGSEGV), COMPOUND, 422, "too_complex"),
        (lost(-signal.SIGABRT), COMPOUND, 422, "too_complex"),
        (lost(-signal.SIGKILL), COMPOUND, 503, "not_ready"),
        (BrokenProcessPool(), COMPOUND, 503, "not_ready"),
        (NoWorkerError(), COMPOUND, 503, "not_ready"),
        (lost(-signal.SIGSEGV), BATCH, 503, "not_ready"),
        (TimeoutError(), COMPOUND, 422, "too_complex"),
        (TimeoutError(), BATCH, 503, "timed_out"),
        (RuntimeError("Traceback of the worker"), BATCH, 500, "internal_error"),
    ],
)
def test_a_lost_worker_is_told_in_words(settings, predictor, caplog, fault, body, status, code):
    app = create_app(settings, predictor, LostWorkers(settings, fault))
    with TestClient(app, raise_server_exceptions=False) as client:
        answer = client.post("/rank", content=body, headers={"content-type": "application/json"})
        assert (answer.status_code, answer.json()["code"]) == (status, code)
        assert ("retry-after" in answer.headers) == (status == 503)
        assert client.get("/rank/A549").status_code == 200
        assert app.state.service.admission.pairs_in_flight == 0
    logged = [str(record.exc_info[1]) for record in caplog.records if record.name == "service.errors"]
    assert logged == ([str(fault)] if status == 500 else [])


class SlowWorkers(LostWorkers):
    """Workers that answer once they are let go."""

    async def answer(self, scope, allowance):
        await self.fault.wait()
        return [{"type": "http.response.start", "status": 200, "headers": []}, {"type": "http.response.body"}], Notes()


async def ask(app, path, body=b"", count=1):
    """Statuses and headers of so many requests in one turn of the loop."""

    async def one():
        coming, begun = [{"type": "http.request", "body": body, "more_body": False}], []

        async def receive():
            return coming.pop() if coming else await asyncio.Event().wait()

        async def send(message):
            if message["type"] == "http.response.start":
                begun.append((message["status"], dict(message["headers"])))

        method = "POST" if body else "GET"
        scope = {"type": "http", "http_version": "1.1", "method": method, "path": path, "query_string": b""}
        await app({**scope, "headers": [(b"content-type", b"application/json")]}, receive, send)
        return begun[0]

    return await asyncio.gather(*(one() for _ in range(count)))


def test_a_crowd_of_long_work_is_cut_to_the_limit_and_keeps_no_small_request_out(settings, predictor):
    async def run():
        leave = asyncio.Event()
        workers = SlowWorkers(settings, leave)
        app = create_app(settings.model_copy(update={"max_requests_in_flight": 3}), predictor, workers)
        app.state.service.open(predictor)
        crowd = asyncio.ensure_future(ask(app, "/rank", COMPOUND, count=10))
        await asyncio.sleep(0.1)
        small = [
            await ask(app, path, count=50) for path in ("/rank/A549", "/health/live", "/health/ready", "/metrics")
        ]
        leave.set()
        return await crowd, small, app.state.service.admission

    crowd, small, admission = asyncio.run(run())
    assert sorted(status for status, _ in crowd) == [200] * 3 + [429] * 7
    assert all(headers[b"retry-after"] == b"1" for status, headers in crowd if status == 429)
    assert {status for answers in small for status, _ in answers} == {200}
    assert (admission.requests_in_flight, admission.pairs_in_flight) == (0, 0)
