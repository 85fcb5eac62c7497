"""Tables of samples that a command sends: of large ones the model's genes alone, many samples in several requests."""

import csv
import gzip
import io
from collections.abc import Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

if TYPE_CHECKING:
    from client.api import Client
    from model.tables.matrix import Matrix
    from service.schemas.responses import Predictions

SMALL_BYTES = 1 << 18  # files up to here are sent as they are
SAMPLES_PER_REQUEST = 100
MOST_SAMPLES = 1_000_000
MODALITIES = ("expression", "copy_number", "mutation")
Content = Path | bytes


@dataclass(frozen=True)
class _Part:
    """One request: its tables, and how many samples they bring."""

    tables: dict[str, Content]
    samples: int


def predict_files(client: "Client", files: Mapping[str, Path], expression_unit: str, **options: Any) -> "Predictions":  # noqa: ANN401 -- those of predict_tables
    """Predict the tables of some files, by the fields of Client.predict_tables, which also says what is raised.

    A large table is read here, gene by gene, and the values of the model's genes are sent. Many samples go in parts,
    with a progress bar on standard error.
    """
    from client.parts import marked_parts

    read = {
        name: matrix for name in MODALITIES if name in files and (matrix := _read(client, name, files[name], options))
    }
    unit = (read["expression"].unit if "expression" in read else None) or expression_unit
    parts = _parts(files, read)
    marked: dict[str, Any] = {"on_error": "mark"} if len(parts) > 1 else {}

    def ask(part: _Part, further: Sequence[tuple[str, str]]) -> "Predictions":
        lines = options.get("cell_lines", []) if part is parts[-1] else []
        asked = {**marked, **options, "cell_lines": [*lines, *(line for line, _ in further)], "expression_unit": unit}
        return client.predict_tables(part.tables, **asked)

    answers = []
    with _progress(sum(part.samples for part in parts), len(parts) > 1) as progress:
        for part, answer in zip(parts, marked_parts(parts, ask, client.known_pair), strict=True):
            answers.append(answer)
            progress.advance(progress.task_ids[0], part.samples)
    return _joined(answers, read)


def _read(client: "Client", table: str, path: Path, options: Mapping[str, Any]) -> "Matrix | None":
    """Values of the model's genes; None where the service has to read the file itself, and to say what is wrong."""
    from client.panels import model_panel
    from model.tables.faults import TableError
    from model.tables.maf import is_maf
    from model.tables.matrix import read_matrix
    from model.tables.rows import Rows

    if path.stat().st_size <= SMALL_BYTES:
        return None
    panel = model_panel(client, options.get("model"), table)
    with path.open("rb") as file:
        try:
            rows = Rows(file)
            if is_maf(rows.header):
                return None
            return read_matrix(rows, panel, MOST_SAMPLES, changes=table == "mutation")
        except (TableError, ImportError):  # a workbook needs openpyxl
            return None


def _parts(files: Mapping[str, Path], read: Mapping[str, "Matrix"]) -> list[_Part]:
    """Requests of at most 100 samples each, where every table of samples was read here; else one."""
    whole: dict[str, Content] = {name: path for name, path in files.items() if name not in read}
    names = list(dict.fromkeys(name for matrix in read.values() for name in matrix.values))
    step = SAMPLES_PER_REQUEST if set(whole) <= {"samples", "compounds"} else len(names)
    parts = []
    for start in range(0, len(names), max(step, 1)):
        part = names[start : start + step]
        tables = whole | {name: table for name, matrix in read.items() if (table := _packed(matrix, part))}
        if "samples" in files and step < len(names):
            del tables["samples"]
            tables |= _annotations(files["samples"], set(names).difference(part))
        parts.append(_Part(tables, len(part)))
    return parts or [_Part(whole, 0)]


def _packed(matrix: "Matrix", names: Sequence[str]) -> bytes:
    """Some samples of a table as gzip, every value as it was read; nothing where none of them stands in it."""
    rows = [(name, matrix.values[name]) for name in names if name in matrix.values]
    genes = list(dict.fromkeys(gene for _, values in rows for gene in values))
    lines = [["sample", *genes], *([name, *(repr(v[g]) if g in v else "" for g in genes)] for name, v in rows)]
    return _gzip(lines) if rows else b""


def _annotations(path: Path, others: Set[str]) -> dict[str, bytes]:
    """The table of annotations without the rows of samples of other parts; nothing where no row is left."""
    from client.cli.connection import stop
    from model.tables.faults import TableError
    from model.tables.rows import Rows

    try:
        rows = Rows(path.read_bytes())
        header = [cell.strip().lower() for cell in rows.header]
        place = header.index("name") if "name" in header else stop(f"{path}: no column name")
        chosen = [row for _, row in rows if row[place].strip() not in others]
    except TableError as fault:
        stop(f"{path}: {fault}")
    return {"samples": _gzip([rows.header, *chosen])} if chosen else {}


def _gzip(lines: Sequence[Sequence[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, delimiter="\t", lineterminator="\n").writerows(lines)
    return gzip.compress(text.getvalue().encode(), 1)


def _joined(answers: "Sequence[Predictions]", read: "Mapping[str, Matrix]") -> "Predictions":
    """One answer, with the notes of the tables that were read here; which samples differ is said of all at once."""
    from client.parts import merged_fields
    from model.tables.matrix import whole_notes

    fields = merged_fields(answers)
    predictions = [one for answer in answers for one in answer.predictions]
    warnings = fields["warnings"]
    if len(answers) > 1:
        warnings = whole_notes(warnings, {table: matrix.values for table, matrix in read.items()})
    notes = [f"{table}: {note}" for table, matrix in read.items() for note in matrix.notes]
    warnings = list(dict.fromkeys([*notes, *warnings]))
    return answers[0].model_copy(update={**fields, "predictions": predictions, "warnings": warnings})


@contextmanager
def _progress(samples: int, shown: bool) -> Iterator[Progress]:
    console = Console(stderr=True)
    columns = (TextColumn("samples"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not (shown and console.is_terminal)) as progress:
        progress.add_task("", total=samples)
        yield progress
