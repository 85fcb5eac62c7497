"""The first sheet of an Excel workbook as text, with limits on what it unpacks to and on its cells.

openpyxl parses XML through defusedxml where that is installed (the extra `train` names it): entities that expand are
refused.
"""

import warnings
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from datetime import date, datetime, time
from pathlib import Path

import openpyxl
import pandas as pd
from openpyxl.utils import get_column_letter

from training.data.schema import DatasetError, Problem
from training.sources.parsing.unpacking import AGAIN, DAMAGE, most_unpacked, size_refusal

MOST_ROWS = 2**20  # Excel's own limit
MOST_CELLS = 20_000_000  # GDSC's largest release has six million
EXPORT = "delete cells that stand far from the table, or export the table as CSV"
Row = tuple[int, tuple[object, ...]]  # line in the sheet, values without the empty ones at the end


def read_workbook(path: Path) -> pd.DataFrame:
    """Read the first sheet as text, rows indexed by line; whole numbers have no point, empty cells are "".

    Raises DatasetError where the workbook is damaged or beyond the limits, where Excel made a date of a cell, and
    where a cell stands beside the columns that the header names.
    """
    with _first_sheet(path) as sheet:
        rows = list(_filled_rows(sheet, path.name))
    if len(rows) < 2:
        raise DatasetError([Problem(path.name, "", "", f"its first sheet holds no rows; {AGAIN}")])
    (top, header), *body = rows
    columns = ["" if name is None else str(name).strip() for name in header]
    faults: list[Problem] = []
    texts = [_texts(row, columns, path.name, faults) for row in body]
    twice = sorted({name for name in columns if name and columns.count(name) > 1})
    faults += [Problem(path.name, str(top), name, "this column stands twice; keep one or rename it") for name in twice]
    if faults:
        raise DatasetError(faults)
    return pd.DataFrame(texts, columns=columns, dtype="str", index=[line for line, _ in body])


@contextmanager
def _first_sheet(path: Path) -> Iterator[Iterable[tuple[object, ...]]]:
    """The rows of the first sheet as they are parsed; what is wrong with the file becomes a DatasetError."""
    try:
        with zipfile.ZipFile(path) as archive:
            if sum(member.file_size for member in archive.infolist()) > most_unpacked(path):
                raise size_refusal(path, path.name, "export the table as CSV")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl warns of styles and validations, which no table needs
            with (
                path.open("rb") as file,
                closing(openpyxl.load_workbook(file, read_only=True, data_only=True)) as book,
            ):
                sheet = book.worksheets[0]
                # With the size that a file states, every row is filled up to it; without, to its own last cell.
                sheet.reset_dimensions()
                yield sheet.iter_rows(values_only=True)
    except (*DAMAGE, KeyError, IndexError, ValueError, SyntaxError) as fault:
        missing = isinstance(fault, FileNotFoundError)
        reason = str(fault.__cause__ or fault)
        text = (
            f"missing from {path.parent}; add it" if missing else f"cannot be read as a workbook ({reason}); {AGAIN}"
        )
        raise DatasetError([Problem(path.name, "", "", text)]) from None


def _filled_rows(sheet: Iterable[tuple[object, ...]], name: str) -> Iterator[Row]:
    """The rows that hold anything; refuses a sheet beyond the limits before it has been read."""
    cells = 0
    for line, row in enumerate(sheet, 1):
        cells += len(row)
        if line > MOST_ROWS or cells > MOST_CELLS:
            limits = f"{MOST_ROWS:,} rows or {MOST_CELLS:,} cells"
            raise DatasetError([Problem(name, str(line), "", f"its first sheet spans more than {limits}; {EXPORT}")])
        width = len(row)
        while width and row[width - 1] is None:
            width -= 1
        if width:
            yield line, row[:width]


def _texts(row: Row, columns: list[str], name: str, faults: list[Problem]) -> list[str]:
    line, values = row
    if len(values) > len(columns):
        letter, last = get_column_letter(len(values)), get_column_letter(len(columns))
        message = f"{values[-1]!r} stands beside the table, whose header ends at column {last}; delete the cell"
        faults.append(Problem(name, str(line), letter, message))
    texts = [_text(value, faults, name, line, column) for value, column in zip(values, columns, strict=False)]
    return texts + [""] * (len(columns) - len(texts))


def _text(value: object, faults: list[Problem], name: str, line: int, column: str) -> str:
    if isinstance(value, datetime | date | time):
        message = f"Excel made a date of this cell ({value:%d %b}); restore the original text, such as MARCH1 or SEPT2"
        faults.append(Problem(name, str(line), column, message))
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value)
