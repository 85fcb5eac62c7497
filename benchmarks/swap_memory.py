"""Memory of a service and all its processes over swaps of the bundle, with compounds in its load (Linux).

    python -m benchmarks.swap_memory [BUNDLE] [--swaps 10] [--batch-workers 1]

Sends batches, compounds and small requests, then SIGHUP, and so on, and reads /proc/PID/smaps_rollup of the service
and of every process that comes of it: the sum of their proportional memory (PSS), in which what several have mapped
counts once. Peaks are those seen fifty times a second. Ends with code 1 where the memory after the last swap is over
600 MiB or a peak over 900.
"""

import argparse
import http.client
import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

from benchmarks.process_memory import Peak, family, proportional_mib, total_mib
from model.bundle.reader import read_bundle

PORT = 18_600
AFTER_MIB, PEAK_MIB = 600, 900
SMILES = ("CC(=O)Oc1ccccc1C(=O)O", "CN1C=NC2=C1C(=O)N(C(=O)N2C)C", "Cc1ccc(cc1)S(=O)(=O)N")


def send(path: str, body: object = None) -> str:
    """Answer to a request."""
    content = None if body is None else json.dumps(body).encode()
    connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=120)
    connection.request("POST" if content else "GET", path, content, {"content-type": "application/json"})
    text = connection.getresponse().read().decode()
    connection.close()
    return text


def load(line: str, drug: str) -> None:
    """Ask for a batch, for compounds and for small things."""
    send("/predict", {"cell_lines": [line] * 10_000, "drugs": [drug] * 10_000})
    compounds = {f"c{i}": smiles for i, smiles in enumerate(SMILES)}
    send("/predict", {"pairs": [{"cell_line": line, "drug": name} for name in compounds], "compounds": compounds})
    for _ in range(20):
        send(f"/rank/{line}?k=10")


def wait_for(text: str) -> None:
    """Come back once the metrics say so."""
    for _ in range(1_200):
        with suppress(OSError):
            if text in send("/metrics"):
                return
        time.sleep(0.1)
    raise SystemExit(f"{text} does not come about")


def main() -> int:
    """Print a line a swap; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bundle", nargs="?", type=Path, default=Path("bundles/gdsc"))
    parser.add_argument("--swaps", type=int, default=10)
    parser.add_argument("--batch-workers", type=int, default=1)
    chosen = parser.parse_args()
    bundle = read_bundle(chosen.bundle)
    settings = {"LOG_LEVEL": "ERROR", "BUNDLE": chosen.bundle, "PORT": PORT, "BATCH_WORKERS": chosen.batch_workers}
    environment = os.environ | {f"DRP_{name}": str(value) for name, value in settings.items()}
    service = subprocess.Popen([sys.executable, "-m", "service"], env=environment)
    try:
        wait_for(f"drp_batch_workers {chosen.batch_workers}.0")
        peak = Peak(service.pid)
        peak.start()
        for swap in range(chosen.swaps + 1):
            if swap:
                service.send_signal(signal.SIGHUP)
                wait_for(f'drp_bundle_swaps_total{{outcome="done"}} {swap}.0')
            load(bundle.cell_lines[0]["id"], bundle.drugs[0]["id"])
            time.sleep(1)
            parts = " + ".join(f"{proportional_mib(one):.0f}" for one in family(service.pid))
            after = total_mib(service.pid)
            print(f"{swap:3} swaps: {after:4.0f} MiB = {parts}; highest so far {peak.mib:.0f}", flush=True)
        peak.ended = True
    finally:
        service.terminate()
        service.wait()
    return int(after > AFTER_MIB or peak.mib > PEAK_MIB)


if __name__ == "__main__":
    sys.exit(main())
