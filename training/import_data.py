"""From a public layout to a canonical dataset folder: read, validate, write; all of it or nothing."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from training.dataset import Dataset, DatasetError, Problem, occupied, validate, write_dataset
from training.fingerprints import with_recomputed_fingerprints
from training.sources.datapack import Expression, read_datapack
from training.sources.hgacl_tables import read_hgacl
from training.validation import without_bad_rows

Source = Literal["hgacl", "datapack"]


@dataclass(frozen=True)
class Imported:
    """What an import wrote, what it was told to drop and what a reader should know all the same."""

    dataset: Dataset
    dropped: list[Problem]
    warnings: list[Problem]


def import_dataset(
    source: Source,
    folder: Path,
    out: Path,
    *,
    name: str,
    annotations: Path | None = None,
    expression: Expression = "rnaseq",
    drop_bad_rows: bool = False,
) -> Imported:
    """Read `folder` in the layout `source` and write the dataset `name` to `out`.

    `annotations` is a data pack for the layout `hgacl`, which has no names, SMILES or expression of its own. With
    `drop_bad_rows` a row that an error names is left out, listed in the notes, instead of stopping the import.
    Raises DatasetError with every problem; `out` is then as it was.
    """
    if taken := occupied(out):
        raise DatasetError(taken)  # before minutes of reading, not after
    found = read_hgacl(folder, annotations, expression) if source == "hgacl" else read_datapack(folder, expression)
    dataset = replace(found.dataset, info={"name": name, **found.dataset.info})
    dropped: list[Problem] = []
    if drop_bad_rows:
        dataset, dropped = without_bad_rows(dataset, found.files)
        noted = [f"dropped: {problem}" for problem in dropped]
        dataset = replace(dataset, info={**dataset.info, "notes": [*dataset.info["notes"], *noted]})
    problems = validate(dataset, found.files)
    errors = [problem for problem in problems if problem.severity == "error"]
    if errors:
        raise DatasetError(errors)
    dataset = with_recomputed_fingerprints(dataset, found.files["drugs"])
    return Imported(write_dataset(dataset, out, checked=True), dropped, problems)
