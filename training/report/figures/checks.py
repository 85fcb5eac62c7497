"""Checks of meaning: what is lost when features are shuffled, and how much a method's seed matters."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from training.metrics.paired_tests import FOLD
from training.page.parts import Drawing, Entry, TableView
from training.page.style import INK, MARKERS, PALETTE, method_styles, new_figure, style_axes
from training.report.figures.tables import HEADINGS
from training.report.method_labels import FLOOR, is_variant, label
from training.report.study import Study

SHOWN = ("per_drug_auroc", "auroc")
KINDS = {"none": "features as measured", "lines": "shuffled over cell lines", "drugs": "shuffled over drugs"}
HATCHES = {"none": "", "lines": "///", "drugs": "..."}


def shuffled(study: Study) -> list[Drawing]:
    """Bars of each method with its own and with shuffled features, on the folds that all of them have."""
    rows = study.table[(study.table["protocol"] == "folds") & study.table["split"].isin(study.splits)]
    methods = list(rows.loc[rows["shuffle"] != "none", "method"].unique())
    splits = [split for split in study.splits if (rows[rows["split"] == split]["shuffle"] != "none").any()]
    groups = [(split, method) for split in splits for method in methods]
    values = {key: _kinds(rows, *key) for key in groups}
    values = {
        key: frames for key, frames in values.items() if any(len(frame.columns) > 1 for frame in frames.values())
    }
    if not values:
        return []
    kinds = [kind for kind in KINDS if any(kind in f for frames in values.values() for f in frames.values())]
    present = [metric for metric in SHOWN if any(metric in frames for frames in values.values())]
    figure = new_figure(0.9 + 0.95 * len(values))
    for axes, metric in zip(figure.subplots(1, len(present), sharey=True, squeeze=False)[0], present, strict=True):
        for place, frames in enumerate(reversed(values.values())):
            if metric in frames:
                _bars(axes, frames[metric], place, kinds)
        axes.axvline(0.5, color=INK, linewidth=0.8, linestyle=":")
        axes.set(xlabel=HEADINGS[metric], xlim=(0.4, 1.0))
        names = [f"{label(method)}\n{split}" for split, method in reversed(values)]
        axes.set_yticks(range(len(values)), names)
        style_axes(axes, y=True)
    handles, names = figure.axes[0].get_legend_handles_labels()
    found = dict(zip(names, handles, strict=True))
    figure.legend(list(found.values()), list(found), loc="outside lower center", ncols=3)
    folds = max(len(frame) for frames in values.values() for frame in frames.values())
    extents = "; ".join(f"{split}: {study.extent(split)}" for split in splits)
    caption = (
        f"Mean ± sd over test folds ({extents}; at most {folds} with every kind of shuffling), the same folds for all "
        "bars of a group. Shuffling gives every cell line (or drug) another one's features and leaves the responses "
        "alone. A method that loses nothing by it does not use those features: its skill comes from the responses of "
        "the same line or drug. The axis starts at .4; the dotted line is chance."
    )
    return [Drawing(study.file("shuffled"), study.title("Shuffled features"), caption, figure)]


def _kinds(rows: pd.DataFrame, split: str, method: str) -> dict[str, pd.DataFrame]:
    """For each metric folds × kinds of shuffling, complete folds only."""
    own = rows[(rows["split"] == split) & (rows["method"] == method) & (rows["level"] == "pooled")]
    out = {}
    for metric in SHOWN:
        part = own[own["metric"] == metric]
        wide = part.pivot_table(index=FOLD, columns="shuffle", values="value", aggfunc="mean").dropna()
        if len(wide):
            out[metric] = wide
    return out


def _bars(axes: Axes, frame: pd.DataFrame, place: int, kinds: list[str]) -> None:
    height = 0.8 / len(kinds)
    for step, kind in enumerate(kinds):
        if kind not in frame:
            continue
        y = place + 0.4 - height * (step + 0.5)
        mean = float(frame[kind].mean())
        sd = float(frame[kind].std(ddof=1)) if len(frame) > 1 else 0.0
        colour = PALETTE[list(KINDS).index(kind)]
        axes.barh(
            y,
            mean - 0.4,
            left=0.4,
            height=0.92 * height,
            xerr=sd,
            color=colour,
            alpha=0.8,
            hatch=HATCHES[kind],
            edgecolor="white",
            linewidth=0,
            label=KINDS[kind],
            error_kw={"linewidth": 0.9},
        )
        axes.annotate(
            f"{mean:.3f}",
            (0.405, y),
            color="white",
            va="center",
            fontsize=8,
            fontweight="bold",
            bbox={"facecolor": colour, "edgecolor": "none", "pad": 0.8},
        )


def seeds(study: Study) -> list[Drawing | TableView]:
    """The spread over a method's own seeds beside the spread over folds."""
    tables = [_seed_rows(study, split) for split in study.splits]
    tables = [table for table in tables if not table.empty]
    if not tables:
        return []
    data = pd.concat(tables, ignore_index=True)
    look = method_styles(study.methods, FLOOR)
    groups = [
        (str(split), str(method), part) for (split, method), part in data.groupby(["split", "method"], sort=False)
    ]
    figure = new_figure(0.9 + 0.42 * len(groups))
    axes = figure.subplots()
    rows: list[list[Entry]] = []
    for place, (split, method, part) in enumerate(reversed(groups)):
        by_seed = part.groupby("seed")["value"].mean()
        folds = part.groupby(FOLD)["value"].mean()
        axes.scatter(
            part["value"],
            np.full(len(part), place) - 0.2,
            s=8,
            color="#b0b0b0",
            linewidth=0,
            label="one seed in one fold" if place == 0 else None,
        )
        axes.scatter(
            by_seed,
            np.full(len(by_seed), place) + 0.1,
            s=34,
            color=look[method].colour,
            marker=MARKERS[3],
            linewidth=0,
            alpha=0.8,
            label="one seed, mean over folds" if place == 0 else None,
        )
        rows.insert(
            0,
            [
                Entry(label(method)),
                Entry(split),
                Entry(str(len(by_seed))),
                Entry(str(len(folds))),
                Entry(f"{by_seed.mean():.4f}"),
                Entry(f"{by_seed.std(ddof=1):.4f}"),
                Entry(f"{folds.std(ddof=1):.4f}" if len(folds) > 1 else "–"),
            ],
        )
    axes.set_yticks(range(len(groups)), [f"{label(m)}, {s}" for s, m, _ in reversed(groups)])
    axes.set_ylim(-0.6, len(groups) - 0.4)
    style_axes(axes, y=True)
    metric = str(data["metric"].iloc[0])
    axes.set_xlabel(HEADINGS[metric])
    figure.legend(loc="outside upper right", ncols=2)
    extents = "; ".join(f"{split}: {study.extent(split)}" for split in data["split"].unique())
    caption = (
        f"{HEADINGS[metric]} of methods that were run with several seeds, on the folds that all their seeds have "
        f"({extents}). Diamonds that lie together say that the seed hardly matters; a difference between methods that "
        "is smaller than their distance is not worth a word."
    )
    name, title = study.file("seeds"), study.title("Robustness to the seed")
    header = ("method", "split", "seeds", "folds", "mean", "sd over seeds", "sd over folds")
    return [Drawing(name, title, caption, figure), TableView(name, title, "The same in numbers.", header, rows, data)]


def _seed_rows(study: Study, split: str) -> pd.DataFrame:
    rows = study.folds(split)
    rows = rows[(rows["level"] == "pooled") & ~rows["method"].map(is_variant).astype(bool)]
    metric = next((m for m in SHOWN if (rows["metric"] == m).any()), "auroc")
    rows = rows[rows["metric"] == metric]
    found = []
    for _, part in rows.groupby("method", sort=False):
        if len(part["seed"].unique()) > 1:
            wide = part.pivot_table(index=FOLD, columns="seed", values="value").dropna()
            kept = part.set_index(FOLD).loc[wide.index].reset_index()
            found.append(kept[["split", "method", "metric", *FOLD, "seed", "value"]])
    return pd.concat(found) if found else pd.DataFrame()
