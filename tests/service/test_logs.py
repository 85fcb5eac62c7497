"""Log lines leave through a thread: in order and whole, and dropped where nobody reads them."""

import json
import logging
import os
import signal
import subprocess
import sys
import time
from urllib.request import urlopen

import pytest

from service.logs import JsonLines, ThreadedHandler
from tests.helpers.service_process import environment, free_port, wait_until_ready


def record(number):
    return logging.LogRecord("test", logging.INFO, __file__, 1, "line %d", (number,), None)


@pytest.fixture
def pipe():
    reading, writing = os.pipe()
    yield reading, writing
    os.close(writing)


def test_lines_come_in_order_and_whole(pipe):
    reading, writing = pipe
    handler = ThreadedHandler(writing)
    handler.setFormatter(JsonLines())
    for number in range(300):
        handler.emit(record(number))
    handler.flush()
    lines = os.read(reading, 2**20).decode().splitlines()
    os.close(reading)
    assert [json.loads(line)["message"] for line in lines] == [f"line {number}" for number in range(300)]


def test_where_nobody_reads_lines_are_dropped_and_counted(pipe):
    before = ThreadedHandler.dropped
    handler = ThreadedHandler(pipe[1], capacity=10)
    started = time.monotonic()
    for number in range(50_000):
        handler.emit(record(number))
    assert time.monotonic() - started < 10
    assert ThreadedHandler.dropped - before > 10_000
    os.close(pipe[0])
    handler.flush()  # what still waits is dropped within this test


def test_a_reader_who_is_gone_costs_lines_and_nothing_else():
    reading, writing = os.pipe()
    os.close(reading)
    before = ThreadedHandler.dropped
    handler = ThreadedHandler(writing)
    handler.emit(record(1))
    handler.flush()
    os.close(writing)
    assert ThreadedHandler.dropped == before + 1


def test_a_service_whose_log_nobody_reads_goes_on_and_stops(bundle_folder):
    port = free_port()
    command = [sys.executable, "-m", "service"]
    settings = environment(port=port, bundle=bundle_folder)
    with subprocess.Popen(command, env=settings, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as service:
        wait_until_ready(port)
        for _ in range(600):  # some 300 bytes each, and a pipe holds 64 KiB
            assert urlopen(f"http://127.0.0.1:{port}/health/live").status == 200
        service.send_signal(signal.SIGTERM)
        service.wait(20)
