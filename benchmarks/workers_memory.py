"""What a worker costs in memory beside the service whose bundle it shares.

    python -m benchmarks.workers_memory [BUNDLE] [--workers 4]

Starts one service with that many workers, has it answer batches, and reads /proc/PID/smaps_rollup (Linux): private
memory is the process's own, proportional memory divides what several have mapped among them.
"""

import argparse
import json
import os
import subprocess
import sys
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from benchmarks.load import descendants, wait_for
from model.bundle.reader import read_bundle

PORT = 18_600
MIB = 2**20
PAIRS, BATCHES = 10_000, 20


def rollup(pid: int) -> dict[str, int]:
    """Bytes of a process by kind."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()[1:]
    return {line.split(":")[0]: int(line.split()[1]) * 1024 for line in lines}


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bundle", nargs="?", type=Path, default=Path("bundles/gdsc"))
    parser.add_argument("--workers", type=int, default=4)
    asked = parser.parse_args()
    bundle = read_bundle(asked.bundle)
    body = {"cell_lines": [bundle.cell_lines[0]["id"]] * PAIRS, "drugs": [bundle.drugs[0]["id"]] * PAIRS}
    content = json.dumps(body).encode()
    settings = {"LOG_LEVEL": "ERROR", "BUNDLE": asked.bundle, "PORT": PORT, "BATCH_WORKERS": asked.workers}
    settings |= {"PRELOAD_CHEMISTRY": "before", "MAX_BATCHES_IN_FLIGHT": asked.workers}
    environment = os.environ | {f"DRP_{name}": str(value) for name, value in settings.items()}
    service = subprocess.Popen([sys.executable, "-m", "service"], env=environment)

    def batch(_: int) -> int:
        url, kind = f"http://127.0.0.1:{PORT}/predict", {"content-type": "application/json"}
        with urllib.request.urlopen(urllib.request.Request(url, content, kind)) as answer:
            return len(answer.read())

    try:
        wait_for(PORT, asked.workers)
        with ThreadPoolExecutor(asked.workers) as callers:
            list(callers.map(batch, range(BATCHES)))
        names = ["service", "nursery", *(f"worker {i + 1}" for i in range(asked.workers))]
        memory = [rollup(pid) for pid in (service.pid, *descendants(service.pid))]
    finally:
        service.terminate()
        service.wait()
    print(f"{bundle.version}; MiB, and the private memory as a share of all that the service has mapped")
    print(f"{'':10}{'mapped':>9}{'private':>9}{'share':>8}{'proportional':>14}")
    mapped = memory[0]["Rss"]
    for name, one in zip(names, memory, strict=True):
        private = one["Private_Clean"] + one["Private_Dirty"]
        print(f"{name:10}{one['Rss'] / MIB:9.1f}{private / MIB:9.1f}{private / mapped:8.2f}{one['Pss'] / MIB:14.1f}")
    print(f"{'all':36}{sum(one['Pss'] for one in memory) / MIB:14.1f}")


if __name__ == "__main__":
    main()
