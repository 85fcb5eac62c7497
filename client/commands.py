"""The commands `drp predict` and `drp rank`: a service at a URL, or a bundle on this machine."""

import csv
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from client.api import Client, RefusedError, ServiceError
from service.schemas.shown import Answer, Prediction

REFUSED, UNREACHABLE = 2, 1
FIELDS = (
    "cell_line_id", "cell_line", "drug_id", "drug", "probability", "score", "ln_ic50", "ln_ic50_low", "ln_ic50_high",
    "percentile", "case", "model", "bundle",
)  # fmt: skip


class Format(StrEnum):
    """How answers are printed."""

    table = "table"
    csv = "csv"
    json = "json"


Url = Annotated[
    str | None,
    typer.Option(envvar="DRP_URL", help="Service to ask [default: http://127.0.0.1:8000].", show_default=False),
]
BundleFolder = Annotated[Path | None, typer.Option(help="Ask the bundle in this folder instead of a service.")]
ApiKey = Annotated[str | None, typer.Option(envvar="DRP_API_KEY", help="API key, where the service asks for one.")]
Model = Annotated[str | None, typer.Option(help="Model to answer with [default: the bundle's].", show_default=False)]
Shape = Annotated[Format, typer.Option("--format", help="How to print the answers.")]


def predict_command(
    cell_line: Annotated[str | None, typer.Argument(help="Cell line, by any of its names.")] = None,
    drug: Annotated[str | None, typer.Argument(help="Drug, by any of its names.")] = None,
    pairs: Annotated[
        Path | None, typer.Option(help="CSV file with the columns cell_line and drug; - reads standard input.")
    ] = None,
    url: Url = None,
    bundle: BundleFolder = None,
    key: ApiKey = None,
    model: Model = None,
    shape: Shape = Format.table,
) -> None:
    """Predict how a cell line responds to a drug, or every pair of a CSV file."""
    if (pairs is None) == (cell_line is None or drug is None):
        _stop("give a cell line and a drug, or --pairs FILE")
    asked = [(cell_line or "", drug or "")] if pairs is None else _read_pairs(pairs)
    with _asking(url, bundle, key) as service:
        answer = service.predict(asked, model)
    _show(answer, answer.predictions, shape)


def rank_command(
    cell_line: Annotated[str | None, typer.Argument(help="Cell line whose drugs to rank.")] = None,
    drug: Annotated[str | None, typer.Option(help="Rank the cell lines of this drug instead.")] = None,
    k: Annotated[int, typer.Option("-k", help="How many to list.", min=1)] = 10,
    target: Annotated[str | None, typer.Option(help="Only drugs with this target.")] = None,
    pathway: Annotated[str | None, typer.Option(help="Only drugs on this pathway.")] = None,
    url: Url = None,
    bundle: BundleFolder = None,
    key: ApiKey = None,
    model: Model = None,
    shape: Shape = Format.table,
) -> None:
    """Rank the drugs that a cell line should respond to best, or the cell lines of a drug."""
    if (cell_line is None) == (drug is None):
        _stop("give a cell line, or --drug NAME")
    if drug is not None and (target is not None or pathway is not None):
        _stop("--target and --pathway choose among drugs; they do not go with --drug")
    with _asking(url, bundle, key) as service:
        if drug is not None:
            lines = service.rank_lines(drug, k, model=model)
            _show(lines, lines.cell_lines, shape)
        else:
            drugs = service.rank(cell_line or "", k, model=model, target=target, pathway=pathway)
            _show(drugs, drugs.drugs, shape)


@contextmanager
def _asking(url: str | None, bundle: Path | None, key: str | None) -> Iterator[Client]:
    """Client to ask with; what it cannot do ends the command in words."""
    try:
        with _open(url, bundle, key) as service:
            yield service
    except RefusedError as refused:
        _stop("\n".join([str(refused), *(f"  {fault.pointer}: {fault.detail}" for fault in refused.errors)]))
    except ServiceError as fault:
        _stop(str(fault), UNREACHABLE)


def _open(url: str | None, bundle: Path | None, key: str | None) -> Client:
    if bundle is None:
        return Client(url or "http://127.0.0.1:8000", key=key)
    try:
        from client.bundle import open_bundle  # needs more than asking a URL does
        from model.bundle import BundleError
    except ImportError as fault:
        _stop(f"--bundle needs {fault.name}, which is not installed: pip install drug-response[client,service]")
    try:
        return open_bundle(bundle)
    except BundleError as fault:
        _stop(str(fault))


def _read_pairs(path: Path) -> list[tuple[str, str]]:
    try:
        text = sys.stdin.read() if str(path) == "-" else path.read_text(encoding="utf-8-sig")
    except OSError as fault:
        _stop(f"{path}: {fault.strerror}")
    except UnicodeDecodeError as fault:
        _stop(f"{path}: byte {fault.start + 1} is no UTF-8; save the file as UTF-8")
    rows = csv.DictReader(text.splitlines())
    if missing := {"cell_line", "drug"} - set(rows.fieldnames or ()):
        _stop(f"{path}: no column {min(missing)}; the first line must name cell_line and drug, separated by a comma")
    pairs = []
    for row in rows:
        if not row["cell_line"] or not row["drug"]:
            _stop(f"{path}: line {rows.line_num}: cell_line or drug is empty")
        pairs.append((row["cell_line"], row["drug"]))
    if not pairs:
        _stop(f"{path}: no pairs; give one a line")
    return pairs


def _show(answer: Answer, predictions: Iterable[Prediction], shape: Format) -> None:
    if shape is Format.json:
        typer.echo(answer.model_dump_json())
    elif shape is Format.csv:
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(FIELDS)
        writer.writerows(_cells(one, answer) for one in predictions)
    else:
        Console().print(_table(answer, predictions))


def _cells(one: Prediction, answer: Answer) -> tuple[object, ...]:
    """Values in the order of FIELDS; what the model does not predict is empty."""
    interval = one.ln_ic50_interval or (None, None)
    return (
        *(one.cell_line.id, one.cell_line.name, one.drug.id, one.drug.name),
        *(one.probability, one.score, one.ln_ic50, *interval),
        *(one.percentile, one.case, answer.model, answer.bundle),
    )


def _table(answer: Answer, predictions: Iterable[Prediction]) -> Table:
    numbers = [Column(name, justify="right") for name in ("prob.", "ln IC50, µM", "interval", "percentile")]
    caption = f"{answer.model} of {answer.bundle}; for research only"
    table = Table("cell line", "drug", *numbers, caption=escape(caption), caption_justify="left")
    for one in predictions:
        half = one.ln_ic50_interval
        table.add_row(
            escape(one.cell_line.name),
            escape(one.drug.name),
            f"{one.probability:.3f}",
            "–" if one.ln_ic50 is None else f"{one.ln_ic50:.2f}",
            "–" if half is None else f"{half[0]:.1f} to {half[1]:.1f}",
            f"{one.percentile:.1f}",
        )
    return table


def _stop(message: str, code: int = REFUSED) -> NoReturn:
    typer.echo(message, err=True)
    raise typer.Exit(code)
