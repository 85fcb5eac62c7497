"""The files of an evaluation: three or four a cell, and one table of all measurements.

OUT/cells/<name>.json         what was run and its measurements
OUT/cells/<name>.parquet      the test pairs with everything that was predicted of them (training.evaluation.measure)
OUT/validation/<name>.parquet the validation pairs as predicted by a fit that did not see them, for blends
OUT/stages/<name>.npz         a network's embeddings of the cell lines, stage by stage, for the report
OUT/attention/<name>.npz      a network's attention to each token of line and drug, likewise
OUT/names.parquet             names of drugs and lines
OUT/results.parquet           one tidy table of this dataset, a row a measurement
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from training.data.arrays import Arrays
from training.evaluation.cell import Cell, CellResult
from training.evaluation.methods import find_method
from training.splits.splits import Split

RESULTS = "results.parquet"
COLUMNS = [
    *("dataset", "dataset_hash", "protocol", "method", "shuffle", "split", "fold", "folds", "split_seed", "seed"),
    *("config", "level", "unit", "metric", "value", "low", "high", "pairs"),
]


def stored_metrics(out: Path, dataset_hash: str, cell: Cell, split: Split) -> dict[str, float] | None:
    """Pooled metrics of a cell that `out` holds, made on the same dataset, folds and configuration; else None."""
    path = out / "cells" / f"{cell.name()}.json"
    if not all(file.exists() for file in (path, predictions_path(out, cell), validation_path(out, cell))):
        return None
    content = json.loads(path.read_text(encoding="utf-8"))
    if content["key"] != _key(dataset_hash, cell.method) or content.get("pairs") != _pairs_hash(split):
        return None
    return {row["metric"]: row["value"] for row in content["figures"] if row["level"] == "pooled"}


def predictions_path(out: Path, cell: Cell) -> Path:
    """Table of a cell's test pairs."""
    return out / "cells" / f"{cell.name()}.parquet"


def validation_path(out: Path, cell: Cell) -> Path:
    """Table of a cell's validation pairs."""
    return out / "validation" / f"{cell.name()}.parquet"


def write_cell(out: Path, arrays: Arrays, cell: Cell, split: Split, result: CellResult) -> None:
    """Write the files of a cell; the JSON comes last, so that a cell that has it is whole."""
    if result.line_embeddings:
        labels = {"ids": np.array(arrays.cell_line_ids), "tissue": np.array(arrays.tissue)}
        _write_arrays(out / "stages", cell, {**labels, **result.line_embeddings})
    if result.attention:
        sides = {
            f"{side}_{field}": np.array(value)
            for side, weights in result.attention.items()
            for field, value in vars(weights).items()
        }
        _write_arrays(out / "attention", cell, {"pairs": np.array(len(result.predictions)), **sides})
    temporary = out / "cells" / f"{cell.name()}.writing"
    tables = {predictions_path(out, cell): result.predictions, validation_path(out, cell): result.validation}
    for path, table in tables.items():
        path.parent.mkdir(exist_ok=True)
        table.to_parquet(temporary, index=False, compression="zstd")
        temporary.replace(path)
    content = {
        "key": _key(arrays.dataset_hash, cell.method),
        "pairs": _pairs_hash(split),
        "cell": asdict(cell),
        "metrics": result.metrics(),
        "figures": [asdict(row) for row in result.measurements],
    }
    temporary.write_text(json.dumps(content), encoding="utf-8")
    temporary.replace(temporary.with_name(f"{cell.name()}.json"))


def write_table(out: Path, dataset_hash: str, asked: Sequence[tuple[Cell, Split]]) -> pd.DataFrame:
    """Write the tidy table of all cells of this dataset whose method is configured as today, and return it.

    Cells of one fold must have been made on the same pairs: those that `asked` has, else those of the newest cell.
    Others stay out until they are run again.
    """
    paths = sorted((out / "cells").glob("*.json"))
    stored = {path: json.loads(path.read_text(encoding="utf-8")) for path in paths}
    current = {path: content for path, content in stored.items() if _is_current(content, dataset_hash)}
    oldest_first = sorted(current, key=lambda path: path.stat().st_mtime_ns)
    pairs = {_fold(Cell(**current[path]["cell"])): current[path].get("pairs") for path in oldest_first}
    pairs |= {_fold(cell): _pairs_hash(split) for cell, split in asked}
    parts = [
        pd.DataFrame(content["figures"]).assign(**content["cell"], **content["key"])
        for content in current.values()
        if content.get("pairs") == pairs[_fold(Cell(**content["cell"]))]
    ]
    table = pd.concat(parts, ignore_index=True)[COLUMNS] if parts else pd.DataFrame(columns=COLUMNS)
    temporary = out / "results.writing"
    table.to_parquet(temporary)
    temporary.replace(out / RESULTS)
    return table


def write_names(cell_lines: pd.DataFrame, drugs: pd.DataFrame, out: Path) -> None:
    """Names of drugs and cell lines for the report's labels."""
    parts = [t[["id", "name"]].assign(kind=kind) for kind, t in (("line", cell_lines), ("drug", drugs))]
    out.mkdir(parents=True, exist_ok=True)
    temporary = out / "names.writing"
    pd.concat(parts)[["kind", "id", "name"]].to_parquet(temporary, index=False)
    temporary.replace(out / "names.parquet")


def _write_arrays(folder: Path, cell: Cell, content: Mapping[str, NDArray[Any]]) -> None:
    folder.mkdir(exist_ok=True)
    temporary = folder / f"{cell.name()}.writing.npz"
    np.savez_compressed(temporary, allow_pickle=False, **content)
    temporary.replace(folder / f"{cell.name()}.npz")


@cache
def _config(method: str) -> str:
    return find_method(method).config


def _key(dataset_hash: str, method: str) -> dict[str, str]:
    return {"dataset_hash": dataset_hash, "config": _config(method)}


def _is_current(content: dict[str, Any], dataset_hash: str) -> bool:
    """Whether a cell is of this dataset and its method is configured as today."""
    try:
        return bool(content["key"] == _key(dataset_hash, content["cell"]["method"]))
    except ValueError:  # a method that this version does not have
        return False


def _fold(cell: Cell) -> tuple[str, str, int, int, int]:
    return cell.protocol, cell.split, cell.fold, cell.folds, cell.split_seed


def _pairs_hash(split: Split) -> str:
    """SHA-256 of the four masks: a file of folds that was changed by hand makes its cells run again."""
    masks = (split.train, split.validation, split.test, split.development)
    return hashlib.sha256(b"".join(np.packbits(mask).tobytes() for mask in masks)).hexdigest()
