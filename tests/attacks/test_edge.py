"""What only a proxy can stop, against the edge: slow callers, readers that do not read, floods of headers.

The attackers come from another address than the probe, as they would; limits are the ones that compose sets.
"""

import contextlib
import json
import os
import re
import shutil
import tempfile
import time
from pathlib import Path

import pytest

from benchmarks.process_memory import total_mib
from tests.helpers.edge_process import running
from tests.helpers.probe import Probe, connections, descriptors_of, http_request, status_of, wait_for

BATCH = json.dumps({"cell_lines": ["A549"] * 8_000, "drugs": ["JQ1"] * 8_000}).encode()

if shutil.which("nginx") is None:
    reason = "no nginx here: apt-get install nginx-light"
    if os.environ.get("DRP_REQUIRE_DATA") == "1":
        pytest.fail(reason)
    pytest.skip(reason, allow_module_level=True)


@pytest.fixture(scope="module")
def edge(shared):
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)  # started by root, nginx works as nobody, who may not enter pytest's folders
        process, edge = running(Path(folder), shared.port)
        yield edge
        process.terminate()
        process.wait(10)


def test_floods_of_headers_end_at_the_edge(edge, attacked):
    flood = http_request("GET", "/health/live", headers=[f"x-{i}: y" for i in range(5_000)])
    before = descriptors_of(attacked.process.pid)
    with Probe(edge.port) as probe, connections(edge.port, 20) as flooding:
        for connection in flooding:
            connection.sendall(flood)
        assert {status_of(connection) for connection in flooding} <= {431, None}
        assert descriptors_of(attacked.process.pid) <= before + 5
    probe.assert_right(least=1)


def test_halves_of_requests_never_reach_the_service(edge, attacked):
    before = descriptors_of(attacked.process.pid)
    halves = [http_request("GET", "/health/live")[:-2], http_request("POST", "/predict", BATCH)[:-1]]
    with Probe(edge.port) as probe, connections(edge.port, 200) as waiting:
        for number, connection in enumerate(waiting):
            connection.sendall(halves[number % 2][:4_000])
        time.sleep(1)
        assert descriptors_of(attacked.process.pid) <= before + 5
    probe.assert_right()


@pytest.mark.slow_attack
def test_slow_headers_and_bodies_are_closed_after_ten_seconds_of_silence(edge, attacked):
    halves = [http_request("GET", "/health/live")[:-2], http_request("POST", "/predict", BATCH)[:-1]]
    with Probe(edge.port) as probe, connections(edge.port, 60) as waiting:
        for number, connection in enumerate(waiting):
            connection.sendall(halves[number % 2][:4_000])
        began = time.monotonic()
        assert {status_of(connection) for connection in waiting} <= {408, None}
        assert 8 < time.monotonic() - began < 20
    probe.assert_right()


@pytest.mark.slow_attack
def test_a_byte_now_and_then_holds_nothing_but_a_connection_of_the_edge(edge, attacked):
    """Nothing closes such a caller; an address may have 64 of them, and the service sees none."""
    before = descriptors_of(attacked.process.pid)
    body = http_request("POST", "/predict", BATCH)
    with Probe(edge.port) as probe, connections(edge.port, 60) as dribbling:
        for part in range(15):
            for connection in dribbling:
                connection.sendall(body[part * 50 : part * 50 + 50])
            time.sleep(1)
        assert descriptors_of(attacked.process.pid) <= before + 5
    probe.assert_right()


@pytest.mark.keeps_mib(200)  # one answer of 30,000 pairs takes so much
@pytest.mark.parametrize(("count", "pairs"), [(8, 20_000), pytest.param(16, 30_000, marks=pytest.mark.slow_attack)])
def test_answers_that_nobody_reads_wait_at_the_edge(edge, attacked, count, pairs):
    pid, mib = attacked.process.pid, 30
    body = json.dumps({"cell_lines": ["A549"] * pairs, "drugs": ["JQ1"] * pairs}).encode()
    request = http_request("POST", "/predict", body)
    assert edge.request("POST", "/predict", body)[0] == 200
    memory = total_mib(pid)
    with Probe(edge.port) as probe, contextlib.ExitStack() as stack:
        for _ in range(count):  # each connects when it asks: the edge closes those that are silent for 10 s
            (deaf,) = stack.enter_context(connections(edge.port, 1, receive_bytes=4_096))
            before = answered(attacked)
            deaf.sendall(request)
            wait_for(lambda: answered(attacked) != before)  # noqa: B023 -- at once
            assert answered(attacked) == before | {"200": before["200"] + 1}
            head = deaf.makefile("rb")
            assert head.readline().split()[1] == b"200"
            (length,) = [int(line.split()[1]) for line in iter(head.readline, b"\r\n") if b"Content-Length" in line]
            assert count * length > mib * 2**20
        wait_for(lambda: total_mib(pid) < memory + mib, patience_s=15)
    probe.assert_right()


def answered(served):
    """How many POSTs the service has answered, by status."""
    pattern = r'^drp_requests_total\{method="POST",.*status="(\d+)"\} (\S+)$'
    rows = re.findall(pattern, served.get("/metrics")[1], re.MULTILINE)
    return {status: float(count) for status, count in rows}
