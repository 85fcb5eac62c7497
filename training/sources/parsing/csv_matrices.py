"""Published matrices (ids in the first column and line, numbers within) and small tables of two columns of text."""

import re
from pathlib import Path

import numpy as np
import pandas as pd

from training.data.schema import DatasetError, Problem
from training.sources.parsing.plain_tables import read_plain
from training.sources.parsing.wide_tables import read_wide


def read_matrix(path: Path, name: str) -> pd.DataFrame:
    """Read the matrix in `path` (as opened_rows reads it): float64, text ids, NaN where empty.

    `name` is how messages call the file. Raises DatasetError with a problem for each id that stands twice and each
    cell that holds something else than a number, or the one reason why the file cannot be read at all.
    """
    texts, values = read_wide(path, lambda place, _: place == 0, name=name, dtype=np.float64)
    ids, columns = texts.iloc[:, 0].tolist(), list(values.columns)
    faults = [
        *(Problem(name, row, "", "this id stands twice; keep one row") for row in _repeated(ids)),
        *(Problem(name, "", column, "this id stands twice; keep one column") for column in _repeated(columns)),
    ]
    if faults:
        raise DatasetError(faults)
    return values.set_axis(ids)


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
    """Read the columns `key` (ids, the index) and `value` as text, None where empty.

    Raises DatasetError where the file is no table, a column is missing or an id stands twice.
    """
    table = read_plain(path, (key, value))
    nameless = table.index[table[key] == ""]
    faults = [Problem(path.name, str(i), key, "is empty; give the id or drop the row") for i in nameless]
    twice = _repeated(table[key][table[key] != ""].tolist())
    faults += [Problem(path.name, i, key, "this id stands twice; keep one row") for i in twice]
    if faults:
        raise DatasetError(faults)
    return table.set_index(key)[[value]].replace("", None)


def _part_number(path: Path) -> tuple[int, str]:
    found = re.search(r"_num_(\d+)", path.name)
    return (int(found[1]) if found else 0, path.name)


def _repeated(ids: list[str]) -> list[str]:
    index = pd.Index(ids)
    return list(dict.fromkeys(index[index.duplicated()]))
