"""Measure what docs/explanation/performance.md states, print it, and write it there between the two marks.

    python -m benchmarks            all of it, some minutes
    python -m benchmarks --short    some shares of bare; fails where one has fallen by more than a third

Marks: <!-- measured --> and <!-- end -->. Goals of other units than shares depend on the machine, which is named.
"""

import os
import platform
import re
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from benchmarks import api, top_k, training
from benchmarks.row import Row

DOC = Path(__file__).resolve().parent.parent / "docs/explanation/performance.md"
MARKED = re.compile(r"(?<=<!-- measured -->\n).*(?=<!-- end -->)", re.DOTALL)
SHORT = ("live", "rank", "pairs-1-full", "columns-1000-scores", "pairs-1000-full")
LEAST = 2 / 3  # of the stored share
PACKAGES = ("fastapi", "starlette", "uvicorn", "pydantic", "numpy", "onnxruntime")


def table(rows: Iterable[Row]) -> str:
    """The rows as Markdown, with the machine and the versions that they were measured with."""
    model = re.search(r"^model name\s*: (.*)$", Path("/proc/cpuinfo").read_text(encoding="utf-8"), re.MULTILINE)
    load = os.getloadavg()[0]
    machine = f"{model[1] if model else platform.machine()}, {os.cpu_count()} cores, load {load:.1f}"
    versions = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    lines = ["| what | unit | goal | median | least–most |", "|---|---|---|---|---|", *(row.text() for row in rows)]
    made = f"{datetime.now(UTC):%Y-%m-%d}: {machine}. Python {platform.python_version()}, {versions}."
    return "\n".join([*lines, "", made, ""])


def fallen(rows: Iterable[Row], stored: str) -> list[str]:
    """What has fallen below two thirds of the stored share in every round: a crowded machine is no fall."""
    shares = {cells[1]: float(cells[4]) for line in stored.splitlines() if api.SHARE in (cells := _cells(line))}
    return [
        f"{row.what}: {max(row.rounds):.2f} of bare, where docs/explanation/performance.md has {shares[row.what]}"
        for row in rows
        if row.unit == api.SHARE and max(row.rounds) < LEAST * shares.get(row.what, 0)
    ]


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.split("|")]


def main(arguments: list[str]) -> int:
    """Run the command; the exit code."""
    if arguments == ["--short"]:
        rows = api.measure(5, 0.25, iter(SHORT))
        print(table(rows))
        faults = fallen(rows, DOC.read_text(encoding="utf-8"))
        print("\n".join(faults), file=sys.stderr)
        return bool(faults)
    written = table([*api.measure(9, 0.5, iter(api.GOALS)), *top_k.measure(9), *training.measure(3)])
    print(written)
    DOC.write_text(MARKED.sub(lambda _: written, DOC.read_text(encoding="utf-8")), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
