"""Callers that never rest, for the chaos check: do all answers stay right while the service is being hurt?

    python3 scripts/chaos_callers.py PORT STOP_FILE

Six threads ask for the same pairs, two for the same thousands of pairs and two for the same compounds, which a worker
answers, and two hang up in the middle of a request, until STOP_FILE exists. Prints one line of JSON: how many answers
had which status, how many connections failed, how many 200s differed from the first.
"""

import collections
import contextlib
import http.client
import json
import socket
import sys
import threading
import time
from pathlib import Path

PAIRS = [{"cell_line": "A549", "drug": drug} for drug in ("Erlotinib", "Nutlin-3a", "Lapatinib")]
BODY = json.dumps({"pairs": PAIRS}).encode()
BATCH = json.dumps({"pairs": PAIRS * 1000}).encode()
SMILES = {"a": "CC(=O)Oc1ccccc1C(=O)O", "b": "CN1C=NC2=C1C(=O)N(C(=O)N2C)C", "c": "Cc1ccc(cc1)S(=O)(=O)N"}
COMPOUNDS = json.dumps(
    {"pairs": [{"cell_line": "A549", "drug": name} for name in SMILES], "compounds": SMILES}
).encode()
KINDS = {BODY: "pairs", BATCH: "batches", COMPOUNDS: "compounds"}
HEAD = b"POST /predict HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100000\r\n\r\n"


def ask(port: int, body: bytes) -> tuple[int, str]:
    """Status and predictions of one request over a connection of its own."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    with contextlib.closing(connection):
        connection.request("POST", "/predict", body, {"content-type": "application/json"})
        response = connection.getresponse()
        content = json.loads(response.read())
        return response.status, json.dumps(content.get("predictions"))


def main(port: int, stop: Path) -> None:
    """Call until told to stop."""
    expected = {}
    for body in KINDS:
        status, expected[body] = ask(port, body)
        if status != 200:
            raise SystemExit(f"the first request got {status}")
    counts: collections.Counter[str] = collections.Counter()

    def call(body: bytes) -> None:
        while not stop.exists():
            try:
                status, said = ask(port, body)
            except (OSError, http.client.HTTPException):
                counts["failed"] += 1
                time.sleep(0.05)
                continue
            counts[str(status)] += 1
            counts["wrong"] += status == 200 and said != expected[body]
            counts[KINDS[body]] += status == 200

    def hang_up() -> None:
        while not stop.exists():
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=5) as cut:
                cut.sendall(HEAD + BODY)
                counts["cut"] += 1
            time.sleep(0.01)

    threads = [threading.Thread(target=call, args=[body]) for body in [BODY] * 6 + [BATCH] * 2 + [COMPOUNDS] * 2]
    threads += [threading.Thread(target=hang_up) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sys.stdout.write(json.dumps(counts) + "\n")


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
