"""The files that a command reads itself: tables of pairs, samples as JSON or as tables; `-` is standard input."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from client.cli.connection import stop

PAIR = ("cell_line", "drug")


@contextmanager
def readable() -> Iterator[None]:
    """A file that cannot be read ends the command with its name and the reason."""
    try:
        yield
    except OSError as fault:
        stop(f"{fault.filename}: {fault.strerror}")


def read_pairs(path: Path) -> list[tuple[str, str]]:
    """Pairs of the columns cell_line and drug of a table, whatever it was saved as; case does not matter.

    Ends the command where a column is missing or stands twice, a cell of theirs is empty, or there are no pairs.
    """
    from model.tables.faults import TableError
    from model.tables.rows import Rows

    try:
        rows = Rows(read_bytes(path))
        header = [cell.strip().lower().replace(" ", "_") for cell in rows.header]
        if missing := [column for column in PAIR if column not in header]:
            stop(f"{path}: no column {missing[0]}; the first line must name cell_line and drug")
        if twice := [column for column in PAIR if header.count(column) > 1]:
            stop(f"{path}: two columns {twice[0]}; keep one")
        places = [header.index(column) for column in PAIR]
        pairs = []
        for number, row in rows:
            line, drug = (row[place].strip() for place in places)
            if not line or not drug:
                stop(f"{path}: line {number}: cell_line or drug is empty")
            pairs.append((line, drug))
    except TableError as fault:
        stop(f"{path}: {fault}")
    return pairs or stop(f"{path}: no pairs; give one a line")


def read_sample(path: Path) -> dict[str, Any] | None:
    """A sample as the API takes it; None where the file holds a table. Ends the command where JSON holds no object."""
    content = read_bytes(path)
    if not content.lstrip().removeprefix(b"\xef\xbb\xbf").startswith((b"{", b"[", b'"')):
        return None
    try:
        sample = json.loads(content.decode("utf-8-sig"))
    except ValueError as fault:
        stop(f"{path}: not JSON ({fault})")
    if not isinstance(sample, dict):
        stop(f"{path}: not one JSON object; give expression, mutation, copy_number, tissue, medium as far as known")
    return sample


def read_bytes(path: Path) -> bytes:
    """Content of a file, or of standard input."""
    with readable():
        return sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes()
