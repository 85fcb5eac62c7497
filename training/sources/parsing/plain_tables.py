"""Tables of named columns, from CSV or Excel, as text; and the checks on ids and numbers that every source shares.

A row is named by its line in the file, the header being line 1: the index of the tables.
"""

import csv
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv as pc
from numpy.typing import NDArray

from training.data.schema import DatasetError, Problem
from training.sources.parsing.csv_text import csv_content, header, row_length_problem
from training.sources.parsing.unpacking import AGAIN
from training.sources.parsing.workbook import read_workbook

BLOCK_BYTES = 1 << 26
SCIENTIFIC = re.compile(r"[+-]?\d(\.\d+)?[eE][+-]?\d+")
DECIMAL = re.compile(r"\d+\.0+")
DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d+")
MISSING = ("", "NA", "N/A", "NaN", "nan", "null", "NULL", "None")


def read_plain(path: Path, required: Sequence[str], *, row_names: bool = False) -> pd.DataFrame:
    """Read all columns as text ("" = empty), rows indexed by line; empty lines are left out.

    With `row_names` the rows of a CSV may have one cell more than the header, as R's write.table leaves it.

    Raises DatasetError with what csv_content refuses, every required column that is missing, or the damage.
    """
    table = read_workbook(path) if path.suffix.lower() in (".xlsx", ".xlsm") else _csv(path, row_names=row_names)
    absent = [column for column in required if column not in table.columns]
    if absent:
        has = ", ".join(map(str, table.columns[:8]))
        raise DatasetError(
            [
                Problem(path.name, "1", column, f"this column is missing; add it (the file has {has})")
                for column in absent
            ]
        )
    table = table[(table != "").any(axis=1)]
    if table.empty:
        raise DatasetError([Problem(path.name, "2", "", f"holds a header and no rows; {AGAIN}")])
    return table


def _csv(path: Path, *, row_names: bool) -> pd.DataFrame:
    content = csv_content(path)
    columns = header(content, path.name)
    first = content.split(b"\n", 2)[1].decode()
    if row_names and len(next(csv.reader([first]), [])) == len(columns) + 1:
        columns = ["", *columns]
    keys = [f"c{i}" for i in range(len(columns))]
    try:
        table = pc.read_csv(
            pa.BufferReader(content),
            read_options=pc.ReadOptions(column_names=keys, skip_rows=1, block_size=BLOCK_BYTES, use_threads=False),
            parse_options=pc.ParseOptions(newlines_in_values=True, ignore_empty_lines=False),
            convert_options=pc.ConvertOptions(
                column_types=dict.fromkeys(keys, pa.string()), strings_can_be_null=False
            ),
        )
    except pa.ArrowException as fault:
        raise DatasetError([row_length_problem(fault, path.name)]) from None
    frame: pd.DataFrame = table.to_pandas().set_axis(columns, axis=1)
    return frame.set_axis(pd.RangeIndex(2, len(frame) + 2))


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
    texts = table[column].astype(object)
    missing = texts.isin(MISSING).to_numpy(bool)
    values = pd.to_numeric(texts.mask(missing), errors="coerce").to_numpy(np.float64, na_value=np.nan)
    bad = ~np.isfinite(values) & (~missing | (not empty))
    for i in np.flatnonzero(bad):
        text = "is empty; give the number or drop the row" if missing[i] else no_number(str(texts.iloc[i]))
        faults.append(Problem(name, str(table.index[int(i)]), column, text))
    return values


def no_number(text: str) -> str:
    """Say what a cell holds that should be a finite number."""
    if DECIMAL_COMMA.fullmatch(text.strip()):
        return f"{text!r} has a decimal comma; write a point"
    if text.strip().lstrip("+-").casefold() in ("inf", "infinity"):
        return f"{text!r} is infinite; leave the cell empty if it was not measured"
    return f"{text!r} is not a number; correct it"
