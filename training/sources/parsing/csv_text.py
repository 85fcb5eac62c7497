"""The text of a CSV file, or the one plain reason why it is none: what people really send instead of one."""

import csv
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from training.data.schema import DatasetError, Problem
from training.sources.parsing.unpacking import AGAIN, unpack

PACKED = {b"PK\x03\x04": "a zip archive or an Excel workbook", b"\x1f\x8b": "a gzip archive"}


@contextmanager
def collect_problems(faults: list[Problem]) -> Iterator[None]:
    """Add the problems of a DatasetError to `faults` instead of letting it stop the reading of other files."""
    try:
        yield
    except DatasetError as fault:
        faults += fault.problems


def one_file(folder: Path, patterns: tuple[str, ...], *, needed: bool = True) -> Path | None:
    """Find the one file of `folder` that a pattern names; raises DatasetError where there are several, or none."""
    found = sorted({path for pattern in patterns for path in folder.glob(pattern)})
    if len(found) > 1:
        names = ", ".join(path.name for path in found)
        raise DatasetError([Problem(str(folder), "", "", f"holds {names}: which one is meant? Keep one")])
    if needed and not found:
        raise DatasetError([Problem(patterns[0], "", "", f"missing from {folder}; add it")])
    return found[0] if found else None


def csv_content(path: Path) -> bytes:
    """Read a CSV (.csv, .csv.gz, or .zip with one CSV in it): UTF-8 without byte-order mark, a header and more.

    Raises DatasetError with the reason: missing, damaged, empty, header only, a web page, a workbook, UTF-16 or
    Latin-1, separated by semicolons or tabs.
    """
    content = unpack(path, path.name)
    reason = _no_table(content)
    if reason:
        raise DatasetError([Problem(path.name, "", "", reason)])
    content = content.removeprefix(b"\xef\xbb\xbf")
    _require_utf8(content, path.name)
    end = content.find(b"\n") + 1 or len(content)
    first = content[:end]
    if b"," not in first:
        for mark, called in ((b";", "semicolons"), (b"\t", "tabs")):
            if mark in first:
                message = f"is separated by {called}; save it with commas, and with points in numbers"
                raise DatasetError([Problem(path.name, "1", "", message)])
        raise DatasetError([Problem(path.name, "1", "", "has no comma: one column only; save it with commas")])
    if not re.search(rb"\S", memoryview(content)[end:]):  # no copy of a file of gigabytes
        raise DatasetError([Problem(path.name, "2", "", f"holds a header and no rows; {AGAIN}")])
    return content


def _no_table(content: bytes) -> str:
    start = content[:512].lstrip()
    if not start:
        return f"is empty; {AGAIN}"
    for mark, called in PACKED.items():
        if content.startswith(mark):
            return f"is {called}, not a CSV; unpack it or export it as CSV"
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "is UTF-16; save it as UTF-8"
    if start.removeprefix(b"\xef\xbb\xbf").startswith(b"<"):
        return "is a web page, not a table (an error or a login page?); download the file itself"
    if start.startswith(b"version https://git-lfs"):
        return "is a Git LFS pointer, not the file; fetch it with git lfs pull"
    return "holds zero bytes: no text; " + AGAIN if b"\0" in content else ""


def _require_utf8(content: bytes, name: str) -> None:
    if content.isascii():
        return
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as fault:
        line = content.count(b"\n", 0, fault.start) + 1
        column = content[content.rfind(b"\n", 0, fault.start) + 1 : fault.start].count(b",")
        names = header(content, name, check=False)
        message = f"byte 0x{content[fault.start]:02x} is no UTF-8; save the file as UTF-8"
        raise DatasetError([Problem(name, str(line), names[column] if column < len(names) else "", message)]) from None


def header(content: bytes, name: str, *, check: bool = True) -> list[str]:
    """Read the column names in the first line; raises DatasetError where `check` finds one that stands twice."""
    line = content[: content.find(b"\n")].decode("utf-8", errors="replace").rstrip("\r")
    names = next(csv.reader(io.StringIO(line)), [])
    twice = sorted({column for column in names if column and names.count(column) > 1}) if len(names) < 1000 else []
    if check and twice:
        message = "this column stands twice; keep one or rename it"
        raise DatasetError([Problem(name, "1", column, message) for column in twice])
    return names


def decimal_comma_hint(got: int, wanted: int) -> str:
    """Say what more cells than columns may come from."""
    return " (decimal commas?)" if got > wanted else ""


def row_length_problem(fault: Exception, name: str, *, before: int = 0) -> Problem:
    """Say an Arrow parser's complaint in the words of this house; `before` lines stood above what it read."""
    found = re.search(r"Row #(\d+): Expected (\d+) columns, got (\d+)", str(fault))
    if found:
        row, wanted, got = (int(number) for number in found.groups())
        return Problem(
            name,
            str(row + before),
            "",
            f"{got} cells, the header has {wanted}{decimal_comma_hint(got, wanted)}; {AGAIN}",
        )
    wide = re.search(r"Expected (\d+) columns, got (\d+)", str(fault))
    if wide:
        return Problem(name, "", "", f"a row has {wide[2]} cells, the header {wide[1]}; {AGAIN}")
    return Problem(name, "", "", f"is no CSV ({str(fault)[:120]}); {AGAIN}")
