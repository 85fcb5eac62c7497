"""The files of a source, and the problems of all of them together."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from training.data.schema import DatasetError, Problem


@contextmanager
def collect_problems(faults: list[Problem]) -> Iterator[None]:
    """Add the problems of a DatasetError to `faults` instead of letting it stop the reading of other files."""
    try:
        yield
    except DatasetError as fault:
        faults += fault.problems


def one_file(folder: Path, patterns: tuple[str, ...], *, needed: bool = True) -> Path | None:
    """Find the one file of `folder` that a pattern names; raises DatasetError where there are several, or none."""
    found = sorted({path for pattern in patterns for path in folder.glob(pattern)})
    if len(found) > 1:
        names = ", ".join(path.name for path in found)
        raise DatasetError([Problem(str(folder), "", "", f"holds {names}: which one is meant? Keep one")])
    if needed and not found:
        raise DatasetError([Problem(patterns[0], "", "", f"missing from {folder}; add it")])
    return found[0] if found else None
