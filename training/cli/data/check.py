"""The command `drp data check`."""

from pathlib import Path
from typing import Annotated

import typer

from training.cli.data.problems import print_info, print_problems, print_unplaceable, stop_with


def check(dataset: Annotated[Path, typer.Argument(help="Dataset folder.")]) -> None:
    """Read a dataset folder, verify its hash and validate it; exit 2 where training must not use it."""
    from training.data.folder import read_dataset
    from training.data.schema import DatasetError
    from training.data.validation import validate

    try:
        found = read_dataset(dataset)
    except DatasetError as fault:
        stop_with(fault.problems, "Not a dataset to train on.")
    problems = validate(found)
    print_problems((p for p in problems if p.severity == "warning"), "warning")
    print_info(found.info)
    errors = [problem for problem in problems if problem.severity == "error"]
    if errors:
        stop_with(errors, "Not a dataset to train on.")
    print_unplaceable(found)
