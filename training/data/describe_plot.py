"""One page that shows what a dataset holds: coverage, overlaps, responses per drug, and where pairs are missing.

Three tones carry it in grey print as well: white is missing, light is resistant or present, dark is sensitive.
"""

from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.typing import RcKeyType
from numpy.typing import NDArray

from training.data.describe import Description

LIGHT, DARK, PALE, INK = "#a9c8e2", "#a01c2c", "#ececec", "#222222"
PAGE_INCHES, DPI = (11.7, 8.3), 160  # A4, landscape
MOST_NAMED = 40  # drugs whose names still fit below the bars
MOST_OVERLAPS = 8
MOST_ROWS, MOST_COLUMNS = 320, 1600  # what the panel of all pairs has pixels for
MOST_LABELS = 6  # names over the highest bars where not every drug can be named
STYLE: dict[RcKeyType, Any] = {
    "font.size": 9,
    "axes.titlesize": 10,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": INK,
    "text.color": INK,
}


def draw(description: Description, title: str, source: str, path: Path) -> None:
    """Write the page as a PNG to `path`."""
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=PAGE_INCHES, layout="constrained")  # no pyplot: no window, no global state
        top, bottom = np.asarray(figure.subfigures(2, 1, height_ratios=[1, 2.1]))
        figure.suptitle(title, fontsize=12, fontweight="bold", x=0.01, ha="left")
        figure.text(0.99, 0.985, _shortened(source), ha="right", va="top", fontsize=8)
        left, right = top.subplots(1, 2, width_ratios=[1.1, 1])
        _coverage(left, description)
        _overlaps(right, description)
        count, share, missing = bottom.subplots(3, 1, height_ratios=[1, 1, 2.2])
        _per_drug(count, share, description)
        _missing(missing, description)
        figure.savefig(path, dpi=DPI, format="png", metadata={"Software": None})


def _coverage(axes: Axes, description: Description) -> None:
    table = description.coverage.iloc[::-1]
    labels = [f"{row['table'].replace('_', ' ')}\n({row['things']})" for row in table.to_dict("records")]
    axes.barh(labels, 1, color="white", edgecolor=INK, linewidth=0.6)
    axes.barh(labels, table["rows"] / table["of"], color=LIGHT, edgecolor=INK, linewidth=0.6)
    for place, row in enumerate(table.to_dict("records")):
        features = "" if pd.isna(row["features"]) else f"  × {int(row['features']):,} features, {row['unit']}"
        axes.text(0.015, place, f"{row['rows']:,} of {row['of']:,}{features}", va="center", fontsize=8.5)
    axes.set(xlim=(0, 1.004), title="Who has what", xticks=[])
    axes.tick_params(axis="y", length=0)
    axes.spines[:].set_visible(False)


def _overlaps(axes: Axes, description: Description) -> None:
    """Lines by the combination of tables they have, dots below the bars telling which."""
    table = description.overlaps.head(MOST_OVERLAPS)
    names = list(dict.fromkeys(name for tables in table["tables"] for name in tables))
    places = np.arange(len(table))
    axes.bar(places, table["lines"], color=LIGHT, edgecolor=INK, linewidth=0.6, width=0.6)
    tallest = table["lines"].max()
    for place, row in enumerate(table.to_dict("records")):
        axes.text(place, row["lines"] + 0.02 * tallest, f"{row['lines']:,}", ha="center", va="bottom")
        for level, name in enumerate(names, 1):
            colour = INK if name in row["tables"] else PALE
            axes.plot(place, -0.14 * level * tallest, "o", color=colour, markersize=7, clip_on=False)
    for level, name in enumerate(names, 1):
        axes.text(-0.5, -0.14 * level * tallest, name.replace("_", " "), ha="right", va="center")
    axes.set(xticks=[], yticks=[], xlim=(-0.5, max(len(table), 4) - 0.5), title="Cell lines by the tables they have")
    axes.set_ylim(-0.14 * (len(names) + 0.6) * tallest, 1.12 * tallest)
    axes.spines[:].set_visible(False)
    axes.axhline(0, color=INK, linewidth=0.6)


def _per_drug(count: Axes, share: Axes, description: Description) -> None:
    drugs = description.drugs
    places = np.arange(len(drugs))
    lines = description.response.shape[1]
    count.bar(places, drugs["measured"], width=1.0 if len(drugs) > MOST_NAMED else 0.8, color=LIGHT)
    count.axhline(lines, color=INK, linewidth=0.6, linestyle=":")
    count.set(ylim=(0, 1.08 * lines), ylabel="lines", title=f"Lines measured per drug (of {lines:,}, dotted)")
    percent = 100 * drugs["share"]
    share.bar(places, percent, width=1.0 if len(drugs) > MOST_NAMED else 0.8, color=DARK)
    mean = 100 * description.sensitive / max(description.measured, 1)
    share.axhline(mean, color=INK, linewidth=0.6, linestyle=":")
    share.set(ylabel="%", title=f"Sensitive, % of the drug's measured lines (all drugs {mean:.1f} %, dotted)")
    share.set_ylim(0, 1.2 * percent.max())
    for place in _extremes(percent.to_numpy()) if len(drugs) > MOST_NAMED else ():
        share.text(place, percent[place], drugs["name"][place], ha="center", va="bottom", fontsize=7.5)
    for axes in (count, share):
        axes.set(xlim=(-0.5, len(drugs) - 0.5), xticks=[])


def _extremes(values: NDArray[np.floating]) -> list[int]:
    """Places of the largest values whose labels do not run into each other."""
    chosen: list[int] = []
    for place in np.argsort(-np.nan_to_num(values), kind="stable")[: 2 * MOST_LABELS].tolist():
        if all(abs(place - other) >= len(values) / 16 for other in chosen) and len(chosen) < MOST_LABELS:
            chosen.append(place)
    return chosen


def averaged(pixels: NDArray[np.floating], most: int) -> NDArray[np.floating]:
    """At most `most` rows: each the mean colour of its lines, where picking one line in three would hide the others.

    Shapes: (n, m, 3) -> (min(n, most), m, 3).
    """
    if len(pixels) <= most:
        return pixels
    starts = np.linspace(0, len(pixels), most, endpoint=False).astype(int)
    counts = np.diff([*starts, len(pixels)])
    return np.add.reduceat(pixels, starts, axis=0) / counts[:, None, None]


def _shortened(text: str, most: int = 110) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def _missing(axes: Axes, description: Description) -> None:
    response = description.response.T  # (N, M)
    tones = np.array([to_rgb("white"), to_rgb(LIGHT), to_rgb(DARK)])
    pixels = tones[np.where(np.isnan(response), 0, 1 + np.nan_to_num(response)).astype(int)]
    drugs, lines = description.response.shape
    shown = averaged(averaged(pixels, MOST_ROWS).swapaxes(0, 1), MOST_COLUMNS).swapaxes(0, 1)
    axes.imshow(shown, aspect="auto", interpolation="nearest", extent=(-0.5, drugs - 0.5, lines - 0.5, -0.5))
    missing = drugs * lines - description.measured
    entries = (
        ("white", f"not measured {missing:,}"),
        (LIGHT, f"resistant {description.measured - description.sensitive:,}"),
        (DARK, f"sensitive {description.sensitive:,}"),
    )
    handles = [Patch(facecolor=colour, edgecolor=INK, linewidth=0.6, label=label) for colour, label in entries]
    axes.legend(handles=handles, ncols=3, loc="lower right", bbox_to_anchor=(1, 1), frameon=False, borderaxespad=0.2)
    axes.set(ylabel="cell lines", title="Every pair: drugs across, cell lines down, most measured first")
    axes.spines[:].set_visible(True)
    if drugs <= MOST_NAMED:
        axes.set_xticks(range(drugs), description.drugs["name"], rotation=90, fontsize=8)
    else:
        axes.set_xlabel("drugs")
