"""The commands `drp predict` and `drp rank`: a service at a URL, or a bundle on this machine."""

import csv
import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from client.api import Client, RefusedError, ServiceError
from service.answers.table_output import to_csv
from service.schemas.responses import Answer, Prediction

REFUSED, UNREACHABLE = 2, 1


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
    samples: Annotated[
        Path | None, typer.Option(help="CSV or TSV of expression, genes across, one new sample a row.")
    ] = None,
    unit: Annotated[str, typer.Option(help="Unit of --samples: log2(TPM+1) or TPM.")] = "log2(TPM+1)",
    mutation: Annotated[Path | None, typer.Option(help="The same table with 1 for a mutated gene, else 0.")] = None,
    copy_number: Annotated[Path | None, typer.Option(help="The same table with log2 ratios to diploid.")] = None,
    annotations: Annotated[
        Path | None, typer.Option(help="CSV or TSV with name, tissue, cancer_type, medium of samples in these tables.")
    ] = None,
    compounds: Annotated[Path | None, typer.Option(help="CSV or TSV with the columns name and smiles.")] = None,
    with_line: Annotated[
        list[str] | None, typer.Option(help="Known line to predict as well; repeat for more.")
    ] = None,
    with_drug: Annotated[list[str] | None, typer.Option(help="Known drug to predict; repeat for more.")] = None,
    url: Url = None,
    bundle: BundleFolder = None,
    key: ApiKey = None,
    model: Model = None,
    shape: Shape = Format.table,
) -> None:
    """Predict how a cell line responds to a drug, every pair of a CSV file, or new samples and compounds.

    Samples and --with-line are crossed with compounds and --with-drug; a side with neither is all of the bundle.
    """
    files = {"expression": samples, "mutation": mutation, "copy_number": copy_number}
    files |= {"samples": annotations, "compounds": compounds}
    tables = {name: path for name, path in files.items() if path is not None}
    if sum((bool(tables), pairs is not None, cell_line is not None and drug is not None)) != 1:
        _stop("give a cell line and a drug, or --pairs FILE, or tables: --samples, --compounds")
    if tables:
        with _asking(url, bundle, key) as service, _reading():
            answer = service.predict_tables(
                tables, cell_lines=with_line or [], drugs=with_drug or [], expression_unit=unit, model=model
            )
        _show(answer, answer.predictions, shape)
        return
    asked = [(cell_line or "", drug or "")] if pairs is None else _read_pairs(pairs)
    with _asking(url, bundle, key) as service:
        answer = service.predict(asked, model)
    _show(answer, answer.predictions, shape)


def rank_command(
    cell_line: Annotated[str | None, typer.Argument(help="Cell line whose drugs to rank.")] = None,
    drug: Annotated[str | None, typer.Option(help="Rank the cell lines of this drug instead.")] = None,
    sample: Annotated[
        Path | None, typer.Option(help="JSON file of a new sample, as in the API, whose drugs to rank.")
    ] = None,
    compound: Annotated[str | None, typer.Option(help="SMILES of a new compound whose cell lines to rank.")] = None,
    k: Annotated[int, typer.Option("-k", help="How many to list.", min=1)] = 10,
    target: Annotated[str | None, typer.Option(help="Only drugs with this target.")] = None,
    pathway: Annotated[str | None, typer.Option(help="Only drugs on this pathway.")] = None,
    url: Url = None,
    bundle: BundleFolder = None,
    key: ApiKey = None,
    model: Model = None,
    shape: Shape = Format.table,
) -> None:
    """Rank the drugs that a line or a new sample should respond to best, or the cell lines of a drug or compound."""
    if sum(one is not None for one in (cell_line, sample, drug, compound)) != 1:
        _stop("give a cell line, --sample FILE, --drug NAME or --compound SMILES")
    of_lines = drug is not None or compound is not None
    if of_lines and (target is not None or pathway is not None):
        _stop("--target and --pathway choose among drugs; they do not go with --drug and --compound")
    read = None if sample is None else _read_sample(sample)
    with _asking(url, bundle, key) as service:
        if drug is not None:
            lines = service.rank_lines(drug, k, model=model)
        elif compound is not None:
            lines = service.rank_lines_of_compound(compound, k, model=model)
        elif read is not None:
            drugs = service.rank_sample(read, k, model=model, target=target, pathway=pathway)
        else:
            drugs = service.rank(cell_line or "", k, model=model, target=target, pathway=pathway)
    if of_lines:
        _show(lines, lines.cell_lines, shape)
    else:
        _show(drugs, drugs.drugs, shape)


@contextmanager
def _reading() -> Iterator[None]:
    """A file that cannot be read ends the command in words."""
    try:
        yield
    except OSError as fault:
        _stop(f"{fault.filename}: {fault.strerror}")


def _read_sample(path: Path) -> dict[str, Any]:
    with _reading():
        text = sys.stdin.read() if str(path) == "-" else path.read_text(encoding="utf-8-sig")
    try:
        sample = json.loads(text)
    except ValueError as fault:
        _stop(f"{path}: not JSON ({fault})")
    if not isinstance(sample, dict):
        _stop(f"{path}: not one JSON object; give expression, mutation, copy_number, tissue, medium as far as known")
    return sample


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
        from client.bundle import open_bundle
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
    for warning in answer.warnings:
        typer.echo(f"warning: {warning}", err=True)
    if shape is Format.json:
        typer.echo(answer.model_dump_json())
    elif shape is Format.csv:
        typer.echo(to_csv(answer, predictions), nl=False)
    else:
        Console().print(_table(answer, predictions))


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
