"""The command `drp report`."""

from pathlib import Path
from typing import Annotated

import typer

from training.cli.terminal import console, stop


def report(
    results: Annotated[Path, typer.Argument(help="Folder of the results, as `drp evaluate` wrote it.")],
    out: Annotated[Path, typer.Argument(help="Folder of the report; an older report there is replaced.")],
    reference: Annotated[
        str | None, typer.Option(help="Method that the others are compared with; left out: the best network.")
    ] = None,
    splits: Annotated[str, typer.Option(help="Comma-separated, e.g. LPO,LCO; left out: all in the results.")] = "",
) -> None:
    """Write tables, figures and statistics of an evaluation as one HTML page, with PNG, SVG and CSV beside it."""
    from training.page.writing import PageError
    from training.report.page import PAGE, write_report
    from training.report.results_folder import ResultsError

    wanted = tuple(name.strip() for name in splits.split(",") if name.strip())
    try:
        sections = write_report(results, out, reference, wanted)
    except (ResultsError, PageError) as fault:
        stop(str(fault))
    for section in sections:
        if not section.parts:
            console.print(f"no data for {section.title!r}: {section.missing}", markup=False, soft_wrap=True)
    console.print(f"Wrote {out / PAGE}", markup=False, soft_wrap=True)
