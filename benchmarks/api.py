"""What the service costs beside bare FastAPI: the same requests, each answered by both, in CPU time of all processes.

Both run as they are run for callers, with uvicorn, keep-alive and their log; the two take turns, and the median of the
rounds counts, so that a ratio holds on a busy machine.
"""

import http.client
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.process_memory import family, total_mib
from benchmarks.row import Row
from model.bundle.reader import read_bundle
from service.settings import Settings

PORT = 18_750
SHARE, SCORES = "share of bare", "million pairs / CPU s"
# Name of a case -> what it is, and the share of bare that it is to reach.
GOALS = {
    "live": ("GET /health/live", 0.67),
    "rank": ("GET /rank/{line}?k=10", 0.60),
    "pairs-1-full": ("one pair", 0.60),
    "columns-1000-scores": ("1,000 pairs, columns → scores", 0.75),
    "columns-10000-scores": ("10,000 pairs, columns → scores", 0.75),
    "columns-1000-full": ("1,000 pairs, columns → objects", 0.75),
    "columns-10000-full": ("10,000 pairs, columns → objects", 0.75),
    "pairs-1000-full": ("1,000 pairs, objects → objects, built", 0.77),
    "pairs-10000-full": ("10,000 pairs, objects → objects, built", 0.77),
    "columns-50000-scores": ("50,000 pairs, columns → scores", 0.75),
}


@dataclass
class Server:
    """A server of its own process, and a connection to it that is kept."""

    process: subprocess.Popen[bytes]
    connection: http.client.HTTPConnection

    def ask(self, method: str, path: str, body: bytes | None) -> bytes:
        """The answer's content. Raises RuntimeError where it is not 200."""
        for _ in range(2):
            with suppress(http.client.HTTPException, OSError):  # a kept connection may have been closed meanwhile
                self.connection.request(method, path, body, {"content-type": "application/json"} if body else {})
                answer = self.connection.getresponse()
                content = answer.read()
                if answer.status != 200:
                    raise RuntimeError(f"{path} answered {answer.status}: {content[:200]!r}")
                return content
            self.connection.close()
        raise RuntimeError(f"{path}: no answer")

    def cpu_s(self) -> float:
        """CPU time of the process and all that come of it (clock_getcpuclockid, Linux)."""
        return sum(time.clock_gettime((~pid << 3) | 2) for pid in family(self.process.pid))


@contextmanager
def serving(module: str, port: int, **variables: str) -> Iterator[Server]:
    """A module that serves on the port of DRP_PORT."""
    environment = {**os.environ, "DRP_PORT": str(port), "DRP_PRELOAD_CHEMISTRY": "false", **variables}
    process = subprocess.Popen([sys.executable, "-m", module], env=environment, stdout=subprocess.DEVNULL)
    server = Server(process, http.client.HTTPConnection("127.0.0.1", port, timeout=60))
    try:
        for _ in range(600):
            with suppress(RuntimeError):
                server.ask("GET", "/health/live", None)
                break
            time.sleep(0.1)
        yield server
    finally:
        process.terminate()
        process.wait()


def requests(names: Iterator[str]) -> Mapping[str, tuple[str, str, bytes | None]]:
    """Method, path and body of each case."""
    bundle, rng = read_bundle(Settings().bundle), np.random.default_rng(0)
    found: dict[str, tuple[str, str, bytes | None]] = {}
    for name in names:
        if name in {"live", "rank"}:
            path = "/health/live" if name == "live" else f"/rank/{bundle.cell_lines[0]['id']}?k=10"
            found[name] = "GET", path, None
            continue
        form, count, detail = name.split("-")
        lines, drugs = (
            [table[row]["name"] for row in rng.integers(len(table), size=int(count))]
            for table in (bundle.cell_lines, bundle.drugs)
        )
        pairs = [{"cell_line": line, "drug": drug} for line, drug in zip(lines, drugs, strict=True)]
        body = {"pairs": pairs} if form == "pairs" else {"cell_lines": lines, "drugs": drugs}
        found[name] = "POST", "/predict", json.dumps(body | {"detail": detail}).encode()
    return found


def measure(rounds: int, round_s: float, names: Iterator[str]) -> list[Row]:
    """One row a case, and the memory of the service."""
    rows, cases = [], requests(names)
    with tempfile.TemporaryDirectory() as answers, serving("service", PORT) as service:
        while b"drp_batch_workers 1.0" not in service.ask("GET", "/metrics", None):
            time.sleep(0.1)  # a worker that loads its bundle would count
        for name, case in cases.items():
            (Path(answers) / name).write_bytes(service.ask(*case))
        with serving("benchmarks.bare", PORT + 1, BARE_ANSWERS=answers) as bare:
            for name, case in cases.items():
                spent = _spent((service, bare), case, rounds, round_s)
                shares = [least / own for own, least in spent]
                what, goal = GOALS[name]
                rows.append(Row(what, SHARE, goal, shares))
                if name.endswith("-scores"):
                    pairs = int(name.split("-")[1])
                    rows.append(Row(what, SCORES, 1.5, [pairs / own / 1e6 for own, _ in spent]))
        rows.append(
            Row("service and one worker, without chemistry", "MiB (PSS)", None, [total_mib(service.process.pid)])
        )
    return rows


def _spent(
    servers: tuple[Server, Server], case: tuple[str, str, bytes | None], rounds: int, round_s: float
) -> list[tuple[float, float]]:
    """CPU seconds of a request at each of the servers, round by round."""
    began = time.perf_counter()
    for server in servers:
        server.ask(*case)
    times = max(2, min(400, int(2 * round_s / (time.perf_counter() - began))))
    spent = []
    for _ in range(rounds):
        both = []
        for server in servers:
            before = server.cpu_s()
            for _ in range(times):
                server.ask(*case)
            both.append((server.cpu_s() - before) / times)
        spent.append((both[0], both[1]))
    return spent
