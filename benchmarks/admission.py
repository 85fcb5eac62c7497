"""The same load as benchmarks.load in one process, on a clock that counts this process's CPU time alone.

    python -m benchmarks.admission [BUNDLE] [--requests 3000] [--kinds pair,rank,scores] [--random]

For machines whose cores others use as well: a service that waits for a core is not what admission is about. The
arrivals of an open model are handed to the service's own connections, turn by turn of the event loop as sockets would
hand them; what reading and writing a socket costs the process is burnt as CPU time beside. Small requests alone:
batches work in threads, which one clock cannot tell apart. The first fifth of a phase is not counted: a crowd of a
moment is let in whole. p50 and p99 are multiples of the idle p99.
"""

import argparse
import asyncio
import selectors
import time
from collections.abc import Iterator, Sequence
from itertools import cycle
from pathlib import Path
from typing import Any

import numpy as np
from uvicorn import Config
from uvicorn.server import ServerState

from benchmarks.load import CONNECTIONS, FACTORS, TARGET, Seen, kinds
from service.app import create_app
from service.early_refusal import Protocol, protocol_of
from service.prediction.predictor import Predictor
from service.settings import Settings

# Measured with an asyncio server that answers 700 bytes to 150: CPU time a message with one write and with two.
READ_S, WRITE_S = 15e-6, 9e-6


def burn(seconds: float) -> None:
    """Use so much CPU time."""
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass


class Clock:
    """Seconds of CPU time, and the idle time that was skipped."""

    skipped = 0.0

    def __call__(self) -> float:
        """Read the clock."""
        return time.process_time() + self.skipped


class Connection(asyncio.Transport):
    """The socket of one kept connection, as the service's protocol sees it; reads the answers."""

    def __init__(self, protocol: Protocol, phase: "Phase") -> None:
        super().__init__()
        self._protocol, self._phase = protocol, phase
        self._missing = self._status = 0
        protocol.connection_made(self)

    def ask(self, content: bytes, due: float, *, counts: bool) -> None:
        """Have a request read that was due at that time."""
        self._due, self._counts = due, counts
        burn(READ_S)
        self._protocol.data_received(content)

    def write(self, data: Any) -> None:  # noqa: ANN401 -- as asyncio has it
        """Take a part of the answer; the head comes in one."""
        burn(WRITE_S)
        if not self._missing:
            head, _, rest = data.partition(b"\r\n\r\n")
            self._status = int(head[9:12])
            at = head.index(b"content-length: ") + len(b"content-length: ")
            self._missing, data = int(head[at:].split(b"\r", 1)[0]), rest
        self._missing -= len(data)
        if not self._missing:
            self._phase.answered(self, self._status, self._due, counts=self._counts)

    def is_closing(self) -> bool:
        """It stays open."""
        return False


class Phase:
    """So many requests, `gap_s` apart times what `gaps` says, whatever becomes of the earlier; 0 is one by one."""

    def __init__(
        self, contents: Iterator[bytes], gap_s: float, gaps: Iterator[float], count: int, clock: Clock
    ) -> None:
        self._contents, self._gap_s, self._gaps, self._count, self._clock = contents, gap_s, gaps, count, clock
        self._first = count // 5
        self._came = self._done = 0
        self._due_s = clock()
        self.seen = Seen()
        self.connections: list[Connection] = []  # the free ones
        self._counted_from = clock()
        self.over = asyncio.Event()

    def turn(self, loop: asyncio.AbstractEventLoop, *, idle: bool) -> None:
        """Hand over what has come, as select does at the beginning of a turn; skip time in which nothing is to do."""
        if self._gap_s == 0:
            due = self._done + 1
        else:
            if idle and len(self.connections) == CONNECTIONS:
                self._clock.skipped += max(0.0, self._due_s - self._clock())
            due = self._count
        now = self._clock()
        while self._came < min(due, self._count) and self.connections and (not self._gap_s or self._due_s <= now):
            if self._came == self._first:
                self._counted_from = self._clock()
            planned = self._due_s if self._gap_s else self._clock()
            counts = self._came >= self._first
            loop.call_soon(self._ask, self.connections.pop(0), next(self._contents), planned, counts)
            self._came += 1
            self._due_s += self._gap_s * next(self._gaps)

    def _ask(self, connection: Connection, content: bytes, planned: float, counts: bool) -> None:
        connection.ask(content, planned, counts=counts)

    def answered(self, connection: Connection, status: int, due: float, *, counts: bool) -> None:
        """Note an answer; its connection is free again."""
        if counts:
            self.seen.note(status, self._clock() - due)
        self.connections.append(connection)
        self._done += 1
        if self._done == self._count:
            self.seen.seconds = self._clock() - self._counted_from
            self.over.set()


class Arrivals(selectors.DefaultSelector):
    """The loop's selector, which brings the phase's requests."""

    phase: Phase | None = None
    loop: asyncio.AbstractEventLoop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Do not wait: time passes by CPU time alone."""
        if self.phase is not None:
            self.phase.turn(self.loop, idle=timeout != 0)
        return super().select(0)


class Loop(asyncio.SelectorEventLoop):
    """asyncio's loop on that clock."""

    def __init__(self, arrivals: Arrivals, clock: Clock) -> None:
        arrivals.loop, self._clock = self, clock
        super().__init__(arrivals)

    def time(self) -> float:
        """Seconds of the clock."""
        return self._clock()


def measured(config: Config, contents: list[bytes], gap_s: float, count: int, gaps: Sequence[float] = (1.0,)) -> Seen:
    """Run one phase on a loop of its own."""
    clock = Clock()
    arrivals = Arrivals()
    with asyncio.Runner(loop_factory=lambda: Loop(arrivals, clock)) as runner:

        async def run() -> Seen:
            phase, state = Phase(cycle(contents), gap_s, cycle(gaps), count, clock), ServerState()
            made = (config.http_protocol_class(config, state, {}) for _ in range(CONNECTIONS))
            phase.connections += [Connection(one, phase) for one in made]
            arrivals.phase = phase
            await phase.over.wait()
            arrivals.phase = None
            return phase.seen

        return runner.run(run())


def main() -> None:
    """Print a table a kind."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bundle", nargs="?", type=Path, default=Path("bundles/gdsc"))
    parser.add_argument("--requests", type=int, default=3_000)
    parser.add_argument("--kinds", default="pair,rank,scores")
    parser.add_argument("--random", action="store_true", help="arrivals at random, instead of evenly spaced")
    asked = parser.parse_args()
    gaps = np.random.default_rng(0).exponential(size=asked.requests).tolist() if asked.random else [1.0]
    settings = Settings(bundle=asked.bundle)
    predictor = Predictor.load(settings)
    app = create_app(settings, predictor)
    app.state.service.open(predictor)
    config = Config(app, http=protocol_of(app.state.service), log_config=None, access_log=False, server_header=False)
    config.load()
    for kind in asked.kinds.split(","):
        contents = kinds(predictor.bundle)[kind]
        measured(config, contents, 0, 300)
        idle = measured(config, contents, 0, asked.requests)
        cost = idle.seconds / len(idle.accepted)
        print(f"\n{kind}: {1e3 * cost:.2f} ms of CPU, idle p99 {1e3 * idle.p99():.2f} ms")
        print(f"{'load':>6}{'200':>8}{'429':>8}{'done':>8}{'p50':>8}{'p99':>8}{'refused':>9}")
        for factor in FACTORS:
            seen = measured(config, contents, cost / factor, asked.requests, gaps)
            p50, p99 = float(np.median(seen.accepted)) / idle.p99(), seen.p99() / idle.p99()
            refusal = float(np.median(seen.refused)) / idle.p99() if seen.refused else float("nan")
            print(
                f"{factor:6.2f}{seen.statuses[200]:8}{seen.statuses[429]:8}"
                f"{seen.statuses[200] * cost / seen.seconds:8.2f}{p50:8.2f}{p99:8.2f}{refusal:9.2f}"
                + "  over the target"
                * (p99 > TARGET)
            )


if __name__ == "__main__":
    main()
