"""Problems and counts of a dataset on the terminal."""

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NoReturn

import typer
from rich.table import Table

from training.cli.terminal import numeric, output, stop

if TYPE_CHECKING:
    from training.data.schema import Dataset, Problem

MOST_NAMED = 20
MOST_PROBLEMS = 200  # printed per file; a table in the wrong unit has one in every row
LABELS = {
    "cell_lines": "cell lines",
    "measured": "measured pairs",
    "missing": "pairs not measured",
    "expression_rows": "lines with expression",
    "copy_number_rows": "lines with copy number",
    "mutation_rows": "lines with mutation",
    "pathway_activity_rows": "lines with pathway activity",
    "drug_fingerprints_rows": "drugs with fingerprint",
}


def stop_with(problems: "list[Problem]", verdict: str) -> NoReturn:
    """Print the problems as errors, how many there are and what follows, and end with status 2."""
    print_problems(problems, "error")
    stop(f"{len(problems)} {'problem' if len(problems) == 1 else 'problems'}. {verdict}")


def print_problems(problems: "Iterable[Problem]", label: str) -> None:
    """Print problems on standard error, each behind the label, a limited number per file."""
    seen: Counter[str] = Counter()
    for problem in problems:
        seen[problem.file] += 1
        if seen[problem.file] <= MOST_PROBLEMS:
            typer.echo(f"{label}: {problem}", err=True)
    for file, count in seen.items():
        if count > MOST_PROBLEMS:
            typer.echo(f"{label}: {file}: {count - MOST_PROBLEMS:,} more like these", err=True)


def print_unplaceable(dataset: "Dataset") -> None:
    """Warn, on standard error, of lines that training refuses, and where no bundle could place new samples."""
    import numpy as np

    from training.data.arrays import align
    from training.inductive.requirements import NotPlaceableError, refuse_no_tables, refuse_other_platform

    arrays = align(dataset)
    if bare := arrays.bare_lines:
        text = f"cell lines without expression, copy number and mutation: {len(bare)}, {bare[:MOST_NAMED]}"
        typer.echo(f"warning: {text}; HGACL-DRP refuses to train with them: leave them out", err=True)
    try:
        refuse_other_platform(dataset.platform)
        refuse_no_tables(arrays, np.asarray(arrays.measured.any(axis=1)))
    except NotPlaceableError as reason:
        text = "a bundle of it answers for its own lines and drugs alone and places no new samples"
        typer.echo(f"warning: {text}: {reason}", err=True)


def print_info(info: dict[str, Any]) -> None:
    """Print a dataset's name, source, counts, notes and content hash."""
    table = Table(*numeric("count"), "of")
    for key, count in info["counts"].items():
        table.add_row(f"{count:,}", LABELS.get(key, key))
    output.print(f"{info['name']}: {info['source']}", markup=False, highlight=False, soft_wrap=True)
    output.print(table)
    for note in info["notes"]:
        output.print(f"note: {note}", markup=False, highlight=False, soft_wrap=True)
    output.print(f"content hash {info['content_hash']}", highlight=False)
