"""The command `drp clinical signals`."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from training.cli.clinical.inputs import (
    LEAST_COVERAGE,
    GeneSetFiles,
    Least,
    ModelName,
    Seed,
    activity_of,
    open_model,
    refusals,
)
from training.cli.terminal import counting_bar, numeric, output

if TYPE_CHECKING:
    import pandas as pd

    from training.clinical.predictions import LineModel
    from training.data.schema import Dataset
    from training.pathways.gene_sets import GeneSets

SIGNALS, NULL, SUMMARY = "signals.csv", "signal_null.csv", "signals.json"
SHOWN = 10


def signals(
    dataset: Annotated[Path, typer.Argument(help="Dataset folder with responses, tissues and expression.")],
    bundle: Annotated[Path, typer.Argument(help="Bundle whose model is asked.")],
    out: Annotated[Path, typer.Argument(help="Folder of the signals; older ones there are replaced.")],
    gene_sets: GeneSetFiles = None,
    model: ModelName = None,
    least_coverage: Least = LEAST_COVERAGE,
    seed: Seed = 0,
) -> None:
    """Find how each drug's response, measured and predicted, moves with each pathway's activity in lines.

    Pathways are the dataset's pathway_activity, or are scored from --gene-sets; the null of random sets needs these.
    """
    from training.data.folder import read_dataset
    from training.pathways.gene_sets import read_gene_sets

    with refusals():
        data, sets = read_dataset(dataset), read_gene_sets(gene_sets or [])
        activity = activity_of(data, sets, least_coverage)
        table = run_signals(data, activity, sets, open_model(bundle, model), out, least_coverage, seed)
    output.print(_table(table.head(SHOWN)))
    typer.echo(
        f"Wrote {out / SIGNALS}: {len(table):,} drugs × pathways, {int(table['stable'].sum()):,} stable with FDR "
        "under .05"
    )


def run_signals(
    dataset: "Dataset",
    activity: "pd.DataFrame",
    sets: "GeneSets",
    model: "LineModel",
    out: Path,
    least: float,
    seed: int,
) -> "pd.DataFrame":
    """Compute and write signals, their null and a summary; returns the signals."""
    import pandas as pd

    from training.clinical import signals as found
    from training.clinical.scores import usable_sets

    lines = found.lines_of(dataset, activity)
    own = found.model_lines(dataset, lines, model)
    with counting_bar("measured signals, drugs") as show:
        measured = found.measured_signals(lines, seed, show)
    with counting_bar("signals of the model, pathways") as show:
        of_model = found.model_signals(lines, own, model, seed, show)
    names = dict(zip(model.drugs["id"], model.drugs["name"], strict=True))
    names |= dict(zip(dataset.drugs["id"], dataset.drugs["name"], strict=True))
    table = found.signal_table(measured, of_model, lambda drug: names.get(drug, drug))
    null = pd.DataFrame(columns=["sets", "draw", "share_significant", "mean_absolute_r"])
    if sets:
        genes = found.line_genes(dataset)
        usable = usable_sets(sets, list(genes.z.columns), least)
        scored = found.lines_of(dataset, activity.loc[activity.index.isin(genes.z.index)])
        with counting_bar("random sets of lines, draws") as show:
            null = found.null_signals(scored, genes, usable, seed, show)
    out.mkdir(parents=True, exist_ok=True)
    table.to_csv(out / SIGNALS, index=False)
    null.to_csv(out / NULL, index=False)
    summary = {
        "model": model.name,
        "bundle": model.version,
        "seed": seed,
        "lines": len(lines.ids),
        "lines_of_model": len(own.rows),
        "drugs": int(table["drug"].nunique()),
        "pathways": int(table["pathway"].nunique()),
        "significant": int((table["q"] < found.FDR).sum()),
        "stable": int(table["stable"].sum()),
        "same_sign": float(table["same_sign"].mean()),
        "same_sign_of_stable": float(table.loc[table["stable"], "same_sign"].mean()),
        "model_measured_r": float(table["slope"].corr(table["r"])),
        "null": null.groupby("sets")[["share_significant", "mean_absolute_r"]].mean().to_dict("index"),
    }
    (out / SUMMARY).write_text(json.dumps(summary, indent=1), encoding="utf-8")
    return table


def _table(rows: "pd.DataFrame") -> Table:
    table = Table("drug", "pathway", *numeric("r", "95 %", "q", "folds", "model"))
    for row in rows.to_dict("records"):
        interval = f"{row['low']:+.2f} {row['high']:+.2f}"
        figures = f"{row['r']:+.2f}", interval, f"{row['q']:.1e}", f"{row['stability']:.0%}", f"{row['slope']:+.2f}"
        table.add_row(escape(str(row["name"])), escape(str(row["pathway"])), *figures)
    return table
