"""The command `drp data describe`."""

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from training.cli.terminal import numeric, output, stop

if TYPE_CHECKING:
    from training.data.describe import Description

MOST_SHOWN = 8  # drugs and tissues in the printed tables; the PNG has them all


def describe(
    dataset: Annotated[Path, typer.Argument(help="Dataset folder.")],
    png: Annotated[Path | None, typer.Option(help="Draw the same on one page, as PNG.")] = None,
) -> None:
    """Show what a dataset holds: tables, overlaps, responses per drug, what is missing."""
    from training.data.describe import describe as description_of
    from training.data.folder import read_dataset
    from training.data.schema import DatasetError

    try:
        found = read_dataset(dataset)
    except DatasetError as fault:
        stop(str(fault))
    description = description_of(found)
    size = f"{len(found.cell_lines):,} cell lines × {len(found.drugs):,} drugs"
    title = f"{found.info['name']}: {size}, {description.measured:,} measured pairs"
    output.print(title, highlight=False, markup=False, style="bold")
    output.print(found.info["source"], highlight=False, markup=False)
    for table in (_coverage(description), _overlaps(description), _drugs(description), _tissues(description)):
        output.print(table)
    if png is not None:
        from training.data.describe_plot import draw

        try:
            draw(description, title, found.info["source"], png)
        except OSError as fault:
            stop(f"{png}: {fault.strerror}")
        typer.echo(f"Wrote {png}")


def _coverage(description: "Description") -> Table:
    """Narrow enough for a terminal of 80 columns."""
    table = Table("table", *numeric("rows", "features"), "range", "unit")
    for row in description.coverage.to_dict("records"):
        name = f"{row['table']}, {row['things'].split()[-1]}" if row["table"] == "response" else row["table"]
        features = "" if math.isnan(row["features"]) else f"{row['features']:,.0f}"
        limits = f"{row['low']:.3g} to {row['high']:.3g}"
        table.add_row(name, f"{row['rows']:,} of {row['of']:,}", features, limits, row["unit"])
    return table


def _overlaps(description: "Description") -> Table:
    table = Table("cell lines that have", *numeric("lines"))
    for row in description.overlaps.to_dict("records"):
        table.add_row(" + ".join(row["tables"]) or "no omics table", f"{row['lines']:,}")
    return table


def _drugs(description: "Description") -> Table:
    """Summary of all drugs, then the ones that are most and least often sensitive."""
    import pandas as pd

    drugs = description.drugs
    table = Table("drug", *numeric("lines measured", "sensitive", "share"))
    pairs = len(drugs) * description.response.shape[1]
    table.add_row(
        f"all {len(drugs)}",
        f"{description.measured:,} of {pairs:,}",
        f"{description.sensitive:,}",
        f"{description.sensitive / max(description.measured, 1):.1%}",
        end_section=True,
    )
    ranked = drugs.sort_values("share", ascending=False, kind="stable")
    half = MOST_SHOWN // 2
    shown = ranked if len(ranked) <= MOST_SHOWN else pd.concat([ranked.head(half), ranked.tail(half)])
    for place, row in enumerate(shown.to_dict("records"), 1):
        share = "–" if pd.isna(row["share"]) else f"{row['share']:.1%}"
        label = f"{row['name']} ({row['id']})"
        table.add_row(label, f"{row['measured']:,}", f"{row['sensitive']:,}", share, end_section=place == half)
    return table


def _tissues(description: "Description") -> Table:
    table = Table("tissue", *numeric("lines", "measured pairs"))
    tissues = description.tissues
    for row in tissues.head(MOST_SHOWN).to_dict("records"):
        table.add_row(row["tissue"], f"{row['lines']:,}", f"{row['measured']:,}")
    if rest := len(tissues) - MOST_SHOWN if len(tissues) > MOST_SHOWN else 0:
        others = tissues.iloc[MOST_SHOWN:]
        table.add_row(f"{rest} more", f"{others['lines'].sum():,}", f"{others['measured'].sum():,}")
    return table
