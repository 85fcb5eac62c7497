"""CSV files, plain or zipped: matrices (ids in the first column and line, numbers within) and small text tables."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv as pc
from numpy.typing import NDArray

from training.data.schema import DatasetError, Problem
from training.sources.parsing.unpacking import unpack

BLOCK_BYTES = 1 << 24  # a line of 5,000 genes must fit into one block


def read_matrix(path: Path, name: str) -> pd.DataFrame:
    """Read the matrix in `path` (.csv, or .zip with one CSV in it): float64, text ids, NaN where empty.

    `name` is how messages call the file. Raises DatasetError with a problem for each id that stands twice and each
    column that holds something else than numbers, or the one reason why the file cannot be read at all.
    """
    table = _parsed(unpack(path, name), name)
    ids = [str(value) for value in table.column(0).to_pylist()]
    columns = table.column_names[1:]
    faults = [
        *(Problem(name, row, "", "this id stands twice; keep one row") for row in _repeated(ids)),
        *(Problem(name, "", column, "this id stands twice; keep one column") for column in _repeated(columns)),
    ]
    values = np.empty((len(ids), len(columns)))
    for j, column in enumerate(table.columns[1:]):
        numbers = _numbers(column)
        if numbers is None:
            faults.append(_not_a_number(name, ids, columns[j], column.to_pylist()))
        else:
            values[:, j] = numbers
    if faults:
        raise DatasetError(faults)
    return pd.DataFrame(values, index=ids, columns=columns)


def read_parts(folder: Path) -> pd.DataFrame:
    """Read the matrix whose columns are spread over `*_num_<i>.csv.zip` in `folder`, joined by row id.

    Nothing is unpacked to disk. Raises DatasetError with the problems of all parts, or where a part lacks a row.
    """
    paths = sorted((path for path in folder.iterdir() if path.suffix in (".zip", ".csv")), key=_part_number)
    parts: list[pd.DataFrame] = []
    faults: list[Problem] = []
    for path in paths:
        name = f"{folder.name}/{path.name}"
        try:
            part = read_matrix(path, name).astype(np.float32)
        except DatasetError as fault:
            faults += fault.problems
            continue
        first = parts[0].index if parts else part.index
        faults += [
            Problem(name, row, "", "no such row here, but in the first part") for row in first.difference(part.index)
        ]
        faults += [Problem(name, row, "", "no such row in the first part") for row in part.index.difference(first)]
        parts.append(part)
    if faults:
        raise DatasetError(faults)
    return pd.concat([part.loc[parts[0].index] for part in parts], axis=1)


def read_texts(path: Path, key: str, value: str) -> pd.DataFrame:
    """Read the columns `key` (ids, the index) and `value` of a CSV as text.

    Raises DatasetError where the file is no CSV, a column is missing or an id stands twice.
    """
    try:
        table = pd.read_csv(path, dtype=str)
    except ValueError as fault:
        raise DatasetError([Problem(path.name, "", "", f"is no CSV ({fault}); copy the file again")]) from None
    faults = [Problem(path.name, "", c, "this column is missing; add it") for c in (key, value) if c not in table]
    if not faults:
        nameless = [i + 1 for i in range(len(table)) if pd.isna(table[key].iloc[i])]
        faults = [Problem(path.name, str(i), key, "is empty; give the id or drop the row") for i in nameless]
        twice = _repeated(list(table[key].dropna()))
        faults += [Problem(path.name, i, key, "this id stands twice; keep one row") for i in twice]
    if faults:
        raise DatasetError(faults)
    return table.set_index(key)[[value]]


def _part_number(path: Path) -> tuple[int, str]:
    found = re.search(r"_num_(\d+)", path.name)
    return (int(found[1]) if found else 0, path.name)


def _parsed(content: bytes, name: str) -> pa.Table:
    try:
        options = pc.ReadOptions(block_size=BLOCK_BYTES)
        first = content.split(b",", 1)[0].decode("utf-8-sig").strip('"')
        convert = pc.ConvertOptions(column_types={first: pa.string()})  # ids are text: 007 and 7 are two
        table = pc.read_csv(pa.BufferReader(content), read_options=options, convert_options=convert)
    except (pa.ArrowException, UnicodeDecodeError) as fault:
        raise DatasetError([Problem(name, "", "", f"is no CSV matrix ({fault}); copy the file again")]) from None
    if table.num_columns < 2 or not table.num_rows:
        raise DatasetError(
            [Problem(name, "", "", "holds no matrix: ids in the first column and line, numbers within")]
        )
    return table


def _repeated(ids: list[str]) -> list[str]:
    index = pd.Index(ids)
    return list(dict.fromkeys(index[index.duplicated()]))


def _numbers(column: pa.ChunkedArray) -> NDArray[np.float64] | None:
    if pa.types.is_null(column.type):
        return np.full(len(column), np.nan)
    if not (pa.types.is_floating(column.type) or pa.types.is_integer(column.type)):
        return None
    return np.asarray(column.cast(pa.float64()).to_numpy(), np.float64)


def _not_a_number(name: str, ids: list[str], column: str, values: list[object]) -> Problem:
    for row, value in zip(ids, values, strict=True):
        try:
            float(str(value)) if value not in (None, "") else None
        except ValueError:
            return Problem(name, row, column, f"{value!r} is not a number; correct it")
    return Problem(name, "", column, "holds no numbers; correct it")
