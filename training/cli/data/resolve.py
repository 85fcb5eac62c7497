"""The command `drp data resolve`."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.markup import escape
from rich.table import Table

from training.cli.terminal import REFUSED, output, stop

if TYPE_CHECKING:
    import pandas as pd


def resolve(
    dataset: Annotated[Path, typer.Argument(help="Dataset folder.")],
    names: Annotated[Path, typer.Argument(help="Text file, one name a line.")],
    kind: Annotated[Literal["cell-line", "drug"], typer.Option(help="What the names are of.")] = "cell-line",
    known_names: Annotated[
        list[Path] | None,
        typer.Option(help="List of registered lines or drugs, as in drp annotate; repeat for more."),
    ] = None,
) -> None:
    """Find out which cell line or drug each name means; exit 2 where one is ambiguous or unknown.

    To a terminal it prints a table, into a file or a pipe tab-separated text.
    """
    from training.data.folder import read_dataset
    from training.data.resolve_names import AMBIGUOUS, UNKNOWN, table_rows
    from training.data.resolve_names import resolve as resolved
    from training.data.schema import DatasetError
    from training.sources.known_names import KnownNamesError, name_table, read_known_names

    listed = _names(names)
    try:
        read = read_dataset(dataset)
        registered = [one for path in known_names or [] for one in read_known_names(path)]
        chosen = [one for one in registered if one.kind == kind.replace("-", "_")]
        known = name_table(chosen, table_rows(read, kind)) if chosen else []
        found = resolved(read, listed, kind, known)
    except (DatasetError, KnownNamesError) as fault:
        stop(str(fault))
    if sys.stdout.isatty():
        output.print(_table(found, {AMBIGUOUS: "yellow", UNKNOWN: "red"}))
    else:
        flat = found.assign(candidates=found["candidates"].map("; ".join))
        typer.echo(flat.to_csv(sep="\t", index=False, lineterminator="\n"), nl=False)
    ambiguous, unknown = ((found["how"] == outcome).sum() for outcome in (AMBIGUOUS, UNKNOWN))
    matched = len(found) - ambiguous - unknown
    typer.echo(f"{len(found)} names: {matched} matched, {ambiguous} ambiguous, {unknown} unknown", err=True)
    if matched < len(found):
        raise typer.Exit(REFUSED)


def _names(path: Path) -> list[str]:
    """The names in the file; ends the command where there are none to read."""
    try:
        names = [line.strip() for line in path.read_text(encoding="utf-8-sig").splitlines() if line.strip()]
    except OSError as fault:
        stop(f"{path}: {fault.strerror}")
    except UnicodeDecodeError as fault:
        stop(f"{path}: byte {fault.start + 1} is no UTF-8; save the list as UTF-8")
    return names or stop(f"{path}: no names; give one a line")


def _table(found: "pd.DataFrame", colours: dict[str, str]) -> Table:
    table = Table(*found.columns)
    for row in found.to_dict("records"):
        cells = (row["query"], row["id"] or "–", row["name"] or "–", row["how"], ", ".join(row["candidates"]))
        table.add_row(*map(escape, cells), style=colours.get(row["how"], "green"))
    return table
