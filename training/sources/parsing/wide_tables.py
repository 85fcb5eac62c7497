"""Wide tables of 20,000 genes, from CSV: fast where the file is sound, exact about the cell where it is not."""

import csv
import io
import re
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv as pc

from model.genes.spelling import DATE_REMEDY, is_date
from training.data.schema import DatasetError, Problem
from training.sources.parsing.csv_text import csv_content, decimal_comma_hint, header, row_length_problem
from training.sources.parsing.plain_tables import BLOCK_BYTES, MISSING, no_number

ENSEMBL = re.compile(r"ENS[GT]\d{11}(\.\d+)?")
SYMBOL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@/:-]*")
NUMBER = re.compile(r"-?\d+\.\d+([eE][+-]?\d+)?")
MOST_CELLS = 20  # named per file where cells hold no numbers


def read_wide(path: Path, is_text: Callable[[int, str], bool], *, skip: int = 0) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Read the columns that `is_text(position, name)` names as text, the others as float32 (NaN = empty).

    The first `skip` lines stand above the header. Both tables are indexed by line. Raises DatasetError with what
    csv_content refuses, a ragged row, or the first cells that hold no finite number.
    """
    content = csv_content(path)
    for _ in range(skip):
        content = content[content.find(b"\n") + 1 :]
    columns = header(content, path.name, check=False)
    text = [i for i, column in enumerate(columns) if is_text(i, column)]
    rest = [i for i in range(len(columns)) if i not in set(text)]
    kinds = {f"c{i}": pa.float32() for i in rest} | {f"c{i}": pa.string() for i in text}
    try:
        table = pc.read_csv(
            pa.BufferReader(content),
            read_options=pc.ReadOptions(
                column_names=[f"c{i}" for i in range(len(columns))], skip_rows=1, block_size=BLOCK_BYTES
            ),
            convert_options=pc.ConvertOptions(
                column_types=kinds, null_values=list(MISSING), strings_can_be_null=False
            ),
        )
    except pa.ArrowException as fault:
        faults = _not_numbers(content, path.name, columns, set(text), skip)
        raise DatasetError(faults or [row_length_problem(fault, path.name, before=skip)]) from None
    values = np.empty((table.num_rows, len(rest)), np.float32)
    for j, i in enumerate(rest):
        values[:, j] = table.column(i).to_numpy()
    lines = pd.RangeIndex(2 + skip, 2 + skip + table.num_rows)
    infinite = np.argwhere(np.isinf(values))[:MOST_CELLS]
    if len(infinite):
        infinities = [(str(lines[i]), columns[rest[j]], str(values[i, j])) for i, j in infinite]
        raise DatasetError([Problem(path.name, row, column, no_number(value)) for row, column, value in infinities])
    texts = pd.DataFrame({columns[i]: table.column(i).to_pylist() for i in text}, index=lines, dtype="str")
    return texts, pd.DataFrame(values, index=lines, columns=[columns[i] for i in rest])


def _not_numbers(content: bytes, name: str, columns: list[str], text: set[int], skip: int) -> list[Problem]:
    """Find the cells that stopped the fast reader, and rows that are too short or too long."""
    faults = []
    for line, row in enumerate(csv.reader(io.StringIO(content.decode())), 1 + skip):
        if line == 1 + skip or not row:
            continue
        if len(row) != len(columns):
            hint = decimal_comma_hint(len(row), len(columns))
            message = f"{len(row)} cells, the header has {len(columns)}{hint}; correct it"
            faults.append(Problem(name, str(line), "", message))
        for i, cell in enumerate(row[: len(columns)]):
            if i not in text and cell not in MISSING and not _is_number(cell):
                faults.append(Problem(name, str(line), columns[i] or str(i + 1), no_number(cell)))
        if len(faults) >= MOST_CELLS:
            break
    return faults[:MOST_CELLS]


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def gene_faults(genes: Sequence[str], name: str) -> list[Problem]:
    """Find gene columns that cannot be genes: Excel dates, Ensembl ids, numbers; genes that stand twice."""
    faults = [Problem(name, "1", gene, message) for gene in genes if (message := _no_gene(gene))]
    index = pd.Index(genes)
    twice = dict.fromkeys(index[index.duplicated()])
    return faults + [
        Problem(name, "1", gene, "this gene stands twice; merge the columns or rename one") for gene in twice if gene
    ]


def _no_gene(gene: str) -> str:
    if not gene.strip():
        return "a column without a name; name the gene or drop the column"
    if gene != gene.strip():
        return f"{gene!r} has spaces around it; remove them"
    if is_date(gene):
        return f"{gene!r} {DATE_REMEDY}"
    if ENSEMBL.fullmatch(gene):
        return f"{gene!r} is an Ensembl id; give HGNC symbols, or --genes with HGNC's list"
    if NUMBER.fullmatch(gene):
        return f"{gene!r} is a value, not a gene; is the header line missing?"
    return (
        "" if SYMBOL.fullmatch(gene) else f"{gene!r} is no gene known by its symbol or Entrez id; correct or drop it"
    )


def date_faults(symbols: pd.Series, name: str) -> list[Problem]:
    """Find genes in rows (a column of symbols, indexed by line) that a spreadsheet turned into dates."""
    dates = [gene for gene in symbols.unique() if is_date(gene)]
    rows = symbols[symbols.isin(dates)]
    return [Problem(name, str(i), str(symbols.name), f"{gene!r} {DATE_REMEDY}") for i, gene in rows.items()]


def drop_missing(table: pd.DataFrame, what: str, notes: list[str], *, keep_genes: bool = False) -> pd.DataFrame:
    """Leave out lines without any value, then genes that are missing in some line; both are counted in the notes.

    With `keep_genes` such genes stay, for validation to name the cell that is missing.
    """
    missing = np.isnan(table.to_numpy())
    empty = missing.all(axis=1)
    if empty.any():
        names = [str(i) for i in table.index[empty]]
        listed = ", ".join(names[:10]) + (f" and {len(names) - 10} more" if len(names) > 10 else "")
        notes.append(f"{what}: {int(empty.sum())} lines without any value left out: {listed}")
    gaps = missing[~empty].any(axis=0) & (not keep_genes)
    if gaps.any():
        notes.append(f"{what}: {int(gaps.sum()):,} genes that some line lacks left out, {int((~gaps).sum()):,} kept")
    return table.loc[~empty, ~gaps] if empty.any() or gaps.any() else table
