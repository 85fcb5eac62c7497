"""The command `drp data template`."""

from pathlib import Path
from typing import Annotated

import typer

from training.cli.data.problems import stop_with


def template(out: Annotated[Path, typer.Argument(help="Folder to write the example tables to.")]) -> None:
    """Write example tables of the layout `own`, ready to be filled in and imported."""
    from training.data.schema import DatasetError
    from training.sources.layouts.own_template import write_template

    try:
        written = write_template(out)
    except DatasetError as fault:
        stop_with(fault.problems, "Nothing was written.")
    for path in written:
        typer.echo(str(path))
