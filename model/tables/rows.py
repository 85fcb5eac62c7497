"""A table as rows of cells, whatever it was saved as: comma, tab or semicolon, gzip or workbook, with a preamble."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from model.tables.content import MAX_UNPACKED_BYTES, OLD_EXCEL, ZIP, Content, first_bytes, read_lines
from model.tables.faults import TableError
from model.tables.workbook import MAX_UNPACKED_BYTES as MAX_WORKBOOK_BYTES
from model.tables.workbook import workbook_rows

DELIMITERS = ("\t", ";", ",")
SEPARATORS = ("sep=", "sep=,", "sep=;")  # a line of Excel's above the header; stripped of a tab it ends in "="
PREAMBLE_LINES = 200
SAMPLED_ROWS = 20
GCT = {"#1.2": 2, "#1.3": 4}  # version -> numbers in the second line
Row = tuple[int, list[str]]


@dataclass(frozen=True)
class Gct:
    """What line 2 of a GCT file says: columns of row annotation after the first, rows of column annotation."""

    row_annotations: int
    column_annotations: int


class Rows:
    """A table's header, and its rows with their numbers as a spreadsheet counts them; they can be read repeatedly.

    All rows are as wide as the header, but for a delimiter that ends them; empty ones are left out. `delimiter` is
    empty for a workbook. Raises TableError here where no table is found, and while rows are read where one has another
    width. `most` bytes may be unpacked; with `row_names` rows may have one cell more than the header whatever
    separates them. `fewest` columns are needed. `ended` says whether all rows that were looked at have one cell more
    than the header, an empty one.
    """

    def __init__(self, content: Content, most: int | None = None, *, row_names: bool = False, fewest: int = 2) -> None:
        self._content = content
        self._most = most
        self.delimiter = ""
        self.gct: Gct | None = None
        self._skipped = 0
        self._workbook = self._is_workbook()
        if not self._workbook:
            self._read_preamble()
        sampled = list(islice(self._all(), SAMPLED_ROWS + 1))
        if len(sampled) < 2:
            raise TableError("a header and one row are needed at least")
        self.header_number, header = sampled[0]
        further = [row for _, row in sampled[1:] if len(row) == len(header) + 1]
        # As R's write.table leaves it; between commas it would be a decimal comma that cuts a number in two. Where
        # all further cells are empty, a delimiter ends the rows.
        has_names = len(further) == len(sampled) - 1 and any(row[-1].strip() for row in further)
        self.ended = bool(further) and not has_names and len(further) == len(sampled) - 1
        self.header = ["", *header] if has_names and (row_names or self.delimiter == "\t") else header
        self.header[0] = self.header[0].removeprefix("#")
        if len(self.header) < fewest:
            raise TableError("one column only; separate cells by comma, tab or semicolon")
        self.sampled = [self._without_end(row) + [""] * (len(self.header) - len(row)) for _, row in sampled[1:]]

    def __iter__(self) -> Iterator[Row]:
        """Rows below the header."""
        width = len(self.header)
        for number, row in islice(self._all(), 1, None):
            if self._workbook:
                row += [""] * (width - len(row))
            row = self._without_end(row)
            if len(row) != width:
                hint = (
                    "; decimal commas? separate cells by ; or tab"
                    if self.delimiter == "," and len(row) > width
                    else ""
                )
                raise TableError(f"row {number} has {len(row)} cells where the first has {width}{hint}")
            yield number, row

    def _without_end(self, row: list[str]) -> list[str]:
        """The row without the empty cell that a delimiter at its end makes."""
        return row[:-1] if len(row) == len(self.header) + 1 and not row[-1].strip() else row

    def _is_workbook(self) -> bool:
        start = first_bytes(self._content)
        if start.startswith(OLD_EXCEL):
            raise TableError("is a workbook of old Excel (.xls); save it as .xlsx or CSV")
        return start.startswith(ZIP)

    def _all(self) -> Iterator[Row]:
        if self._workbook:
            cells: Iterator[list[str]] = workbook_rows(self._content, self._most or MAX_WORKBOOK_BYTES)
        else:
            lines = islice(read_lines(self._content, self._most or MAX_UNPACKED_BYTES), self._skipped, None)
            cells = csv.reader(lines, delimiter=self.delimiter, strict=True)
        number = self._skipped
        try:
            for number, row in enumerate(cells, self._skipped + 1):
                if any(row) and (len(row) > 1 or row[0].strip()):
                    yield number, row
        except csv.Error as fault:
            raise TableError(
                f"after row {number} comes no row of cells ({fault}); check its quotation marks"
            ) from None

    def _read_preamble(self) -> None:
        """Find the header line and what separates its cells."""
        lines = list(islice(read_lines(self._content, self._most or MAX_UNPACKED_BYTES), PREAMBLE_LINES)) or [""]
        if (version := lines[0].strip().rstrip("\t,;")) in GCT:
            self.gct, self._skipped = _gct(version, lines[1:2]), 2
        else:
            self._skipped = next((i for i, line in enumerate(lines) if not _is_comment(line)), 0)
        table = [line for line in lines[self._skipped : self._skipped + SAMPLED_ROWS] if line.strip()]
        if not table:
            raise TableError("a header and one row are needed at least")
        self.delimiter = "\t" if self.gct else find_delimiter(table)


def find_delimiter(lines: Sequence[str]) -> str:
    """The delimiter that cuts all lines into equally many cells, several; else the commonest of the first line."""
    for delimiter in DELIMITERS:
        first, *others = (_width(line, delimiter) for line in lines)
        if first > 1 and (set(others) <= {first} or set(others) == {first + 1}):
            return delimiter
    return max(DELIMITERS, key=lambda delimiter: _width(lines[0], delimiter))


def _width(line: str, delimiter: str) -> int:
    try:
        return len(next(csv.reader([line], delimiter=delimiter), []))
    except csv.Error:
        return 0


def _is_comment(line: str) -> bool:
    text = line.strip()
    if text.strip('"').lower() in SEPARATORS:
        return True
    return not text or (text.startswith("#") and (text[1:2] in " #!" or text.lower().startswith("#version")))


def _gct(version: str, lines: Sequence[str]) -> Gct:
    numbers = lines[0].split() if lines else []
    if len(numbers) < GCT[version] or not all(number.isdecimal() for number in numbers):
        raise TableError("row 2 of a GCT file must say how many rows and columns it has")
    if version == "#1.2":
        return Gct(1, 0)
    return Gct(int(numbers[2]), int(numbers[3]))
