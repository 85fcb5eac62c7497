"""Whether several processes would save memory by sharing one bundle: what each has for itself and what the codes are.

    python -m benchmarks.workers_memory [BUNDLE] [--workers 4]

Starts that many services, asks each for a ranking, and reads /proc/PID/smaps_rollup (Linux): private memory is the
process's own, proportional memory shares what several have mapped. The codes, which a memory map of the safetensors
files could share, are set beside it.
"""

import argparse
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from model.bundle import read_bundle

FIRST_PORT = 18_600
MIB = 2**20


def rollup(pid: int) -> dict[str, int]:
    """Bytes of a process by kind."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()[1:]
    return {line.split(":")[0]: int(line.split()[1]) * 1024 for line in lines}


def answered(url: str) -> bool:
    """Whether a service answers there."""
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 -- our own address
            return bool(answer.status == 200)
    except (OSError, urllib.error.URLError):
        return False


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bundle", nargs="?", type=Path, default=Path("bundles/gdsc"))
    parser.add_argument("--workers", type=int, default=4)
    asked = parser.parse_args()
    bundle = read_bundle(asked.bundle)
    line = bundle.cell_lines[0]["id"]
    ports = range(FIRST_PORT, FIRST_PORT + asked.workers)
    command = [sys.executable, "-m", "service"]
    quiet = {"DRP_LOG_LEVEL": "ERROR", "DRP_BUNDLE": str(asked.bundle)}
    workers = [subprocess.Popen(command, env=os.environ | quiet | {"DRP_PORT": str(port)}) for port in ports]
    try:
        for port in ports:
            while not answered(f"http://127.0.0.1:{port}/rank/{line}"):
                time.sleep(0.2)
        memory = [rollup(worker.pid) for worker in workers]
    finally:
        for worker in workers:
            worker.terminate()
            worker.wait()
    private = sum(one["Private_Clean"] + one["Private_Dirty"] for one in memory) / len(memory)
    proportional = sum(one["Pss"] for one in memory) / len(memory)
    codes = sum(part.cell.nbytes + part.drug.nbytes for part in bundle.models.values())
    print(f"{bundle.version}, {asked.workers} processes; MiB each, and as a share of the private memory")
    for name, size in (("private", private), ("proportional", proportional), ("codes", codes)):
        print(f"{name:14}{size / MIB:8.1f}{size / private:9.3f}")


if __name__ == "__main__":
    main()
