"""The edge's nginx in front of the real service: what it refuses is a problem, what the service says passes."""

import json
import os
import shutil
import socket
import ssl
import subprocess
import time
from pathlib import Path

import pytest

from tests.helpers.edge_process import Edge, running
from tests.helpers.service_process import free_port, serving

PAIR = json.dumps({"pairs": [{"cell_line": "A549", "drug": "JQ1"}]}).encode()
PROBLEM = "application/problem+json"

if shutil.which("nginx") is None:
    reason = "no nginx here: apt-get install nginx-light"
    if os.environ.get("DRP_REQUIRE_DATA") == "1":
        pytest.fail(reason)
    pytest.skip(reason, allow_module_level=True)


@pytest.fixture(scope="module")
def service(bundle_folder):
    with serving(bundle=bundle_folder) as server:
        yield server


@pytest.fixture
def edge_with(service, tmp_path):
    processes = []

    def start(tls=None, port=None, **settings):
        folder = tmp_path / str(len(processes))
        folder.mkdir()
        process, edge = running(folder, port or service.port, tls, **settings)
        processes.append(process)
        return edge

    yield start
    for process in processes:
        process.terminate()
        process.wait(10)


def problem(answer, status, code):
    found, headers, body = answer
    assert (found, headers["content-type"]) == (status, PROBLEM), body
    said = json.loads(body)
    assert said.keys() == {"type", "title", "status", "code", "detail", "errors"}
    assert (said["status"], said["code"]) == (status, code)
    return headers


def test_the_services_answers_and_problems_pass_unchanged(edge_with):
    edge = edge_with()
    status, headers, body = edge.request("POST", "/predict", PAIR, ["x-request-id: mine"])
    assert status == 200
    assert json.loads(body)["predictions"][0]["drug"]["name"] == "JQ1"
    assert headers["x-request-id"] == "mine"
    assert headers["content-security-policy"].startswith("default-src 'none'")
    problem(edge.request("GET", "/rank/nobody"), 404, "unknown_cell_line")


def test_a_body_survives_an_offer_to_upgrade(edge_with):
    offer = ["connection: upgrade, http2-settings", "upgrade: h2c", "http2-settings: AAMAAABkAAQAAP__"]
    lines = ["POST /predict HTTP/1.1", "host: edge", *offer, f"content-length: {len(PAIR)}"]
    text = "\r\n".join([*lines, "content-type: application/json", "", ""])
    status, _, body = edge_with().sent(text.encode() + PAIR)
    assert status == 200
    assert json.loads(body)["predictions"][0]["drug"]["name"] == "JQ1"


HEADERS_TOO_LARGE = {
    "one long header": ["x: " + "a" * 9_000],
    "many headers": [f"x-{i}: y" for i in range(5_000)],
    "long cookies": [f"cookie-{i}: {'a' * 7_000}" for i in range(6)],
}


@pytest.mark.parametrize("headers", HEADERS_TOO_LARGE.values(), ids=HEADERS_TOO_LARGE)
def test_floods_of_headers_are_refused(edge_with, headers):
    problem(edge_with().request("GET", "/health/live", headers=headers), 431, "headers_too_large")


@pytest.mark.parametrize("text", [b"GARBAGE\r\n\r\n", b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\r\n\r\n"])
def test_what_is_no_http_gets_a_problem(edge_with, text):
    problem(edge_with().sent(text), 400, "bad_request")


def test_a_body_over_the_limit_is_refused_before_the_service_sees_it(edge_with):
    answer = edge_with(max_body_bytes=1_000).request("POST", "/predict", b" " * 1_001)
    problem(answer, 413, "body_too_large")
    problem(edge_with().request("GET", "/" + "a" * 9_000), 414, "uri_too_long")


def test_more_requests_than_one_address_may_send_get_429(edge_with):
    edge = edge_with(requests_per_s=1, burst=3)
    answers = [edge.request("GET", "/health/live") for _ in range(8)]
    assert [status for status, _, _ in answers[:4]] == [200] * 4
    assert problem(answers[-1], 429, "busy")["retry-after"] == "1"


def test_more_connections_than_one_address_may_hold_get_429(edge_with):
    edge = edge_with(connections=2)
    half = b"POST /predict HTTP/1.1\r\nhost: edge\r\ncontent-length: 10\r\n\r\n{"
    with socket.create_connection(("127.0.0.1", edge.port)) as one, socket.create_connection(one.getpeername()) as two:
        one.sendall(half)
        two.sendall(half)
        time.sleep(0.2)
        problem(edge.request("GET", "/health/live"), 429, "busy")
    deadline = time.monotonic() + 5
    while (answer := edge.request("GET", "/health/live"))[0] != 200:
        assert time.monotonic() < deadline, answer
        time.sleep(0.1)


def test_callers_that_send_a_byte_and_wait_never_reach_the_service(edge_with, service):
    edge = edge_with(connections=100)
    half = b"POST /predict HTTP/1.1\r\nhost: edge\r\ncontent-type: application/json\r\ncontent-length: 4000\r\n\r\n{"
    waiting = [socket.create_connection(("127.0.0.1", edge.port)) for _ in range(60)]
    try:
        for connection in waiting:
            connection.sendall(half)
        status, _, _ = edge.request("POST", "/predict", PAIR)
        held = [line for line in connections_to(service.port) if line == "ESTABLISHED"]
        assert status == 200
        assert len(held) < 10
    finally:
        for connection in waiting:
            connection.close()


def connections_to(port):
    """States of the TCP connections whose local port this is."""
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return ["ESTABLISHED" if row[3] == "01" else row[3] for row in rows if int(row[1].split(":")[1], 16) == port]


def test_a_service_that_is_not_there_is_said_to_be_away(edge_with):
    headers = problem(edge_with(port=free_port()).request("GET", "/health/live"), 503, "not_ready")
    assert headers["retry-after"] == "1"


def test_certificates_that_are_mounted_turn_tls_on(edge_with, tmp_path):
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=localhost"]
    command += ["-addext", "subjectAltName=DNS:localhost", "-keyout", "tls.key", "-out", "tls.crt"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    trusting = ssl.create_default_context(cafile=tmp_path / "tls.crt")
    edge = edge_with(tls=trusting, tls_dir=tmp_path)
    assert edge.request("POST", "/predict", PAIR)[0] == 200
    problem(Edge(edge.port, None).request("GET", "/health/live"), 400, "bad_request")


@pytest.mark.parametrize(
    ("settings", "words"),
    [({"burst": "many"}, "EDGE_BURST=many"), ({"max_body_bytes": "0"}, "EDGE_MAX_BODY_BYTES=0")],
)
def test_a_setting_that_is_no_number_is_named(service, tmp_path, settings, words):
    with pytest.raises(AssertionError, match=words):
        running(tmp_path, service.port, **settings)
