"""Callers that ask too much, too often or by halves: a polite one beside them gets its right answers all the while."""

import json
import time

import pytest

from tests.helpers.probe import Flood, Probe, connections, http_request, status_of, wait_for
from tests.helpers.service_process import Callers

PAIR = json.dumps({"pairs": [{"cell_line": "A549", "drug": "JQ1"}]}).encode()
MANY = json.dumps({"cell_lines": ["A549"] * 10_000, "drugs": ["JQ1"] * 10_000, "detail": "scores"}).encode()
PIPELINES, DEPTH = 24, 2_000
PIPELINED = http_request("GET", "/rank/A549?k=1") * DEPTH
# The parser reads what has come, some thousand requests a connection, before the first is answered; what it freed the
# allocator keeps. It does not grow from flood to flood, and nginx hands on one request of a connection at a time.
keeps_what_was_parsed = pytest.mark.keeps_mib(200)


@keeps_what_was_parsed
def test_pipelined_requests_do_not_stop_the_loop(attacked):
    with Probe(attacked.port) as probe, Flood(attacked.port, PIPELINES, PIPELINED) as flood:
        time.sleep(2)
        wait_for(lambda: flood.answers > 100 and len(probe.answers) >= 5)
    probe.assert_right()


@keeps_what_was_parsed
@pytest.mark.slow_attack
def test_all_pipelined_requests_are_answered_in_the_end(attacked):
    with Probe(attacked.port) as probe, Flood(attacked.port, PIPELINES, PIPELINED) as flood:
        wait_for(lambda: flood.answers == PIPELINES * DEPTH, patience_s=400)
    probe.assert_right(least=100)


@pytest.mark.parametrize(("body", "seconds"), [(PAIR, 2), pytest.param(MANY, 8, marks=pytest.mark.slow_attack)])
def test_impatient_callers_get_answers_and_do_not_keep_a_polite_one_out(attacked, body, seconds):
    with Probe(attacked.port) as probe, Callers(attacked.port, body, count=64, polite=False) as callers:
        time.sleep(seconds)
    probe.assert_right()
    assert callers.dropped == []
    assert {status for status, _ in callers.answers} <= {200, 429}
    right = {json.dumps(answer) for status, answer in callers.answers if status == 200}
    assert len(right) == 1
    assert {answer["code"] for status, answer in callers.answers if status == 429} <= {"busy"}


@pytest.mark.parametrize("sent", [100_000 - 1, 0], ids=["last byte", "all bytes"])
def test_bodies_that_lack_bytes_are_given_up(attacked, sent):
    whole = http_request("POST", "/predict", b" " * 100_000)
    with Probe(attacked.port) as probe, connections(attacked.port, 60) as waiting:
        for connection in waiting:
            connection.sendall(whole[: len(whole) - 100_000 + sent])
        assert {status_of(connection) for connection in waiting} == {408}
    probe.assert_right()


def test_requests_without_an_end_of_headers_keep_nobody_out(attacked):
    """That they are closed after a while is the edge's to do."""
    with Probe(attacked.port) as probe, connections(attacked.port, 200) as waiting:
        for connection in waiting:
            connection.sendall(http_request("GET", "/health/live")[:-2])
        time.sleep(0.5)
    probe.assert_right()


def test_callers_that_hang_up_in_the_middle_keep_nobody_out(attacked):
    content = http_request("POST", "/predict", MANY)
    with Probe(attacked.port) as probe:
        for cut in range(1, 40):
            with connections(attacked.port, 3) as leaving:
                for connection in leaving:
                    connection.sendall(content[: cut * len(content) // 40])
    probe.assert_right(least=1)
