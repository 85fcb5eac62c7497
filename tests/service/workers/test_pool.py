"""Workers answer long work and compounds: the same bytes, one budget, no wrong answer when one dies."""

import asyncio
import contextlib
import http.client
import json
import multiprocessing
import os
import signal
import socket
import threading
import time
from pathlib import Path

import pytest

from model.bundle.manifest import BundleError
from service.keys import add_key
from service.settings import Settings
from service.workers.dispatch import BATCH_BYTES
from service.workers.pool import Workers
from tests.helpers.service_process import POST, Callers, descendants_of, serving, workers_of
from tests.helpers.worker_requests import ask, columns, ready, replaced

BATCH = columns(4_000)
SMALL = columns(1)
COMPOUND = json.dumps({"compound": "CCO", "k": 3}).encode()
PAIR_OF_A_COMPOUND = json.dumps(
    {"pairs": [{"cell_line": "A549", "drug": "mine"}], "compounds": {"mine": "CCO"}}
).encode()
TABLE = (
    b'--b\r\ncontent-disposition: form-data; name="compounds"; filename="c.csv"\r\n\r\n'
    b"name,smiles\nmine,CCO\n\r\n--b--\r\n"
)
TABLE_TYPE = {"content-type": "multipart/form-data; boundary=b"}


@pytest.fixture(scope="module")
def served(bundle_folder):
    assert len(BATCH) > BATCH_BYTES
    with serving(bundle=bundle_folder) as process:
        yield process


def stable(headers):
    return {name.lower(): value for name, value in headers.items() if name.lower() not in {"date", "x-request-id"}}


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
        (COMPOUND, "/rank", POST),
        (COMPOUND.replace(b"CCO", b"C1"), "/rank", POST),
        (COMPOUND.replace(b"compound", rb"\u0063ompound"), "/rank", POST),
        (PAIR_OF_A_COMPOUND, "/predict", POST),
        (PAIR_OF_A_COMPOUND, "/predict?x=%C3%A4", POST),
        (TABLE, "/predict/table", TABLE_TYPE),
        (TABLE, "/predict/table", TABLE_TYPE | {"accept": "text/csv"}),
        (TABLE.replace(b"CCO", b"C1"), "/predict/table", TABLE_TYPE),
        (TABLE, "/predict/table", TABLE_TYPE | {"accept": "image/png"}),
    ],
)
def test_a_worker_answers_what_one_process_alone_would(served, client, body, path, headers):
    status, found, content = ask(served.port, body, path, headers)
    alone = client.post(path, content=body, headers=headers)
    assert (status, stable(found), content) == (alone.status_code, stable(alone.headers), alone.content)


def test_chemistry_is_imported_by_workers_alone(served):
    for body, path in ((COMPOUND, "/rank"), (PAIR_OF_A_COMPOUND, "/predict")):
        assert ask(served.port, body, path)[0] == 200
    (worker,) = ready(served, 1)
    assert "rdkit" in Path(f"/proc/{worker}/maps").read_text()
    assert "rdkit" not in Path(f"/proc/{served.process.pid}/maps").read_text()


@pytest.mark.parametrize("chemistry", ["false", "true"])
def test_the_process_that_workers_are_forked_from_has_one_thread(bundle_folder, chemistry):
    with serving(bundle=bundle_folder, preload_chemistry=chemistry) as served:
        (worker,) = ready(served, 1)
        parent = int(Path(f"/proc/{worker}/stat").read_text().rpartition(")")[2].split()[1])
        assert parent != served.process.pid
        threads = [task.joinpath("comm").read_text().strip() for task in Path(f"/proc/{parent}/task").iterdir()]
        # pandas brings in pyarrow where that is installed, as the service does not; its allocator minds forks.
        assert len([name for name in threads if name != "jemalloc_bg_thd"]) == 1
        assert ("rdkit" in Path(f"/proc/{parent}/maps").read_text()) == (chemistry == "true")
        assert "rdkit" not in Path(f"/proc/{served.process.pid}/maps").read_text()


def test_a_workers_answers_are_logged_and_counted_by_the_service(bundle_folder):
    with serving(bundle=bundle_folder) as served:
        status, headers, _ = ask(served.port, BATCH, headers=POST | {"x-request-id": "mine"})
        assert (status, headers["x-request-id"]) == (200, "mine")
        assert ask(served.port, BATCH.replace(b"A549", b"A-nothing"))[0] == 404
        metrics = served.get("/metrics")[1]
        lines = served.logged(lambda line: line["message"] == "request" and line["method"] == "POST", 2)
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
        assert ask(served.port, BATCH)[0] == 401
        assert ask(served.port, BATCH, headers=POST | key)[0] == 200
        status, headers, body = ask(served.port, BATCH, headers=POST | key)
        assert (status, json.loads(body)["code"]) == (429, "rate_limited")
        assert int(headers["retry-after"]) > 0
        assert ask(served.port, columns(1_500), headers=POST | key)[0] == 429
        assert ask(served.port, SMALL, headers=POST | key)[0] == 200
        assert 'drp_pairs_total{route="/predict"} 4001.0' in served.get("/metrics")[1]


def test_workers_that_cannot_load_their_bundle_say_why_and_leave_no_process(tmp_path):
    workers = Workers(Settings(bundle=tmp_path, preload_chemistry=False))
    with pytest.raises(BundleError, match=r"manifest\.json"):
        asyncio.run(workers.swap("any"))
    assert multiprocessing.active_children() == []


def test_a_worker_that_is_killed_while_idle_is_replaced(served):
    first = ready(served, 1)
    os.kill(first[0], signal.SIGKILL)
    assert ask(served.port, BATCH)[0] == 200
    replaced(served, first)
    assert ask(served.port, BATCH)[0] == 200


def test_an_idle_worker_is_replaced_before_anybody_asks_for_it(served):
    first = ready(served, 1)
    os.kill(first[0], signal.SIGKILL)
    replaced(served, first)


def test_workers_killed_under_load_cost_503_and_never_a_wrong_answer(bundle_folder):
    with serving(bundle=bundle_folder, batch_workers=2, max_pairs_in_flight=10**9) as served:
        ready(served, 2)
        (expected,) = {json.dumps(json.loads(ask(served.port, BATCH)[2])) for _ in range(3)}
        with Callers(served.port, BATCH, count=4, polite=False) as callers:
            for _ in range(3):
                time.sleep(0.5)
                for worker in workers_of(served.process.pid):
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(worker, signal.SIGKILL)
            seen = len(callers.answers)
            while len(callers.answers) < seen + 10:
                time.sleep(0.05)
        ready(served, 2)
        assert served.errors() == ""
    assert callers.dropped == []
    assert {status for status, _ in callers.answers} <= {200, 503}
    assert {json.dumps(answer) for status, answer in callers.answers if status == 200} == {expected}
    assert {answer["code"] for status, answer in callers.answers if status == 503} <= {"not_ready"}


@pytest.mark.parametrize(
    ("body", "status", "code"), [(BATCH, 503, "timed_out"), (PAIR_OF_A_COMPOUND, 422, "too_complex")]
)
def test_a_worker_that_keeps_silent_costs_its_own_caller_alone(bundle_folder, body, status, code):
    with serving(bundle=bundle_folder, request_timeout_s=1) as served:
        first = ready(served, 1)
        os.kill(first[0], signal.SIGSTOP)
        started = time.monotonic()
        found, headers, content = ask(served.port, body)
        assert time.monotonic() - started < 3
        assert (found, json.loads(content)["code"]) == (status, code)
        assert ("retry-after" in headers) == (status == 503)
        replaced(served, first)
        assert not Path(f"/proc/{first[0]}").exists()
        assert ask(served.port, BATCH)[0] == 200
        assert served.logged(lambda line: "too slow" in line["message"])
        assert "drp_pairs_in_flight 0.0" in served.get("/metrics")[1]


def test_metrics_are_the_services_own_whatever_body_comes_with_the_request(served):
    connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=60)
    with contextlib.closing(connection):
        connection.request("GET", "/metrics", BATCH)
        assert "drp_batch_workers 1.0" in connection.getresponse().read().decode()


def hang_up(port, body, after=b""):
    """Send a request and close the connection, once the answer begins where `after` says how."""
    head = (
        f"POST /predict HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", port)) as caller:
        caller.sendall(head.encode() + body)
        if after:
            assert caller.recv(100).startswith(after)


def test_callers_who_hang_up_leave_no_trace(bundle_folder):
    with serving(bundle=bundle_folder) as served:
        workers = ready(served, 1)
        for _ in range(20):
            hang_up(served.port, BATCH, after=b"HTTP/1.1 200")
            hang_up(served.port, BATCH)
        assert ask(served.port, BATCH)[0] == 200
        metrics = served.get("/metrics")[1]
        assert ready(served, 1) == workers
        served.stop()
        assert [line for line in served.log() if line["level"] != "INFO"] == []
    assert "drp_pairs_in_flight 0.0" in metrics
    assert "drp_requests_in_flight 0.0" in metrics


def test_a_caller_who_hangs_up_ends_work_that_takes_long(served):
    first = ready(served, 1)
    os.kill(first[0], signal.SIGSTOP)
    hang_up(served.port, BATCH)
    replaced(served, first)
    assert ask(served.port, BATCH)[0] == 200


def test_the_process_that_forks_may_be_killed_with_its_workers(served):
    first = ready(served, 1)
    parent = int(Path(f"/proc/{first[0]}/stat").read_text().rpartition(")")[2].split()[1])
    before = ask(served.port, BATCH)
    os.kill(parent, signal.SIGKILL)
    os.kill(first[0], signal.SIGKILL)
    replaced(served, first)
    after = ask(served.port, BATCH)
    assert (after[0], after[2]) == (200, before[2])


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGKILL])
def test_nobody_outlives_the_service(bundle_folder, stop):
    with serving(bundle=bundle_folder, batch_workers=2) as served:
        ready(served, 2)
        family = descendants_of(served.process.pid)
        assert len(family) >= 3
        for worker in workers_of(served.process.pid):
            for sig in (signal.SIGINT, signal.SIGHUP):  # the service's to heed
                os.kill(worker, sig)
        assert ask(served.port, BATCH)[0] == 200
        served.stop(stop)
        end = time.monotonic() + 20
        while any(Path(f"/proc/{process}").exists() for process in family):
            assert time.monotonic() < end
            time.sleep(0.05)


def test_small_requests_are_answered_while_a_batch_is(served):
    answers = []
    large = columns(50_000)
    batch = threading.Thread(target=lambda: answers.append(ask(served.port, large)[0]))
    batch.start()
    meanwhile = 0
    while not answers:
        assert ask(served.port, SMALL)[0] == 200
        meanwhile += not answers
    batch.join()
    assert answers == [200]
    assert meanwhile > 3


def test_work_that_a_stop_cuts_off_gets_its_503(bundle_folder):
    with serving(bundle=bundle_folder, drain_s=0, shutdown_timeout_s=1) as served:
        (worker,) = ready(served, 1)
        os.kill(worker, signal.SIGSTOP)
        answers = []
        caller = threading.Thread(target=lambda: answers.append(ask(served.port, BATCH)))
        caller.start()
        while "drp_requests_in_flight 1.0" not in served.get("/metrics")[1]:
            time.sleep(0.05)
        served.stop()
        caller.join()
    ((status, headers, body),) = answers
    assert (status, headers["content-type"]) == (503, "application/problem+json")
    assert json.loads(body)["code"] == "not_ready"
    assert not Path(f"/proc/{worker}").exists()
