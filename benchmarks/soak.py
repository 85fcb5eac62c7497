"""Mixed load for minutes while the bundle is swapped again and again: is every answer the one that its bundle gives?

    python -m benchmarks.soak [BUNDLE] [--seconds 300] [--every 20]

Callers ask for single pairs, rankings, batches of 5,000 pairs, compounds and a table, while SIGHUP takes turns between
the bundle and another with the codes of its lines in reverse. Each answer must be, byte by byte, what the routes alone
make of the bundle that the answer names. Ends with code 1 where one is not, names none, or has a status but 200, 429
and 503, and where a kind of request was not answered from both bundles.
"""

import argparse
import http.client
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from itertools import cycle
from pathlib import Path
from typing import NamedTuple

import numpy as np
from starlette.testclient import TestClient

from model.bundle.bundle import Bundle, ModelPart
from model.bundle.reader import read_bundle
from model.bundle.writer import write_bundle
from model.kernel_stack.served_stack import served_stack
from model.scoring import calibrated, pair_scores
from service.prediction.predictor import Predictor
from service.routes.routed_app import routed_app
from service.settings import Settings
from service.state import State

PORT = 18_500
BATCH_PAIRS, PAUSE_S = 5_000, 0.01
STATUSES = {200, 429, 503}
OF_LINES = ("known", "carried", "line_stack")  # arrays of a kernel stack
SMILES = ("CC(=O)Oc1ccccc1C(=O)O", "CN1C=NC2=C1C(=O)N(C(=O)N2C)C", "Cc1ccc(cc1)S(=O)(=O)N")
JSON = "application/json"


class Question(NamedTuple):
    """One request, and the callers that it belongs to."""

    kind: str
    method: str
    path: str
    body: bytes = b""
    content_type: str = JSON


def questions(bundle: Bundle) -> list[Question]:
    """What is asked."""
    random = np.random.default_rng(0)
    lines, drugs = ([row["id"] for row in rows] for rows in (bundle.cell_lines, bundle.drugs))

    def columns(pairs: int) -> bytes:
        names = {"cell_lines": random.choice(lines, pairs).tolist(), "drugs": random.choice(drugs, pairs).tolist()}
        return json.dumps(names).encode()

    compounds = {f"c{i}": smiles for i, smiles in enumerate(SMILES)}
    pairs = [{"cell_line": line, "drug": name} for line in lines[:5] for name in compounds]
    rows = "".join(f"{name},{smiles}\r\n" for name, smiles in compounds.items())
    head = '--b\r\ncontent-disposition: form-data; name="compounds"; filename="c.csv"\r\n\r\nname,smiles\r\n'
    table = f"{head}{rows}\r\n--b--\r\n"
    return [
        *(Question("pair", "POST", "/predict", columns(1)) for _ in range(30)),
        *(Question("ranking", "GET", f"/rank/{line}?k=20") for line in lines[:20]),
        *(Question("batch", "POST", "/predict", columns(BATCH_PAIRS)) for _ in range(3)),
        Question("compound", "POST", "/predict", json.dumps({"pairs": pairs, "compounds": compounds}).encode()),
        *(Question("compound", "POST", "/rank", json.dumps({"compound": one, "k": 9}).encode()) for one in SMILES),
        Question("table", "POST", "/predict/table", table.encode(), "multipart/form-data; boundary=b"),
    ]


def with_lines_reversed(bundle: Bundle, folder: Path) -> Path:
    """Write a bundle whose first line has the codes of the last, and so on; its folder."""
    rows = [{row["id"]: place for place, row in enumerate(table)} for table in (bundle.cell_lines, bundle.drugs)]

    def reversed_part(part: ModelPart) -> ModelPart:
        of_lines = {name: part.stack[name][::-1].copy() for name in OF_LINES if part.stack}
        part = replace(part, cell=part.cell[::-1], stack={**part.stack, **of_lines})
        stack, tests = served_stack(part.stack) if part.stack else None, []
        for test in part.card["self_test"]:
            line, drug = rows[0][test["cell_line"]], rows[1][test["drug"]]
            if stack is None:
                score = pair_scores(part.cell[line], part.drug[drug])
            else:
                score = stack.known_drugs(stack.codes, np.array([line]), np.array([drug]))[0].astype(np.float32)[0]
            found = {**test, "score": float(score), "probability": float(calibrated(score, *part.calibration))}
            if part.drug_margin is not None:
                found["margin"] = float(pair_scores(part.cell[line], part.drug_margin[drug]))
            tests.append(found)
        return replace(part, card={**part.card, "self_test": tests})  # type: ignore[typeddict-item]

    write_bundle(folder, replace(bundle, models={name: reversed_part(part) for name, part in bundle.models.items()}))
    return folder


def right_answers(folder: Path, asked: list[Question]) -> tuple[str, list[bytes]]:
    """Version of a bundle, and what the routes alone answer from it."""
    settings = Settings(bundle=folder, further_bundle=None)
    state = State(settings)
    state.open(Predictor.load(settings))
    with TestClient(routed_app(state)) as client:
        answers = [
            client.request(one.method, one.path, content=one.body, headers={"content-type": one.content_type})
            for one in asked
        ]
    for answer in answers:
        answer.raise_for_status()
    return state.version, [answer.content for answer in answers]


class Caller(threading.Thread):
    """Asks the questions of one kind in turn over a connection that it keeps, and counts what comes."""

    def __init__(
        self, kind: str, asked: list[Question], right: dict[str, list[bytes]], ended: threading.Event
    ) -> None:
        super().__init__(daemon=True)
        self._kind, self._asked, self._right, self._ended = kind, asked, right, ended
        self.counts: Counter[str] = Counter()
        self.bundles: Counter[str] = Counter()

    def run(self) -> None:
        """Ask until the end."""
        connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=120)
        for place in self._places():
            one = self._asked[place]
            try:
                connection.request(one.method, one.path, one.body or None, {"content-type": one.content_type})
                answer = connection.getresponse()
                self._count(answer.status, answer.read(), place)
            except (OSError, http.client.HTTPException):
                self.counts["dropped"] += 1
                connection.close()
            time.sleep(PAUSE_S)
        connection.close()

    def _places(self) -> Iterator[int]:
        for place in cycle([place for place, one in enumerate(self._asked) if one.kind == self._kind]):
            if self._ended.is_set():
                return
            yield place

    def _count(self, status: int, content: bytes, place: int) -> None:
        if status != http.HTTPStatus.OK:
            self.counts[str(status) if status in STATUSES else "wrong"] += 1
            return
        bundle = json.loads(content).get("bundle")
        self.bundles[bundle] += 1
        if bundle not in self._right:
            self.counts["unstated"] += 1
        else:
            self.counts["right" if content == self._right[bundle][place] else "wrong"] += 1


def point(link: Path, folder: Path) -> None:
    """Let the link lead to this folder, from one moment to the next."""
    fresh = link.with_name("fresh")
    fresh.symlink_to(folder.resolve())
    fresh.replace(link)


def served() -> str:
    """Version of the bundle in use; empty where nothing listens yet."""
    connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=20)
    with suppress(OSError):
        connection.request("GET", "/models")
        return str(json.loads(connection.getresponse().read())["bundle"])
    return ""


def wait_for(version: str) -> None:
    """Come back once this bundle is served."""
    for _ in range(1_200):
        if served() == version:
            return
        time.sleep(0.1)
    raise SystemExit(f"{version} is not taken")


def soak(folders: list[Path], link: Path, seconds: float, every_s: float) -> int:
    """Ask and swap, print the counts; the exit code."""
    asked = questions(read_bundle(folders[0]))
    right = dict(right_answers(folder, asked) for folder in folders)
    versions, ended, swaps = list(right), threading.Event(), 0
    point(link, folders[0])
    environment = os.environ | {"DRP_PORT": str(PORT), "DRP_BUNDLE": str(link), "DRP_LOG_LEVEL": "ERROR"}
    service = subprocess.Popen([sys.executable, "-m", "service"], env=environment)
    try:
        wait_for(versions[0])
        kinds = list(dict.fromkeys(one.kind for one in asked))
        callers = {kind: Caller(kind, asked, right, ended) for kind in kinds}
        for caller in callers.values():
            caller.start()
        end_s = time.monotonic() + seconds
        while time.monotonic() < end_s:
            time.sleep(min(every_s, max(0.0, end_s - time.monotonic())))
            swaps += 1
            point(link, folders[swaps % 2])
            service.send_signal(signal.SIGHUP)
            wait_for(versions[swaps % 2])
        ended.set()
        for caller in callers.values():
            caller.join()
    finally:
        service.terminate()
        service.wait()
    print(f"{seconds:g} s, {swaps} swaps")
    for kind, caller in callers.items():
        print(f"  {kind:9} {dict(caller.counts)}; from each bundle {sorted(caller.bundles.values())}")
    faults = sum(caller.counts[name] for caller in callers.values() for name in ("wrong", "unstated", "dropped"))
    return int(faults > 0 or any(len(caller.bundles) < len(folders) for caller in callers.values()))


def main() -> int:
    """Make the second bundle and soak; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bundle", nargs="?", type=Path, default=Path("bundles/gdsc"))
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--every", type=float, default=20)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as work:
        other = with_lines_reversed(read_bundle(chosen.bundle), Path(work) / "other")
        return soak([chosen.bundle, other], Path(work) / "bundle", chosen.seconds, chosen.every)


if __name__ == "__main__":
    sys.exit(main())
