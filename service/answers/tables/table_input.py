"""Uploaded tables -> samples and compounds, or the row and column that cannot be read.

model.tables knows the layouts of tables of genes and of files of compounds. The table of what else is known of samples
has a header of the names below.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from model.encoder_inputs import LINE_NAMES, MODALITIES, unread_reason
from model.genes.panel import Panel
from model.sample import Sample
from model.tables import compounds, faults
from model.tables.content import Content
from model.tables.maf import is_maf, read_maf
from model.tables.matrix import Matrix, read_matrix, uneven_notes
from model.tables.repeats import named
from model.tables.rows import Rows
from model.units import LOG2_RATIO
from service.prediction.new_entities import Compound
from service.schemas.new_entities import MAX_NAME_CHARS, MAX_SMILES_CHARS, MAX_TARGETS
from service.schemas.problem_codes import Code
from service.schemas.responses import Refusal

MOST_CARRIED, MOST_CARRIED_CHARS = 20, 100  # other columns of compounds, and letters of a cell and its column
SAMPLE_COLUMNS = ("name", *LINE_NAMES)


class TableError(ValueError):
    """A table that cannot be read; `field` is its form field, the message names row and column, never the value."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class TooManyRowsError(ValueError):
    """More samples or compounds than a request may bring."""


class Units(NamedTuple):
    """Units of the tables of a request."""

    expression: str = "log2(TPM+1)"
    copy_number: str = LOG2_RATIO


@dataclass(frozen=True)
class TableSamples:
    """Samples by name, and what was decided while their tables were read."""

    samples: dict[str, Sample] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class TableCompounds:
    """Compounds by name, rows that cannot be read, and what was decided while their file was read.

    `columns` are the cells of each compound that no model reads, by column: they come back beside the answer.
    """

    compounds: dict[str, Compound] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)
    columns: dict[str, dict[str, str]] = field(default_factory=dict)

    @property
    def given(self) -> bool:
        """Whether there was a file."""
        return bool(self.compounds or self.refused)


def read_samples(tables: Mapping[str, Content], panels: Mapping[str, Panel], units: Units, most: int) -> TableSamples:
    """Samples of up to three tables by modality and of the table `samples` with their tissue, cancer type and medium.

    A sample has the tables that it stands in. A unit that a table's layout states comes before `units`. Raises
    TableError, or TooManyRowsError beyond `most` samples.
    """
    read = {m: _matrix(m, tables[m], panels[m], most) for m in MODALITIES if m in tables}
    annotations = _read_annotations(tables["samples"], most) if "samples" in tables else {}
    names = list(dict.fromkeys(name for table in read.values() for name in table.values))
    if len(names) > most:
        raise TooManyRowsError(f"{len(names)} samples; a request may have {most}, so split it")
    if strangers := [name for name in annotations if name not in names]:
        raise TableError("samples", f"{len(strangers)} of its samples stand in no other table")
    samples = {name: _sample(name, read, annotations.get(name, {}), units) for name in names}
    notes = uneven_notes({table: matrix.values for table, matrix in read.items()})
    notes += [f"{table}: {note}" for table, matrix in read.items() for note in matrix.notes]
    return TableSamples(samples, notes)


def _sample(name: str, read: Mapping[str, Matrix], annotations: Mapping[str, str | None], units: Units) -> Sample:
    expression, copy_number, mutation = (read[t].values.get(name) if t in read else None for t in MODALITIES)
    tissue, cancer_type, medium = (annotations.get(column) for column in LINE_NAMES)
    stated = read["expression"].unit if "expression" in read else None
    dropped = {table: matrix.unread for table, matrix in read.items()}
    unit = stated or units.expression
    names = (tissue, cancer_type, medium)
    return Sample(expression, copy_number, mutation, *names, unit, units.copy_number, dropped)


def read_compound_file(
    content: Content, most: int, smiles_column: str | None = None, *, marking: bool = False
) -> TableCompounds:
    """Compounds of a file (model.tables.compounds); with `marking` a row that cannot be read is refused alone.

    Raises TableError, or TooManyRowsError beyond `most` compounds.
    """
    found: dict[str, Compound] = {}
    columns: dict[str, dict[str, str]] = {}
    refused: list[Refusal] = []
    try:
        read = compounds.read_compounds(content, smiles_column)
        for number, row in enumerate(read.rows, 1):
            if number > most:
                raise TooManyRowsError(f"over {most} compounds; a request may have {most}, so split it")
            try:
                name = _name("compounds", row.name, row.place, found)
                found[name], columns[name] = _compound(row), dict(row.others)
            except TableError as fault:
                if not marking:
                    raise
                refused.append(_refusal(row, str(fault)))
    except faults.UnknownColumnError as fault:
        raise TableError("smiles_column", str(fault)) from None
    except faults.TableError as fault:
        raise TableError("compounds", str(fault)) from None
    if not found and not refused:
        raise TableError("compounds", "no compound stands in it; give one a row")
    notes = [*read.notes, *_drop_large([*columns.values(), *(one.columns for one in refused)])]
    return TableCompounds(found, [f"/compounds: {note}" for note in notes], refused, columns)


def _drop_large(rows: Sequence[dict[str, str]]) -> list[str]:
    """Take columns out of all rows that would swell the answer, where they stand once a pair; a note of them."""
    names = dict.fromkeys(name for row in rows for name in row)
    large = {name for row in rows for name, text in row.items() if len(name) + len(text) > MOST_CARRIED_CHARS}
    dropped = [*large, *[name for name in names if name not in large][MOST_CARRIED:]]
    for row in rows:
        for name in dropped:
            row.pop(name, None)
    limits = f"{MOST_CARRIED} columns of {MOST_CARRIED_CHARS} characters"
    return [f"columns beyond {limits} do not come back: {named(dropped)}"] if dropped else []


def _refusal(row: compounds.CompoundRow, detail: str) -> Refusal:
    name = row.name if 0 < len(row.name) <= MAX_NAME_CHARS else row.place
    place, columns = "/compounds", dict(row.others)
    return Refusal(kind="compound", name=name, pointer=place, code=Code.INVALID_TABLE, detail=detail, columns=columns)


def _compound(row: compounds.CompoundRow) -> Compound:
    if not 0 < len(row.structure) <= MAX_SMILES_CHARS:
        raise TableError("compounds", f"{row.place}, column smiles: empty or over {MAX_SMILES_CHARS} characters")
    try:
        one = Compound.of_cells(row.structure, row.targets, row.pathway, row.max_concentration_um)
    except faults.TableError as fault:
        raise TableError("compounds", f"{row.place}, {fault}") from None
    if len(one.targets) > MAX_TARGETS or max(map(len, [*one.targets, row.pathway])) > MAX_NAME_CHARS:
        raise TableError("compounds", f"{row.place}: over {MAX_TARGETS} targets, or a name too long")
    return one


def _read_annotations(content: Content, most: int) -> dict[str, dict[str, str | None]]:
    out: dict[str, dict[str, str | None]] = {}
    for number, row in _records("samples", content, SAMPLE_COLUMNS, 1, most):
        name = _name("samples", row["name"], f"row {number}", out)
        out[name] = {column: row[column] or None for column in SAMPLE_COLUMNS[1:]}
    return out


def _matrix(table: str, content: Content, panel: Panel, most: int) -> Matrix:
    if not panel.symbols:
        raise TableError(table, f"{unread_reason(table)}; leave it out")
    try:
        rows = Rows(content)
        if is_maf(rows.header):
            if table != "mutation":
                raise TableError(table, "is a MAF, which lists mutations; send it as mutation")
            return read_maf(rows, panel, most)
        return read_matrix(rows, panel, most, changes=table == "mutation")
    except faults.TableError as fault:
        raise TableError(table, str(fault)) from None
    except faults.TooManySamplesError as fault:
        raise TooManyRowsError(str(fault)) from None


def _records(
    field: str, content: Content, columns: Sequence[str], needed: int, most: int
) -> list[tuple[int, dict[str, str]]]:
    """Number of each row, from 1 as spreadsheets count, and its cells by column; the first `needed` must be there."""
    try:
        table = Rows(content)
        rows = list(table)
    except faults.TableError as fault:
        raise TableError(field, str(fault)) from None
    header = [cell.strip().lower() for cell in table.header]
    known = ", ".join(columns)
    if missing := [column for column in columns[:needed] if column not in header]:
        raise TableError(field, f"no column {missing[0]}; the first row must name {known}, as far as they are known")
    if len(set(header)) < len(header) or set(header) - set(columns):
        raise TableError(field, f"a column is unknown or stands twice; the columns are {known}")
    if len(rows) > most:
        raise TooManyRowsError(f"{len(rows)} {field}; a request may have {most}, so split it")
    empty = dict.fromkeys(columns, "")
    return [
        (number, empty | {key: cell.strip() for key, cell in zip(header, row, strict=True)}) for number, row in rows
    ]


def _name(field: str, name: str, place: str, taken: Mapping[str, Any]) -> str:
    if not 0 < len(name) <= MAX_NAME_CHARS or name in taken:
        raise TableError(field, f"{place}, column name: empty, too long or there already")
    return name
