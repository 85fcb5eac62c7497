"""How every figure looks: a palette for all eyes, sizes for print, one colour and one line style a method."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.typing import RcKeyType

WIDTH = 7.2  # inches: the text width of a printed A4 page
INK, GREY, PALE = "#222222", "#8a8a8a", "#d9d9d9"
# Okabe and Ito's palette without its yellow, which vanishes on white; the floor of every table is grey.
_OKABE_ITO = mpl.color_sequences["okabe_ito"]
PALETTE = [_OKABE_ITO[place] for place in (5, 6, 3, 7, 1, 2, 0)]
DASHES: list[Any] = ["-", (0, (5, 1.5)), (0, (1, 1)), (0, (6, 1.5, 1, 1.5)), (0, (3, 1)), (0, (1, 2.5)), "--"]
MARKERS = ["o", "s", "^", "D", "v", "P", "X"]
STYLE: dict[RcKeyType, Any] = {
    "font.size": 9,
    "axes.titlesize": 9.5,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#ececec",
    "grid.linewidth": 0.6,
    "text.color": INK,
    "legend.frameon": False,
    "legend.fontsize": 8,
    "svg.hashsalt": "drp report",
    "figure.facecolor": "white",
}


@dataclass(frozen=True)
class MethodStyle:
    """How one method is drawn, in every figure alike."""

    colour: Any
    dashes: Any
    marker: str


def method_styles(methods: Sequence[str], floor: str) -> dict[str, MethodStyle]:
    """A look for each method; those after the palette's end repeat its colours with other dashes and markers."""
    found = {}
    for place, method in enumerate(name for name in methods if name != floor):
        turn = place + place // len(PALETTE)
        found[method] = MethodStyle(
            PALETTE[place % len(PALETTE)], DASHES[turn % len(DASHES)], MARKERS[turn % len(MARKERS)]
        )
    return found | {floor: MethodStyle(GREY, (0, (2, 2)), "o")}


def new_figure(height: float, width: float = WIDTH) -> Figure:
    """An empty figure, without pyplot: no window, no global state."""
    return Figure(figsize=(width, height), layout="constrained")


def style_axes(axes: Axes, *, x: bool = False, y: bool = False) -> None:
    """Take the grid off one direction where its ticks are names."""
    if x:
        axes.grid(visible=False, axis="x")
    if y:
        axes.grid(visible=False, axis="y")
        axes.tick_params(axis="y", length=0)
