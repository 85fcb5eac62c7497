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

from training.data.arrays import Arrays
from training.splits.splits import Split, SplitName, make_split

ROLES = ("unused", "development", "train", "validation", "test")
META = b"drp_folds"


class FoldsError(Exception):
    """A file of folds that does not fit the dataset; the message names file, reason and remedy."""


def load_or_make_folds(
    arrays: Arrays, name: SplitName, folds: int, seed: int, folder: Path, called: str = ""
) -> list[Split]:
    """All folds of a split: read from `folder` where they are, else made and written there as `called` or by name.

    Raises FoldsError for a file of another dataset, with ids that this one does not have, damaged, or of another
    number of folds, and where the dataset has too few groups to fill the folds.
    """
    path = folder / f"{called or name}-{folds}-seed{seed}.parquet"
    if path.exists():
        stored = read_folds(arrays, path)
        if len(stored) != folds:
            raise FoldsError(f"{path}: has {len(stored)} folds, not {folds}; delete it and it is made again")
        return stored
    try:
        splits = [make_split(arrays, name, fold, folds, seed) for fold in range(folds)]
    except ValueError as fault:
        raise FoldsError(f"split {name}: {fault}") from None
    folder.mkdir(parents=True, exist_ok=True)
    write_folds(arrays, splits, {"split": called or str(name), "folds": folds, "seed": seed}, path)
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
    """The folds of a file, as masks over `arrays`. Raises FoldsError as `load_or_make_folds` does."""
    try:
        table = pq.read_table(path)
        about = json.loads((table.schema.metadata or {})[META])
        there, here = str(about["dataset_hash"])[:12], arrays.dataset_hash[:12]
        roles = [np.array(table[f"fold_{fold}"].to_pylist(), str) for fold in range(int(about["folds"]))]
        ids = {name: table[name].to_pylist() for name in ("cell_line_id", "drug_id")}
    except (OSError, pa.ArrowException, KeyError, ValueError, TypeError):
        raise FoldsError(f"{path}: no file of folds; delete it and it is made again") from None
    if about["dataset_hash"] != arrays.dataset_hash:
        raise FoldsError(f"{path}: folds of dataset {there}, this one is {here}; use another results folder")
    place = {
        "cell_line_id": {name: i for i, name in enumerate(arrays.cell_line_ids)},
        "drug_id": {name: i for i, name in enumerate(arrays.drug_ids)},
    }
    indices = []
    for name, known in place.items():
        if unknown := sorted(set(map(str, ids[name])) - known.keys()):
            raise FoldsError(f"{path}: {name} {unknown[0]!r} is not in the dataset; correct or delete the file")
        indices.append(np.array([known[i] for i in ids[name]], int))
    row, column = indices
    _refuse_pairs(arrays, row, column, path)
    splits = []
    for fold, role in enumerate(roles):
        if unknown := sorted(set(role) - set(ROLES)):
            raise FoldsError(f"{path}: fold_{fold} {str(unknown[0])!r} is not one of {', '.join(ROLES)}; correct it")
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


def _refuse_pairs(arrays: Arrays, row: np.ndarray, column: np.ndarray, path: Path) -> None:
    """Raise FoldsError for a pair that stands twice, which could train and test, or that was not measured."""
    times = np.zeros(arrays.measured.shape, int)
    np.add.at(times, (row, column), 1)
    for wrong, says in ((times > 1, "stands more than once"), ((times > 0) & ~arrays.measured, "was not measured")):
        if wrong.any():
            i, j = np.argwhere(wrong)[0]
            pair = f"{arrays.cell_line_ids[i]} with {arrays.drug_ids[j]}"
            raise FoldsError(f"{path}: the pair {pair} {says}; correct or delete the file")
