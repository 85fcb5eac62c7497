"""Splits stored by id: one Parquet file a split, with the dataset's hash, so that others can use the same folds.

One row a measured pair: cell_line_id, drug_id, and a column fold_0, fold_1, … that says what the pair is in that fold:
"train", "validation", "test", "development" (may be learnt from once choices are made) or "unused". The file's
metadata hold split, folds, seed and dataset_hash.
"""

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from training.dataset import Arrays
from training.splits import Split, SplitName, make_split

ROLES = ("unused", "development", "train", "validation", "test")
META = b"drp_folds"


class FoldsError(Exception):
    """A file of folds that does not fit the dataset; the message names file, reason and remedy."""


def stored_folds(arrays: Arrays, name: SplitName, folds: int, seed: int, folder: Path) -> list[Split]:
    """All folds of a split: read from `folder` where they are, else made and written there.

    Raises FoldsError for a file of another dataset or with ids that this one does not have.
    """
    path = folder / f"{name}-{folds}-seed{seed}.parquet"
    if path.exists():
        return read_folds(arrays, path)
    splits = [make_split(arrays, name, fold, folds, seed) for fold in range(folds)]
    folder.mkdir(parents=True, exist_ok=True)
    write_folds(arrays, splits, {"split": str(name), "folds": folds, "seed": seed}, path)
    return splits


def write_folds(arrays: Arrays, splits: list[Split], about: dict[str, str | int], path: Path) -> None:
    """Write the folds by id, to a temporary name first."""
    row, column = np.nonzero(arrays.measured)
    names = {"cell_line_id": (row, arrays.cell_line_ids), "drug_id": (column, arrays.drug_ids)}
    columns = {
        name: pa.DictionaryArray.from_arrays(pa.array(codes.astype(np.int32)), pa.array(ids))
        for name, (codes, ids) in names.items()
    }
    for fold, split in enumerate(splits):
        role = np.zeros(arrays.measured.shape, np.int8)
        for code, mask in enumerate((split.development, split.train, split.validation, split.test), 1):
            role[mask] = code
        columns[f"fold_{fold}"] = pa.DictionaryArray.from_arrays(pa.array(role[row, column]), pa.array(ROLES))
    content = json.dumps({**about, "dataset_hash": arrays.dataset_hash})
    temporary = path.with_suffix(".writing")
    pq.write_table(pa.table(columns).replace_schema_metadata({META: content}), temporary, compression="zstd")
    temporary.replace(path)


def read_folds(arrays: Arrays, path: Path) -> list[Split]:
    """The folds of a file, as masks over `arrays`. Raises FoldsError as `stored_folds` does."""
    try:
        table = pq.read_table(path)
        about = json.loads((table.schema.metadata or {})[META])
    except (OSError, pa.ArrowException, KeyError, ValueError):
        raise FoldsError(f"{path}: no file of folds; delete it and it is made again") from None
    if about["dataset_hash"] != arrays.dataset_hash:
        there, here = about["dataset_hash"][:12], arrays.dataset_hash[:12]
        raise FoldsError(f"{path}: folds of dataset {there}, this one is {here}; use another results folder")
    place = {
        "cell_line_id": {name: i for i, name in enumerate(arrays.cell_line_ids)},
        "drug_id": {name: i for i, name in enumerate(arrays.drug_ids)},
    }
    indices = []
    for name, known in place.items():
        ids = table[name].to_pylist()
        if unknown := sorted(set(ids) - known.keys()):
            raise FoldsError(f"{path}: {name} {unknown[0]!r} is not in the dataset; delete the file")
        indices.append(np.array([known[i] for i in ids]))
    row, column = indices
    splits = []
    for fold in range(int(about["folds"])):
        role = np.array(table[f"fold_{fold}"].to_pylist())
        masks = {}
        for part in ROLES[1:]:
            masks[part] = np.zeros(arrays.measured.shape, bool)
            chosen = role == part
            masks[part][row[chosen], column[chosen]] = True
        splits.append(
            Split(
                masks["train"],
                masks["validation"],
                masks["test"],
                masks["train"] | masks["validation"] | masks["development"],
            )
        )
    return splits
