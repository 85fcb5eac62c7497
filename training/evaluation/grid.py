"""The grid method × split × fold × seed × permutation. Each cell has files of its own, so a stopped grid goes on."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd

from training.data.arrays import Arrays
from training.evaluation.cell import Cell, evaluate_cell
from training.evaluation.cell_files import stored_metrics, write_cell, write_table
from training.evaluation.executors import Executor, run_sequentially
from training.splits.splits import Split

Splits = dict[str, list[Split]]


def run_grid(
    arrays: Arrays,
    cells: list[Cell],
    splits: Splits,
    out: Path,
    on_cell: Callable[[Cell, dict[str, float]], None],
    executor: Executor = run_sequentially,
) -> pd.DataFrame:
    """Run the cells that `out` does not hold yet and write the table of all that it holds of this dataset.

    A cell is taken from its files only when it was made on the same dataset and folds with the same configuration. A
    change of a method's code is not noticed: delete the folder after one. `splits` holds the folds of every split by
    name; `on_cell` is called with the pooled metrics of each cell as it ends.
    """
    (out / "cells").mkdir(parents=True, exist_ok=True)
    missing = []
    for cell in cells:
        split = splits[cell.split][cell.fold]
        metrics = stored_metrics(out, arrays.dataset_hash, cell, split)
        if metrics is None:
            missing.append((cell, split))
        else:
            on_cell(cell, metrics)
    for cell, result in executor(evaluate_cell, arrays, missing):
        write_cell(out, arrays, cell, splits[cell.split][cell.fold], result)
        on_cell(cell, result.metrics())
    return write_table(out, arrays.dataset_hash)
