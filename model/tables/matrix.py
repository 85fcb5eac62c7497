"""A table of genes and samples, whichever way round and from whatever program -> the values that a model reads.

Unread genes are dropped row by row, so that a whole transcriptome takes no more memory than the model's genes.
"""

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice, takewhile

from model.genes.panel import Outcome, Panel, Reading
from model.genes.spelling import DATE_REMEDY, ensembl_id, entrez_id, tidy
from model.tables.columns import ANNOTATIONS, IDENTIFIERS, SAMPLE_HEADS, Columns, find_columns, plain
from model.tables.faults import TableError, TooManySamplesError
from model.tables.numbers import FLAGS, NumberReader, is_text, no_number
from model.tables.repeats import MOST_NAMED, GeneRows, Rank, Values, named, rank_of
from model.tables.rows import Rows

MOST_NAME_CHARS = 500
ENOUGH_ACROSS = 0.4  # of the model's genes in the header: they stand across, unless as many stand down
GLIMPSED_ROWS = 200
FEWEST_ACROSS = 2  # under a corner that is called gene
GENE_HEADS = frozenset(IDENTIFIERS) - {"name", "id", "description"}
DEFAULT_ONLY = "isdefaultentryformodel"  # DepMap: one profile of each model is the one to use
NAME_COLUMNS = ("modelid", "depmapid")
UNEVEN = "samples not in every table"  # how the note of them begins
COUNTERS = ("", "unnamed0", "index", "x", "rowname", "rownames")  # as pandas and R call a column that counts the rows
NO_NAMES = "is the row or the column of the samples' names missing? Else call the first column sample"
HEADS = (*COUNTERS, *IDENTIFIERS, *SAMPLE_HEADS)  # of the first column
COPY_ON_Y = "_PAR_Y"  # at GENCODE's id of a gene that stands on X and Y
TPM = 1e6
ENDED = "every row ends in a further, empty cell, a delimiter or a sample without values; call the first column gene"
ONE_A_COLUMN = " (a sample a column, for the first row names no genes of the model)"


@dataclass(frozen=True)
class Matrix:
    """What was read: sample → gene of the model → value. `unread` counts other genes; `unit` is None unless stated."""

    values: dict[str, dict[str, float]]
    unread: int
    unit: str | None = None
    notes: list[str] = field(default_factory=list)


class UnclearGenes:
    """Places whose genes became dates, which is refused, or may be several genes."""

    def __init__(self) -> None:
        self._dates: list[str] = []
        self._ambiguous: dict[tuple[str, ...], list[str]] = {}  # by the genes that may be meant

    def add(self, reading: Reading, place: str) -> None:
        """Remember what a text at a place was read as."""
        if reading.outcome is Outcome.DATE:
            self._dates.append(place)
        if reading.outcome is Outcome.AMBIGUOUS:
            self._ambiguous.setdefault(reading.candidates, []).append(place)

    def notes(self) -> list[str]:
        """What is not read, and the genes that it may be. Raises TableError where genes became dates."""
        if self._dates:
            raise TableError(f"{len(self._dates)} genes ({named(self._dates)}): each {DATE_REMEDY}")
        return [
            f"not read: {named(places)} may mean {' or '.join(genes)}" for genes, places in self._ambiguous.items()
        ]


class MatrixReader:
    """Reads one table for one panel; `name` is the sample's where the format has one only."""

    def __init__(
        self, rows: Rows, panel: Panel, most_samples: int, *, name: str = "sample", changes: bool = False
    ) -> None:
        self._rows = rows
        self._panel = panel
        self._most = most_samples
        self._name = name
        self._changes = changes
        self._numbers = NumberReader(FLAGS if changes else {})
        self._genes = GeneRows()
        self._unread = 0
        self._unclear = UnclearGenes()
        self._first = self._past_counters()  # the column of the samples' names or of the genes

    def read(self) -> Matrix:
        """Read it. Raises TableError and TooManySamplesError."""
        gct_of_old = self._rows.gct is not None
        across = not gct_of_old and self._is_across(self._first)
        samples, unit, notes = self._read_across() if across else self._read_down()
        if self._first:
            notes += [f"column {j + 1} counts the rows and is not read" for j in range(self._first)]
        unclear = self._unclear.notes()
        self._numbers.check()
        by_gene = self._genes.values()
        if not by_gene:
            raise TableError(
                "no gene of the model stands in the first row or the first columns; give gene symbols, Ensembl or "
                "Entrez ids" + (f" ({'; '.join(unclear)})" if unclear else "")
            )
        values: dict[str, dict[str, float]] = {name: {} for name in samples}
        for gene, row in by_gene.items():
            for name, value in zip(samples, row, strict=True):
                if not math.isnan(value):
                    values[name][gene] = value
        return Matrix(values, self._unread, unit, [*notes, *self._genes.notes(), *unclear])

    def _past_counters(self) -> int:
        """How many columns at the left count the rows, beside one that names them, as pandas and R write them."""
        header, sampled = self._rows.header, self._rows.sampled
        numbers = takewhile(
            lambda j: plain(header[j]) in COUNTERS and all(row[j].strip().isdecimal() for row in sampled),
            range(len(header) - 2),
        )
        counters = len(list(numbers))
        across = counters > 0 and self._is_across(counters)
        return next((j for j in range(counters, 0, -1) if self._names_rows(j, across)), 0)

    def _names_rows(self, j: int, across: bool) -> bool:
        """Whether a column names the rows, where whole numbers stand before it: by its head, or by what it holds."""
        head, sampled = plain(self._rows.header[j]), self._rows.sampled
        if self._is_gene(self._rows.header[j]):
            return False
        read, names = NumberReader(self._numbers.words).read, [row[j].strip() for row in sampled]
        texts = all(read(name) is None for name in names)
        counted = any(all(int(row[0]) == i for i, row in enumerate(sampled, start)) for start in (0, 1))
        if across:
            known = head in SAMPLE_HEADS or head in GENE_HEADS or (head in COUNTERS and (texts or counted))
            return known and len(set(names)) == len(names)
        if head in GENE_HEADS or (counted and (texts or head in COUNTERS)):
            return True
        return any(read(row[j]) is None and self._panel.find(row[j]).direct for _, row in self._rows)

    def _doubtful_names(self, names: Iterable[str]) -> list[str]:
        """A note where all samples are called by numbers. Raises TableError where these are values, below a gene."""
        corner = tidy(self._rows.header[self._first])
        read = NumberReader().read
        numbers = all(read(name) is not None for name in names)
        known = plain(corner) in HEADS
        symbol = not known and corner.isalnum() and corner.isupper() and any(map(str.isdigit, corner))
        gene = ensembl_id(corner) or self._panel.find(corner).direct
        if gene or (numbers and (symbol or entrez_id(corner))):
            raise TableError(f"row {self._rows.header_number}, column {self._first + 1} is a gene; {NO_NAMES}")
        return [f"all samples are called by numbers; {NO_NAMES}"] if numbers and not known else []

    def _is_across(self, first: int) -> bool:
        corner, *header = self._rows.header[first:]
        across = sum(map(self._is_gene, header))
        # Below "gene" stand genes: one in the header may be a sample that is named after a gene.
        if across < (FEWEST_ACROSS if plain(corner) in GENE_HEADS else 1):
            return False
        rows = iter(self._rows)
        if across >= ENOUGH_ACROSS * len(self._panel.symbols):
            rows = islice(rows, GLIMPSED_ROWS)
        return across >= sum(any(map(self._is_gene, row[first : first + 2])) for _, row in rows)

    def _is_gene(self, text: str) -> bool:
        return self._panel.find(text, changes=self._changes).gene is not None

    def _read_across(self) -> tuple[list[str], str | None, list[str]]:
        """Samples down: every column that is a gene's is kept as one row of values."""
        header = self._rows.header
        names = [plain(cell) for cell in header]
        name_column = next((names.index(one) for one in NAME_COLUMNS if one in names), self._first)
        default = names.index(DEFAULT_ONLY) if DEFAULT_ONLY in names else None
        columns: dict[int, tuple[str, Rank, Values]] = {}
        for j, text in enumerate(header):
            if j != name_column and text.strip() and (found := self._find([text], f"column {j + 1}")):
                columns[j] = (*found, [])
        samples: dict[str, None] = {}
        for number, row in self._rows:
            if default is not None and row[default].strip().lower() not in ("yes", "true", "1"):
                continue
            self._add_sample(samples, row[name_column], f"row {number}, column {name_column + 1}")
            for j, (_, _, values) in columns.items():
                values.append(self._number(row[j], number, j))
        doubts = self._doubtful_names(samples) if name_column == self._first else []
        for j, (gene, rank, values) in columns.items():
            self._genes.add(gene, rank, values, f"column {j + 1}")
        others = [j for j in range(len(header)) if j not in columns and j != name_column and header[j].strip()]
        texts = [
            header[j].strip()
            for j in others
            if any(is_text(row[j], self._numbers.words) for row in self._rows.sampled)
        ]
        notes = [f"columns that are no genes and are not read: {', '.join(texts[:MOST_NAMED])}"] if texts else []
        return list(samples), None, [*doubts, *notes]

    def _read_down(self) -> tuple[list[str], str | None, list[str]]:
        """Genes down: every row that is a gene's is kept."""
        gct, header = self._rows.gct, self._rows.header
        if self._rows.ended and plain(header[0]) not in (*COUNTERS, *IDENTIFIERS, *ANNOTATIONS):
            raise TableError(f"row {self._rows.header_number}, column 1 may be a sample: {ENDED}")
        skipped = gct.column_annotations if gct else 0
        sampled = self._rows.sampled[skipped:]
        columns = find_columns(
            header, sampled, gct.row_annotations if gct else 0, self._name, self._numbers.words, self._first
        )
        doubts = self._doubtful_names(name for _, name in columns.samples)
        samples: dict[str, None] = {}
        for j, name in columns.samples:
            self._add_sample(samples, name, f"row {self._rows.header_number}, column {j + 1}", ONE_A_COLUMN)
        totals = [0.0] * len(samples)
        for number, row in islice(self._rows, skipped, None):
            found = self._find([row[j] for j in columns.identifiers], f"row {number}")
            if found or columns.length is not None:
                values = [self._number(row[j], number, j) for j, _ in columns.samples]
                if columns.length is not None:
                    values = self._rates(values, row[columns.length], number, columns.length)
                    totals = [
                        total + (0 if math.isnan(value) else value)
                        for total, value in zip(totals, values, strict=True)
                    ]
            if found:
                self._genes.add(*found, values, f"row {number}")
        notes = [*doubts, *_columns_note(header, columns)]
        if columns.length is not None:
            self._genes.scale([TPM / total if total else math.nan for total in totals])
            notes.append("featureCounts: counts turned into TPM with the lengths of the genes in the table")
        elif columns.unit:
            notes.append(f"{columns.called}: read as {columns.unit}")
        return list(samples), columns.unit, notes

    def _find(self, texts: Sequence[str], place: str) -> tuple[str, Rank] | None:
        """Gene of some identifiers of one row, the surest first."""
        texts = [tidy(text) for text in texts if text.strip()]
        if any(COPY_ON_Y in text for text in texts):  # with the gene's own symbol, and hardly a read
            self._unread += 1
            return None
        ids = [text for text in texts if ensembl_id(text) or entrez_id(text)]
        for text in ids:
            if gene := self._panel.find(text).gene:
                return gene, Rank.DIRECT
        symbols = [text for text in texts if text not in ids]
        readings = [self._panel.find(text, changes=self._changes) for text in symbols]
        for i, reading in enumerate(readings):
            # A further column may be a description, where an alias may mean anything.
            if reading.gene and (not i or reading.direct):
                return reading.gene, max(rank_of(reading), Rank.DOUBTFUL) if ids else rank_of(reading)
        self._unread += 1
        if not ids and readings:
            self._unclear.add(readings[0], place)
        return None

    def _add_sample(self, samples: dict[str, None], name: str, place: str, where: str = "") -> None:
        name = name.strip()
        if not 0 < len(name) <= MOST_NAME_CHARS or name in samples:
            raise TableError(f"{place}: the sample's name is empty, too long or stands twice")
        samples[name] = None
        if len(samples) > self._most:
            raise TooManySamplesError(
                f"over {self._most} samples; a request may have {self._most}, so split it{where}"
            )

    def _number(self, cell: str, row: int, column: int) -> float:
        value = self._numbers.read(cell)
        if value is None:
            raise TableError(f"row {row}, column {column + 1}: not a number; {no_number(cell, self._numbers.words)}")
        return value

    def _rates(self, counts: Values, cell: str, row: int, column: int) -> Values:
        length = self._number(cell, row, column)
        if not length > 0:
            raise TableError(f"row {row}, column {column + 1}: the gene's length must be above 0")
        return [count / length for count in counts]


def read_matrix(rows: Rows, panel: Panel, most_samples: int, *, name: str = "sample", changes: bool = False) -> Matrix:
    """Read the values of a panel's genes, see MatrixReader. Raises TableError and TooManySamplesError."""
    return MatrixReader(rows, panel, most_samples, name=name, changes=changes).read()


def uneven_notes(tables: Mapping[str, Collection[str]]) -> list[str]:
    """A note that names the samples which each of several tables lacks and another has; none where all agree."""
    names = dict.fromkeys(name for held in tables.values() for name in held)
    lacking = {table: [name for name in names if name not in held] for table, held in tables.items()}
    listed = "; ".join(f"{table} lacks {named(missing)}" for table, missing in lacking.items() if missing)
    shared = len(names) < sum(map(len, tables.values()))
    begin = UNEVEN if shared else f"{UNEVEN}, none of them in two"
    return [f"{begin}: {listed}; where two names mean one sample, write them alike"] if listed else []


def whole_notes(warnings: Sequence[str], tables: Mapping[str, Collection[str]]) -> list[str]:
    """Warnings of parts of tables, with the note on the samples of the whole ones in place of those of each part."""
    return [*uneven_notes(tables), *(one for one in warnings if not one.startswith(UNEVEN))]


def _columns_note(header: Sequence[str], columns: Columns) -> list[str]:
    used = {*columns.identifiers, *(j for j, _ in columns.samples)}
    others = [header[j].strip() for j in range(len(header)) if j not in used and header[j].strip()]
    return [f"columns that are no samples: {', '.join(others[:MOST_NAMED])}"] if others else []
