"""Requests that worker processes answer, and waiting until the workers are there."""

import contextlib
import http.client
import json
import time

from tests.helpers.service_process import POST, workers_of

LINES, DRUGS = ["A549", "HT-29"], ["JQ1", "Erlotinib"]


def columns(count, **options):
    lines, drugs = ([names[i % 2] for i in range(count)] for names in (LINES, DRUGS))
    return json.dumps({"cell_lines": lines, "drugs": drugs, **options}).encode()


def ask(port, body, path="/predict", headers=POST):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    with contextlib.closing(connection):
        connection.request("POST", path, body, headers)
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read()


def ready(served, count):
    """Wait until so many workers are ready; their processes."""
    end = time.monotonic() + 60
    while f"drp_batch_workers {count}.0" not in served.get("/metrics")[1]:
        assert time.monotonic() < end, f"{count} workers do not come about"
        time.sleep(0.05)
    return workers_of(served.process.pid)


def replaced(served, former):
    """Wait until one worker is ready that is none of the former; its process."""
    end = time.monotonic() + 60
    while len(now := ready(served, 1)) != 1 or now == former:
        assert time.monotonic() < end, "the worker is not replaced"
        time.sleep(0.05)
    return now
