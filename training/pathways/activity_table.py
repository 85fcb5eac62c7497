"""The table `pathway_activity` of a dataset folder: gene sets chosen on training pairs, scores of every line."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from training.data.arrays import Arrays, align
from training.data.folder import occupation_problems, read_dataset, write_dataset
from training.data.schema import Dataset, DatasetError, Problem
from training.pathways.gene_sets import GeneFileError, read_edges, read_gene_sets
from training.pathways.selection import WANTED, Selection, median_response, select_pathways

SELECTION = "pathway_selection.csv"
PLATFORM = "rnaseq_log2_tpm1"  # ssGSEA ranks the genes of one line: values standardised per gene have another order
LEAST_IN_NETWORK = 0.1  # of the measured genes; with fewer, the two tables name genes differently
NOTE = "pathway_activity: "


def write_pathway_activity(
    folder: Path,
    gene_sets: Sequence[Path],
    network: Path,
    out: Path,
    *,
    training_pairs: Callable[[Arrays], NDArray[np.bool_]] | None = None,
    seed: int = 0,
    wanted: int = WANTED,
    progress: Callable[[int, int], None] | None = None,
) -> Selection:
    """Write the dataset of `folder` to `out` with a table `pathway_activity`, and how its sets were chosen beside it.

    `gene_sets` are GMT files and `network` a file of interactions (training.pathways.gene_sets); both name genes by
    symbol, as the expression table does. Sets are chosen on the lines and responses of the training pairs alone:
    `training_pairs` returns them for the dataset's arrays, (N, M) boolean, for example those of one fold; the default
    is all measured pairs. Every line with expression is scored, and its score depends on its own expression alone.
    `out` may be `folder`; an older dataset there is replaced. `out`/pathway_selection.csv has a row for each enriched
    set. `progress` receives the resamples done and their number. The same seed gives the same table.

    Raises DatasetError for the dataset, OSError or GeneFileError (a ValueError) for the other files, and ValueError
    where too few lines train or no set is enriched. Nothing is written then.
    """
    if problems := occupation_problems(out):
        raise DatasetError(problems)
    dataset = read_dataset(folder)
    expression, sets, edges = _expression(dataset), read_gene_sets(gene_sets), read_edges(network)
    _refuse_other_names(expression, edges, network)
    arrays = align(dataset)
    train = arrays.measured if training_pairs is None else training_pairs(arrays) & arrays.measured
    response = median_response(arrays.ln_ic50, train, arrays.cell_line_ids)
    lines = [line for line in response.index if line in expression.index]
    selection = select_pathways(expression, response, lines, sets, edges, seed, wanted, progress)
    written = write_dataset(_with_activity(dataset, selection, lines, len(sets), seed), out)
    selection.table.to_csv(out / SELECTION, index_label="gene_set")
    assert written.pathway_activity is not None  # noqa: S101  _with_activity gave it
    return replace(selection, activity=written.pathway_activity)


def _expression(dataset: Dataset) -> pd.DataFrame:
    if dataset.expression is None:
        raise DatasetError(
            [Problem("expression.parquet", "", "", "is missing; pathways are scored from it, import it")]
        )
    if dataset.platform != PLATFORM:
        message = f"is {dataset.platform!r}; pathways need log2(TPM + 1), import RNA-seq"
        raise DatasetError([Problem("dataset.json", "", "expression_platform", message)])
    return dataset.expression


def _refuse_other_names(expression: pd.DataFrame, edges: pd.DataFrame, network: Path) -> None:
    genes = expression.columns
    known = int(genes.isin(pd.unique(edges[["a", "b"]].to_numpy().ravel())).sum())
    if known < LEAST_IN_NETWORK * len(genes):
        raise GeneFileError(
            f"{network.name}: knows {known} of {len(genes)} genes of the expression table; give a network of the same "
            "gene symbols"
        )


def _with_activity(dataset: Dataset, selection: Selection, lines: list[str], sets: int, seed: int) -> Dataset:
    note = (
        f"{NOTE}{len(selection.chosen)} of {len(selection.table)} enriched gene sets of {sets}, chosen on "
        f"{len(lines)} lines, seed {seed}"
    )
    notes = [old for old in dataset.info.get("notes", []) if not old.startswith(NOTE)]
    activity = selection.activity.astype(np.float32)
    activity = activity.set_axis(activity.index.rename(_expression(dataset).index.name))
    return replace(dataset, pathway_activity=activity, info={**dataset.info, "notes": [*notes, note]})
