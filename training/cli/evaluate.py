"""`drp evaluate`: which grid is asked for, and the table on the terminal."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from training.cli.terminal import console, listed_names, names_among, progress_bar, stop, whole_number
from training.data.arrays import Arrays, align
from training.data.folder import read_dataset
from training.data.schema import Dataset, DatasetError
from training.evaluation.cell import Cell
from training.evaluation.cell_files import RESULTS, write_names
from training.evaluation.executors import Executor, process_executor, ray_executor, run_sequentially
from training.evaluation.grid import Splits, run_grid
from training.evaluation.methods import GROUPS, expand_groups
from training.evaluation.summary import summarise
from training.splits import cross_study, paper_protocols, predefined
from training.splits.permuted_features import FeaturePermutation
from training.splits.splits import SplitName
from training.splits.stored_folds import FoldsError, load_or_make_folds

SHOWN = ("auroc", "auprc", "per_drug_auroc", "rmse", "per_drug_pearson", "pearson_beyond_means")


def evaluate(
    dataset: Annotated[Path, typer.Argument(help="Dataset folder, as `drp data import` wrote it.")],
    out: Annotated[Path, typer.Argument(help="Folder of the results; cells that are there are not run again.")],
    models: Annotated[
        str, typer.Option(help=f"Comma-separated methods or groups of them: {', '.join(GROUPS)}.")
    ] = "baselines,hgacl",
    splits: Annotated[str, typer.Option(help="Comma-separated.")] = ",".join(SplitName),
    folds: Annotated[int, typer.Option(help="Number of folds.", min=2)] = 5,
    only: Annotated[str, typer.Option(help="Run these folds only, comma-separated [default: all].")] = "",
    split_seed: Annotated[int, typer.Option(help="Seed of the folds.")] = 0,
    seeds: Annotated[str, typer.Option(help="Seeds of every method, comma-separated.")] = "0",
    shuffles: Annotated[
        str, typer.Option(help="Comma-separated, of: none, lines, drugs (features dealt out at random).")
    ] = "none",
    protocol: Annotated[
        str,
        typer.Option(
            help="'folds', 'stated' for the parts that the data were published with, or 'published' for the papers' "
            "own procedures, leaks included."
        ),
    ] = "folds",
    transfer_to: Annotated[
        Path | None, typer.Option("--transfer", help="Train on DATASET, test on this dataset instead of on folds.")
    ] = None,
    jobs: Annotated[int, typer.Option(help="Processes, one thread each.", min=1)] = 1,
    engine: Annotated[str, typer.Option(help="'local', or 'ray' for an existing Ray cluster.")] = "local",
) -> None:
    """Measure methods on test pairs that training, early stopping and thresholds never saw."""
    try:
        methods = expand_groups(listed_names("models", models))
        dealt = [
            FeaturePermutation(name).value
            for name in names_among("shuffles", shuffles, [s.value for s in FeaturePermutation])
        ]
        numbers = [int(n) for n in names_among("only", only, [str(i) for i in range(folds)])] if only else range(folds)
        chosen = names_among("splits", splits, [s.value for s in SplitName])
        runs = [whole_number("seeds", text) for text in listed_names("seeds", seeds)]
        kind = _protocol(protocol, transfer_to)
        run = _engine(engine, jobs)
        data = read_dataset(dataset)
        arrays = align(data)
        if transfer_to is not None:
            arrays, given, numbers = *_transfer(arrays, data, dataset, transfer_to, split_seed), [0]
        elif kind == paper_protocols.PROTOCOL:
            given = {split: make(arrays, folds, split_seed) for split, make in paper_protocols.SPLITS.items()}
        elif kind == predefined.PROTOCOL:
            given, numbers = {predefined.PROTOCOL: [predefined.predefined_split(data.response, arrays)]}, [0]
        else:
            given = {s: load_or_make_folds(arrays, SplitName(s), folds, split_seed, out / "folds") for s in chosen}
        arrays = replace(arrays, structures=out / "structures")
        name = _name(data, dataset)
        cells = [
            Cell(m, s, n, len(given[s]), split_seed, seed, shuffle, kind, name)
            for s in given
            for seed in runs
            for shuffle in dealt
            for m in methods
            for n in numbers
        ]
        write_names(data.cell_lines, data.drugs, out)
        with progress_bar() as bar:
            task = bar.add_task("first cell", total=len(cells))

            def show(cell: Cell, found: dict[str, float]) -> None:
                text = f"{cell.method} {cell.split} fold {cell.fold}: AUROC {found['auroc']:.3f}"
                bar.update(task, advance=1, description=text)

            table = run_grid(arrays, cells, given, out, show, run)
    except (DatasetError, FoldsError, ValueError) as fault:
        stop(str(fault))
    for kind in sorted(table["protocol"].unique()):
        _print(summarise(table, kind), kind)
    console.print(f"Wrote {out / RESULTS}")


def _transfer(first: Arrays, data: Dataset, folder: Path, to: Path, seed: int) -> tuple[Arrays, Splits]:
    """Both studies as one set of arrays, and what of the second is tested, by name."""
    second = read_dataset(to)
    cross_study.refuse_other_units(data, second)
    both = cross_study.join_studies(first, align(second))
    console.print(f"{both.shared_drugs} drugs in both; features of both: {', '.join(both.arrays.features)}")
    if any(both.left_out):
        console.print("without any of these left out: {} lines of the first, {} of the second".format(*both.left_out))
    parts = cross_study.cross_study_splits(both.arrays, both.n_first, seed)
    names = f"{_name(data, folder)}→{_name(second, to)}"
    return both.arrays, {f"{names} {part}": [split] for part, split in parts.items()}


def _name(data: Dataset, folder: Path) -> str:
    return str(data.info.get("name") or folder.resolve().name)


def _engine(name: str, jobs: int) -> Executor:
    names_among("engine", name, ["local", "ray"])
    if name == "ray":
        return ray_executor()
    return process_executor(jobs) if jobs > 1 else run_sequentially


def _protocol(name: str, transfer_to: Path | None) -> str:
    names_among("protocol", name, ["folds", predefined.PROTOCOL, paper_protocols.PROTOCOL])
    if transfer_to is None:
        return name
    if name != "folds":
        raise ValueError(f"--protocol {name}: goes without --transfer; leave one of them out")
    return cross_study.PROTOCOL


def _print(results: dict[str, dict[str, dict[str, dict[str, object]]]], protocol: str) -> None:
    if not results:
        return
    table = Table("method", "split", *SHOWN, title=None if protocol == "folds" else protocol)
    for method, by_split in results.items():
        for split, metrics in by_split.items():
            cells = [f"{metrics[name]['mean']:.3f}" if name in metrics else "–" for name in SHOWN]
            table.add_row(method, split, *cells)
    console.print(table)
