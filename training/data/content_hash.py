"""The content hash of a dataset: over the tables' values, not over the files' bytes.

Another Parquet writer or machine gives the same hash for the same content.
"""

import hashlib
import json
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from training.data.schema import WIDE, Dataset, canonical_order


def content_hash(dataset: Dataset) -> str:
    """SHA-256 over names, columns and values of all tables in canonical row order; 64 hex digits."""
    digest = hashlib.sha256()
    for name, table in dataset.tables():
        ordered = canonical_order(name, table)
        columns = [str(column) for column in ordered.columns]
        _feed(digest, json.dumps([name, columns, len(ordered)]).encode())
        if name in WIDE:
            _feed(digest, json.dumps([str(i) for i in ordered.index]).encode())
            _feed(digest, _number_bytes(ordered.to_numpy()))
        else:
            for column in ordered.columns:
                _feed(digest, _column_bytes(ordered[column]))
    return digest.hexdigest()


def _feed(digest: Any, content: bytes) -> None:  # noqa: ANN401  hashlib names no public type
    digest.update(len(content).to_bytes(8, "little"))  # without lengths, content could slide between parts unseen
    digest.update(content)


def _column_bytes(column: pd.Series) -> bytes:
    if pd.api.types.is_numeric_dtype(column):
        return _number_bytes(column.to_numpy())
    values = [
        list(v) if isinstance(v, list | np.ndarray) else None if pd.isna(v) else str(v) for v in column.astype(object)
    ]
    return json.dumps(values, ensure_ascii=False).encode()


def _number_bytes(values: NDArray[Any]) -> bytes:
    """Little-endian bytes; integers as they are, floats as float64 with one NaN and one zero."""
    if values.dtype.kind in "biu":
        return np.ascontiguousarray(values, dtype="u1" if values.dtype.itemsize == 1 else "<i8").tobytes()
    wide = values.dtype.itemsize > 4
    numbers = np.ascontiguousarray(values, dtype="<f8" if wide else "<f4") + 0.0  # −0 + 0 = 0
    return np.where(np.isnan(numbers), numbers.dtype.type(np.nan), numbers).tobytes()
