"""Tables of named columns as text; and the checks on ids and numbers that every source shares.

A row is named by its line in the file, the header being line 1: the index of the tables.
"""

import math
import re
from collections.abc import Sequence
from datetime import date
from itertools import islice
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from model.tables.faults import TableError
from model.tables.numbers import NumberReader
from model.tables.rows import Rows
from training.data.schema import DatasetError, Problem
from training.sources.parsing.opened_tables import opened_rows

BLOCK_ROWS = 20_000
DATE = r"\d{4}-\d\d-\d\d"  # as model.tables writes those of a workbook
SCIENTIFIC = re.compile(r"[+-]?\d(\.\d+)?[eE][+-]?\d+")
DECIMAL = re.compile(r"\d+\.0+")


def read_plain(path: Path, required: Sequence[str], *, row_names: bool = False) -> pd.DataFrame:
    """Read all columns as text ("" = empty), rows indexed by line; empty lines are left out.

    With `row_names` rows may have one cell more than the header, as R's write.table leaves it.

    Raises DatasetError with what opened_rows refuses, every required column that is missing, a column that stands
    twice, and cells of which Excel made dates.
    """
    with opened_rows(path, path.name, row_names=row_names, fewest=1) as rows:
        columns = [cell.strip() for cell in rows.header]
        faults = _column_faults(columns, required, path.name)
        if faults:
            raise DatasetError(faults)
        table, lines = _texts(rows, len(columns))
        from_workbook = not rows.delimiter
    frame: pd.DataFrame = table.to_pandas().set_axis(columns, axis=1).set_axis(lines)
    if from_workbook and (dates := _dates(frame, path.name)):
        raise DatasetError(dates)
    return frame


def _texts(rows: Rows, width: int) -> tuple[pa.Table, list[int]]:
    """Cells and the number of each row; packed in blocks, since a cell of Python's takes five times the memory."""
    blocks, lines, names = [], [], [f"c{i}" for i in range(width)]
    cells = iter(rows)
    while block := list(islice(cells, BLOCK_ROWS)):
        lines += [number for number, _ in block]
        columns = zip(*(row for _, row in block), strict=True)
        blocks.append(pa.table([pa.array(column, pa.string()) for column in columns], names=names))
    return pa.concat_tables(blocks), lines


def _column_faults(columns: Sequence[str], required: Sequence[str], name: str) -> list[Problem]:
    absent = [column for column in required if column not in columns]
    has = ", ".join(columns[:8])
    message = f"this column is missing; add it (the file has {has})"
    twice = sorted({column for column in columns if column and columns.count(column) > 1})
    return [Problem(name, "1", column, message) for column in absent] + [
        Problem(name, "1", column, "this column stands twice; keep one or rename it") for column in twice
    ]


def _dates(table: pd.DataFrame, name: str) -> list[Problem]:
    """Cells of a workbook that Excel made dates."""
    found = []
    for column in table.columns:
        texts = table[column]
        for line, text in texts[texts.str.fullmatch(DATE)].items():
            day = f"{date.fromisoformat(text):%d %b}"
            message = f"Excel made a date of this cell ({day}); restore the original text, such as MARCH1 or SEPT2"
            found.append(Problem(name, str(line), column, message))
    return found


def id_faults(
    table: pd.DataFrame, column: str, name: str, *, pattern: str = "", what: str = "an id", empty: bool = False
) -> list[Problem]:
    """Find cells that are no ids: empty (unless allowed), padded with spaces, turned into numbers, of another kind.

    Where no cell at all is of the kind, one problem says so: columns are swapped, or it is another table.
    """
    texts = table[column].astype(object)
    counts = texts[texts != ""].value_counts()
    strange = {text: _strange(text, pattern, what) for text in counts.index}
    strange = {text: message for text, message in strange.items() if message}
    if pattern and len(counts) > 1 and all(not re.fullmatch(pattern, str(t)) for t in counts.index):
        first = table.index[(texts != "").to_numpy()][0]
        message = f"no value is {what} ({counts.index[0]!r}); are two columns swapped?"
        return [Problem(name, str(first), column, message)]
    if not strange and (empty or not (texts == "").any()):
        return []
    faults = []
    for line, text in zip(table.index, texts, strict=True):
        if text in strange:
            faults.append(Problem(name, str(line), column, strange[text]))
        elif text == "" and not empty:
            faults.append(Problem(name, str(line), column, "is empty; give the id or drop the row"))
    return faults


def _strange(text: str, pattern: str, what: str) -> str:
    if text != text.strip():
        return f"{text!r} has spaces around it; remove them"
    if SCIENTIFIC.fullmatch(text):
        return f"{text!r} is an id that a spreadsheet rounded to a number; restore it from the original table"
    if DECIMAL.fullmatch(text):
        return f"{text!r} is an id written as a decimal number; write {text.split('.')[0]}"
    if pattern and not re.fullmatch(pattern, text):
        return f"{text!r} is not {what}; correct it"
    return ""


def read_numbers(
    table: pd.DataFrame, column: str, name: str, faults: list[Problem], *, empty: bool = False
) -> NDArray[np.float64]:
    """Read a column as float64 with NaN where empty; what is no finite number, or empty unless allowed, is a fault."""
    texts = table[column].tolist()
    numbers = NumberReader()
    read = numbers.read_all(texts)
    for line, text, value in zip(table.index, texts, read, strict=True):
        if value is None:
            faults.append(Problem(name, str(line), column, no_number(text)))
        elif math.isnan(value) and not empty:
            faults.append(Problem(name, str(line), column, "is empty; give the number or drop the row"))
    try:
        numbers.check()
    except TableError as fault:
        faults.append(Problem(name, "", column, str(fault)))
    return np.array(read, np.float64)


def no_number(text: str) -> str:
    """Say what a cell holds that should be a finite number."""
    if text.strip().lstrip("+-").casefold() in ("inf", "infinity"):
        return f"{text!r} is infinite; leave the cell empty if it was not measured"
    return f"{text!r} is not a number; correct it"
