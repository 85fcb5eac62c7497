"""The same load as benchmarks.load in one process, on a clock that counts this process's CPU time alone.

    python -m benchmarks.admission [BUNDLE] [--requests 3000]

For machines whose cores others use as well: a service that waits for a core is not what admission is about. The
arrivals of an open model go straight into the app, turn by turn of the loop as sockets would give them; what the
network costs the process is burnt as CPU time beside. Small requests alone: batches work in threads, which one clock
cannot tell apart. The first fifth of a phase is not
counted: a crowd of a moment is let in whole. p50 and p99 are multiples of the idle p99.
"""

import argparse
import asyncio
import json
import time
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from benchmarks.load import CONNECTIONS, FACTORS, TARGET, Seen
from service import turnstile
from service.app import App, create_app
from service.predictor import Predictor
from service.settings import Settings

# Measured beside: CPU time of the process for GET /health/live over the network, less that within the app.
NETWORK_S = 130e-6
Request = dict[str, Any]


class Clock:
    """Seconds of CPU time, and the idle time that was skipped."""

    skipped = 0.0

    def __call__(self) -> float:
        """Read the clock."""
        return time.process_time() + self.skipped


def request(method: str, path: str, query: str = "", body: object = None) -> Request:
    """ASGI scope and body of a request."""
    content = b"" if body is None else json.dumps(body).encode()
    headers = [(b"host", b"a"), (b"content-type", b"application/json")]
    scope = {"type": "http", "http_version": "1.1", "method": method, "path": path, "headers": headers}
    return {"scope": scope | {"query_string": query.encode(), "scheme": "http"}, "body": content}


async def answered(app: App, asked: Request, due: float, clock: Clock, seen: Seen, *, counts: bool) -> None:
    """Have the app answer one request that was due at that time."""
    status = 0

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": asked["body"], "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        nonlocal status
        status = message.get("status", status)

    await app(dict(asked["scope"]), receive, send)  # type: ignore[arg-type]
    if counts:
        seen.note(status, clock() - due)


async def load(app: App, contents: Iterator[Request], gap_s: float, count: int, clock: Clock) -> Seen:
    """So many requests, one every `gap_s` whatever becomes of the earlier ones; 0 is one after the other."""
    seen, tasks, came, began = Seen(), set(), 0, clock()
    first = count // 5
    while came < count or tasks:
        late = clock() - began
        due = came + (not tasks) if gap_s == 0 else int(late / gap_s) + 1
        for number in range(came, min(due, count, came + CONNECTIONS - len(tasks))):
            end = time.process_time() + NETWORK_S
            planned = began + (number * gap_s if gap_s else late)
            while time.process_time() < end:
                pass
            task = asyncio.create_task(answered(app, next(contents), planned, clock, seen, counts=came >= first))
            tasks.add(task)
            task.add_done_callback(tasks.discard)
            came += 1
        if not tasks and came < count:
            clock.skipped += max(0.0, began + came * gap_s - clock())
        await asyncio.sleep(0)
    seen.seconds = (clock() - began) * (count - first) / count
    return seen


def main() -> None:
    """Print a table a kind."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bundle", nargs="?", type=Path, default=Path("bundles/gdsc"))
    parser.add_argument("--requests", type=int, default=3_000)
    asked = parser.parse_args()
    settings = Settings(bundle=asked.bundle)
    predictor = Predictor.load(settings)
    app = create_app(settings, predictor)
    app.state.service.open(predictor)
    clock = Clock()
    turnstile.time = SimpleNamespace(monotonic=clock)  # type: ignore[assignment]
    line, drug = predictor.lines.rows[0].id, predictor.drugs.rows[0].id
    contents = {
        "pair": request("POST", "/predict", body={"cell_lines": [line], "drugs": [drug]}),
        "rank": request("GET", f"/rank/{line}", "k=10"),
        "500 scores": request(
            "POST", "/predict", body={"cell_lines": [line] * 500, "drugs": [drug] * 500, "detail": "scores"}
        ),
    }
    for kind, content in contents.items():
        asyncio.run(load(app, cycle([content]), 0, 300, clock))
        idle = asyncio.run(load(app, cycle([content]), 0, asked.requests, clock))
        cost = idle.seconds / len(idle.accepted)
        print(f"\n{kind}: {1e3 * cost:.2f} ms of CPU, idle p99 {1e3 * idle.p99():.2f} ms")
        print(f"{'load':>6}{'200':>8}{'429':>8}{'done':>8}{'p50':>8}{'p99':>8}")
        for factor in FACTORS:
            seen = asyncio.run(load(app, cycle([content]), cost / factor, asked.requests, clock))
            p50, p99 = float(np.median(seen.accepted)) / idle.p99(), seen.p99() / idle.p99()
            print(
                f"{factor:6.2f}{seen.statuses[200]:8}{seen.statuses[429]:8}"
                f"{seen.statuses[200] * cost / seen.seconds:8.2f}{p50:8.2f}{p99:8.2f}"
                + "  over the target"
                * (p99 > TARGET)
            )


if __name__ == "__main__":
    main()
