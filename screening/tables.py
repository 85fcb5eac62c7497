"""Parquet and arrays as bytes, the same for the same content."""

import io
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Files = dict[str, bytes]  # content by name
COMPRESSION = "zstd(1)"


def table_bytes(**columns: Sequence[Any] | NDArray[Any]) -> bytes:
    """Parquet with these columns: arrays of float32 or int64, and lists, of truths in `in_domain`, else of texts."""
    from arro3.core import Array, DataType, Table
    from arro3.io import write_parquet

    arrays: dict[str, Any] = {
        name: Array(np.ascontiguousarray(column))
        if isinstance(column, np.ndarray)
        else Array(column, type=DataType.bool() if name == "in_domain" else DataType.utf8())
        for name, column in columns.items()
    }
    out = io.BytesIO()
    write_parquet(Table.from_pydict(arrays), out, compression=COMPRESSION)
    return out.getvalue()


def read_table(content: bytes) -> dict[str, Any]:
    """Columns of a Parquet file: lists of texts, arrays of numbers and truths in the file's own types."""
    from arro3.core import DataType
    from arro3.io import read_parquet

    table = read_parquet(io.BytesIO(content)).read_all()
    out: dict[str, Any] = {}
    for name in table.schema.names:
        column = table.column(name)
        if column.type == DataType.utf8():
            out[name] = column.to_pylist()
        else:
            out[name] = column.to_numpy() if len(column) else np.array([])  # without rows there is no array to read
    return out


def arrays_bytes(**arrays: NDArray[Any]) -> bytes:
    """Arrays by name, compressed."""
    out = io.BytesIO()
    np.savez_compressed(out, allow_pickle=False, **arrays)
    return out.getvalue()


def read_arrays(content: bytes) -> Mapping[str, NDArray[Any]]:
    """Arrays by name."""
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        return {name: arrays[name] for name in arrays.files}
