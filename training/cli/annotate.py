"""The command `drp annotate`."""

from pathlib import Path
from typing import Annotated

import typer

from training.cli.terminal import console, stop

KnownNames = Annotated[
    list[Path] | None,
    typer.Option(
        help="List of registered lines or drugs (CSV, TSV, Parquet): DepMap's Model.csv, Cell Model Passports' "
        "model_list, GDSC's compounds, or an own table with the column cell_line or drug, and synonyms; repeat "
        "for more."
    ),
]
GeneNames = Annotated[
    Path | None,
    typer.Option(help="Names of genes: HGNC's complete set as published (hgnc_complete_set.txt), also gzip."),
]


def annotate(
    bundle: Annotated[Path, typer.Argument(help="Bundle folder; it is replaced where --out is not given.")],
    known_names: KnownNames = None,
    genes: GeneNames = None,
    out: Annotated[Path | None, typer.Option(help="Bundle folder to write instead.")] = None,
) -> None:
    """Add tables of names to a bundle, so that no gene, line or drug is taken for another; models stay as they are.

    Known errors of published id tables are corrected, and said.
    """
    from model.bundle.manifest import BundleError
    from training.export.annotate import annotate_from, read_lists
    from training.sources.gene_names import GeneNamesError
    from training.sources.known_names import KnownNamesError

    try:
        manifest, entries = annotate_from(bundle, out or bundle, read_lists(known_names or [], genes))
    except (BundleError, KnownNamesError, GeneNamesError) as fault:
        stop(str(fault))
    for name, count in entries.items():
        console.print(f"{name}: {count:,} entries")
    for note in manifest["annotations"]:
        console.print(note, markup=False)
    console.print(f"Wrote {out or bundle}: content hash {manifest['content_hash'][:12]}")
