"""The command `drp data import`."""

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from training.cli.data.problems import print_info, print_problems, print_unplaceable, stop_with
from training.sources.options import (
    SOURCES,
    CopyNumberUnit,
    Expression,
    ExpressionUnit,
    More,
    Options,
    ResponseUnit,
    Source,
)

ANNOTATED = ("hgacl", "ccle", "deepccds")  # layouts that a data pack completes


def import_tables(
    raw: Annotated[Path, typer.Argument(help="Folder with the source's tables.")],
    out: Annotated[Path, typer.Argument(help="Dataset folder to write; an older dataset there is replaced.")],
    source: Annotated[Source, typer.Option(help="Layout of the source's tables.")],
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
    array: Annotated[
        bool, typer.Option("--array", help="Data pack's array expression of 961 lines as well (hgacl, datapack).")
    ] = False,
    growth: Annotated[bool, typer.Option("--growth", help="Its growth rates as well.")] = False,
    further_drugs: Annotated[
        bool, typer.Option("--further-drugs", help="Its 194 further drugs of GDSC as well, thresholds by rule.")
    ] = False,
    concentrations: Annotated[
        bool, typer.Option("--concentrations", help="Its documented highest concentrations of drugs as well.")
    ] = False,
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
    genes: Annotated[
        Path | None,
        typer.Option(help="HGNC's complete set as published: own tables may then name genes by any identifier."),
    ] = None,
    known_names: Annotated[
        list[Path] | None,
        typer.Option(
            help="List of registered lines or drugs, as in drp annotate: none is taken for another; repeat for more."
        ),
    ] = None,
    name: Annotated[
        str | None, typer.Option(help="The dataset's name; bundles carry it [default: gdsc, or the source's].")
    ] = None,
    drop_bad_rows: Annotated[
        bool, typer.Option("--drop-bad-rows", help="Leave rows with errors out, and list them.")
    ] = False,
) -> None:
    """Import public or own tables into a dataset folder: validated as a whole, or nothing is written."""
    from training.data.schema import DatasetError, Problem
    from training.sources.import_dataset import import_dataset
    from training.sources.known_names import KnownNamesError, outside, read_known_names

    if annotations and source not in ANNOTATED:
        raise typer.BadParameter("this source has its own; leave this option out", param_hint="--annotations")
    if expression and source in ANNOTATED and not annotations:
        raise typer.BadParameter("the raw tables bring none; add --annotations DIR", param_hint="--expression")
    more: dict[More, bool] = {
        "array": array,
        "growth": growth,
        "drugs": further_drugs,
        "concentrations": concentrations,
    }
    chosen = tuple(name for name, wanted in more.items() if wanted)
    if chosen and (source not in ("hgacl", "datapack") or (source == "hgacl" and not annotations)):
        remedy = "comes from GDSC's data pack; import with --source datapack, or --source hgacl and --annotations DIR"
        raise typer.BadParameter(remedy, param_hint="--array, --growth, --further-drugs, --concentrations")
    if genes and source != "own":
        raise typer.BadParameter("only own tables are read by it; leave this option out", param_hint="--genes")
    try:
        registered = [one for path in known_names or [] for one in read_known_names(path)]
    except KnownNamesError as fault:
        stop_with([Problem(str(fault), "", "", "")], "Nothing was written.")
    options = Options(
        annotations,
        expression or "rnaseq",
        thresholds,
        response_unit,
        expression_unit,
        copy_number_unit,
        genes,
        chosen,
    )
    try:
        done = import_dataset(
            source,
            raw,
            out,
            name=name or ("gdsc" if source in ("hgacl", "datapack") else source),
            options=options,
            added=_added(source, add or []),
            drop_bad_rows=drop_bad_rows,
            outside=partial(outside, registered) if registered else None,
        )
    except DatasetError as fault:
        stop_with(fault.problems, "Nothing was written.")
    except OSError as fault:
        stop_with([Problem(str(fault.filename or out), "", "", str(fault.strerror))], "Nothing was written.")
    print_problems(done.warnings, "warning")
    print_problems(done.dropped, "dropped")
    print_unplaceable(done.dataset)
    print_info(done.dataset.info)
    typer.echo(f"Wrote {out}")


def _added(source: Source, texts: list[str]) -> dict[Source, Path]:
    """Read the --add options, SOURCE=DIR each; a source stands once."""
    found: dict[Source, Path] = {}
    for text in texts:
        name, sign, folder = text.partition("=")
        if not sign or name not in SOURCES:
            raise typer.BadParameter(
                f"{text!r}: give SOURCE=DIR, SOURCE one of {', '.join(SOURCES)}", param_hint="--add"
            )
        if name == source or name in found:
            raise typer.BadParameter(f"{name} stands twice; a source is read once", param_hint="--add")
        found[name] = Path(folder)
    return found
