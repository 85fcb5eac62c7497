"""Uploaded CSV and TSV tables -> samples and compounds, or the row and column that cannot be read.

A table of a modality has a header of gene symbols and one row a sample, its name first. The other way round, genes
down and samples across, is recognised by where the model's genes stand, and turned.
"""

import csv
import io
import math
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from model.encoder_inputs import LINE_NAMES, MODALITIES, Sample
from service.prediction.encoders import Compound
from service.schemas.new_entities import MAX_GENE_CHARS, MAX_NAME_CHARS, MAX_SMILES_CHARS, MAX_TARGETS

UNKNOWN = {"", "na", "nan", "n/a", "null", "none"}
COMPOUND_COLUMNS, SAMPLE_COLUMNS = ("name", "smiles", "targets", "pathway"), ("name", *LINE_NAMES)
Rows = list[list[str]]


class TableError(ValueError):
    """A table that cannot be read; `field` is its form field, the message names row and column, never the value."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class TooManyRowsError(ValueError):
    """More samples or compounds than a request may bring."""


def samples(
    tables: Mapping[str, bytes], panels: Mapping[str, Collection[str]], unit: str, most: int
) -> dict[str, Sample]:
    """Samples of up to three tables by modality and of the table `samples` with their tissue, cancer type and medium.

    A sample has the tables that it stands in. Raises TableError, or TooManyRowsError beyond `most` samples.
    """
    read = {m: _matrix(m, tables[m], panels[m], most) for m in MODALITIES if m in tables}
    annotations = _read_annotations(tables["samples"], most) if "samples" in tables else {}
    names = list(dict.fromkeys(name for table in read.values() for name in table))
    if len(names) > most:
        raise TooManyRowsError(f"{len(names)} samples; a request may have {most}, so split it")
    if strangers := [name for name in annotations if name not in names]:
        raise TableError("samples", f"{len(strangers)} of its samples stand in no other table")
    return {name: _sample(name, read, annotations.get(name, {}), unit) for name in names}


def _sample(
    name: str, read: Mapping[str, Mapping[str, dict[str, float]]], annotations: Mapping[str, str | None], unit: str
) -> Sample:
    expression, copy_number, mutation = (read.get(modality, {}).get(name) for modality in MODALITIES)
    names = {field: annotations.get(field) for field in LINE_NAMES}
    return Sample(expression, copy_number, mutation, **names, expression_unit=unit)


def compounds(content: bytes, most: int) -> dict[str, Compound]:
    """Compounds of a table with the columns name and smiles, and targets (separated by ;) and pathway if known.

    Raises TableError, or TooManyRowsError beyond `most` compounds.
    """
    out: dict[str, Compound] = {}
    for number, row in _records("compounds", content, COMPOUND_COLUMNS, 2, most):
        targets = [target.strip() for target in row["targets"].split(";") if target.strip()]
        if not 0 < len(row["smiles"]) <= MAX_SMILES_CHARS:
            raise TableError("compounds", f"row {number}, column smiles: empty or over {MAX_SMILES_CHARS} characters")
        if len(targets) > MAX_TARGETS or max(map(len, [*targets, row["pathway"]])) > MAX_NAME_CHARS:
            raise TableError("compounds", f"row {number}: over {MAX_TARGETS} targets, or a name too long")
        out[_name("compounds", row["name"], number, out)] = Compound(row["smiles"], targets, row["pathway"] or None)
    return out


def _read_annotations(content: bytes, most: int) -> dict[str, dict[str, str | None]]:
    out: dict[str, dict[str, str | None]] = {}
    for number, row in _records("samples", content, SAMPLE_COLUMNS, 1, most):
        name = _name("samples", row["name"], number, out)
        out[name] = {column: row[column] or None for column in SAMPLE_COLUMNS[1:]}
    return out


def _matrix(  # noqa: C901 -- every way in which a table can be wrong, each with its place
    field: str, content: bytes, panel: Collection[str], most: int
) -> dict[str, dict[str, float]]:
    """Sample → gene → value; a cell without a value is a gene that is not given."""
    rows = _rows(field, content)
    genes = {gene.upper() for gene in panel}
    across = sum(cell.strip().upper() in genes for cell in rows[0][1:])
    down = sum(row[0].strip().upper() in genes for row in rows[1:])
    if not across and not down:
        raise TableError(field, "no gene of the model stands in the first row or the first column; give gene symbols")
    turned = down > across

    def place(i: int, j: int) -> str:
        row, column = (j, i) if turned else (i, j)
        return f"row {row + 1}, column {column + 1}"

    if turned:
        rows = [list(column) for column in zip(*rows, strict=True)]
    if len(rows) - 1 > most:
        raise TooManyRowsError(f"{len(rows) - 1} samples; a request may have {most}, so split it")
    header = [gene.strip() for gene in rows[0][1:]]
    for j, gene in enumerate(header, 1):
        if not 0 < len(gene) <= MAX_GENE_CHARS:
            raise TableError(field, f"{place(0, j)}: the gene's name is empty or too long")
    if len({gene.upper() for gene in header}) < len(header):
        raise TableError(field, "a gene stands twice, case aside; give each gene once")
    out: dict[str, dict[str, float]] = {}
    for i, row in enumerate(rows[1:], 1):
        name = row[0].strip()
        if not 0 < len(name) <= MAX_NAME_CHARS or name in out:
            raise TableError(field, f"{place(i, 0)}: the sample's name is empty, too long or stands twice")
        out[name] = {}
        for j, (gene, cell) in enumerate(zip(header, row[1:], strict=True), 1):
            value = _number(cell)
            if value is None:
                raise TableError(field, f"{place(i, j)}: not a number; leave the cell empty where it is not known")
            if not math.isnan(value):
                out[name][gene] = value
    return out


def _number(cell: str) -> float | None:
    """NaN for a cell without a value, None for one that is no finite number."""
    try:
        value = float(cell)
    except ValueError:
        return math.nan if cell.strip().lower() in UNKNOWN else None
    return None if math.isinf(value) else value


def _records(
    field: str, content: bytes, columns: Sequence[str], needed: int, most: int
) -> list[tuple[int, dict[str, str]]]:
    """Number of each row, from 1 as spreadsheets count, and its cells by column; the first `needed` must be there."""
    rows = _rows(field, content)
    header = [cell.strip().lower() for cell in rows[0]]
    known = ", ".join(columns)
    if missing := [column for column in columns[:needed] if column not in header]:
        raise TableError(field, f"no column {missing[0]}; the first row must name {known}, as far as they are known")
    if len(set(header)) < len(header) or set(header) - set(columns):
        raise TableError(field, f"a column is unknown or stands twice; the columns are {known}")
    if len(rows) - 1 > most:
        raise TooManyRowsError(f"{len(rows) - 1} {field}; a request may have {most}, so split it")
    empty = dict.fromkeys(columns, "")
    return [
        (number, empty | {key: cell.strip() for key, cell in zip(header, row, strict=True)})
        for number, row in enumerate(rows[1:], 2)
    ]


def _name(field: str, name: str, number: int, taken: Mapping[str, Any]) -> str:
    if not 0 < len(name) <= MAX_NAME_CHARS or name in taken:
        raise TableError(field, f"row {number}, column name: empty, too long or there already")
    return name


def _rows(field: str, content: bytes) -> Rows:
    """Cells of a table with commas, tabs or semicolons, all rows as wide as the first."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        raise TableError(field, f"byte {fault.start + 1} is no UTF-8; save the table as UTF-8 text") from None
    first = text.partition("\n")[0]
    delimiter = max("\t,;", key=first.count)
    try:
        rows = list(csv.reader(io.StringIO(text.rstrip(), newline=""), delimiter=delimiter, strict=True))
    except csv.Error as fault:
        raise TableError(field, f"not a table of cells with commas or tabs ({fault})") from None
    if len(rows) < 2 or len(rows[0]) < 2:
        raise TableError(field, "a header, one row and two columns are needed at least")
    for number, row in enumerate(rows, 1):
        if len(row) != len(rows[0]):
            raise TableError(field, f"row {number} has {len(row)} cells where the first has {len(rows[0])}")
    return rows
