"""Ablations (HGACL-DRP, fig. 6) and sensitivity to the perturbations (fig. 7) of a network."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from training.metrics.paired_tests import FOLD, metric_by_fold
from training.page.parts import Drawing
from training.page.style import DASHES, GREY, INK, MARKERS, PALETTE, new_figure, style_axes
from training.report.figures.tables import HEADINGS
from training.report.method_labels import BASES, Perturbed, ablation_of, label, perturbed, setting
from training.report.study import Study

SPOKES = ("auroc", "auprc", "per_drug_auroc", "mcc", "f1", "per_drug_pearson")
DIFFERENCES = ("auroc", "auprc", "per_drug_auroc")


def ablations(study: Study, split: str) -> list[Drawing]:
    """A radar of the full network and what is left of it, and the differences in numbers beside it."""
    return [drawing for base in BASES for drawing in _ablations(study, split, base)]


def _ablations(study: Study, split: str, base: str) -> list[Drawing]:
    rows = study.folds(split)
    variants = sorted({method for method in rows["method"] if ablation_of(method) == base})
    rows = _same_seeds(rows, [base, *variants])
    wide = {metric: metric_by_fold(rows, metric) for metric in SPOKES}
    # Folds that the network and all its variants have: another fold would be another test.
    wide = {
        metric: frame[[base, *(method for method in variants if method in frame)]].dropna()
        for metric, frame in wide.items()
        if base in frame
    }
    wide = {metric: frame for metric, frame in wide.items() if len(frame)}
    if not variants or len(wide) < 3:
        return []
    means = pd.DataFrame({metric: frame.mean() for metric, frame in wide.items()}).reindex([base, *variants])
    figure = new_figure(3.9)
    left, right = np.asarray(figure.subfigures(1, 2, width_ratios=[1.05, 1]))
    _radar(left.add_subplot(projection="polar"), means)
    present = [metric for metric in DIFFERENCES if metric in wide]
    for axes, metric in zip(right.subplots(len(present), 1, sharex=True, squeeze=False)[:, 0], present, strict=True):
        _differences(axes, wide[metric], base, variants, metric)
    axes.set_xlabel(f"difference from {label(base)}")
    handles, names = left.axes[0].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside lower center", ncols=3, handlelength=2.6)
    folds = min(map(len, wide.values()))
    caption = (
        f"{split}, mean over the {folds} test folds that all have (of {study.extent(split)}). Left: each spoke runs "
        "from the worst of these variants (centre ring) to the best (rim), with both values written on it, so a dent "
        "shows where a part matters, but only the numbers tell how much. Right: variant minus full network within "
        "each fold (small dots) and their mean (large); left of 0 the part that was taken out had helped."
    )
    title = study.title(f"{split}: {label(base)} without one of its parts")
    return [Drawing(study.file("ablation", base, split), title, caption, figure)]


def _same_seeds(rows: pd.DataFrame, methods: list[str]) -> pd.DataFrame:
    """The rows of these methods with the seeds that all of them have: one seed against a mean of five says nothing."""
    rows = rows[rows["method"].isin(methods)]
    shared = set.intersection(*(set(one["seed"]) for _, one in rows.groupby("method"))) if len(rows) else set()
    return rows[rows["seed"].isin(shared)]


def _radar(axes: Axes, means: pd.DataFrame) -> None:
    metrics = [str(metric) for metric in means]
    angles = np.linspace(0, 2 * np.pi, len(metrics), endpoint=False)
    low, high = means.min(), means.max()
    scaled = (0.2 + 0.8 * (means - low) / (high - low).where(high > low, 1)).where(means.notna())
    for place, method in enumerate(means.index):
        values = scaled.loc[method].to_numpy(float)
        full = place == 0
        axes.plot(
            np.r_[angles, angles[0]],
            np.r_[values, values[0]],
            color=PALETTE[place % len(PALETTE)],
            linestyle=DASHES[place % len(DASHES)],
            linewidth=2.2 if full else 1.2,
            marker=MARKERS[place % len(MARKERS)],
            markersize=4,
            label=f"{label(str(method))}{' (full)' if full else ''}",
            zorder=3 if full else 2,
        )
    names = [f"{HEADINGS[m]}\n{low[m]:.3f}–{high[m]:.3f}" for m in metrics]
    axes.set_xticks(angles, names, fontsize=7.5)
    axes.tick_params(axis="x", pad=2)
    for text, angle in zip(axes.get_xticklabels(), angles, strict=True):
        text.set_horizontalalignment(
            "center" if abs(np.sin(angle)) < 0.1 else "left" if np.sin(angle) > 0 else "right"
        )
    axes.set(yticks=[0.2, 1.0], yticklabels=[], ylim=(0, 1.05), theta_offset=np.pi / 2, theta_direction=-1)
    axes.spines["polar"].set_visible(False)


def _differences(axes: Axes, wide: pd.DataFrame, base: str, variants: list[str], metric: str) -> None:
    for place, method in enumerate(variants, 1):
        if method not in wide:
            continue
        gap = (wide[method] - wide[base]).dropna()
        height = len(variants) - place
        colour = PALETTE[place % len(PALETTE)]
        axes.scatter(gap, np.full(len(gap), height), s=9, color=colour, alpha=0.5, linewidth=0)
        axes.scatter([gap.mean()], [height], s=34, color=colour, marker=MARKERS[place % len(MARKERS)], zorder=3)
        axes.annotate(
            f"{gap.mean():+.3f}",
            (1.0, height),
            xycoords=("axes fraction", "data"),
            fontsize=7.5,
            va="center",
            xytext=(3, 0),
            textcoords="offset points",
        )
    axes.axvline(0, color=INK, linewidth=0.8)
    axes.set_yticks(range(len(variants)), [label(method) for method in reversed(variants)], fontsize=8)
    axes.set_ylim(-0.6, len(variants) - 0.4)
    axes.set_title(HEADINGS[metric])
    style_axes(axes, y=True)


def perturbations(study: Study) -> list[Drawing]:
    """For each network, AUROC, AUPRC and per-drug AUROC against each setting that was varied, its own value marked."""
    rows = study.table[(study.table["protocol"] == "folds") & (study.table["shuffle"] == "none")]
    found = {method: what for method in rows["method"].unique() if (what := perturbed(method))}
    bases = [base for base in BASES if base in {what.base for what in found.values()}]
    return [_perturbations(study, rows, base, found) for base in bases]


def _perturbations(study: Study, rows: pd.DataFrame, base: str, variants: dict[str, Perturbed]) -> Drawing:
    found = {method: what for method, what in variants.items() if what.base == base}
    settings = sorted({what.setting for what in found.values()})
    figure = new_figure(1.8 * len(settings) + 0.5)
    grid = figure.subplots(len(settings), len(DIFFERENCES), squeeze=False, sharey="col")
    notes = []
    splits = [split for split in study.splits if set(study.folds(split)["method"]) & set(found)]
    for row, name in zip(grid, settings, strict=True):
        usual = setting(rows.loc[rows["method"] == base, "config"], name)
        notes.append(f"{name} {'unknown' if usual is None else f'{usual:g}'}")
        values = {what.value: method for method, what in found.items() if what.setting == name}
        same = {split: _same_seeds(study.folds(split), [base, *values.values()]) for split in splits}
        for axes, metric in zip(row, DIFFERENCES, strict=True):
            for place, split in enumerate(splits):
                _sensitivity(axes, metric_by_fold(same[split], metric), values, usual, base, place, split)
            axes.set_xlabel(name.replace("_", " "))
            if usual is not None:
                axes.axvline(usual, color=GREY, linewidth=0.8, linestyle=":", zorder=1)
            axes.set_title(HEADINGS[metric] if axes in grid[0] else "")
    handles, names = grid[0, 0].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside lower center", ncols=3)
    extents = "; ".join(f"{split}: {study.extent(split)}" for split in splits)
    caption = (
        f"One point a value of the setting, mean ± sd over the test folds ({extents}); the dotted line and the open "
        f"marker are its own value ({', '.join(notes)}). Panels of one column share their scale. A flat line means "
        "that the setting does not matter within the range tried; differences inside the error bars are not findings."
    )
    title = study.title(f"{label(base)}: sensitivity to the perturbations")
    return Drawing(study.file("perturbation", base), title, caption, figure)


def _sensitivity(
    axes: Axes, wide: pd.DataFrame, values: dict[float, str], usual: float | None, base: str, place: int, split: str
) -> None:
    at = {**values, **({usual: base} if usual is not None else {})}
    # Folds that all of the points have: otherwise a value measured on one easy fold would look better.
    both = wide[[method for _, method in sorted(at.items()) if method in wide]].dropna()
    if both.empty:
        return
    places = [value for value, method in sorted(at.items()) if method in both]
    colour = PALETTE[place % len(PALETTE)]
    spread = both.std(ddof=1).fillna(0) if len(both.groupby(FOLD)) > 1 else 0
    axes.errorbar(
        places,
        both.mean(),
        spread,
        color=colour,
        linestyle=DASHES[place],
        marker=MARKERS[place],
        markersize=4,
        linewidth=1.2,
        capsize=2,
        label=split,
    )
    if usual is not None and base in both:
        axes.plot(
            [usual], [both[base].mean()], MARKERS[place], color=colour, markerfacecolor="white", markersize=6, zorder=5
        )
