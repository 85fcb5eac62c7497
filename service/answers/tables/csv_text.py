"""CSV for people: six significant digits, lists with semicolons, no cell that a spreadsheet runs as a formula."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

from pydantic import BaseModel

SIGNIFICANT_DIGITS = 6
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def to_csv_text(columns: Sequence[str], rows: Iterable[Iterable[object]]) -> str:
    """CSV of a table; what is not known is empty."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(map(_text, columns))
    writer.writerows([_cell(value) for value in row] for row in rows)
    return out.getvalue()


def model_columns(row_model: type[BaseModel]) -> list[str]:
    """A column for each field of the model."""
    return list(row_model.model_fields)


def model_rows(rows: Iterable[BaseModel]) -> Iterator[list[object]]:
    """Values of the fields of each row."""
    return ([value for _, value in row] for row in rows)


def _cell(value: object) -> object:
    match value:
        case bool():
            return str(value).lower()
        case float():
            return f"{value:.{SIGNIFICANT_DIGITS}g}"
        case list():
            return _text(";".join(map(str, value)))
        case str():
            return _text(value)
    return value


def _text(text: str) -> str:
    """Text that a spreadsheet takes as text: a leading apostrophe where it would be taken as a formula."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text
