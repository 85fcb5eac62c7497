"""What the page costs a service, with `DRP_PAGE` on and off: core time of the start, memory, times of small requests.

    python -m benchmarks.page [BUNDLE] [--rounds 5] [--requests 10000]

Starts a service with and one without the page, in turns, for their starts; then asks both, a request here and one
there, so that whatever else the machine does slows both alike. Before that the page's files are all fetched once.
Memory is proportional (PSS) and of all processes, as in benchmarks.process_memory (Linux).
"""

import argparse
import http.client
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np

from benchmarks.process_memory import total_mib
from service.contract.page import PAGE

PORTS = {"true": 18_501, "false": 18_502}
BLOCK = 250
FILES = Path(__file__).parents[1] / "service" / "web"


@contextmanager
def serving(bundle: Path, page: str) -> Iterator[tuple[subprocess.Popen[bytes], float]]:
    """A service that is ready, and the seconds of a core that its main process took for that."""
    settings = {"BUNDLE": bundle, "PORT": PORTS[page], "PAGE": page, "LOG_LEVEL": "ERROR", "BATCH_WORKERS": 1}
    environment = os.environ | {f"DRP_{name}": str(value) for name, value in settings.items()}
    service = subprocess.Popen([sys.executable, "-m", "service"], env=environment)
    try:
        while ask(connection(page), "/health/ready") != 200:
            time.sleep(0.005)
        fields = Path(f"/proc/{service.pid}/stat").read_text(encoding="utf-8").rpartition(") ")[2].split()
        yield service, (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    finally:
        service.terminate()
        service.wait()


def connection(page: str) -> http.client.HTTPConnection:
    """A connection to one of the two."""
    return http.client.HTTPConnection("127.0.0.1", PORTS[page], timeout=30)


def ask(http_connection: http.client.HTTPConnection, path: str) -> int:
    """Status of the answer; 0 where nobody listens yet."""
    with suppress(OSError):
        http_connection.request("GET", path)
        answer = http_connection.getresponse()
        answer.read()
        return answer.status
    return 0


def main() -> None:
    """Print figures with the page, without it, and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bundle", nargs="?", type=Path, default=Path("bundles/gdsc"))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--requests", type=int, default=10_000)
    chosen = parser.parse_args()
    start_s: dict[str, list[float]] = {page: [] for page in PORTS}
    for turn in range(chosen.rounds):
        for page in sorted(PORTS, reverse=turn % 2 == 0):
            with serving(chosen.bundle, page) as (_, seconds):
                start_s[page].append(seconds)
    took_ms: dict[str, list[float]] = {page: [] for page in PORTS}
    with serving(chosen.bundle, "true") as (on, _), serving(chosen.bundle, "false") as (off, _):
        kept = {page: connection(page) for page in PORTS}
        for file in FILES.rglob("*.*"):
            assert ask(kept["true"], f"{PAGE}/{file.relative_to(FILES)}") == 200  # noqa: S101
        for turn in range(chosen.requests):
            for page in sorted(PORTS, reverse=turn % 2 == 0):
                began = time.perf_counter()
                ask(kept[page], "/rank/A549?k=10")
                took_ms[page].append((time.perf_counter() - began) * 1000)
        memory = {"true": total_mib(on.pid), "false": total_mib(off.pid)}
    report("start (core s)", {page: float(np.median(times)) for page, times in start_s.items()})
    report("memory (MiB)", memory)
    for share in (50, 99):
        report(f"p{share} (ms)", {page: percentile(times, share) for page, times in took_ms.items()})


def percentile(times: list[float], share: int) -> float:
    """Median of the percentiles of blocks: one pause of the machine falls into one block."""
    blocks = np.array_split(np.array(times), max(1, len(times) // BLOCK))
    return float(np.median([np.percentile(block, share) for block in blocks]))


def report(what: str, values: dict[str, float]) -> None:
    """Print a line."""
    print(
        f"{what:18} {values['true']:8.3f} with, {values['false']:8.3f} without: {values['true'] / values['false']:.3f}"
    )


if __name__ == "__main__":
    main()
