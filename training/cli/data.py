"""The commands `drp data import`, `template` and `check`."""

from collections import Counter
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from rich.console import Console
from rich.table import Table

from training.cli.inspect import demo_command, describe_command, resolve_command
from training.data.folder import read_dataset
from training.data.schema import DatasetError, Problem
from training.data.validation import validate
from training.sources.import_dataset import READERS, Source, import_dataset
from training.sources.layouts.own_template import write_template
from training.sources.parsing.units import CopyNumberUnit, Expression, ExpressionUnit, Options, ResponseUnit

ANNOTATED = ("hgacl", "ccle", "deepccds")  # layouts that a data pack completes
MOST_PROBLEMS = 200  # printed per file; a table in the wrong unit has one in every row
LABELS = {
    "cell_lines": "cell lines",
    "measured": "measured pairs",
    "missing": "pairs not measured",
    "expression_rows": "lines with expression",
    "copy_number_rows": "lines with copy number",
    "mutation_rows": "lines with mutation",
    "pathway_activity_rows": "lines with pathway activity",
    "drug_fingerprints_rows": "drugs with fingerprint",
}

data_app = typer.Typer(no_args_is_help=True, help="Bring public data into the dataset folder that training reads.")
for command, function in (("describe", describe_command), ("resolve", resolve_command), ("demo", demo_command)):
    data_app.command(command)(function)


class SourceName(StrEnum):
    """The layouts that can be imported."""

    hgacl = "hgacl"
    datapack = "datapack"
    ccle = "ccle"
    gdsc = "gdsc"
    depmap = "depmap"
    passports = "passports"
    deepccds = "deepccds"
    own = "own"


@data_app.command("import")
def import_command(
    raw: Annotated[Path, typer.Argument(help="Folder with the source's tables.")],
    out: Annotated[Path, typer.Argument(help="Dataset folder to write; an older dataset there is replaced.")],
    source: Annotated[SourceName, typer.Option(help="Layout of the source's tables.")],
    add: Annotated[
        list[str] | None,
        typer.Option(help="SOURCE=DIR: another source that adds omics, ids, structures; repeat for more."),
    ] = None,
    annotations: Annotated[
        Path | None, typer.Option(help="Data pack that adds names, ids, SMILES, expression (hgacl, ccle, deepccds).")
    ] = None,
    expression: Annotated[
        Expression | None, typer.Option(help="Expression of the data pack [default: rnaseq].")
    ] = None,
    thresholds: Annotated[
        Path | None, typer.Option(help="CSV with drug, threshold_ln_um [default: z-scored ln IC50 below -0.8].")
    ] = None,
    response_unit: Annotated[ResponseUnit | None, typer.Option(help="Unit of the column ic50 (own).")] = None,
    expression_unit: Annotated[
        ExpressionUnit | None, typer.Option(help="Unit of expression tables, where not the layout's usual one.")
    ] = None,
    copy_number_unit: Annotated[
        CopyNumberUnit | None,
        typer.Option(help="Unit of copy-number tables: log2, ratio (1 = diploid), log2(ratio + 1)."),
    ] = None,
    name: Annotated[
        str | None, typer.Option(help="The dataset's name; bundles carry it [default: gdsc, or the source's].")
    ] = None,
    drop_bad_rows: Annotated[
        bool, typer.Option("--drop-bad-rows", help="Leave rows with errors out, and list them.")
    ] = False,
) -> None:
    """Import public or own tables into a dataset folder: validated as a whole, or nothing is written."""
    if annotations and source.value not in ANNOTATED:
        raise typer.BadParameter("this source has its own; leave this option out", param_hint="--annotations")
    if expression and source.value in ANNOTATED and not annotations:
        raise typer.BadParameter("the raw tables bring none; add --annotations DIR", param_hint="--expression")
    options = Options(
        annotations, expression or "rnaseq", thresholds, response_unit, expression_unit, copy_number_unit
    )
    try:
        done = import_dataset(
            source.value,
            raw,
            out,
            name=name or ("gdsc" if source.value in ("hgacl", "datapack") else source.value),
            options=options,
            added=_added(source, add or []),
            drop_bad_rows=drop_bad_rows,
        )
    except DatasetError as fault:
        _stop(fault.problems, "Nothing was written.")
    except OSError as fault:
        _stop([Problem(str(fault.filename or out), "", "", str(fault.strerror))], "Nothing was written.")
    _print_problems(done.warnings, "warning")
    _print_problems(done.dropped, "dropped")
    _print_info(done.dataset.info)
    typer.echo(f"Wrote {out}")


def _added(source: SourceName, texts: list[str]) -> dict[Source, Path]:
    """Read the --add options, SOURCE=DIR each; a source stands once."""
    found: dict[Source, Path] = {}
    for text in texts:
        name, sign, folder = text.partition("=")
        if not sign or name not in READERS:
            raise typer.BadParameter(
                f"{text!r}: give SOURCE=DIR, SOURCE one of {', '.join(READERS)}", param_hint="--add"
            )
        if name == source.value or name in found:
            raise typer.BadParameter(f"{name} stands twice; a source is read once", param_hint="--add")
        found[SourceName(name).value] = Path(folder)
    return found


@data_app.command("template")
def template_command(out: Annotated[Path, typer.Argument(help="Folder to write the example tables to.")]) -> None:
    """Write example tables of the layout `own`, ready to be filled in and imported."""
    try:
        written = write_template(out)
    except DatasetError as fault:
        _stop(fault.problems, "Nothing was written.")
    for path in written:
        typer.echo(str(path))


@data_app.command("check")
def check_command(dataset: Annotated[Path, typer.Argument(help="Dataset folder.")]) -> None:
    """Read a dataset folder, verify its hash and validate it; exit 2 where training must not use it."""
    try:
        found = read_dataset(dataset)
    except DatasetError as fault:
        _stop(fault.problems, "Not a dataset to train on.")
    problems = validate(found)
    _print_problems((p for p in problems if p.severity == "warning"), "warning")
    _print_info(found.info)
    errors = [problem for problem in problems if problem.severity == "error"]
    if errors:
        _stop(errors, "Not a dataset to train on.")


def _stop(problems: list[Problem], verdict: str) -> NoReturn:
    _print_problems(problems, "error")
    typer.echo(f"{len(problems)} {'problem' if len(problems) == 1 else 'problems'}. {verdict}", err=True)
    raise typer.Exit(2)


def _print_problems(problems: Iterable[Problem], word: str) -> None:
    seen: Counter[str] = Counter()
    for problem in problems:
        seen[problem.file] += 1
        if seen[problem.file] <= MOST_PROBLEMS:
            typer.echo(f"{word}: {problem}", err=True)
    for file, count in seen.items():
        if count > MOST_PROBLEMS:
            typer.echo(f"{word}: {file}: {count - MOST_PROBLEMS:,} more like these", err=True)


def _print_info(info: dict[str, Any]) -> None:
    table = Table("count", "of")
    table.columns[0].justify = "right"
    for key, count in info["counts"].items():
        table.add_row(f"{count:,}", LABELS.get(key, key))
    console = Console()
    console.print(f"{info['name']}: {info['source']}", markup=False, highlight=False, soft_wrap=True)
    console.print(table)
    for note in info["notes"]:
        console.print(f"note: {note}", markup=False, highlight=False, soft_wrap=True)
    console.print(f"content hash {info['content_hash']}", highlight=False)
