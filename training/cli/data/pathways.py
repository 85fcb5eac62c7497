"""The command `drp data pathways`."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from training.cli.data.problems import stop_with
from training.cli.terminal import counting_bar, name_among, numeric, output, stop

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from training.data.arrays import Arrays
    from training.pathways.selection import Selection

WANTED = 38  # as the published model reads
FIGURES = ("fdr", "stability", "variance", "spearman")


def pathways(
    dataset: Annotated[Path, typer.Argument(help="Dataset folder with RNA-seq expression.")],
    out: Annotated[Path, typer.Argument(help="Dataset folder to write; DATASET itself, or an older one there.")],
    gene_sets: Annotated[list[Path], typer.Option(help="GMT file of gene sets by symbol; repeat for more.")],
    network: Annotated[
        Path, typer.Option(help="Interactions, gene symbols in the first two columns: Parquet, CSV or tab-separated.")
    ],
    wanted: Annotated[int, typer.Option(help="Most pathways to choose.", min=1)] = WANTED,
    split: Annotated[
        str, typer.Option(help="Choose on the training pairs of a fold of this split, e.g. LCO [default: all pairs].")
    ] = "",
    fold: Annotated[int, typer.Option(help="Number of the fold, from 0.", min=0)] = 0,
    folds: Annotated[int, typer.Option(help="Number of folds.", min=2)] = 5,
    split_seed: Annotated[int, typer.Option(help="Seed of the folds.", min=0)] = 0,
    seed: Annotated[int, typer.Option(help="Seed of the permutations and resamples.", min=0)] = 0,
) -> None:
    """Choose the pathways that tell sensitive from resistant lines, and add their scores to a dataset.

    The choice and its figures are written beside the tables, as pathway_selection.csv. To evaluate with pathways,
    choose them on the training pairs of the fold (--split, --fold), or the test pairs have had their say.
    """
    from training.data.schema import DatasetError
    from training.pathways.activity_table import SELECTION, write_pathway_activity

    try:
        pairs = _training_pairs(split, fold, folds, split_seed)
        with counting_bar("resamples") as show:
            selection = write_pathway_activity(
                dataset, gene_sets, network, out, training_pairs=pairs, seed=seed, wanted=wanted, progress=show
            )
    except DatasetError as fault:
        stop_with(fault.problems, "Nothing was written.")
    except OSError as fault:
        stop(f"{fault.filename or out}: {fault.strerror or fault}")
    except ValueError as fault:
        stop(str(fault))
    output.print(_table(selection))
    typer.echo(f"Wrote {out}: {len(selection.chosen)} pathways of {len(selection.activity)} lines; {out / SELECTION}")


def _training_pairs(split: str, fold: int, folds: int, seed: int) -> "Callable[[Arrays], NDArray[np.bool_]] | None":
    """The training pairs of a fold as a function of the dataset's arrays; None for all pairs."""
    from training.splits.splits import SplitName, make_split

    if not split:
        return None
    name = name_among("split", split, [name.value for name in SplitName])
    if fold >= folds:
        raise ValueError(f"--fold {fold}: give a number from 0 to {folds - 1}")

    def training_pairs(arrays: "Arrays") -> "NDArray[np.bool_]":
        try:
            return make_split(arrays, SplitName(name), fold, folds, seed).train
        except ValueError as fault:
            raise ValueError(f"--split {name}: {fault}") from None

    return training_pairs


def _table(selection: "Selection") -> Table:
    """The chosen sets with the figures of their choice, the most valuable first."""
    table = Table("pathway", *numeric(*FIGURES))
    chosen = selection.table.loc[selection.chosen].sort_values("value", ascending=False, kind="stable")
    for row in chosen.reset_index(names="name").to_dict("records"):
        table.add_row(escape(str(row["name"])), *(f"{row[figure]:.3f}" for figure in FIGURES))
    return table
