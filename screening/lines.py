"""The lines of a screen: those of the bundle, those whose scores are all wanted, and samples from a table."""

from collections.abc import Sequence
from pathlib import Path

from model.names import AmbiguousNameError, UnknownNameError, plain
from model.sample import Sample, SampleError
from model.tables.faults import TableError, TooManySamplesError
from model.tables.matrix import read_matrix
from model.tables.rows import Rows
from screening.job import ScreenError
from screening.worker import encoders_of
from service.prediction.predictor import Predictor

MOST_SAMPLES = 1_000
EXPRESSION = "expression"
COLUMNS = ("number", "compound", "inchikey")  # of a table of scores, beside a column a line


def chosen_lines(predictor: Predictor, names: Sequence[str], tissues: Sequence[str]) -> tuple[list[str], list[str]]:
    """Ids of the lines with these names and of those of these tissues, in the bundle's order; doubts about the names.

    Raises ScreenError.
    """
    lines, chosen = predictor.lines, set()
    for name in names:
        try:
            chosen.add(lines.names.find(name))
        except (UnknownNameError, AmbiguousNameError):
            remedy = "see the names in its cell_lines.json"
            raise ScreenError(f"--cell-lines: no one line of the bundle is called {name!r}; {remedy}") from None
    known = {plain(row.tissue): row.tissue for row in lines.rows if row.tissue}
    for tissue in tissues:
        if plain(tissue) not in known:
            raise ScreenError(f"--tissue: {tissue!r} is not one of {', '.join(sorted(known.values()))}")
        chosen |= {place for place, row in enumerate(lines.rows) if row.tissue == known[plain(tissue)]}
    doubts = [f"--cell-lines: {name!r} {doubt}" for name in names if (doubt := lines.name_warning(name))]
    return [lines.refs[row].id for row in sorted(chosen)], doubts


def read_samples(path: Path, predictor: Predictor, model: str, unit: str) -> tuple[dict[str, Sample], list[str]]:
    """Samples of a table of expression by name, and what a reader should know of them. Raises ScreenError."""
    encoders = encoders_of(predictor, model)
    try:
        with path.open("rb") as file:
            matrix = read_matrix(Rows(file), encoders.panels[EXPRESSION], MOST_SAMPLES)
        samples = {
            name: Sample(values, expression_unit=matrix.unit or unit, dropped={EXPRESSION: matrix.unread})
            for name, values in matrix.values.items()
        }
        read = {name: encoders.read_sample(sample) for name, sample in samples.items()}
    except (TableError, TooManySamplesError, SampleError) as fault:
        raise ScreenError(f"{path}: {fault}") from None
    except OSError as fault:
        raise ScreenError(f"{path}: cannot be read ({fault.strerror})") from None
    if taken := sorted({ref.id for ref in predictor.lines.refs} & samples.keys()):
        raise ScreenError(f"{path}: {taken[0]} is the id of a line of the bundle; call the sample otherwise")
    if taken := sorted(samples.keys() & COLUMNS):
        raise ScreenError(f"{path}: {taken[0]} is a column of scores/*.parquet already; call the sample otherwise")
    return samples, [*matrix.notes, *encoders.encode_samples(read).warnings]
