"""Cells -> numbers, with decimal points or commas but never both."""

import math
import re
from collections.abc import Collection, Mapping, Sequence

from model.tables.faults import TableError

MISSING = frozenset(("", "na", "n/a", "#n/a", "nan", "null", "none", "-"))
TEXT = re.compile(r"[A-Za-z]")
DECIMAL_COMMA = re.compile(r"[+-]?\d+,(\d+)(?:[eE][+-]?\d+)?")
THOUSANDS_DIGITS = 3
# How mutation is written without numbers.
FLAGS = dict.fromkeys(("true", "yes", "y", "mut", "mutated", "mutant"), 1.0) | dict.fromkeys(
    ("false", "no", "n", "wt", "wild type", "wild-type", "wildtype", "not mutated"), 0.0
)
COPY_WORDS = frozenset(
    (
        *("gain", "loss", "amp", "amplification", "amplified", "del", "deletion", "deleted", "homdel", "hetloss"),
        *("homozygous deletion", "deep deletion", "shallow deletion", "neutral", "diploid", "normal", "loh"),
    )
)
COPY_REMEDY = "copy number stands in words; give numbers, such as GISTIC calls from -2 to 2 (copy_number_unit GISTIC)"
CELL_REMEDY = "leave the cell empty where it is not known"
FLAG_REMEDY = "give 1 for a mutated gene and 0 for one that is not"


def is_missing(cell: str) -> bool:
    """Whether a cell is empty, or says as R and pandas do that its value is not known."""
    return cell.strip().lower() in MISSING


def is_text(cell: str, words: Collection[str] = ()) -> bool:
    """Whether a cell has letters and is neither a missing value nor one of the words that stand for numbers."""
    text = cell.strip()
    return bool(TEXT.match(text)) and not is_missing(text) and text.lower() not in words


def no_number(cell: str, words: Collection[str] = ()) -> str:
    """What to do about a cell that is no number, nor one of the words that stand for numbers in its table."""
    if cell.strip().lower() in COPY_WORDS:
        return COPY_REMEDY
    return FLAG_REMEDY if words else CELL_REMEDY


class NumberReader:
    """Reads the cells of one table and remembers how numbers are written in it; some words may stand for numbers."""

    def __init__(self, words: Mapping[str, float] | None = None) -> None:
        self.words = words or {}
        self._points = self._commas = self._short = False

    def read(self, cell: str) -> float | None:
        """NaN for a cell without a value, None for one that is no finite number."""
        try:
            value = float(cell)
        except ValueError:
            return self._other(cell.strip())
        if "_" in cell or math.isinf(value):
            return None
        self._points |= "." in cell
        return value

    def read_all(self, cells: Sequence[str]) -> Sequence[float | None]:
        """What `read` gives for each of many cells, ten times as fast where they are as computers write them."""
        try:
            values = list(map(float, cells if all(cells) else [cell or "nan" for cell in cells]))
        except ValueError:
            return [self.read(cell) for cell in cells]
        written = "".join(cells)
        if "_" in written or (not math.isfinite(sum(values)) and (math.inf in values or -math.inf in values)):
            return [self.read(cell) for cell in cells]
        self._points |= "." in written
        return values

    def check(self) -> None:
        """Raise TableError where a comma may have separated thousands."""
        if self._commas and self._points:
            raise TableError("has numbers with commas and numbers with points; write all with points")
        if self._commas and not self._short:
            raise TableError("has numbers such as 1,234 that may be decimal or thousands; write them with points")

    def _other(self, text: str) -> float | None:
        if is_missing(text):
            return math.nan
        if (word := self.words.get(text.lower())) is not None:
            return word
        if not (found := DECIMAL_COMMA.fullmatch(text)):
            return None
        self._commas = True
        self._short |= len(found[1]) != THOUSANDS_DIGITS or text.lstrip("+-").startswith("0")
        return float(text.replace(",", "."))
