"""The first sheet of an Excel workbook (.xlsx) as rows of text, within limits on what it unpacks to."""

import datetime
import warnings
import zipfile
from collections.abc import Iterator

from model.tables.content import AGAIN, Content, binary
from model.tables.faults import TableError, TooLargeError

MAX_UNPACKED_BYTES = 256 << 20
MOST_CELLS = 20_000_000  # 60,000 genes of 300 samples; a cell in the last column makes 16,384 of a row
MOST_EMPTY_ROWS = 1_000  # in a row; a cell far below the table would make a million of them
WORKBOOK = "xl/workbook.xml"  # of the archive that a workbook is
Cells = tuple[object, ...]


def workbook_rows(content: Content, most: int = MAX_UNPACKED_BYTES) -> Iterator[list[str]]:
    """Rows of the first sheet, empty ones as []. Numbers are written in full, dates as 2023-09-01.

    Raises TableError where it is no workbook, unpacks to more than `most` bytes, or lacks the packages to read it.
    """
    _check_size(content, most)
    try:
        import openpyxl  # only who brings a workbook pays for it
        from openpyxl import DEFUSEDXML
    except ImportError:
        raise TableError("is a workbook, and openpyxl is not installed; save it as CSV") from None
    if not DEFUSEDXML:
        raise TableError("is a workbook, and defusedxml is not installed; save it as CSV")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of styles and validations, which no table needs
            book = openpyxl.load_workbook(binary(content), read_only=True, data_only=True)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()  # what the file says of its size may be wrong, and is a million rows in some
        yield from _without_gaps(sheet.iter_rows(values_only=True))
    except (OSError, EOFError, KeyError, ValueError, SyntaxError, IndexError, zipfile.BadZipFile) as fault:
        if isinstance(fault, TableError):
            raise
        raise TableError(
            f"cannot be read as a workbook ({type(fault.__cause__ or fault).__name__}); {AGAIN}"
        ) from None


def _check_size(content: Content, most: int) -> None:
    try:
        with zipfile.ZipFile(binary(content)) as archive:
            parts = archive.infolist()
    except (OSError, zipfile.BadZipFile, NotImplementedError):
        raise TableError(f"is a damaged zip archive or workbook; {AGAIN}") from None
    if not any(part.filename == WORKBOOK for part in parts):
        raise TableError("is a zip archive and no Excel workbook; unpack it")
    if sum(part.file_size for part in parts) > most:
        raise TooLargeError(f"unpacks to more than {most} bytes; save it as CSV")


def _without_gaps(rows: Iterator[Cells]) -> Iterator[list[str]]:
    gap = cells = 0
    for number, row in enumerate(rows, 1):
        cells += len(row)
        if cells > MOST_CELLS:
            raise TableError(f"row {number}: its first sheet spans more than {MOST_CELLS:,} cells; save it as CSV")
        texts = [_text(value) for value in row]
        while texts and not texts[-1]:
            texts.pop()
        gap = 0 if texts else gap + 1
        if gap > MOST_EMPTY_ROWS:
            raise TableError(f"has a cell over {MOST_EMPTY_ROWS} empty rows below the table; delete it")
        yield texts


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, datetime.datetime):
        return f"{value:%Y-%m-%d}"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)
