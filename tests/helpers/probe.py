"""Attackers of a service, a polite caller beside them, and whether memory and descriptors come back (Linux)."""

import contextlib
import http.client
import json
import selectors
import socket
import threading
import time
from pathlib import Path

from benchmarks.process_memory import total_mib

ATTACKER = "127.0.0.2"  # the edge counts by address, so the probe, which is 127.0.0.1, has limits of its own


def wait_for(condition, patience_s=60):
    end = time.monotonic() + patience_s
    while not condition():
        assert time.monotonic() < end, "it did not come about in time"
        time.sleep(0.05)


def http_request(method, path, body=b"", headers=()):
    """Bytes of a request."""
    lines = [f"{method} {path} HTTP/1.1", "host: a", "content-type: application/json", *headers]
    return "\r\n".join([*lines, f"content-length: {len(body)}", "", ""]).encode() + body


def asked(port, body):
    """Status and parsed answer of one prediction over a connection of its own."""
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
        connection.request("POST", "/predict", body, {"content-type": "application/json"})
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())


class Probe:
    """A polite caller: one request after the other, some twenty a second, over a connection that it keeps.

    It asks once before the attack; what it gets then is the right answer.
    """

    def __init__(self, port, path="/rank/A549?k=3", headers=None):
        self._port, self._path, self._headers = port, path, headers or {}
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._ask_on)
        self.expected = self.ask()
        assert self.expected[0] == 200, self.expected
        self.answers, self.seconds, self.failures = [], [], []

    def ask(self):
        self._connection.request("GET", self._path, headers=self._headers)
        answer = self._connection.getresponse()
        return answer.status, answer.read()

    def _ask_on(self):
        while not self._stop.is_set():
            began = time.monotonic()
            try:
                self.answers.append(self.ask())
            except (OSError, http.client.HTTPException) as fault:
                self.failures.append(repr(fault))
                self._connection.close()
            self.seconds.append(time.monotonic() - began)
            self._stop.wait(0.05)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        self._thread.join(60)
        self._connection.close()

    def assert_right(self, least=5, within_s=3.0):
        """Every answer was the right one, there were some, and none kept the probe waiting."""
        assert self.failures == []
        assert {status for status, _ in self.answers} == {200}
        assert set(self.answers) == {self.expected}
        assert len(self.answers) >= least
        assert max(self.seconds) < within_s


@contextlib.contextmanager
def connections(port, count, source=ATTACKER, receive_bytes=None):
    """So many connections, closed at the end."""
    with contextlib.ExitStack() as stack:
        opened = []
        for _ in range(count):
            connection = stack.enter_context(socket.socket())
            if receive_bytes:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
            connection.settimeout(30)
            connection.bind((source, 0))
            connection.connect(("127.0.0.1", port))
            opened.append(connection)
        yield opened


def status_of(connection):
    """Status of the answer that comes over this connection; None where it is closed without one."""
    try:
        line = connection.recv(4096).partition(b"\r\n")[0].split()
    except ConnectionError:
        return None
    return int(line[1]) if len(line) > 1 else None


class Flood:
    """Connections over each of which all of `content` is sent at once, while what comes back is read and counted."""

    BEGINS = b"HTTP/1.1 "

    def __init__(self, port, count, content):
        self._port, self._count, self._content = port, count, content
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self.answers = 0

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        self._thread.join(60)

    def _run(self):
        with connections(self._port, self._count) as opened, selectors.DefaultSelector() as selector:
            for connection in opened:
                connection.setblocking(False)
                events = selectors.EVENT_READ | selectors.EVENT_WRITE
                selector.register(connection, events, [memoryview(self._content), b""])
            while not self._stop.is_set() and selector.get_map():
                for key, events in selector.select(0.1):
                    if events & selectors.EVENT_WRITE:
                        self._send(selector, key)
                    if events & selectors.EVENT_READ:
                        self._receive(selector, key)

    def _send(self, selector, key):
        key.data[0] = key.data[0][key.fileobj.send(key.data[0]) :]
        if not key.data[0]:
            selector.modify(key.fileobj, selectors.EVENT_READ, key.data)

    def _receive(self, selector, key):
        found = key.fileobj.recv(2**16)
        if not found:
            selector.unregister(key.fileobj)
        text = key.data[1] + found
        self.answers += text.count(self.BEGINS)
        key.data[1] = text[1 - len(self.BEGINS) :]


def descriptors_of(pid):
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


@contextlib.contextmanager
def resources_come_back(served, mib=60, patience_s=15):
    """After the block, the service's memory and descriptors are again what they were, but for `mib` and a few."""
    pid = served.process.pid
    memory, descriptors = total_mib(pid), descriptors_of(pid)
    yield
    end = time.monotonic() + patience_s
    while (now := (total_mib(pid), descriptors_of(pid))) > (0, 0):
        if now[0] <= memory + mib and now[1] <= descriptors + 5:
            return
        assert time.monotonic() < end, f"{now} of {memory, descriptors} MiB and descriptors"
        time.sleep(0.1)
    raise AssertionError("the service has ended")
