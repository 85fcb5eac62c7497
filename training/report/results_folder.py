"""What `drp evaluate` wrote, checked and read: the tidy table, predictions, stages, attention and names."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

TABLE = "results.parquet"
TEXT = ("dataset", "dataset_hash", "protocol", "method", "shuffle", "split", "config", "level", "unit", "metric")
NUMBERS = ("fold", "folds", "split_seed", "seed", "value", "low", "high", "pairs")
CELL = ["dataset", "protocol", "method", "shuffle", "split", "fold", "folds", "split_seed", "seed"]
PREDICTIONS = (
    *("cell_line_id", "drug_id", "score", "probability", "sensitive", "called"),
    *("ln_ic50", "predicted_ln_ic50", "lower", "upper"),
)
STAGES = ("raw", "fused", "trained")
SIDES = ("cell", "drug")


class ResultsError(ValueError):
    """The folder is not one that `drp evaluate` wrote."""


@dataclass(frozen=True)
class Results:
    """One folder of results; `cells` has the columns of CELL, dataset_hash and `path` of the predictions."""

    folder: Path
    table: pd.DataFrame
    cells: pd.DataFrame
    names: dict[str, dict[str, str]]
    stages: tuple[Path, ...]
    attention: tuple[Path, ...]


@dataclass(frozen=True)
class Attention:
    """A cell's attention to the tokens of each side, by side: a table of label, mean and deviation over `pairs`."""

    pairs: int
    tokens: dict[str, pd.DataFrame]


def read_results(folder: Path) -> Results:
    """Read everything but the predictions. Raises ResultsError that names the file, the fault and the remedy."""
    path = folder / TABLE
    if not folder.is_dir():
        raise ResultsError(f"{folder}: no such folder; run `drp evaluate DATASET {folder}` first")
    if not path.is_file():
        raise ResultsError(f"{path}: not found; run `drp evaluate DATASET {folder}` first")
    table = _parquet(path)
    _need(path, table, (*TEXT, *NUMBERS))
    for column in NUMBERS:
        if not pd.api.types.is_numeric_dtype(table[column]):
            raise ResultsError(f"{path}: column {column!r} holds {table[column].dtype}, not numbers; evaluate again")
    if table.empty:
        raise ResultsError(f"{path}: no rows; run `drp evaluate` with at least one method and fold")
    table = table.assign(**{column: table[column].fillna("").astype(str) for column in TEXT})
    stages, attention = (tuple(sorted(folder.glob(f"{kind}/*.npz"))) for kind in ("stages", "attention"))
    return Results(folder, table, _cells(folder, table), _names(folder), stages, attention)


def read_predictions(path: Path) -> pd.DataFrame:
    """One cell's test pairs. Raises ResultsError when a column is missing."""
    frame = _parquet(path)
    _need(path, frame, PREDICTIONS)
    return frame.assign(**{column: frame[column].astype(str) for column in ("cell_line_id", "drug_id")})


def read_stages(path: Path) -> tuple[NDArray[np.str_], dict[str, NDArray[np.float64]]]:
    """Tissue of each line, shape (N,), and the three embeddings, shapes (N, ·)."""
    content = _arrays(path, ("tissue", *STAGES))
    tissue = np.array([text if text and text != "nan" else "unknown" for text in content["tissue"].astype(str)])
    stages = {name: content[name].astype(np.float64) for name in STAGES}
    for name, array in stages.items():
        if array.shape[:1] != tissue.shape or array.ndim != 2:
            raise ResultsError(f"{path}: {name} has shape {array.shape} for {len(tissue)} lines; {_remade(path)}")
    return tissue, stages


def read_attention(path: Path) -> Attention:
    """What a network's attention looks at. Raises ResultsError when a part is missing or of another length."""
    fields = {"labels": "label", "mean": "mean", "deviation": "deviation"}
    content = _arrays(path, ("pairs", *(f"{side}_{field}" for side in SIDES for field in fields)))
    try:
        tokens = {
            side: pd.DataFrame({name: content[f"{side}_{field}"] for field, name in fields.items()}) for side in SIDES
        }
    except ValueError as fault:
        raise ResultsError(f"{path}: {fault}; {_remade(path)}") from fault
    return Attention(int(content["pairs"]), tokens)


def _remade(path: Path) -> str:
    return f"delete {path.parents[1] / 'cells' / path.stem}.json and evaluate again, which makes both anew"


def _arrays(path: Path, names: tuple[str, ...]) -> dict[str, NDArray[Any]]:
    try:
        with np.load(path, allow_pickle=False) as content:
            if missing := [name for name in names if name not in content]:
                raise ResultsError(f"{path}: lacks {', '.join(missing)}; {_remade(path)}")
            return {name: content[name] for name in names}
    except (OSError, ValueError) as fault:
        if isinstance(fault, ResultsError):
            raise
        raise ResultsError(f"{path}: cannot be read ({fault}); {_remade(path)}") from fault


def _cells(folder: Path, table: pd.DataFrame) -> pd.DataFrame:
    """Cells that the table holds and whose predictions are there; older files of another dataset are left aside."""
    found: list[dict[str, Any]] = []
    for path in sorted((folder / "cells").glob("*.json")):
        predictions = path.with_suffix(".parquet")
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            row = {column: content["cell"][column] for column in CELL}
            row["dataset_hash"] = content["key"]["dataset_hash"]
        except (ValueError, KeyError, TypeError) as fault:
            raise ResultsError(f"{path}: not a cell of `drp evaluate` ({fault!r}); evaluate again") from fault
        if predictions.is_file():
            found.append({**row, "path": str(predictions)})
    columns = [*CELL, "dataset_hash"]
    if not found:
        return pd.DataFrame(columns=[*columns, "path"])
    return pd.DataFrame(found).merge(table[columns].drop_duplicates(), on=columns)


def _names(folder: Path) -> dict[str, dict[str, str]]:
    path = folder / "names.parquet"
    if not path.is_file():
        return {}
    frame = _parquet(path)
    _need(path, frame, ("kind", "id", "name"))
    parts = frame.dropna().astype(str).groupby("kind")
    return {str(kind): dict(zip(part["id"], part["name"], strict=True)) for kind, part in parts}


def _parquet(path: Path) -> pd.DataFrame:
    try:
        return pd.read_parquet(path)
    except (OSError, ValueError) as fault:  # pyarrow's errors are ValueErrors
        raise ResultsError(f"{path}: no readable Parquet file ({str(fault).splitlines()[0]})") from fault


def _need(path: Path, frame: pd.DataFrame, columns: tuple[str, ...]) -> None:
    missing = [column for column in columns if column not in frame]
    if missing:
        raise ResultsError(
            f"{path}: lacks the columns {', '.join(missing)}: a table of another version of `drp evaluate`; "
            "evaluate again with this one"
        )
