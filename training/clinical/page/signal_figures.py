"""Figures of lines beside tumours: signals measured and of the model, their agreement with tumours, hidden genes."""

import numpy as np
import pandas as pd

from training.clinical.cohort import AGREEMENT, HIDDEN
from training.clinical.consistency import PATHWAYS, RANDOM
from training.clinical.survival import Study
from training.page.parts import Drawing
from training.page.style import GREY, INK, PALETTE, new_figure, style_axes

SHOWN = {
    "structure": "correlations among pathways",
    "signals": "signals, predicted in both",
    "measured": "signals measured in lines,\npredicted in tumours",
}


def model_and_measured(study: Study) -> list[Drawing]:
    """Derivative of the model against the partial correlation measured, and shares of significant pairs."""
    table, null = study.signals, study.signal_null
    if table.empty:
        return []
    figure = new_figure(3.1)
    left, right = figure.subplots(1, 2, width_ratios=(1.2, 1))
    image = left.hexbin(table["r"], table["slope"], gridsize=45, bins="log", mincnt=1, cmap="Blues", linewidths=0)
    figure.colorbar(image, ax=left, label="drugs × pathways")
    left.axhline(0, color=INK, linewidth=0.6)
    left.axvline(0, color=INK, linewidth=0.6)
    left.set(xlabel="measured partial correlation", ylabel="model: change of −ln IC50 in sd\nfor 1 sd of activity")
    parts = [("pathways", PALETTE[0]), ("random sets", GREY), ("permuted lines", PALETTE[4])]
    for place, (name, colour) in enumerate(reversed(parts)):
        values = null.loc[null["sets"] == name, "share_significant"]
        right.barh(place, values.mean(), color=colour, xerr=values.std(ddof=1) if len(values) > 1 else None)
        right.annotate(
            f"{values.mean():.2%}", (values.mean(), place), xytext=(6, 8), textcoords="offset points", fontsize=8
        )
    right.set_yticks(range(3), [name for name, _ in reversed(parts)])
    right.set_xlabel("drugs × sets with FDR under .05")
    right.margins(x=0.25)
    style_axes(right, y=True)
    r = float(np.corrcoef(table["r"], table["slope"])[0, 1])
    stable = table[table["stable"]]
    caption = (
        f"{len(table):,} signals of {table['drug'].nunique()} drugs × {table['pathway'].nunique()} pathways, tissue "
        f"fixed. Left: what the model does against what was measured (r {r:.2f}; lines that the model was trained "
        f"on). {len(stable):,} measured signals have an FDR under .05 and one sign in four of five folds of lines; "
        f"{stable['same_sign'].mean():.1%} of these have the model's sign. Right, scored from the lines' genes: "
        "pathways, random gene sets of equal size, and lines permuted within their tissue."
    )
    return [Drawing("signals", "Signals of lines", caption, figure)]


def lines_and_tumours(study: Study) -> list[Drawing]:
    """Agreement of lines with each cohort: pathways against random sets."""
    table = study.folder.table(AGREEMENT)
    if table.empty:
        return []
    cohorts = list(table["cohort"].unique())
    figure = new_figure(1.2 + 0.2 * len(cohorts))
    for axes, (column, title) in zip(figure.subplots(1, len(SHOWN), sharey=True), SHOWN.items(), strict=True):
        for place, cohort in enumerate(reversed(cohorts)):
            own = table[table["cohort"] == cohort]
            drawn = own.loc[own["sets"] == RANDOM, column]
            axes.hlines(place, *drawn.quantile([0.025, 0.975]), color=GREY, linewidth=5, alpha=0.5)
            axes.plot(drawn.mean(), place, "|", color=INK, markersize=8)
            axes.plot(own.loc[own["sets"] == PATHWAYS, column], place, "o", color=PALETTE[1], markersize=5)
        axes.set_yticks(range(len(cohorts)), list(reversed(cohorts)))
        axes.set_title(title, fontsize=8)
        axes.axvline(0, color=INK, linewidth=0.6)
        axes.set_xlabel("r between lines and tumours")
        style_axes(axes, y=True)
    own = table[table["sets"] == PATHWAYS]
    caption = (
        "Correlation between lines (tissue fixed) and the tumours of a cohort, scored on the "
        f"{own['genes'].median():.0f} genes that both have ({own['pathways'].median():.0f} pathways). Dots: pathways. "
        "Grey: 95 % of random gene sets of equal size, bar their mean. The middle panel puts the same model on both "
        "sides, so any set agrees in part."
    )
    return [Drawing("agreement", "Lines and tumours", caption, figure)]


def hidden(study: Study) -> list[Drawing]:
    """What is left of a pathway's score when genes are hidden in lines."""
    table = study.folder.table(HIDDEN)
    if table.empty:
        return []
    figure = new_figure(3.0, width=6.4)
    left, right = figure.subplots(1, 2, sharey=True)
    for axes, x, y, text in (
        (left, "share_in_cohort", "as_many", "as many genes as the tumours have"),
        (right, "in_both", "shared", "genes that lines and tumours share"),
    ):
        axes.scatter(table[x], table[y], s=16, color=PALETTE[0], linewidth=0)
        axes.axhline(table["own"].median(), color=GREY, linestyle="--", linewidth=1)
        axes.set_title(f"{text}:\nmedian r {table[y].median():.2f}", fontsize=8)
    left.set(xlabel="share of the pathway in the tumours", ylabel="r with the score of all genes")
    right.set_xlabel("genes of the pathway")
    caption = (
        "Scores of lines from fewer genes against those of the whole transcriptome, a dot a pathway. Dashed: all "
        f"genes of the lines' array ({table['own'].median():.2f}, median "
        f"{(table['in_lines'] / table['genes']).median():.0%} of a pathway)."
    )
    return [Drawing("hidden_genes", "What hidden genes cost", caption, figure)]


def treated(study: Study) -> list[Drawing]:
    """AUROC of predicted sensitivity for patients who responded."""
    table: pd.DataFrame = study.responses.dropna(subset="auroc") if len(study.responses) else study.responses
    if table.empty:
        return []
    rows = table.iloc[::-1].reset_index(drop=True)
    figure = new_figure(1.1 + 0.26 * len(rows), width=6.4)
    axes = figure.subplots()
    colours = [INK if one.startswith("all") else PALETTE[0] for one in rows["drug"]]
    axes.hlines(range(len(rows)), rows["low"], rows["high"], colors=colours)
    axes.scatter(rows["auroc"], range(len(rows)), c=colours, marker="s", s=22, zorder=3)
    axes.axvline(0.5, color=INK, linestyle=":", linewidth=0.8)
    labels = [
        f"{row['drug']} ({row['responders']}/{row['patients']}), p {row['p']:.2f}" for row in rows.to_dict("records")
    ]
    axes.set_yticks(range(len(rows)), labels, fontsize=7.5)
    axes.set(xlabel="AUROC of predicted sensitivity for responders, within cohorts", xlim=(0, 1))
    style_axes(axes, y=True)
    caption = (
        "Treated patients with a recorded response, compared within their cohort (responders/patients). Intervals "
        "and p from permutations within cohorts. The first row has every patient once, with the mean rank over the "
        "patient's drugs; patients whose drugs differ in response are left out of it."
    )
    return [Drawing("treated", "Treated patients", caption, figure)]
