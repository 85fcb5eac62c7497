"""The real process on a port of its own, and callers that hammer it over connections that they keep."""

import contextlib
import http.client
import io
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import pytest

from tests.helpers.probe import wait_for

POST = {"content-type": "application/json"}


def environment(**settings):
    clean = {name: value for name, value in os.environ.items() if not name.startswith("DRP_")}
    clean["DRP_PRELOAD_CHEMISTRY"] = "false"  # seconds of a core, of which most tests have no need
    return clean | {f"DRP_{name.upper()}": str(value) for name, value in settings.items()}


def run(module, *arguments, timeout_s=120, **settings):
    command = [sys.executable, "-m", module, *arguments]
    return subprocess.run(command, env=environment(**settings), capture_output=True, text=True, timeout=timeout_s)


def free_port():
    """A port that nobody listens on. Workers of pytest-xdist share the ports out among them, by pairs."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    while True:
        with socket.socket() as listening:
            listening.bind(("127.0.0.1", 0))
            port = listening.getsockname()[1]
        if port // 2 % workers == worker:
            return port


def wait_until_ready(port, patience_s=60):
    for _ in range(int(patience_s / 0.1)):
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1):
                return
        except OSError:
            time.sleep(0.1)
    pytest.fail("the service does not listen")


def children_of(pid):
    """Processes that any thread of this one has started (Linux)."""
    return [int(child) for file in Path(f"/proc/{pid}/task").glob("*/children") for child in file.read_text().split()]


def descendants_of(pid):
    return [process for child in children_of(pid) for process in (child, *descendants_of(child))]


def workers_of(pid):
    """Worker processes of a service: the children of the one that forks them."""
    forking = [child for child in children_of(pid) if b"multiprocessing.forkserver" in command_line(child)]
    return [worker for parent in forking for worker in children_of(parent)]


def command_line(pid):
    return Path(f"/proc/{pid}/cmdline").read_bytes()


@dataclass
class Process:
    """What it writes goes to files: a pipe that nobody reads would hold it up."""

    port: int
    process: subprocess.Popen
    out: IO[str]
    err: IO[str]

    def get(self, path, headers=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        with contextlib.closing(connection):
            connection.request("GET", path, headers=headers or {})
            answer = connection.getresponse()
            return answer.status, answer.read().decode()

    def bundle(self):
        return json.loads(self.get("/models")[1])["bundle"]

    def stop(self, sig=signal.SIGTERM):
        self.process.send_signal(sig)
        self.process.wait(90)

    def errors(self):
        return written(self.err)

    def log(self):
        return [json.loads(line) for line in io.StringIO(written(self.out))]

    def logged(self, wanted, count=1):
        """Lines of its log that are wanted, once there are so many: a thread of its own writes them."""
        wait_for(lambda: sum(map(wanted, self.log())) >= count)
        return [line for line in self.log() if wanted(line)]


def written(file):
    """What a process has written so far. It shares the file's position with us, so that must not be moved."""
    return os.pread(file.fileno(), os.fstat(file.fileno()).st_size, 0).decode()


SERVICE = (sys.executable, "-m", "service")


@contextlib.contextmanager
def serving(command=SERVICE, **settings):
    """Serve with these settings for the time of the block."""
    port = free_port()
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        process = subprocess.Popen(command, env=environment(port=port, **settings), stdout=out, stderr=err)
        try:
            wait_until_ready(port)
            yield Process(port, process, out, err)
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()


@dataclass
class Callers:
    """Threads that ask one request after the other, each over a connection that it keeps while it may."""

    port: int
    body: bytes
    count: int = 6
    polite: bool = True
    answers: list = field(default_factory=list)  # (status, parsed answer)
    dropped: list = field(default_factory=list)  # requests that were sent and got no answer
    _stop: threading.Event = field(default_factory=threading.Event)

    def __enter__(self):
        self._threads = [threading.Thread(target=self._ask) for _ in range(self.count)]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        self.join()

    def join(self):
        for thread in self._threads:
            thread.join(90)

    def _ask(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        while not self._stop.is_set():
            if connection.sock is None:
                try:
                    connection.connect()
                except OSError:
                    return  # the port is closed: nothing was asked, nothing is lost
            try:
                connection.request("POST", "/predict", self.body, POST)
                answer = connection.getresponse()
                self.answers.append((answer.status, json.loads(answer.read())))
                if answer.status == http.HTTPStatus.SERVICE_UNAVAILABLE and self.polite:
                    return  # told to come again later
            except (OSError, http.client.HTTPException) as fault:
                self.dropped.append(repr(fault))
                return
        connection.close()
