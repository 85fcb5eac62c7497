"""The dataset's way to disk and back: a folder of Parquet tables (see training.data.schema) plus dataset.json."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from model.bundle.files import replace_folder, write_json
from training.data.content_hash import content_hash
from training.data.schema import (
    EXPRESSION_UNITS,
    FORMAT,
    LISTS,
    UNITS,
    WIDE,
    Dataset,
    DatasetError,
    Problem,
    canonical_order,
)
from training.data.validation import validate

INFO = "dataset.json"


def write_dataset(dataset: Dataset, out: Path, *, checked: bool = False) -> Dataset:
    """Write `dataset` to the folder `out` and return it in canonical order with counts, units and hash filled in.

    Everything goes to a sibling folder that is renamed at the end: `out` is either what it was or the new dataset.
    Raises DatasetError when validate finds an error (`checked` says that the caller has just done that), and when
    `out` is there and holds no dataset.
    """
    errors = [] if checked else [problem for problem in validate(dataset) if problem.severity == "error"]
    errors += occupation_problems(out)
    if errors:
        raise DatasetError(errors)
    tables: dict[str, Any] = {name: canonical_order(name, table) for name, table in dataset.tables()}
    ordered = replace(dataset, **tables)
    written = replace(ordered, info=_described(ordered))
    with replace_folder(out) as staging:
        for name, table in written.tables():
            path = staging / f"{name}.parquet"
            pq.write_table(_arrow(name, table), path, compression="zstd", write_statistics=False)
        write_json(staging / INFO, written.info)
    return written


def occupation_problems(out: Path) -> list[Problem]:
    """Say why a dataset cannot be written to `out`, if so: only an older dataset is ever replaced."""
    if not out.exists() or (out / INFO).is_file():
        return []
    return [Problem(str(out), "", "", "is there and is no dataset; name another folder or remove it")]


def _described(dataset: Dataset) -> dict[str, Any]:
    present = dict(dataset.tables())
    units = {name: unit for name, unit in UNITS.items() if name in present}
    if dataset.platform:
        units["expression"] = EXPRESSION_UNITS[dataset.platform]
    sensitive = int(dataset.response["sensitive"].sum())
    return {
        "format": FORMAT,
        "name": "",
        "source": "",
        "notes": [],
        **dataset.info,
        "units": units,
        "counts": {
            "cell_lines": len(dataset.cell_lines),
            "drugs": len(dataset.drugs),
            "measured": len(dataset.response),
            "sensitive": sensitive,
            "resistant": len(dataset.response) - sensitive,
            "missing": len(dataset.cell_lines) * len(dataset.drugs) - len(dataset.response),
            **{f"{name}_rows": len(present[name]) for name in WIDE if name in present},
        },
        "content_hash": content_hash(dataset),
    }


def _arrow(name: str, table: pd.DataFrame) -> pa.Table:
    """As an Arrow table without pandas' metadata, which for 24,000 columns weighs more than it tells."""
    if name not in WIDE:
        lists = [column for column in table.columns if column in LISTS]
        plain = table.assign(**{column: pd.Series([list(v) for v in table[column]], table.index) for column in lists})
        kinds = [pa.field(column, pa.list_(pa.string())) for column in lists]
        arrays = pa.Table.from_pandas(plain, preserve_index=False).replace_schema_metadata(None)
        for kind in kinds:
            at = arrays.schema.get_field_index(kind.name)
            arrays = arrays.set_column(at, kind, arrays.column(at).cast(kind.type))
        return arrays
    values = np.asfortranarray(table.to_numpy())
    names = [WIDE[name], *map(str, table.columns)]
    ids = pa.array([str(i) for i in table.index], pa.string())
    return pa.Table.from_arrays([ids, *(pa.array(values[:, j]) for j in range(values.shape[1]))], names=names)


def read_dataset(folder: Path, *, verify: bool = True) -> Dataset:
    """Read the dataset in `folder`; with `verify` its content must have the hash that dataset.json states.

    Raises DatasetError naming the file and the reason.
    """
    info = _info(folder / INFO)
    tables: dict[str, pd.DataFrame] = {}
    missing = []
    for name in ("cell_lines", "drugs", "response", *WIDE):
        path = folder / f"{name}.parquet"
        listed = name not in WIDE or f"{name}_rows" in info["counts"]
        if not path.is_file() and listed:
            missing.append(Problem(path.name, "", "", f"missing from {folder}; import the dataset again"))
        elif listed:
            tables[name] = _table(name, path)
    if missing:
        raise DatasetError(missing)
    dataset = Dataset(**tables, info=info)
    if verify and content_hash(dataset) != info["content_hash"]:
        raise DatasetError(
            [Problem(INFO, "", "content_hash", "differs from the tables; a file was changed or damaged, import again")]
        )
    return dataset


def _info(path: Path) -> dict[str, Any]:
    try:
        info: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as fault:
        raise DatasetError([Problem(str(path), "", "", f"cannot be read ({fault}); is this a dataset?")]) from None
    if info.get("format") != FORMAT:
        message = f"is {info.get('format')!r}, this version reads {FORMAT}; import the dataset again"
        raise DatasetError([Problem(path.name, "", "format", message)])
    return info


def _table(name: str, path: Path) -> pd.DataFrame:
    try:
        arrow = pq.ParquetFile(path).read(use_threads=False)  # on 24,000 columns threads cost more than they bring
    except (OSError, pa.ArrowException) as fault:
        raise DatasetError([Problem(path.name, "", "", f"not a Parquet table ({fault}); import again")]) from None
    if name not in WIDE:
        frame: pd.DataFrame = arrow.to_pandas()
        return frame.assign(**{c: pd.Series([list(v) for v in frame[c]], frame.index) for c in LISTS if c in frame})
    first, *columns = arrow.column_names
    values = np.column_stack([column.to_numpy() for column in arrow.columns[1:]])
    return pd.DataFrame(values, index=pd.Index(arrow[first].to_pylist(), name=first), columns=columns)
