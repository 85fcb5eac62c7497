"""The command `drp clinical survival`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from training.cli.clinical.inputs import Seed, refusals
from training.cli.clinical.signals import NULL, SIGNALS
from training.cli.terminal import console, counting_bar, numeric, output

if TYPE_CHECKING:
    from training.clinical.survival import Study

DRAWS = 200


def survival(
    cohort: Annotated[Path, typer.Argument(help="Folder of `drp clinical cohort`.")],
    out: Annotated[Path, typer.Argument(help="Folder of the tables and the page; an older page there is replaced.")],
    signals: Annotated[Path | None, typer.Option(help="Folder of `drp clinical signals`, to compare signs.")] = None,
    responses: Annotated[
        Path | None,
        typer.Option(help="Table of treated patients: patient, drug (an id of the bundle), responder (1 or 0)."),
    ] = None,
    draws: Annotated[int, typer.Option(help="Draws of random gene sets and of permuted patients.", min=20)] = DRAWS,
    seed: Seed = 0,
) -> None:
    """Test pathways and predicted sensitivities for survival in each cohort, pool them, and say what chance gives."""
    with refusals():
        study = run_survival(cohort, out, signals, responses, draws, seed)
    output.print(_table(study))


def run_survival(
    cohort: Path, out: Path, signals: Path | None, responses: Path | None, draws: int, seed: int
) -> "Study":
    """Write tables and page of a survival study."""
    from training.clinical.cohort import read_cohort
    from training.clinical.page.page import PAGE, write_study_page
    from training.clinical.survival import survival_study, write_tables
    from training.clinical.tables import read_table
    from training.clinical.treatment import read_responses

    folder = read_cohort(cohort)
    found = None if signals is None else (read_table(signals / SIGNALS), read_table(signals / NULL))
    if found is not None:
        found[0]["drug"] = found[0]["drug"].astype(str)
    given = None if responses is None else read_responses(responses)
    with counting_bar("Cox models, cohorts × end points") as models, counting_bar("random sets, draws") as nulls:
        study = survival_study(
            folder, signals=found, responses=given, draws=draws, seed=seed, models=models, nulls=nulls
        )
    write_tables(study, out)
    write_study_page(study, out)
    for one in study.refused:
        console.print(f"{one.cohort}, {one.endpoint}: {one.reason}", markup=False, soft_wrap=True)
    console.print(f"Wrote {out / PAGE}", markup=False, soft_wrap=True)
    return study


def _table(study: "Study") -> Table:
    """Counts of significant tests beside chance."""
    table = Table("of", "end point", "tests", "null", *numeric("found", "null", "95 %", "p"))
    for row in study.chance.to_dict("records"):
        if row["figure"] in ("all over", "pooled"):
            figures = (
                f"{row['observed']}",
                f"{row['mean']:.1f}",
                f"{row['low']:.0f}–{row['high']:.0f}",
                f"{row['p']:.3f}",
            )
            table.add_row(row["kind"], row["endpoint"], row["figure"], row["null"], *figures)
    return table
