"""The edge's nginx with its own configuration, before a service on a port of this machine."""

import os
import socket
import subprocess
import time
from pathlib import Path

from tests.helpers.service_process import free_port

START = Path(__file__).parents[2] / "edge" / "start.sh"


class Edge:
    """One running edge; its configuration lies in a folder of its own."""

    def __init__(self, port, tls):
        self.port, self.tls = port, tls

    def sent(self, data, wait_s=5.0):
        """Everything that comes back for these bytes until the edge closes or falls silent."""
        plain = socket.create_connection(("127.0.0.1", self.port), timeout=wait_s)
        with self.tls.wrap_socket(plain, server_hostname="localhost") if self.tls else plain as connection:
            connection.sendall(data)
            return response_of(connection)

    def request(self, method, path, body=b"", headers=()):
        """Status, headers (small letters) and body of one request over a connection of its own."""
        lines = [f"{method} {path} HTTP/1.1", "host: edge", "connection: close", f"content-length: {len(body)}"]
        lines += ["content-type: application/json", *headers, "", ""]
        return self.sent("\r\n".join(lines).encode() + body)


def response_of(connection):
    file = connection.makefile("rb")
    status = int(file.readline().split()[1])
    headers = {}
    while line := file.readline().strip():
        name, _, value = line.decode("latin-1").partition(":")
        headers[name.lower()] = value.strip()
    length = headers.get("content-length")
    return status, headers, file.read(int(length)) if length else file.read()


def running(folder, service_port, tls=None, **settings):
    """Start an edge; AssertionError with what it wrote where it does not listen."""
    for _ in range(3):  # another process may take the port meanwhile
        port = free_port()
        process, words = started(folder, service_port, port, settings)
        if process.poll() is None:
            return process, Edge(port, tls)
        if "Address already in use" not in words:
            break
    raise AssertionError(words)


def started(folder, service_port, port, settings):
    """The process once it listens or has ended, and what it wrote."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("DRP_", "EDGE_"))}
    environment |= {f"EDGE_{name.upper()}": str(value) for name, value in settings.items()}
    environment |= {"EDGE_SERVICE": f"127.0.0.1:{service_port}", "EDGE_PORT": str(port), "EDGE_FOLDER": str(folder)}
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(["sh", START], env=environment, stdout=log, stderr=log)
    deadline = time.monotonic() + 10
    while process.poll() is None and time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return process, ""
        time.sleep(0.05)
    process.kill()
    process.wait()
    return process, (folder / "log").read_text()
