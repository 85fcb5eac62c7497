"""Per drug: how the figures spread over drugs, which drugs are won, and which have most predicted-sensitive lines."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from training.metrics.paired_tests import metric_by_unit
from training.page.parts import Drawing, Entry, TableView
from training.page.style import GREY, INK, PALE, method_styles, new_figure, style_axes
from training.report.method_labels import FLOOR, label
from training.report.study import Study

MOST_METHODS = 10
MOST_DRUGS = 10
MOST_LABELS = 40  # drugs whose names still fit below the axis
NAMED = 4  # drugs named at either end of the sorted differences


def drug_distributions(study: Study, split: str) -> list[Drawing]:
    """Violins with one dot a drug, one row a method, for AUROC and Pearson r."""
    rows = study.main(split)
    panels = {"auroc": ("AUROC within a drug", 0.5), "pearson": ("Pearson r of ln IC50 within a drug", 0.0)}
    wide = {metric: metric_by_unit(rows, metric).groupby("unit").mean() for metric in panels}
    wide = {metric: frame for metric, frame in wide.items() if not frame.empty}
    if not wide:
        return []
    methods = [m for m in study.order(split) if any(m in frame for frame in wide.values())][:MOST_METHODS][::-1]
    look = method_styles(study.methods, FLOOR)
    figure = new_figure(0.9 + 0.42 * len(methods))
    panel = figure.subplots(1, len(wide), sharey=True, squeeze=False)[0]
    rng = np.random.default_rng(0)
    for axes, (metric, frame) in zip(panel, wide.items(), strict=True):
        for place, method in enumerate(methods):
            values = frame[method].dropna().to_numpy(float) if method in frame else np.zeros(0)
            if len(values):
                _violin(axes, values, place, look[method].colour, rng)
        axes.axvline(panels[metric][1], color=INK, linewidth=0.6, linestyle=":")
        axes.set(xlabel=panels[metric][0], title=f"{split}, {frame.notna().any(axis=1).sum()} drugs")
        axes.set_yticks(range(len(methods)), [label(m) for m in methods])
        style_axes(axes, y=True)
    caption = (
        f"{split} ({study.extent(split)}): one dot a drug, its value the mean over the test folds in which the drug "
        "has enough lines of both classes; the outline shows the density, the bar and the number the median. The "
        "dotted line is a method that knows nothing of the lines. Further right is better; a wide outline says that "
        "drugs differ much. Methods without a prediction of ln IC50 have no r."
    )
    return [Drawing(study.file("per_drug", split), study.title(f"{split}: figures within a drug"), caption, figure)]


def against_the_rival(study: Study, split: str) -> list[Drawing]:
    """The reference's per-drug AUROC minus the best other method's, drugs sorted."""
    wide = metric_by_unit(study.main(split), "auroc")
    rivals = [m for m in study.order(split) if m != study.reference and m in wide]
    if study.reference not in wide or not rivals:
        return []
    rival = rivals[0]
    pair = wide[[study.reference, rival]].dropna().groupby(level="unit").mean()
    gain = (pair[study.reference] - pair[rival]).sort_values()
    if len(gain) < 3:
        return []
    look = method_styles(study.methods, FLOOR)
    figure = new_figure(2.9)
    axes = figure.subplots()
    places = np.arange(len(gain))
    colours = [look[study.reference].colour if value > 0 else look[rival].colour for value in gain]
    axes.vlines(places, 0, gain, color=colours, linewidth=0.8, alpha=0.6)
    axes.scatter(places, gain, c=colours, s=12, linewidth=0)
    axes.axhline(0, color=INK, linewidth=0.8)
    low, high = axes.get_ylim()
    low, high = min(low, -0.15 * (high - low)), max(high, 0.15 * (high - low))  # both sides have room for their name
    span = high - low
    axes.set_xticks([])
    if len(gain) <= MOST_LABELS:
        names = [study.name("drug", str(drug)) for drug in gain.index]
        axes.set_xticks(places, names, rotation=90 if len(gain) > 8 else 0, fontsize=8)
    for rank in range(NAMED if len(gain) > MOST_LABELS else 0):
        worst, best = (
            (rank, low + (0.02 + 0.08 * rank) * span, 0.16),
            (len(gain) - 1 - rank, high - 0.08 * rank * span, 0.84),
        )
        for place, y, x in (worst, best):
            axes.annotate(
                study.name("drug", str(gain.index[place])),
                (place, gain.iloc[place]),
                (x * len(gain), y),
                ha="left" if x < 0.5 else "right",
                va="center",
                fontsize=8,
                arrowprops={"arrowstyle": "-", "linewidth": 0.5, "color": GREY, "shrinkB": 3},
            )
    won = float((gain > 0).mean())
    axes.set(ylim=(low - 0.05 * span, high + 0.05 * span), xlabel=f"{len(gain)} drugs, sorted")
    axes.set(
        ylabel="difference of AUROC", title=f"{split}: {label(study.reference)} is better for {won:.0%} of the drugs"
    )
    side: dict[str, Any] = {"transform": axes.transAxes, "fontsize": 8, "fontweight": "bold"}
    axes.text(0.02, 0.95, f"above 0: {label(study.reference)}", color=look[study.reference].colour, va="top", **side)
    axes.text(0.98, 0.05, f"below 0: {label(rival)}", color=look[rival].colour, ha="right", **side)
    caption = (
        f"{split} ({study.extent(split)}): per-drug AUROC of {label(study.reference)} minus that of {label(rival)}, "
        f"the best other method, each averaged over the same test folds; {len(gain)} drugs that both have, median "
        f"difference {gain.median():+.3f}. If the two were alike, as many drugs would lie above the line as below it."
    )
    title = study.title(f"{split}: {label(study.reference)} against {label(rival)}, drug by drug")
    return [Drawing(study.file("drug_by_drug", split), title, caption, figure)]


def most_sensitive(study: Study) -> list[Drawing | TableView]:
    """The drugs with most lines called sensitive by each network (HGACL-DRP, table 3), out of fold on random pairs."""
    if "LPO" not in study.splits:
        return []
    return [part for method in study.networks for part in _most_sensitive(study, method)]


def _most_sensitive(study: Study, method: str) -> list[Drawing | TableView]:
    frame = study.predictions(method, "LPO")
    if frame.empty:
        return []
    frame = frame.assign(right=frame["called"].astype(bool) & (frame["sensitive"] == 1))
    columns = {
        "called": ("called", "sum"),
        "right": ("right", "sum"),
        "sensitive": ("sensitive", "sum"),
        "lines": ("sensitive", "size"),
    }
    found = frame.groupby("drug_id").agg(**columns).astype(int).reset_index()
    found = found.sort_values(["called", "drug_id"], ascending=[False, True]).head(MOST_DRUGS)
    found.insert(1, "name", [study.name("drug", str(drug)) for drug in found["drug_id"]])
    found["precision"] = found["right"] / found["called"].where(found["called"] > 0)
    found["recall"] = found["right"] / found["sensitive"].where(found["sensitive"] > 0)
    what = (
        f"{label(method)}, out-of-fold predictions of the {frame['fold'].nunique()} LPO folds "
        f"({len(frame):,} pairs, each predicted by a model that did not see it)"
    )
    header = (
        "drug",
        "lines called sensitive",
        "of them observed",
        "observed sensitive",
        "lines tested",
        "precision",
        "recall",
    )
    rows = [
        [
            Entry(row["name"]),
            *(Entry(f"{row[c]:,}") for c in ("called", "right", "sensitive", "lines")),
            *(Entry("–" if pd.isna(row[c]) else f"{row[c]:.2f}") for c in ("precision", "recall")),
        ]
        for row in found.to_dict("records")
    ]
    note = (
        f"{what}. A line is called sensitive when its probability reaches the threshold chosen on validation. The "
        "order follows how often a drug's lines are sensitive at all, so a long bar is no finding by itself: "
        "precision and recall tell how many of the calls are right and how many sensitive lines were found."
    )
    file = study.file("most_sensitive", *([] if method == study.reference else [method]))
    table = TableView(
        file,
        study.title(f"The ten drugs with most lines that {label(method)} calls sensitive"),
        note,
        header,
        rows,
        found,
    )
    return [Drawing(file, table.title, _bars_caption(what), _bars(found)), table]


def _bars_caption(what: str) -> str:
    return (
        f"{what}. Dark: lines called sensitive that were observed so; pale: lines called sensitive that were not; the "
        "tick marks all lines observed sensitive. A good model's bar is dark up to the tick."
    )


def _bars(found: pd.DataFrame) -> Figure:
    figure = new_figure(0.8 + 0.27 * len(found))
    axes = figure.subplots()
    rows = found.iloc[::-1]
    places = np.arange(len(rows))
    axes.barh(places, rows["called"], color=PALE, height=0.65, label="called sensitive, observed resistant")
    axes.barh(places, rows["right"], color="#0072b2", height=0.65, label="called sensitive, observed sensitive")
    axes.scatter(
        rows["sensitive"], places, marker="|", s=160, color=INK, linewidth=1.8, label="all observed sensitive"
    )
    axes.set_yticks(places, rows["name"])
    axes.set_xlabel("cell lines")
    style_axes(axes, y=True)
    figure.legend(loc="outside upper left", ncols=3)
    return figure


def _violin(axes: Axes, values: np.ndarray, place: int, colour: object, rng: np.random.Generator) -> None:
    if len(values) > 2 and np.ptp(values) > 1e-9:
        violin: Any = axes.violinplot([values], [place], orientation="horizontal", widths=0.85, showextrema=False)
        violin["bodies"][0].set(facecolor=colour, alpha=0.22, edgecolor="none")
    axes.scatter(values, place + rng.uniform(-0.16, 0.16, len(values)), s=4, color=colour, alpha=0.55, linewidth=0)
    median = float(np.median(values))
    axes.plot([median, median], [place - 0.34, place + 0.34], color=INK, linewidth=1.6)
    axes.annotate(
        f"{median:.3f}",
        (median, place + 0.3),
        (3, 0),
        textcoords="offset points",
        fontsize=7.5,
        va="center",
        bbox={"facecolor": "white", "alpha": 0.75, "edgecolor": "none", "pad": 0.6},
    )
