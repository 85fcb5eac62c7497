"""How answers are printed: a table for the eye, CSV, or the service's JSON."""

from collections.abc import Iterable
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

if TYPE_CHECKING:
    from service.schemas.responses import Answer, Prediction


class Format(StrEnum):
    """How answers are printed."""

    table = "table"
    csv = "csv"
    json = "json"


OutputFormat = Annotated[Format, typer.Option("--format", help="How to print the answers.")]


def print_answer(answer: "Answer", predictions: "Iterable[Prediction]", form: Format) -> None:
    """Print the predictions on standard output and what the service warns of on standard error."""
    from service.answers.tables.prediction_table import to_csv

    for warning in answer.warnings:
        typer.echo(f"warning: {warning}", err=True)
    if form is Format.json:
        typer.echo(answer.model_dump_json())
    elif form is Format.csv:
        typer.echo(to_csv(answer, predictions), nl=False)
    else:
        Console().print(_table(answer, predictions))


def _table(answer: "Answer", predictions: "Iterable[Prediction]") -> Table:
    numbers = [Column(name, justify="right") for name in ("prob.", "ln IC50, µM", "interval", "percentile")]
    caption = f"{answer.model} of {answer.bundle}; for research only"
    table = Table("cell line", "drug", *numbers, caption=escape(caption), caption_justify="left")
    for one in predictions:
        interval = one.ln_ic50_interval
        table.add_row(
            escape(one.cell_line.name),
            escape(one.drug.name),
            f"{one.probability:.3f}",
            "–" if one.ln_ic50 is None else f"{one.ln_ic50:.2f}",
            "–" if interval is None else f"{interval[0]:.1f} to {interval[1]:.1f}",
            f"{one.percentile:.1f}",
        )
    return table
