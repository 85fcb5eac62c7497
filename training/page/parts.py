"""What a page is made of."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import pandas as pd
from matplotlib.figure import Figure


@dataclass(frozen=True)
class Drawing:
    """A figure and its caption; `name` is the stem of the PNG and the SVG."""

    name: str
    title: str
    caption: str
    figure: Figure


@dataclass(frozen=True)
class Entry:
    """One cell of a table: the text, a smaller second line, whether it is the best, and a mark beside it."""

    text: str
    small: str = ""
    best: bool = False
    mark: str = ""


@dataclass(frozen=True)
class TableView:
    """A table as it is read; `data` is the same in full precision, written as CSV under `name`."""

    name: str
    title: str
    caption: str
    header: Sequence[str]
    rows: Sequence[Sequence[Entry]]
    data: pd.DataFrame
    emphasised: int | None = None  # row of the reference
    names: int = 1  # columns that hold names, written from the left


@dataclass(frozen=True)
class Section:
    """A part of the page: an explanation and its parts, or, when there are none, what would add them."""

    anchor: str
    title: str
    explanation: str
    missing: str
    parts: list[Drawing | TableView] = field(default_factory=list)
