"""The command `drp clinical cohort`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from training.cli.clinical.inputs import (
    LEAST_COVERAGE,
    GeneSetFiles,
    Least,
    ModelName,
    Seed,
    activity_of,
    named_columns,
    open_model,
    refusals,
)
from training.cli.terminal import console, counting_bar, numeric, output

if TYPE_CHECKING:
    import pandas as pd

    from training.clinical.cohort import Reference
    from training.clinical.predictions import LineModel
    from training.data.schema import Dataset
    from training.pathways.gene_sets import GeneSets


def cohort(
    expression: Annotated[Path, typer.Argument(help="Tumours: patients in the first column, then one gene a column.")],
    clinical: Annotated[Path, typer.Argument(help="Patients with cohort, age, sex, stage and end points.")],
    out: Annotated[Path, typer.Argument(help="Folder of the cohort; an older one there is replaced.")],
    gene_sets: GeneSetFiles = None,
    bundle: Annotated[Path | None, typer.Option(help="Bundle that predicts the tumours' responses.")] = None,
    model: ModelName = None,
    dataset: Annotated[
        Path | None, typer.Option(help="Dataset folder whose lines the tumours are compared with.")
    ] = None,
    time_unit: Annotated[str | None, typer.Option(help="Unit of the times: days, months or years.")] = None,
    column: Annotated[
        list[str] | None,
        typer.Option(help="Where the clinical table has another name: age=AGE_YEARS; repeat for more."),
    ] = None,
    not_gene: Annotated[
        list[str] | None, typer.Option(help="Column of the expression table that is no gene; repeat for more.")
    ] = None,
    least_coverage: Least = LEAST_COVERAGE,
    seed: Seed = 0,
) -> None:
    """Score the pathways of tumours, say what is covered, and predict their responses with a bundle.

    Genes are standardised within each cohort, so any unit on a log scale will do, z-scores too.
    """
    from training.clinical.clinical_table import read_clinical
    from training.clinical.tables import ClinicalError, read_expression
    from training.data.folder import read_dataset
    from training.pathways.gene_sets import read_gene_sets

    with refusals():
        sets = read_gene_sets(gene_sets or [])
        if not sets:
            raise ClinicalError("--gene-sets: none given; give a GMT file")
        patients = read_clinical(clinical, named_columns(column), time_unit)
        tumours = read_expression(expression, not_gene or [])
        lines = None if dataset is None else read_dataset(dataset)
        opened = None if bundle is None else open_model(bundle, model)
        if lines is not None and opened is None:
            raise ClinicalError("--dataset: comparing lines and tumours needs predictions; give --bundle too")
        covered = run_cohort(tumours, patients, sets, out, least_coverage, opened, lines, seed)
    output.print(_table(covered))


def run_cohort(
    tumours: "pd.DataFrame",
    patients: "pd.DataFrame",
    sets: "GeneSets",
    out: Path,
    least: float,
    model: "LineModel | None",
    dataset: "Dataset | None",
    seed: int,
) -> "pd.DataFrame":
    """Write a cohort folder; returns its coverage."""
    from training.clinical.cohort import INFO, CohortSettings, read_cohort, write_cohort

    out = out.resolve()  # "." is another folder once the old one is replaced
    reference = None if dataset is None or model is None else _reference(dataset, sets, model, least)
    with counting_bar("predicted responses, tumours") as show:
        covered = write_cohort(tumours, patients, sets, out, CohortSettings(least, model, reference, seed), show)
    written = read_cohort(out)
    info, known = written.info, written.clinical.count()
    console.print(f"Wrote {out / INFO}: {info['patients']:,} patients of {len(info['cohorts'])} cohorts", markup=False)
    console.print(f"Known of them: age of {known['age']:,}, sex of {known['female']:,}, stage of {known['stage']:,}")
    if left := info["without_clinical"]:
        console.print(f"{left:,} tumours have no row in the clinical table and were left out")
    if model is not None:
        console.print(f"{info['in_domain']:.0%} of the tumours lie in the domain of {model.name}")
    return covered


def _reference(dataset: "Dataset", sets: "GeneSets", model: "LineModel", least: float) -> "Reference":
    from training.clinical.cohort import Reference
    from training.clinical.consistency import compared_lines
    from training.clinical.signals import line_genes, lines_of, model_lines

    activity, genes = activity_of(dataset, sets, least), line_genes(dataset)
    lines = lines_of(dataset, activity.loc[activity.index.isin(genes.z.index)])
    own = model_lines(dataset, lines, model)
    predicted = model.predict(own.expression, own.tissues)[0]
    compared = compared_lines(lines, genes, own.rows, predicted, list(model.drugs["id"]))
    return Reference(compared, genes, activity)


def _table(covered: "pd.DataFrame") -> Table:
    """Coverage over cohorts, a row a pathway."""
    table = Table("pathway", *numeric("genes", "measured", "share", "cohorts scored"))
    for name, part in covered.groupby("pathway", sort=False):
        scored = int(part["scored"].sum())
        style = None if scored else "red"
        figures = f"{part['genes'].iloc[0]}", f"{part['measured'].median():.0f}", f"{part['share'].median():.0%}"
        table.add_row(escape(str(name)), *figures, f"{scored} of {len(part)}", style=style)
    return table
