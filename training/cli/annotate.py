"""The command `drp annotate`."""

from pathlib import Path
from typing import Annotated

import typer

from training.cli.terminal import console, stop


def annotate(
    bundle: Annotated[Path, typer.Argument(help="Bundle folder; it is replaced where --out is not given.")],
    known_names: Annotated[
        list[Path] | None,
        typer.Option(
            help="List of registered lines or drugs (CSV, TSV, Parquet): DepMap's Model.csv, Cell Model Passports' "
            "model_list, GDSC's compounds, or an own table with the column cell_line or drug, and synonyms; repeat "
            "for more."
        ),
    ] = None,
    genes: Annotated[
        Path | None,
        typer.Option(help="Names of genes: HGNC's complete set as published (hgnc_complete_set.txt), also gzip."),
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Bundle folder to write instead.")] = None,
) -> None:
    """Add tables of names to a bundle, so that no gene, line or drug is taken for another; models stay as they are.

    Known errors of published id tables are corrected, and said.
    """
    from model.bundle.manifest import BundleError
    from model.bundle.reader import read_bundle
    from training.export.annotate import annotate as annotated_bundle
    from training.export.annotate import gene_tables, name_tables
    from training.sources.gene_names import GeneNamesError, read_genes
    from training.sources.known_names import KnownNamesError, read_known_names

    try:
        lists = {path: read_known_names(path) for path in known_names or []}
        names = read_genes(genes) if genes else []
        found = read_bundle(bundle)
        tables = name_tables(found, [known for some in lists.values() for known in some]) | gene_tables(found, names)
        notes = [
            f"names of {len(some):,} registered {some[0].kind.replace('_', ' ')}s from {path.name}"
            for path, some in lists.items()
        ]
        notes += [f"names of {len(names):,} genes from {genes.name}"] if genes else []
        manifest = annotated_bundle(bundle, out or bundle, tables, notes)
    except (BundleError, KnownNamesError, GeneNamesError) as fault:
        stop(str(fault))
    for name, rows in tables.items():
        console.print(f"{name}: {len(rows):,} entries")
    for note in manifest["annotations"]:
        console.print(note, markup=False)
    console.print(f"Wrote {out or bundle}: content hash {manifest['content_hash'][:12]}")
