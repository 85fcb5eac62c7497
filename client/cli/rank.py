"""The command `drp rank`."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from client.cli.answers import Output, OutputFormat, print_answer
from client.cli.connection import ApiKey, BundleFolder, Model, Url, connected, stop
from client.cli.files import read_sample, readable
from client.cli.tables import predict_files

RankOrder = Literal["score", "probability", "percentile", "ln_ic50"]  # as service.schemas, which help need not load


def rank(
    cell_line: Annotated[str | None, typer.Argument(help="Cell line whose drugs to rank.")] = None,
    drug: Annotated[str | None, typer.Option(help="Rank the cell lines of this drug instead.")] = None,
    sample: Annotated[
        Path | None,
        typer.Option(help="Table of expression of new samples, or JSON of one as in the API, whose drugs to rank."),
    ] = None,
    unit: Annotated[str, typer.Option(help="Unit of a table: log2(TPM+1) or TPM.")] = "log2(TPM+1)",
    compound: Annotated[str | None, typer.Option(help="SMILES of a new compound whose cell lines to rank.")] = None,
    as_new: Annotated[
        bool, typer.Option("--as-new", help="Answer a compound that is a drug of the bundle as a new one.")
    ] = False,
    k: Annotated[int, typer.Option("-k", help="How many to list.", min=1)] = 10,
    target: Annotated[str | None, typer.Option(help="Only drugs with this target.")] = None,
    pathway: Annotated[str | None, typer.Option(help="Only drugs on this pathway.")] = None,
    order: Annotated[RankOrder, typer.Option(help="What to rank by.")] = "score",
    url: Url = None,
    bundle: BundleFolder = None,
    key: ApiKey = None,
    model: Model = None,
    form: OutputFormat = None,
    output: Output = None,
) -> None:
    """Rank the drugs that a line or a new sample should respond to best, or the cell lines of a drug or compound."""
    if sum(subject is not None for subject in (cell_line, sample, drug, compound)) != 1:
        stop("give a cell line, --sample FILE, --drug NAME or --compound SMILES")
    ranks_lines = drug is not None or compound is not None
    if ranks_lines and (target is not None or pathway is not None):
        stop("--target and --pathway choose among drugs; they do not go with --drug and --compound")
    if as_new and compound is None:
        stop("--as-new is about a compound; give --compound SMILES")
    new_sample = None if sample is None else read_sample(sample)
    if sample is not None and new_sample is None:
        if target is not None or pathway is not None:
            stop("--target and --pathway go with a sample of JSON; a table is ranked over all drugs")
        with connected(url, bundle, key) as client, readable():
            answer = predict_files(client, {"expression": sample}, unit, model=model, top_k=k, order=order)
        print_answer(answer, answer.predictions, form, output)
        return
    with connected(url, bundle, key) as client:
        if drug is not None:
            lines = client.rank_lines(drug, k, model=model, order=order)
        elif compound is not None:
            lines = client.rank_lines_of_compound(
                compound, k, model=model, order=order, known_structures="as_new" if as_new else None
            )
        elif new_sample is not None:
            drugs = client.rank_sample(new_sample, k, model=model, target=target, pathway=pathway, order=order)
        else:
            drugs = client.rank(cell_line or "", k, model=model, target=target, pathway=pathway, order=order)
    if ranks_lines:
        print_answer(lines, lines.cell_lines, form, output)
    else:
        print_answer(drugs, drugs.drugs, form, output)
