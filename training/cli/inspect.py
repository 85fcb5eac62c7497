"""The commands `drp data describe`, `drp data resolve` and `drp data demo`."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, NoReturn

import pandas as pd
import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from training.data.describe import Description, describe
from training.data.folder import read_dataset, write_dataset
from training.data.resolve_names import AMBIGUOUS, UNKNOWN, resolve
from training.data.schema import Dataset, DatasetError
from training.sources.layouts.demo import demo_dataset

MOST_SHOWN = 8  # drugs and tissues in the printed tables; the PNG has them all

DatasetFolder = Annotated[Path, typer.Argument(help="Dataset folder.")]


class KindName(StrEnum):
    """What a list of names is of."""

    cell_line = "cell-line"
    drug = "drug"


def describe_command(
    dataset: DatasetFolder,
    png: Annotated[Path | None, typer.Option(help="Draw the same on one page, as PNG.")] = None,
) -> None:
    """Show what a dataset holds: tables, overlaps, responses per drug, what is missing."""
    found = _read(dataset)
    description = describe(found)
    size = f"{len(found.cell_lines):,} cell lines × {len(found.drugs):,} drugs"
    title = f"{found.info['name']}: {size}, {description.measured:,} measured pairs"
    console = Console()
    console.print(title, highlight=False, markup=False, style="bold")
    console.print(found.info["source"], highlight=False, markup=False)
    for table in (_coverage(description), _overlaps(description), _drugs(description), _tissues(description)):
        console.print(table)
    if png is not None:
        from training.data.describe_plot import draw

        try:
            draw(description, title, found.info["source"], png)
        except OSError as fault:
            _stop(f"{png}: {fault.strerror}")
        typer.echo(f"Wrote {png}")


def resolve_command(
    dataset: DatasetFolder,
    names: Annotated[Path, typer.Argument(help="Text file, one name a line.")],
    kind: Annotated[KindName, typer.Option(help="What the names are of.")] = KindName.cell_line,
) -> None:
    """Find out which cell line or drug each name means; exit 2 where one is ambiguous or unknown.

    To a terminal it prints a table, into a file or a pipe tab-separated text.
    """
    try:
        asked = [line.strip() for line in names.read_text(encoding="utf-8-sig").splitlines() if line.strip()]
    except OSError as fault:
        _stop(f"{names}: {fault.strerror}")
    except UnicodeDecodeError as fault:
        _stop(f"{names}: byte {fault.start + 1} is no UTF-8; save the list as UTF-8")
    if not asked:
        _stop(f"{names}: no names; give one a line")
    found = resolve(_read(dataset), asked, kind.value)
    if sys.stdout.isatty():
        Console().print(_resolved(found))
    else:
        flat = found.assign(candidates=found["candidates"].map("; ".join))
        typer.echo(flat.to_csv(sep="\t", index=False, lineterminator="\n"), nl=False)
    ambiguous, unknown = ((found["how"] == word).sum() for word in (AMBIGUOUS, UNKNOWN))
    matched = len(found) - ambiguous - unknown
    typer.echo(f"{len(found)} names: {matched} matched, {ambiguous} ambiguous, {unknown} unknown", err=True)
    if matched < len(found):
        raise typer.Exit(2)


def demo_command(
    out: Annotated[Path, typer.Argument(help="Dataset folder to write; an older dataset there is replaced.")],
    lines: Annotated[int, typer.Option(help="Number of cell lines.")] = 200,
    drugs: Annotated[int, typer.Option(help="Number of drugs.")] = 24,
    seed: Annotated[int, typer.Option(help="Another seed is another dataset with the same mechanism.", min=0)] = 0,
) -> None:
    """Write a small synthetic dataset with a known mechanism, to try everything on."""
    try:
        written = write_dataset(demo_dataset(lines, drugs, seed), out)
    except (DatasetError, ValueError) as fault:
        _stop(str(fault))
    except OSError as fault:
        _stop(f"{fault.filename or out}: {fault.strerror}")
    counts = written.info["counts"]
    typer.echo(
        f"Wrote {out}: SYNTHETIC, {counts['cell_lines']:,} cell lines × {counts['drugs']} drugs, "
        f"{counts['measured']:,} measured pairs, {counts['sensitive']:,} sensitive"
    )


def _read(folder: Path) -> Dataset:
    try:
        return read_dataset(folder)
    except DatasetError as fault:
        _stop(str(fault))


def _coverage(description: Description) -> Table:
    """Narrow enough for a terminal of 80 columns."""
    table = Table("table", *_right("rows", "features"), "range", "unit")
    for row in description.coverage.to_dict("records"):
        name = f"{row['table']}, {row['things'].split()[-1]}" if row["table"] == "response" else row["table"]
        features = "" if pd.isna(row["features"]) else f"{row['features']:,.0f}"
        limits = f"{row['low']:.3g} to {row['high']:.3g}"
        table.add_row(name, f"{row['rows']:,} of {row['of']:,}", features, limits, row["unit"])
    return table


def _overlaps(description: Description) -> Table:
    table = Table("cell lines that have", *_right("lines"))
    for row in description.overlaps.to_dict("records"):
        table.add_row(" + ".join(row["tables"]) or "no omics table", f"{row['lines']:,}")
    return table


def _drugs(description: Description) -> Table:
    """Summary of all drugs, then the ones that are most and least often sensitive."""
    drugs = description.drugs
    table = Table("drug", *_right("lines measured", "sensitive", "share"))
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


def _tissues(description: Description) -> Table:
    table = Table("tissue", *_right("lines", "measured pairs"))
    tissues = description.tissues
    for row in tissues.head(MOST_SHOWN).to_dict("records"):
        table.add_row(row["tissue"], f"{row['lines']:,}", f"{row['measured']:,}")
    if rest := len(tissues) - MOST_SHOWN if len(tissues) > MOST_SHOWN else 0:
        others = tissues.iloc[MOST_SHOWN:]
        table.add_row(f"{rest} more", f"{others['lines'].sum():,}", f"{others['measured'].sum():,}")
    return table


def _resolved(found: pd.DataFrame) -> Table:
    table = Table("asked", "id", "name", "how", "candidates")
    for row in found.to_dict("records"):
        colour = {AMBIGUOUS: "yellow", UNKNOWN: "red"}.get(row["how"], "green")
        cells = (row["asked"], row["id"] or "–", row["name"] or "–", row["how"], ", ".join(row["candidates"]))
        table.add_row(*map(escape, cells), style=colour)
    return table


def _right(*names: str) -> list[Column]:
    return [Column(name, justify="right") for name in names]


def _stop(message: str) -> NoReturn:
    typer.echo(message, err=True)
    raise typer.Exit(2)
