"""The command `drp predict`."""

from pathlib import Path
from typing import Annotated

import typer

from client.cli.answers import Output, OutputFormat, print_answer
from client.cli.connection import ApiKey, BundleFolder, Model, Url, connected, stop
from client.cli.files import read_pairs, readable
from client.cli.tables import predict_files


def predict(
    cell_line: Annotated[str | None, typer.Argument(help="Cell line, by any of its names.")] = None,
    drug: Annotated[str | None, typer.Argument(help="Drug, by any of its names.")] = None,
    pairs: Annotated[
        Path | None, typer.Option(help="Table with the columns cell_line and drug; - reads standard input.")
    ] = None,
    samples: Annotated[
        Path | None, typer.Option(help="Table of expression of new samples, genes across or down.")
    ] = None,
    unit: Annotated[str, typer.Option(help="Unit of --samples: log2(TPM+1) or TPM.")] = "log2(TPM+1)",
    mutation: Annotated[Path | None, typer.Option(help="The same: 1 for a mutated gene, else 0; or a MAF.")] = None,
    copy_number: Annotated[Path | None, typer.Option(help="The same with copy number.")] = None,
    copy_number_unit: Annotated[
        str, typer.Option(help="Unit of --copy-number: log2 ratio, ratio, log2(ratio+1), absolute or GISTIC.")
    ] = "log2 ratio",
    annotations: Annotated[
        Path | None, typer.Option(help="Table with name, tissue, cancer_type, medium of samples in these tables.")
    ] = None,
    compounds: Annotated[
        Path | None, typer.Option(help="Compounds: .smi, .sdf, or a table with the columns name and smiles.")
    ] = None,
    smiles_column: Annotated[
        str | None, typer.Option(help="Column of --compounds that has the SMILES, if it is called otherwise.")
    ] = None,
    as_new: Annotated[
        bool, typer.Option("--as-new", help="Answer a compound that is a drug of the bundle as a new one.")
    ] = False,
    with_line: Annotated[
        list[str] | None, typer.Option(help="Known line to predict as well; repeat for more.")
    ] = None,
    with_drug: Annotated[list[str] | None, typer.Option(help="Known drug to predict; repeat for more.")] = None,
    url: Url = None,
    bundle: BundleFolder = None,
    key: ApiKey = None,
    model: Model = None,
    form: OutputFormat = None,
    output: Output = None,
) -> None:
    """Predict how a cell line responds to a drug, every pair of a CSV file, or new samples and compounds.

    Samples and --with-line are crossed with compounds and --with-drug; a side with neither is all of the bundle.
    """
    files = {"expression": samples, "mutation": mutation, "copy_number": copy_number}
    files |= {"samples": annotations, "compounds": compounds}
    tables = {name: path for name, path in files.items() if path is not None}
    if sum((bool(tables), pairs is not None, cell_line is not None and drug is not None)) != 1:
        stop("give a cell line and a drug, or --pairs FILE, or tables: --samples, --compounds")
    if as_new and compounds is None:
        stop("--as-new is about compounds; give --compounds FILE")
    if tables:
        with connected(url, bundle, key) as client, readable():
            answer = predict_files(
                client,
                tables,
                unit,
                copy_number_unit=copy_number_unit,
                cell_lines=with_line or [],
                drugs=with_drug or [],
                model=model,
                smiles_column=smiles_column,
                known_structures="as_new" if as_new else None,
            )
    else:
        wanted = [(cell_line or "", drug or "")] if pairs is None else read_pairs(pairs)
        with connected(url, bundle, key) as client:
            answer = client.predict(wanted, model)
    print_answer(answer, answer.predictions, form, output)
