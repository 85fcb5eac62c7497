"""Wide tables of 20,000 genes: numbers row by row, exact about the cell that is none."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from model.genes.spelling import DATE_REMEDY, is_date
from model.tables.numbers import NumberReader
from model.tables.rows import Row
from training.data.schema import DatasetError, Problem
from training.sources.parsing.opened_tables import opened_rows
from training.sources.parsing.plain_tables import no_number

ENSEMBL = re.compile(r"ENS[GT]\d{11}(\.\d+)?")
SYMBOL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@/:-]*")
NUMBER = re.compile(r"-?\d+\.\d+([eE][+-]?\d+)?")
MOST_CELLS = 20  # named per file where cells hold no numbers


def read_wide(
    path: Path,
    is_text: Callable[[int, str], bool],
    *,
    below: str = "",
    name: str = "",
    dtype: type[np.floating] = np.float32,
    words: Mapping[str, float] | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Read the columns that `is_text(position, name)` names as text, the others as numbers (NaN = empty).

    Rows up to one that begins with `below` are left out; `words` may stand for numbers. Both tables are indexed by
    line; `name` is how messages call the file. Raises DatasetError with what opened_rows refuses, or the first cells
    that hold no finite number.
    """
    name = name or path.name
    faults: list[Problem] = []
    texts, values, lines = [], [], []
    numbers = NumberReader(words)
    with opened_rows(path, name) as rows:
        columns = [cell.strip() for cell in rows.header]
        text = [i for i, column in enumerate(columns) if is_text(i, column)]
        rest = [i for i in range(len(columns)) if i not in set(text)]
        contiguous = rest == list(range(len(columns) - len(rest), len(columns)))
        for line, row in _rows_below(rows, below):
            cells = row[len(columns) - len(rest) :] if contiguous else [row[i] for i in rest]
            read = numbers.read_all(cells)
            if None in read:
                bad = [(columns[i], cell) for i, cell, one in zip(rest, cells, read, strict=True) if one is None]
                faults += [Problem(name, str(line), column, no_number(cell)) for column, cell in bad]
                if len(faults) >= MOST_CELLS:
                    break
            texts.append([row[i] for i in text])
            values.append(np.array(read, dtype))
            lines.append(line)
        if not faults:
            numbers.check()
    if faults:
        raise DatasetError(faults[:MOST_CELLS])
    matrix = np.stack(values) if values else np.empty((0, len(rest)), dtype)
    return (
        pd.DataFrame(texts, index=lines, columns=[columns[i] for i in text], dtype="str"),
        pd.DataFrame(matrix, index=lines, columns=[columns[i] for i in rest]),
    )


def _rows_below(rows: Iterable[Row], below: str) -> Iterator[Row]:
    """Rows after the first that begins with `below`."""
    rows = iter(rows)
    if below:
        next((row for row in rows if row[1][0].strip() == below), None)
    return rows


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
