"""What callers get from a crowded service: 64 that come back at once, and small requests beside long work.

    python -m benchmarks.overload [BUNDLE] [--seconds 6] [--plain] [--command 'python -m service']

`--plain` asks the same routes under uvicorn alone, without limits and workers; `--command` starts another service, say
of an earlier checkout. Impatient callers ask one request after the other over connections that they keep, whatever
the answer; a polite caller beside them asks ten times a second. Small requests beside long work are single pairs, a
hundred a second, beside two callers of 10,000 pairs. Compare runs of one machine alone.
"""

import argparse
import asyncio
import json
import os
import shlex
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import uvicorn
import uvloop

from model.bundle.reader import read_bundle
from service.prediction.predictor import Predictor
from service.routes.routed_app import routed_app
from service.settings import Settings
from service.state import State

PORT = 18_700
IMPATIENT, POLITE_S = 64, 0.1
BATCH_PAIRS, SMALL_S = 10_000, 0.01


@dataclass
class Seen:
    """Statuses of the answers, and how long those with 200 took, in seconds."""

    statuses: Counter[int] = field(default_factory=Counter)
    took_s: list[float] = field(default_factory=list)

    def percentile_ms(self, share: float) -> float:
        """Percentile of the times; NaN of none."""
        return float(np.percentile(self.took_s, share)) * 1000 if self.took_s else float("nan")


async def ask_on(content: bytes, end_s: float, pause_s: float, seen: Seen) -> None:
    """Ask over one connection until `end_s`, opening it again where it is closed."""
    while time.perf_counter() < end_s:
        reader, writer = await asyncio.open_connection("127.0.0.1", PORT, limit=2**24)
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while (began := time.perf_counter()) < end_s:
                writer.write(content)
                head = (await reader.readuntil(b"\r\n\r\n")).lower()
                length = int(head.partition(b"content-length: ")[2].partition(b"\r\n")[0])
                await reader.readexactly(length)
                status = int(head[9:12])
                seen.statuses[status] += 1
                if status == 200:
                    seen.took_s.append(time.perf_counter() - began)
                await asyncio.sleep(max(0.0, began + pause_s - time.perf_counter()) if pause_s else 0)
        writer.close()


async def together(crowd: bytes, callers: int, other: bytes, pause_s: float, seconds: float) -> tuple[Seen, Seen]:
    """What a crowd without patience sees, and one caller of another kind beside it."""
    many, one, end_s = Seen(), Seen(), time.perf_counter() + seconds
    crowded = [ask_on(crowd, end_s, 0, many) for _ in range(callers)]
    await asyncio.gather(*crowded, ask_on(other, end_s, pause_s, one))
    return many, one


def post(path: str, body: object) -> bytes:
    """Bytes of a request."""
    content = json.dumps(body).encode()
    head = (
        f"POST {path} HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: {len(content)}\r\n\r\n"
    )
    return head.encode() + content


def columns(bundle: Path, pairs: int) -> bytes:
    """Request for so many pairs, as columns."""
    random, read = np.random.default_rng(0), read_bundle(bundle)
    lines, drugs = ([row["id"] for row in rows] for rows in (read.cell_lines, read.drugs))
    body = {"cell_lines": random.choice(lines, pairs).tolist(), "drugs": random.choice(drugs, pairs).tolist()}
    return post("/predict", body)


def serve_plain(bundle: Path) -> None:
    """Serve the routes with uvicorn alone."""
    settings = Settings(bundle=bundle, further_bundle=None)
    state = State(settings)
    state.open(Predictor.load(settings))
    uvicorn.run(routed_app(state), port=PORT, access_log=False, log_level="warning")


def wait_until_ready() -> None:
    """Come back once a service listens."""
    for _ in range(1_200):
        with suppress(OSError):
            urllib.request.urlopen(f"http://127.0.0.1:{PORT}/health/ready").close()
            return
        time.sleep(0.1)
    raise SystemExit("the service does not listen")


def measure(bundle: Path, seconds: float) -> None:
    """Print both tables."""
    pair, batch = columns(bundle, 1), columns(bundle, BATCH_PAIRS)
    uvloop.run(together(pair, 4, pair, POLITE_S, 1))  # warm
    print(f"{IMPATIENT} impatient callers for {seconds:g} s, and a polite one beside them")
    for name, content in (("pair", pair), ("10,000 pairs", batch)):
        crowd, polite = uvloop.run(together(content, IMPATIENT, content, POLITE_S, seconds))
        print(
            f"  {name:13} {crowd.statuses[200]:6} answers, p50 {crowd.percentile_ms(50):6.0f} ms;"
            f" {dict(crowd.statuses)}; polite {dict(polite.statuses)}, p50 {polite.percentile_ms(50):.0f} ms"
        )
    print("single pairs, a hundred a second")
    for name, callers in (("alone", 0), ("beside 2 callers of 10,000 pairs", 2)):
        crowd, small = uvloop.run(together(batch, callers, pair, SMALL_S, seconds))
        print(
            f"  {name:33} p50 {small.percentile_ms(50):5.1f} ms, p99 {small.percentile_ms(99):6.1f} ms;"
            f" {dict(small.statuses)}; batches {dict(crowd.statuses)}"
        )


def main() -> None:
    """Start the service, measure, stop it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bundle", nargs="?", type=Path, default=Path("bundles/gdsc"))
    parser.add_argument("--seconds", type=float, default=6)
    parser.add_argument("--plain", action="store_true")
    parser.add_argument("--serve-plain", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--command", default=f"{sys.executable} -m service")
    chosen = parser.parse_args()
    if chosen.serve_plain:
        serve_plain(chosen.bundle)
        return
    plain = [sys.executable, "-m", "benchmarks.overload", str(chosen.bundle), "--serve-plain"]
    environment = os.environ | {"DRP_PORT": str(PORT), "DRP_BUNDLE": str(chosen.bundle.resolve())}
    with Path(os.devnull).open("w") as nowhere:
        command = plain if chosen.plain else shlex.split(chosen.command)
        service = subprocess.Popen(command, env=environment, stdout=nowhere)
        try:
            wait_until_ready()
            time.sleep(5)  # an earlier version goes on loading behind its open port
            measure(chosen.bundle, chosen.seconds)
        finally:
            service.terminate()
            service.wait()


if __name__ == "__main__":
    main()
