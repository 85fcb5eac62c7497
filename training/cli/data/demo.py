"""The command `drp data demo`."""

from pathlib import Path
from typing import Annotated

import typer

from training.cli.terminal import stop


def demo(
    out: Annotated[Path, typer.Argument(help="Dataset folder to write; an older dataset there is replaced.")],
    lines: Annotated[int, typer.Option(help="Number of cell lines.")] = 200,
    drugs: Annotated[int, typer.Option(help="Number of drugs.")] = 24,
    seed: Annotated[int, typer.Option(help="Another seed is another dataset with the same mechanism.", min=0)] = 0,
) -> None:
    """Write a small synthetic dataset with a known mechanism, to try everything on."""
    from training.data.folder import write_dataset
    from training.data.schema import DatasetError
    from training.sources.layouts.demo import demo_dataset

    try:
        written = write_dataset(demo_dataset(lines, drugs, seed), out)
    except (DatasetError, ValueError) as fault:
        stop(str(fault))
    except OSError as fault:
        stop(f"{fault.filename or out}: {fault.strerror}")
    counts = written.info["counts"]
    typer.echo(
        f"Wrote {out}: SYNTHETIC, {counts['cell_lines']:,} cell lines × {counts['drugs']} drugs, "
        f"{counts['measured']:,} measured pairs, {counts['sensitive']:,} sensitive"
    )
