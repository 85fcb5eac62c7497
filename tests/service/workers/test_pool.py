"""Batches are answered by processes of their own: the same bytes, one budget, no wrong answer when one dies."""

import contextlib
import http.client
import json
import os
import signal
import socket
import threading
import time
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from service.app import create_app
from service.keys import add_key
from service.middleware.concurrency import BATCH_BYTES
from service.settings import Settings
from service.workers.fork_server import NurseryError, workers_wanted
from service.workers.messages import receive, send
from service.workers.pool import Workers
from tests.helpers.service_process import POST, Callers, run, serving

LINES, DRUGS = ["A549", "HT-29"], ["JQ1", "Erlotinib"]


def columns(count, **options):
    lines, drugs = ([names[i % 2] for i in range(count)] for names in (LINES, DRUGS))
    return json.dumps({"cell_lines": lines, "drugs": drugs, **options}).encode()


BATCH = columns(4_000)
SMALL = columns(1)
TABLE = (
    b'--b\r\ncontent-disposition: form-data; name="compounds"; filename="c.csv"\r\n\r\n'
    b"name,smiles\nmine,CCO\n\r\n--b--\r\n"
)
TABLE_TYPE = {"content-type": "multipart/form-data; boundary=b"}


def ask(port, body, path="/predict", headers=POST):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    with contextlib.closing(connection):
        connection.request("POST", path, body, headers)
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read()


def family(pid):
    """The nursery and the workers that it has (Linux)."""
    (nursery,) = children(pid)
    return nursery, children(nursery)


def children(pid):
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def ready(served, count):
    """Wait until so many workers are ready; their processes."""
    end = time.monotonic() + 30
    while f"drp_batch_workers {count}.0" not in served.get("/metrics")[1]:
        assert time.monotonic() < end, f"{count} workers do not come about"
        time.sleep(0.05)
    return family(served.process.pid)[1] if count else []


@pytest.fixture(scope="module")
def served(bundle_folder):
    assert len(BATCH) > BATCH_BYTES
    with serving(bundle=bundle_folder) as process:
        ready(process, 1)
        yield process


@pytest.fixture(scope="module")
def alone(bundle_folder):
    with serving(bundle=bundle_folder, batch_workers=0) as process:
        ready(process, 0)
        yield process


def same(headers):
    return {name: value for name, value in headers.items() if name not in {"date", "x-request-id"}}


@pytest.mark.parametrize(
    ("body", "path", "headers"),
    [
        (BATCH, "/predict", POST),
        (columns(4_000, detail="scores"), "/predict", POST),
        (BATCH[:-1], "/predict", POST),
        (BATCH.replace(b"A549", b"A-nothing"), "/predict", POST),
        (BATCH, "/predict", {"content-type": "text/plain"}),
        (columns(60_000), "/predict", POST),
        (BATCH, "/rank", POST),
        (BATCH, "/nowhere", POST),
        (TABLE, "/predict/table", TABLE_TYPE),
        (TABLE, "/predict/table", TABLE_TYPE | {"accept": "text/csv"}),
        (TABLE.replace(b"CCO", b"C1"), "/predict/table", TABLE_TYPE),
        (TABLE, "/predict/table", TABLE_TYPE | {"accept": "image/png"}),
    ],
)
def test_a_worker_answers_what_the_service_alone_would(served, alone, body, path, headers):
    status, told, content = ask(served.port, body, path, headers)
    assert (status, same(told), content) == (lambda s, t, c: (s, same(t), c))(*ask(alone.port, body, path, headers))


def test_a_workers_answers_are_logged_and_counted_by_the_service(bundle_folder):
    with serving(bundle=bundle_folder) as served:
        ready(served, 1)
        status, headers, _ = ask(served.port, BATCH, headers=POST | {"x-request-id": "mine"})
        assert (status, headers["x-request-id"]) == (200, "mine")
        assert ask(served.port, BATCH.replace(b"A549", b"A-nothing"))[0] == 404
        metrics = served.get("/metrics")[1]
        lines = [line for line in served.log() if line["message"] == "request" and line["method"] == "POST"]
    assert 'drp_pairs_total{route="/predict"} 8000.0' in metrics
    assert 'drp_problems_total{code="unknown_cell_line"} 1.0' in metrics
    assert 'drp_requests_total{method="POST",route="/predict",status="404"} 1.0' in metrics
    assert "drp_pairs_in_flight 0.0" in metrics
    assert (lines[0]["request_id"], lines[0]["route"]) == ("mine", "/predict")
    assert lines[1]["code"] == "unknown_cell_line"


def test_a_key_has_one_allowance_whoever_answers(bundle_folder, tmp_path):
    key = {"x-api-key": add_key(tmp_path / "keys", "clinic")}
    with serving(
        bundle=bundle_folder, keys_file=tmp_path / "keys", key_pairs_per_minute=5_000, metrics="open"
    ) as served:
        ready(served, 1)
        assert ask(served.port, BATCH)[0] == 401
        assert ask(served.port, BATCH, headers=POST | key)[0] == 200
        status, headers, body = ask(served.port, BATCH, headers=POST | key)
        assert (status, json.loads(body)["code"]) == (429, "rate_limited")
        assert int(headers["retry-after"]) > 0
        assert ask(served.port, columns(1_500), headers=POST | key)[0] == 429
        assert ask(served.port, SMALL, headers=POST | key)[0] == 200


def test_a_worker_that_is_killed_while_idle_is_replaced(bundle_folder):
    with serving(bundle=bundle_folder) as served:
        (first,) = ready(served, 1)
        os.kill(first, signal.SIGKILL)
        assert ask(served.port, BATCH)[0] == 200  # by the service itself, or by the next
        while (now := ready(served, 1)) == [first]:
            time.sleep(0.05)
        assert len(now) == 1
        assert ask(served.port, BATCH)[0] == 200


def test_workers_killed_under_load_cost_503_and_never_a_wrong_answer(bundle_folder):
    unlimited = {"max_batches_in_flight": 1000, "max_pairs_in_flight": 10**9}
    with serving(bundle=bundle_folder, batch_workers=2, **unlimited) as served:
        ready(served, 2)
        (expected,) = {json.dumps(json.loads(ask(served.port, BATCH)[2])) for _ in range(3)}
        with Callers(served.port, BATCH, count=4, polite=False) as callers:
            for _ in range(3):
                time.sleep(0.3)
                for worker in family(served.process.pid)[1]:
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(worker, signal.SIGKILL)
            seen = len(callers.answers)
            while len(callers.answers) < seen + 10:
                time.sleep(0.05)
        ready(served, 2)
        assert served.errors() == ""
    assert callers.dropped == []
    assert {status for status, _ in callers.answers} == {200, 503}
    assert {json.dumps(answer) for status, answer in callers.answers if status == 200} == {expected}
    assert {answer["code"] for status, answer in callers.answers if status == 503} == {"not_ready"}


def test_a_worker_that_keeps_silent_is_killed_and_the_batch_is_answered(bundle_folder):
    with serving(bundle=bundle_folder, batch_timeout_s=1) as served:
        (first,) = ready(served, 1)
        expected = ask(served.port, BATCH)
        os.kill(first, signal.SIGSTOP)
        status, _, body = ask(served.port, BATCH)
        assert (status, body) == (200, expected[2])
        while ready(served, 1) == [first]:
            time.sleep(0.05)
        assert not Path(f"/proc/{first}").exists()
        assert any("has not answered in time" in line["message"] for line in served.log())
        assert "drp_pairs_in_flight 0.0" in served.get("/metrics")[1]


def test_metrics_are_the_services_own_whatever_body_comes_with_the_request(served):
    connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=60)
    with contextlib.closing(connection):
        connection.request("GET", "/metrics", BATCH)
        assert "drp_batch_workers 1.0" in connection.getresponse().read().decode()


def test_callers_who_hang_up_within_the_answer_leave_no_trace(bundle_folder):
    head = (
        f"POST /predict HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: {len(BATCH)}\r\n\r\n"
    )
    with serving(bundle=bundle_folder) as served:
        workers = ready(served, 1)
        for _ in range(20):
            with socket.create_connection(("127.0.0.1", served.port)) as caller:
                caller.sendall(head.encode() + BATCH)
                assert caller.recv(100).startswith(b"HTTP/1.1 200")
        assert ask(served.port, BATCH)[0] == 200
        metrics = served.get("/metrics")[1]
        assert ready(served, 1) == workers
        assert [line for line in served.log() if line["level"] != "INFO"] == []
    assert "drp_pairs_in_flight 0.0" in metrics
    assert 'drp_requests_in_flight{kind="batch"} 0.0' in metrics


def test_without_the_process_that_forks_them_the_service_answers_itself(bundle_folder):
    with serving(bundle=bundle_folder) as served:
        ready(served, 1)
        nursery, (worker,) = family(served.process.pid)
        before = ask(served.port, BATCH)
        os.kill(nursery, signal.SIGKILL)
        os.kill(worker, signal.SIGKILL)
        ready(served, 0)
        after = ask(served.port, BATCH)
        assert (after[0], after[2]) == (200, before[2])
        time.sleep(0.5)
        errors = [line["message"] for line in served.log() if line["level"] == "ERROR"]
    assert len(errors) == 1
    assert errors[0].startswith("no more workers")


def test_nobody_outlives_the_service(bundle_folder):
    with serving(bundle=bundle_folder, batch_workers=2) as served:
        ready(served, 2)
        nursery, workers = family(served.process.pid)
        for sig in (
            signal.SIGTERM,
            signal.SIGINT,
            signal.SIGHUP,
        ):  # theirs to ignore: the service says when it is over
            for process in (nursery, *workers):
                os.kill(process, sig)
        assert ask(served.port, BATCH)[0] == 200
        served.stop(signal.SIGKILL)
        end = time.monotonic() + 20
        while any(Path(f"/proc/{process}").exists() for process in (nursery, *workers)):
            assert time.monotonic() < end
            time.sleep(0.05)


def test_small_requests_are_answered_while_a_batch_is(served):
    answers = []
    large = columns(50_000)
    batch = threading.Thread(target=lambda: answers.append(ask(served.port, large)[0]))
    batch.start()
    meanwhile = 0
    while not answers:
        assert ask(served.port, SMALL)[0] in {200, 429}
        meanwhile += not answers
    batch.join()
    assert answers == [200]
    assert meanwhile > 3


def test_workers_share_the_memory_of_the_service(bundle_folder):
    with serving(bundle=bundle_folder, batch_workers=2) as served:
        for worker in ready(served, 2):
            lines = Path(f"/proc/{worker}/smaps_rollup").read_text(encoding="ascii").splitlines()[1:]
            sizes = {line.split(":")[0]: int(line.split()[1]) for line in lines}
            assert sizes["Private_Clean"] + sizes["Private_Dirty"] < sizes["Rss"] / 4


def test_what_cannot_be_forked_is_refused_or_left_out(predictor, bundle_folder):
    assert workers_wanted(Settings(), predictor) == 1
    assert workers_wanted(Settings(batch_workers=3), predictor) == 3
    assert workers_wanted(Settings(intra_op_threads=2), predictor) == 0
    with pytest.raises(NurseryError, match="DRP_INTRA_OP_THREADS is over 1"):
        workers_wanted(Settings(intra_op_threads=2, batch_workers=1), predictor)
    ended = run("service", bundle=bundle_folder, intra_op_threads=2, batch_workers=1)
    assert (ended.returncode, "set it to 0" in ended.stderr) == (1, True)


def test_an_error_in_a_worker_that_nobody_caught_is_500_and_its_traceback_is_logged(settings, predictor, caplog):
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)

    def nursery_with_a_worker_that_fails():
        _, (file,), _, _ = socket.recv_fds(theirs, 1024, 1)
        with socket.socket(fileno=file) as front, contextlib.suppress(EOFError):
            send(front, {"ready": "demo", "pid": 0})
            receive(front)
            send(front, {"failed": "Traceback of the worker"})
            receive(front)

    thread = threading.Thread(target=nursery_with_a_worker_that_fails)
    thread.start()
    app = create_app(settings, predictor, Workers(ours, 1))
    with TestClient(app, raise_server_exceptions=False) as client:
        while "drp_batch_workers 1.0" not in client.get("/metrics").text:
            time.sleep(0.05)
        answer = client.post("/predict", content=BATCH, headers=POST | {"x-request-id": "mine"})
        assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
        assert "mine" in answer.json()["detail"]
        thread.join(10)  # it is let go
        assert not thread.is_alive()
        assert client.post("/predict", content=BATCH, headers=POST).status_code == 200
    theirs.close()
    (record,) = (record for record in caplog.records if record.name == "service.errors")
    assert "Traceback of the worker" in str(record.exc_info[1])
