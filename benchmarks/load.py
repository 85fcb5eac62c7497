"""What callers get as load rises to twice what one process can do: answers, refusals, and how late the answers come.

    python -m benchmarks.load [BUNDLE] [--seconds 5] [--kinds pair,rank,scores,columns,mix] [--workers N] [--pin]

An open model: requests are sent at a fixed rate whether or not earlier ones were answered, as people and programs
that know nothing of each other do, over at most 100 kept connections, as a proxy holds them; a request's time counts
from the moment in which it was due. First one caller at a time (idle), then as many as keep the service busy (its
capacity), then rates from half to twice the capacity. Read the ratios: the times are the machine's. Only 200 and 429
may be answered. The service and this script want a core each: --pin gives the service the first, and this script and
the service's workers the second, and where we are root no other process of the machine may interrupt either.
`late` is how much later than planned this script itself sent its requests, and where it is large the row says little.
Where small requests and batches are mixed, each has a p99 of its own.
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from itertools import cycle
from pathlib import Path
from typing import cast

import numpy as np
import uvloop

from model.bundle.bundle import Bundle
from model.bundle.reader import read_bundle
from service.middleware.concurrency import BATCH_BYTES

PORT = 18_700
FACTORS = (0.5, 0.75, 1.0, 1.25, 1.5, 2.0)
BUSY_CALLERS = (3, 12)  # more where some callers wait for batches
CONNECTIONS = 100
TARGET = 3.0
REFUSED_S = 0.002
TIMER_S, NAP_S = 0.002, 0.0001  # how late a timer of the loop may come, and how long is waited without one


@dataclass
class Seen:
    """What one phase saw; seconds."""

    statuses: Counter[int | str] = field(default_factory=Counter)
    accepted: list[float] = field(default_factory=list)
    small: list[float] = field(default_factory=list)  # of the accepted, and the others
    batches: list[float] = field(default_factory=list)
    refused: list[float] = field(default_factory=list)
    late: list[float] = field(default_factory=list)
    seconds: float = 0.0

    def note(self, status: int, took: float, size: int = 0) -> None:
        """Count one answer."""
        self.statuses[status] += 1
        (self.accepted if status == 200 else self.refused).append(took)
        if status == 200:
            (self.batches if size > BATCH_BYTES else self.small).append(took)

    def p99(self) -> float:
        """99th percentile of the accepted requests' times; NaN where there are none."""
        return p99(self.accepted)


def p99(times: list[float]) -> float:
    """99th percentile; NaN of none."""
    return float(np.percentile(times, 99)) if times else float("nan")


class Connection(asyncio.Protocol):
    """One kept connection: a request out, its whole answer in. Bare, for it must cost less than the service."""

    def __init__(self, free: list["Connection"], seen: Seen) -> None:
        self._free, self._seen = free, seen
        self._missing = 0
        self._status = 0
        self._answered: asyncio.Future[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self._transport = cast(asyncio.Transport, transport)

    def ask(self, content: bytes, planned: float) -> asyncio.Future[None]:
        """Send a request that was due at `planned`; done when it is answered."""
        self._answered = asyncio.get_running_loop().create_future()
        self._began, self._size = planned, len(content)
        self._transport.write(content)
        return self._answered

    def data_received(self, data: bytes) -> None:
        """Read on; the head always comes in one piece."""
        if not self._missing:
            end = data.index(b"\r\n\r\n") + 4
            head = data[:end].lower()
            start = head.index(b"content-length: ") + len("content-length: ")
            self._missing = int(head[start : head.index(b"\r\n", start)])
            self._status = int(head[9:12])
            data = data[end:]
        self._missing -= len(data)
        if not self._missing:
            self._seen.note(self._status, time.perf_counter() - self._began, self._size)
            self._free.append(self)
            self._done()

    def connection_lost(self, exc: Exception | None) -> None:
        """Count a connection that is lost while it waits for an answer."""
        if self._answered is not None and not self._answered.done():
            self._seen.statuses[type(exc).__name__] += 1
            self._done()

    def _done(self) -> None:
        if self._answered is not None:
            self._answered.set_result(None)


class Caller:
    """A pool of kept connections, as a proxy has; a request that finds none free waits for one."""

    def __init__(self, port: int, seen: Seen) -> None:
        self._port, self._seen = port, seen
        self._free: list[Connection] = []
        self._places = asyncio.Semaphore(CONNECTIONS)

    async def ask(self, content: bytes, planned: float) -> None:
        """Send one request, which was due at `planned`, and wait for the answer."""
        async with self._places:
            if self._free:
                connection = self._free.pop()
            else:
                loop = asyncio.get_running_loop()
                make = partial(Connection, self._free, self._seen)
                _, connection = await loop.create_connection(make, "127.0.0.1", self._port)
            await connection.ask(content, planned)


def post(body: object) -> bytes:
    """Bytes of a POST /predict."""
    content = json.dumps(body).encode()
    head = "POST /predict HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length:"
    return f"{head} {len(content)}\r\n\r\n".encode() + content


def kinds(bundle: Bundle) -> dict[str, list[bytes]]:
    """Requests of each kind, to be sent in turn."""
    random = np.random.default_rng(0)
    lines, drugs = ([row["id"] for row in rows] for rows in (bundle.cell_lines, bundle.drugs))

    def columns(pairs: int, **options: str) -> bytes:
        asked = {"cell_lines": random.choice(lines, pairs).tolist(), "drugs": random.choice(drugs, pairs).tolist()}
        return post(asked | options)

    found = {
        "pair": [columns(1) for _ in range(100)],
        "rank": [f"GET /rank/{line}?k=10 HTTP/1.1\r\nhost: a\r\n\r\n".encode() for line in random.choice(lines, 100)],
        "scores": [columns(1_000, detail="scores") for _ in range(20)],
        "columns": [columns(10_000) for _ in range(10)],
    }
    # Of a hundred: 80 pairs, 15 rankings, 4 of 1,000 scores, one of 10,000 pairs.
    mix = found["pair"][:80] + found["rank"][:15] + found["scores"][:4] + found["columns"][:1]
    return found | {"mix": [mix[i] for i in random.permutation(len(mix))]}


async def closed(port: int, contents: Iterator[bytes], callers: int, seconds: float) -> Seen:
    """Each caller asks, waits for the answer, and asks again; one that was refused comes back after a moment."""
    seen, end = Seen(), time.perf_counter() + seconds
    caller = Caller(port, seen)

    async def one() -> None:
        while time.perf_counter() < end:
            refused = len(seen.refused)
            await caller.ask(next(contents), time.perf_counter())
            if len(seen.refused) > refused:
                await asyncio.sleep(REFUSED_S)

    began = time.perf_counter()
    await asyncio.gather(*(one() for _ in range(callers)))
    seen.seconds = time.perf_counter() - began
    return seen


async def opened(port: int, contents: Iterator[bytes], rate: float, seconds: float) -> Seen:
    """Requests at a fixed rate, whatever becomes of the earlier ones."""
    seen, tasks = Seen(), set()
    caller = Caller(port, seen)
    began = time.perf_counter()
    for i in range(int(rate * seconds)):
        planned = began + i / rate
        while (wait := planned - time.perf_counter()) > 0:
            await asyncio.sleep(wait - TIMER_S if wait > TIMER_S else 0)
            if 0 < wait <= TIMER_S:
                time.sleep(min(wait, NAP_S))
        if i % 16 == 0:
            await asyncio.sleep(0)  # behind the plan: send at once, but do read answers
        seen.late.append(max(0.0, time.perf_counter() - planned))
        task = asyncio.create_task(caller.ask(next(contents), planned))
        tasks.add(task)
        task.add_done_callback(tasks.discard)
    await asyncio.gather(*tasks)
    seen.seconds = time.perf_counter() - began
    return seen


def measure(port: int, contents: list[bytes], seconds: float) -> None:
    """Print one kind's table."""

    def run(phase: Callable[..., object], *arguments: object) -> Seen:
        seen: Seen = uvloop.run(phase(port, cycle(contents), *arguments))  # type: ignore[arg-type]
        return seen

    run(closed, 1, seconds / 5)  # warm
    idle = run(closed, 1, seconds)
    busy = [run(closed, callers, seconds) for callers in BUSY_CALLERS]
    capacity = max(len(one.accepted) / one.seconds for one in busy)
    sides = {name: getattr(idle, name) for name in ("small", "batches") if getattr(idle, name)}
    told = [f"{name} p50 {1e3 * np.median(took):.2f} ms, p99 {1e3 * p99(took):.2f} ms" for name, took in sides.items()]
    print(f"idle {'; '.join(told)}; {capacity:.0f} a second")
    print(f"{'load':>6}{'200':>8}{'429':>8}{'other':>7}{'done':>8}{'p50':>8}{'p99':>8}{'refused':>9}{'late':>8}")
    for factor in FACTORS:
        seen = run(opened, capacity * factor, seconds)
        other = seen.statuses.total() - seen.statuses[200] - seen.statuses[429]
        p50, refusal = (float(np.median(some)) if some else float("nan") for some in (seen.accepted, seen.refused))
        times = {name: p99(getattr(seen, name)) / p99(took) for name, took in sides.items()}
        print(
            f"{factor:6.2f}{seen.statuses[200]:8}{seen.statuses[429]:8}{other:7}"
            f"{seen.statuses[200] / seen.seconds / capacity:8.2f}"
            + "".join(f"{took / idle.p99():{width}.2f}" for took, width in ((p50, 8), (seen.p99(), 8), (refusal, 9)))
            + f"{float(np.percentile(seen.late, 99)) / idle.p99():8.2f}"
            + (f"  {', '.join(f'{name} {took:.2f}' for name, took in times.items())}" * (len(times) > 1))
            + ("  over the target" * (max(times.values()) > TARGET))
        )
        if other:
            print(f"       other: {dict(seen.statuses)}")


def wait_for(port: int, workers: int) -> None:
    """Come back once the service listens there and has so many workers ready."""
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
                if f"drp_batch_workers {workers}.0" in answer.read().decode():
                    return
        except OSError:
            pass
        time.sleep(0.1)


def descendants(pid: int) -> list[int]:
    """Processes that come of this one (Linux)."""
    children = [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return [process for child in children for process in (child, *descendants(child))]


def main() -> None:
    """Start the service, print a table a kind, stop the service."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bundle", nargs="?", type=Path, default=Path("bundles/gdsc"))
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--kinds", default="pair,rank,scores,columns,mix")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--pin", action="store_true")
    asked = parser.parse_args()
    contents = kinds(read_bundle(asked.bundle))
    environment = os.environ | {"DRP_PORT": str(PORT), "DRP_BUNDLE": str(asked.bundle)}
    environment |= {"DRP_BATCH_WORKERS": str(asked.workers), "DRP_PRELOAD_CHEMISTRY": "first"}
    with Path(os.devnull).open("w") as nowhere:
        service = subprocess.Popen([sys.executable, "-m", "service"], env=environment, stdout=nowhere)
        try:
            wait_for(PORT, asked.workers)
            if asked.pin:
                os.sched_setaffinity(service.pid, {0})
                for process in (0, *descendants(service.pid)):
                    os.sched_setaffinity(process, {1})
                with suppress(PermissionError):
                    for process in (0, service.pid):
                        os.sched_setscheduler(process, os.SCHED_FIFO, os.sched_param(1))
            print("Multiples of the idle p99: p50 and p99 of the accepted, p50 of the refused, p99 of how late this")
            print("script was; done is the share of the capacity that was answered with 200.")
            for kind in asked.kinds.split(","):
                print(f"\n{kind}: ", end="")
                measure(PORT, contents[kind], asked.seconds)
        finally:
            service.terminate()
            service.wait()


if __name__ == "__main__":
    main()
