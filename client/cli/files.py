"""The files that a command reads itself: pairs as CSV, a sample as JSON; `-` is standard input."""

import csv
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from client.cli.connection import stop


@contextmanager
def readable() -> Iterator[None]:
    """A file that cannot be read ends the command with its name and the reason."""
    try:
        yield
    except OSError as fault:
        stop(f"{fault.filename}: {fault.strerror}")


def read_pairs(path: Path) -> list[tuple[str, str]]:
    """Pairs (cell line, drug) of a CSV; ends the command where a cell of theirs is empty, or there are none."""
    rows = csv.DictReader(_text(path).splitlines())
    if missing := {"cell_line", "drug"} - set(rows.fieldnames or ()):
        stop(f"{path}: no column {min(missing)}; the first line must name cell_line and drug, separated by a comma")
    pairs = []
    for row in rows:
        if not row["cell_line"] or not row["drug"]:
            stop(f"{path}: line {rows.line_num}: cell_line or drug is empty")
        pairs.append((row["cell_line"], row["drug"]))
    return pairs or stop(f"{path}: no pairs; give one a line")


def read_sample(path: Path) -> dict[str, Any]:
    """A sample as the API takes it; ends the command where the file holds no JSON object."""
    try:
        sample = json.loads(_text(path))
    except ValueError as fault:
        stop(f"{path}: not JSON ({fault})")
    if not isinstance(sample, dict):
        stop(f"{path}: not one JSON object; give expression, mutation, copy_number, tissue, medium as far as known")
    return sample


def _text(path: Path) -> str:
    try:
        with readable():
            return sys.stdin.read() if str(path) == "-" else path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as fault:
        stop(f"{path}: byte {fault.start + 1} is no UTF-8; save the file as UTF-8")
