"""The command `drp evaluate`: which grid is asked for, and its table on the terminal."""

from dataclasses import asdict, fields, replace
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from training.cli.terminal import console, listed_names, name_among, names_among, progress_bar, stop, whole_number

if TYPE_CHECKING:
    import pandas as pd

    from training.data.arrays import Arrays
    from training.data.schema import Dataset
    from training.evaluation.cell import Cell
    from training.evaluation.executors import Executor
    from training.evaluation.grid import Splits
    from training.evaluation.plans import Grid

SHOWN = ("auroc", "auprc", "per_drug_auroc", "rmse", "per_drug_pearson", "pearson_beyond_means")
# Written out, since the modules that define them load torch; a test compares.
GROUPS = (
    "baselines, soft_baselines, stacks, counting, networks, ablations, differences, sensitivity, dim2_all, "
    "dim2_ablations"
)
SPLITS = "LPO,LCO,LDO,LTO,LCDO"


def evaluate(
    dataset: Annotated[Path, typer.Argument(help="Dataset folder, as `drp data import` wrote it.")],
    out: Annotated[Path, typer.Argument(help="Folder of the results; cells that are there are not run again.")],
    models: Annotated[
        str, typer.Option(help=f"Comma-separated methods or groups of them: {GROUPS}.")
    ] = "baselines,hgacl",
    splits: Annotated[str, typer.Option(help="Comma-separated ways to hold pairs out.")] = SPLITS,
    folds: Annotated[int, typer.Option(help="Number of folds.", min=2)] = 5,
    only: Annotated[str, typer.Option(help="Run these folds only, comma-separated [default: all].")] = "",
    split_seed: Annotated[int, typer.Option(help="Seed of the folds.")] = 0,
    seeds: Annotated[str, typer.Option(help="Seeds of every method, comma-separated.")] = "0",
    drug_groups: Annotated[
        str,
        typer.Option(
            help="Drugs that LDO leaves out together: of one 'connectivity', 'scaffold' (Bemis–Murcko) or 'cluster' "
            "(Butina, ECFP4)."
        ),
    ] = "connectivity",
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
    plan: Annotated[
        str,
        typer.Option(
            help="'paper': all that HGACL-DRP's figures and tables show, 'dim2': all of DiM2-DRP's network, one grid "
            "after the other, instead of what --models, --splits, --only, --seeds, --shuffles and --protocol ask for."
        ),
    ] = "",
    jobs: Annotated[int, typer.Option(help="Processes, one thread each.", min=1)] = 1,
    engine: Annotated[str, typer.Option(help="'local', or 'ray' for an existing Ray cluster.")] = "local",
) -> None:
    """Measure methods on test pairs that training, early stopping and thresholds never saw."""
    import pandas as pd

    from training.data.arrays import align
    from training.data.folder import read_dataset
    from training.data.schema import DatasetError
    from training.evaluation.cell import Cell
    from training.evaluation.cell_files import RESULTS
    from training.evaluation.plans import PLANS, Grid
    from training.evaluation.summary import summarise
    from training.splits import predefined
    from training.splits.stored_folds import FoldsError

    try:
        grids = (
            PLANS[name_among("plan", plan, list(PLANS))]
            if plan
            else (Grid(models, splits, only, seeds, shuffles, protocol),)
        )
        asked = [(_axes(grid, folds), _split_names(grid), _protocol(grid.protocol, transfer_to)) for grid in grids]
        executor = _engine(engine, jobs)
        data = read_dataset(dataset)
        arrays = align(data)
        transferred = None
        if transfer_to is not None:
            arrays, transferred = _transfer(arrays, data, dataset, transfer_to, split_seed)
        if plan and not predefined.has_parts(data.response):
            console.print(f"--plan {plan}: without --protocol {predefined.PROTOCOL}: these data were published uncut")
            asked = [one for one in asked if one[-1] != predefined.PROTOCOL]
        runs = []
        for axes, chosen, kind in asked:
            given = transferred or _grouped(drug_groups, chosen, arrays, folds, split_seed, out)
            given = given or _splits(kind, chosen, arrays, data, folds, split_seed, out)
            cells = dict.fromkeys(
                Cell(
                    method,
                    split,
                    fold if count > 1 else 0,
                    count,
                    split_seed,
                    seed,
                    shuffle,
                    kind,
                    _name(data, dataset),
                )
                for split, count in ((split, len(parts)) for split, parts in given.items())
                for seed, shuffle, fold, method in axes
            )
            runs.append((list(cells), given))
        for wanted, given in runs:
            table = _run(replace(arrays, structures=out / "structures"), wanted, given, data, out, executor)
    except (DatasetError, FoldsError, ValueError) as fault:
        stop(str(fault))
    names = [field.name for field in fields(Cell)]
    now = pd.DataFrame([asdict(cell) for wanted, _ in runs for cell in wanted], columns=names).drop_duplicates()
    table = table.merge(now, on=names)  # what else the folder holds may be of other folds and seeds
    for kind in sorted(table["protocol"].unique()):
        _print(summarise(table, kind), kind)
    console.print(f"Wrote {out / RESULTS}")


def _axes(grid: "Grid", folds: int) -> list[tuple[int, str, int, str]]:
    """Seed, shuffle, fold and method of every cell of a split. Raises ValueError naming what is asked for in vain."""
    from training.evaluation.methods import expand_groups
    from training.splits.permuted_features import FeaturePermutation

    methods = expand_groups(listed_names("models", grid.models))
    permuted = names_among("shuffles", grid.shuffles, [change.value for change in FeaturePermutation])
    every = [str(i) for i in range(folds)]
    numbers = [int(n) for n in (names_among("only", grid.only, every) if grid.only else every)]
    seeds = [whole_number("seeds", text) for text in listed_names("seeds", grid.seeds)]
    return list(product(seeds, permuted, numbers, methods))


def _split_names(grid: "Grid") -> list[str]:
    from training.splits.splits import SplitName

    return names_among("splits", grid.splits, [split.value for split in SplitName])


def _run(
    arrays: "Arrays", cells: "list[Cell]", splits: "Splits", data: "Dataset", out: Path, executor: "Executor"
) -> "pd.DataFrame":
    """Run the cells with a bar that shows the last one."""
    from training.evaluation.cell_files import write_names
    from training.evaluation.grid import run_grid

    write_names(data.cell_lines, data.drugs, out)
    with progress_bar() as bar:
        task = bar.add_task("first cell", total=len(cells))

        def show(cell: "Cell", figures: dict[str, float]) -> None:
            text = f"{cell.method} {cell.split} fold {cell.fold}: AUROC {figures['auroc']:.3f}"
            bar.update(task, advance=1, description=text)

        return run_grid(arrays, cells, splits, out, show, executor)


def _splits(
    protocol: str, names: list[str], arrays: "Arrays", data: "Dataset", folds: int, seed: int, out: Path
) -> "Splits":
    """The splits of a protocol by name; folds are stored in the results and read again."""
    from training.splits import paper_protocols, predefined
    from training.splits.splits import SplitName
    from training.splits.stored_folds import load_or_make_folds

    if protocol == paper_protocols.PROTOCOL:
        return {name: make(arrays, folds, seed) for name, make in paper_protocols.SPLITS.items()}
    if protocol == predefined.PROTOCOL:
        return {predefined.PROTOCOL: [predefined.predefined_split(data.response, arrays)]}
    return {name: load_or_make_folds(arrays, SplitName(name), folds, seed, out / "folds") for name in names}


def _grouped(groups: str, names: list[str], arrays: "Arrays", folds: int, seed: int, out: Path) -> "Splits":
    """LDO by larger groups of drugs, under a name of its own; {} where drugs are grouped as usual."""
    from training.splits.drug_groups import DrugGroups, regrouped
    from training.splits.splits import SplitName
    from training.splits.stored_folds import load_or_make_folds

    name_among("drug-groups", groups, [one.value for one in DrugGroups])
    if groups == DrugGroups.CONNECTIVITY:
        return {}
    if names != [SplitName.LDO]:
        raise ValueError(f"--drug-groups {groups}: groups what LDO leaves out; add --splits LDO")
    called = f"{SplitName.LDO}-{groups}"
    larger = regrouped(arrays, DrugGroups(groups))
    return {called: load_or_make_folds(larger, SplitName.LDO, folds, seed, out / "folds", called)}


def _transfer(first: "Arrays", data: "Dataset", folder: Path, to: Path, seed: int) -> "tuple[Arrays, Splits]":
    """Both studies as one set of arrays, and what of the second is tested, by name."""
    from training.data.arrays import align
    from training.data.folder import read_dataset
    from training.splits import cross_study

    second = read_dataset(to)
    cross_study.refuse_other_units(data, second)
    both = cross_study.join_studies(first, align(second))
    console.print(f"{both.shared_drugs} drugs in both; features of both: {', '.join(both.arrays.features)}")
    if any(both.left_out):
        console.print("without any of these left out: {} lines of the first, {} of the second".format(*both.left_out))
    parts = cross_study.cross_study_splits(both.arrays, both.n_first, seed)
    names = f"{_name(data, folder)}→{_name(second, to)}"
    return both.arrays, {f"{names} {part}": [split] for part, split in parts.items()}


def _name(data: "Dataset", folder: Path) -> str:
    return str(data.info.get("name") or folder.resolve().name)


def _engine(name: str, jobs: int) -> "Executor":
    from training.evaluation.executors import process_executor, ray_executor, run_sequentially

    name_among("engine", name, ["local", "ray"])
    if name == "ray":
        return ray_executor()
    return process_executor(jobs) if jobs > 1 else run_sequentially


def _protocol(name: str, transfer_to: Path | None) -> str:
    from training.splits import cross_study, paper_protocols, predefined

    name_among("protocol", name, ["folds", predefined.PROTOCOL, paper_protocols.PROTOCOL])
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
