"""The grid method × split × fold × seed × permutation. Each cell has files of its own, so a stopped grid goes on."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd

from training.data.arrays import Arrays
from training.evaluation.blends import blend
from training.evaluation.cell import Cell, evaluate_cell, result_of
from training.evaluation.cell_files import stored_metrics, write_cell, write_table
from training.evaluation.executors import Executor, run_sequentially
from training.evaluation.methods import parts_of_blend
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
    blends = [(cell, split) for cell, split in missing if parts_of_blend(cell.method)]
    fits = [(cell, split) for cell, split in missing if not parts_of_blend(cell.method)]
    for cell, result in executor(evaluate_cell, arrays, fits):
        write_cell(out, arrays, cell, splits[cell.split][cell.fold], result)
        on_cell(cell, result.metrics())
    for cell, split in blends:
        result = result_of(arrays, cell, split, blend(out, arrays, cell, split), 0.0)
        write_cell(out, arrays, cell, split, result)
        on_cell(cell, result.metrics())
    return write_table(out, arrays.dataset_hash, [(cell, splits[cell.split][cell.fold]) for cell in cells])
