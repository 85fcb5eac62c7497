"""What the clinical commands share: their options' files read, and their errors as messages."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from training.cli.data.problems import stop_with
from training.cli.terminal import stop

if TYPE_CHECKING:
    import pandas as pd

    from training.clinical.predictions import LineModel
    from training.data.schema import Dataset
    from training.pathways.gene_sets import GeneSets

LEAST_COVERAGE = 0.25
GeneSetFiles = Annotated[
    list[Path] | None, typer.Option("--gene-sets", help="GMT file of gene sets by symbol; repeat for more.")
]
ModelName = Annotated[str | None, typer.Option(help="Model of the bundle [default: its default model].")]
Least = Annotated[
    float, typer.Option(help="Least share of a pathway's genes that must be measured.", min=0.0, max=1.0)
]
Seed = Annotated[int, typer.Option(help="Seed of bootstraps, folds, random sets and permutations.", min=0)]


@contextmanager
def refusals() -> Iterator[None]:
    """End the command with a message where its input cannot be used."""
    from model.bundle.manifest import BundleError
    from training.data.schema import DatasetError

    try:
        yield
    except DatasetError as fault:
        stop_with(fault.problems, "Nothing was written.")
    except OSError as fault:
        stop(f"{fault.filename}: {fault.strerror or fault}")
    except (BundleError, ValueError) as fault:
        stop(str(fault))


def activity_of(dataset: "Dataset", sets: "GeneSets", least: float) -> "pd.DataFrame":
    """Pathway scores of lines: the dataset's own, else scored from the sets."""
    from training.clinical.signals import line_genes, scored_activity

    if dataset.pathway_activity is not None:
        return dataset.pathway_activity.astype(float)
    if not sets:
        raise ValueError("the dataset has no pathway_activity; give --gene-sets, or add it with drp data pathways")
    return scored_activity(line_genes(dataset), sets, least)


def named_columns(pairs: list[str] | None) -> dict[str, str]:
    """`name=column` of the command line, as a dictionary."""
    found = {}
    for pair in pairs or []:
        name, equals, column = pair.partition("=")
        if not (name and equals and column):
            raise ValueError(f"--column {pair}: give NAME=COLUMN, such as age=age_at_diagnosis")
        found[name] = column
    return found


def open_model(bundle: Path, name: str | None) -> "LineModel":
    """The model of a bundle that predicts for lines and tumours."""
    from training.clinical.predictions import LineModel

    return LineModel.open(bundle, name)
