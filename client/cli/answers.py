"""How answers are printed: a table for the eye, CSV, or the service's JSON."""

import io
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from client.cli.connection import stop

if TYPE_CHECKING:
    from service.schemas.responses import Answer, Prediction


class Format(StrEnum):
    """How answers are printed."""

    table = "table"
    csv = "csv"
    json = "json"


FORMS = {".csv": Format.csv, ".json": Format.json}
# Endings of tables that are not written here.
OTHER_TABLES = {
    *(".tsv", ".tab", ".parquet", ".feather", ".arrow", ".xlsx", ".xls", ".ods", ".jsonl", ".ndjson"),
    *(".gz", ".bz2", ".xz", ".zst", ".zip"),
}
DOMAIN = {True: ", inside", False: ", OUTSIDE", None: ""}
WIDE = 160


def _writable(output: Path | None) -> Path | None:
    if output is not None and output.suffix.lower() in OTHER_TABLES:
        stop(f"--output {output}: {output.suffix} is not written; give a name that ends in .csv, .json or .txt")
    return output


OutputFormat = Annotated[
    Format | None, typer.Option("--format", help="How to print the answers [default: table, or by --output's ending].")
]
Output = Annotated[
    Path | None, typer.Option(callback=_writable, help="File to write instead of printing: .csv, .json, or text.")
]


def print_answer(
    answer: "Answer", predictions: "Iterable[Prediction]", form: Format | None, output: Path | None = None
) -> None:
    """Print the predictions, or write them to a file, and print what the service says beside on standard error."""
    for warning in answer.warnings:
        typer.echo(f"warning: {warning}", err=True)
    for note in _notes(answer):
        typer.echo(f"note: {note}", err=True)
    for refused in answer.refused:
        typer.echo(f"refused: {refused.kind} {refused.name}: {refused.detail}", err=True)
    form = form or FORMS.get("" if output is None else output.suffix.lower(), Format.table)
    if output is None and form is Format.table:
        Console().print(_table(answer, predictions))
        return
    text = _text(answer, predictions, form)
    if output is None:
        typer.echo(text, nl=False)
        return
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as fault:
        stop(f"{output}: {fault.strerror}")


def _notes(answer: "Answer") -> list[str]:
    """What was not read of the tables of samples, or otherwise than written; samples that share a note in one."""
    from model.tables.repeats import named

    found: dict[tuple[str, str], list[str]] = {}
    for sample, tables in answer.samples.items():
        for table, counts in tables.items():
            more = counts.unknown - len(counts.unread)
            unread = ", ".join(counts.unread) + (f" and {more} more" if more else "")
            for note in [*([f"not read: {unread}"] if counts.unread else []), *counts.notes]:
                found.setdefault((table, note), []).append(sample)
    return [f"{table} of {named(samples)}: {note}" for (table, note), samples in found.items()]


def _text(answer: "Answer", predictions: "Iterable[Prediction]", form: Format) -> str:
    from service.answers.tables.prediction_table import to_csv

    if form is Format.json:
        return answer.model_dump_json() + "\n"
    if form is Format.csv:
        return to_csv(answer, predictions)
    console = Console(file=io.StringIO(), width=WIDE)
    with console.capture() as captured:
        console.print(_table(answer, predictions))
    return captured.get()


def _table(answer: "Answer", predictions: "Iterable[Prediction]") -> Table:
    names = [Column(name, no_wrap=True) for name in ("cell line", "drug")]
    numbers = [Column(name, justify="right") for name in ("prob.", "ln IC50", "interval", "perc.")]
    caption = f"{answer.model} of {answer.bundle}; IC50 in µM; for research only"
    table = Table(
        *[*names, *numbers, Column("case, domain"), Column("nearest")],
        box=box.SIMPLE_HEAD,
        collapse_padding=True,
        caption=escape(caption),
        caption_justify="left",
    )
    for one in predictions:
        interval = one.ln_ic50_interval
        table.add_row(
            escape(one.cell_line.name),
            escape(one.drug.name),
            f"{one.probability:.3f}",
            "–" if one.ln_ic50 is None else f"{one.ln_ic50:.2f}",
            "–" if interval is None else f"{interval[0]:.1f} to {interval[1]:.1f}",
            f"{one.percentile:.1f}",
            f"{one.case.replace('_', ' ')}{DOMAIN[one.in_domain]}",
            escape(_nearest(one)),
        )
    return table


def _nearest(one: "Prediction") -> str:
    """Nearest training line and drug of what is new, with their similarities."""
    sides = () if one.nearest is None else (one.nearest.cell_line, one.nearest.drug)
    return ", ".join(f"{near.name} {near.similarity:.2f}" for near in sides if near is not None) or "–"
