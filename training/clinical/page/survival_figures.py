"""Figures of survival: heat map of cohorts × pathways, forest plots, Kaplan–Meier curves, counts beside chance."""

import textwrap
from collections.abc import Hashable
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from training.clinical.associations import FDR, PATHWAY
from training.clinical.clinical_table import ENDPOINTS
from training.clinical.nulls import OBSERVED, PERMUTED, RANDOM
from training.clinical.statistics.cox import Floats, Outcome
from training.clinical.statistics.curves import GROUPS, equal_groups, kaplan_meier, log_rank, of_group
from training.clinical.survival import Study
from training.page.parts import Drawing
from training.page.style import GREY, INK, PALE, PALETTE, new_figure, style_axes

LARGEST_Z = 5.0
TICKS, FEW_TICKS, MOST_TICKS = (
    (0.25, 0.5, 0.7, 0.8, 0.9, 1, 1.1, 1.25, 1.5, 2, 3, 4),
    (0.25, 0.5, 0.7, 1, 1.5, 2, 3),
    4,
)
CURVES, COLUMNS = 4, 2
LONGEST_NAME = 42
GROUP_COLOURS = {2: (PALETTE[0], PALETTE[1]), 3: (PALETTE[0], GREY, PALETTE[1])}


def heat_map(study: Study, endpoint: str) -> list[Drawing]:
    """Score-test z of every pathway in every cohort, those under the FDR marked."""
    rows = study.beyond[study.beyond["endpoint"] == endpoint]
    if rows.empty:
        return []
    z = rows.pivot_table(index="variable", columns="cohort", values="z")
    order = z.mean(axis=1).sort_values().index
    z = z.loc[order]
    q, beyond = (
        rows.pivot_table(index="variable", columns="cohort", values=c).loc[order] for c in ("q_over", "q_random")
    )
    figure = new_figure(1.6 + 0.2 * len(z))
    axes = figure.subplots()
    image = axes.imshow(z, cmap="RdBu_r", vmin=-LARGEST_Z, vmax=LARGEST_Z, aspect="auto", interpolation="none")
    y, x = np.nonzero((q < FDR).to_numpy())
    axes.scatter(x, y, s=9, color=INK, linewidths=0)
    y, x = np.nonzero((beyond < FDR).to_numpy())
    axes.scatter(x, y, s=42, marker="s", facecolors="none", edgecolors=INK, linewidths=1.0)
    events = rows.groupby("cohort")[["patients", "events"]].max().loc[z.columns]
    labels = [f"{name} {e}/{n}" for name, n, e in events.itertuples()]
    axes.set_xticks(range(len(labels)), labels, fontsize=7, rotation=55, ha="right", rotation_mode="anchor")
    axes.set_yticks(range(len(z)), [_short(name) for name in z.index], fontsize=7.5)
    axes.grid(visible=False)
    axes.tick_params(length=0)
    figure.colorbar(image, ax=axes, shrink=0.5, label="z (red: more active, earlier events)")
    hits, more = int((q < FDR).to_numpy().sum()), int((beyond < FDR).to_numpy().sum())
    caption = (
        f"{ENDPOINTS[endpoint].capitalize()}: score-test z of Cox models with one pathway, adjusted for age, sex, "
        "stage and subtype where known; below each cohort its events / patients. Dots: FDR under .05 over all "
        f"cohorts ({hits} of {int(z.notna().to_numpy().sum())}). Squares: under .05 after z is divided by the "
        f"deviation that random gene sets of equal size have in the cohort ({more}). Empty cells: too few genes known."
    )
    return [Drawing(f"heat_map-{endpoint}", f"{endpoint}: pathways and cohorts", caption, figure)]


def pooled_forest(study: Study, endpoint: str) -> list[Drawing]:
    """Random-effects hazard ratios of all pathways, and the leading one cohort by cohort."""
    rows = study.meta[(study.meta["kind"] == PATHWAY) & (study.meta["endpoint"] == endpoint)].dropna(subset="log_hr")
    if rows.empty:
        return []
    rows = rows.sort_values("hr", ascending=False, ignore_index=True)
    leading = str(rows["variable"].iloc[int(rows["p"].argmin())])
    figure = new_figure(1.2 + 0.18 * len(rows))
    left, right = figure.subplots(1, 2, width_ratios=(1.15, 1))
    _forest(left, rows, [_short(name) for name in rows["variable"]], rows["q"] < FDR)
    for y, i2 in enumerate(rows["i2"]):
        left.annotate(f"{i2:.0%}", (1.01, y), xycoords=("axes fraction", "data"), fontsize=6, va="center", color=GREY)
    left.annotate("I²", (1.01, len(rows) - 0.2), xycoords=("axes fraction", "data"), fontsize=7, color=GREY)
    left.set_title("all pathways, pooled over cohorts", fontsize=8.5)
    own = study.cox[
        (study.cox["kind"] == PATHWAY) & (study.cox["endpoint"] == endpoint) & (study.cox["variable"] == leading)
    ].sort_values("hr", ascending=False)
    pooled = rows[rows["variable"] == leading].assign(cohort="pooled")
    both = pd.concat([pooled, own], ignore_index=True)
    _forest(right, both, list(both["cohort"]), both["cohort"] == "pooled", weights=both.get("events"))
    right.set_title(_short(leading), fontsize=8.5)
    found = rows[rows["variable"] == leading].iloc[0]
    caption = (
        f"{ENDPOINTS[endpoint].capitalize()}: hazard ratio for one standard deviation more activity, with its 95 % "
        f"interval; dark: FDR under .05 over {len(rows)} pathways. I² is the share of the variance between cohorts. "
        f"Right: the pathway with the smallest pooled p ({found['p']:.2g}; heterogeneity p "
        f"{found['heterogeneity_p']:.2g}), squares by events."
    )
    return [Drawing(f"forest-{endpoint}", f"{endpoint}: hazard ratios pooled over cohorts", caption, figure)]


def _forest(
    axes: Axes,
    rows: pd.DataFrame,
    labels: list[str],
    dark: "pd.Series[bool]",
    weights: "pd.Series[float] | None" = None,
) -> None:
    places = np.arange(len(rows))
    colours = [INK if one else GREY for one in dark]
    axes.hlines(places, rows["low"], rows["high"], colors=colours, linewidth=1)
    size = 14.0 if weights is None else (10 + 60 * weights / weights.max()).fillna(40)
    axes.scatter(rows["hr"], places, s=size, c=colours, marker="s", zorder=3)
    axes.axvline(1, color=INK, linewidth=0.8, linestyle=":")
    axes.set_xscale("log")
    low, high = rows["low"].min(), rows["high"].max()
    ticks = [tick for tick in TICKS if low * 0.98 <= tick <= high * 1.02]
    ticks = ticks if len(ticks) <= MOST_TICKS else [tick for tick in ticks if tick in FEW_TICKS]
    axes.set_xticks(ticks, [f"{t:g}" for t in ticks])
    axes.minorticks_off()
    axes.set_yticks(places, labels, fontsize=7)
    axes.set_xlabel("hazard ratio")
    style_axes(axes, y=True)


def survival_curves(study: Study, endpoint: str) -> list[Drawing]:
    """Kaplan–Meier curves by tertile of the pathways that say most beyond random sets, one a cohort first."""
    rows = study.beyond[study.beyond["endpoint"] == endpoint].sort_values("p_random")
    chosen = rows.drop_duplicates("cohort").head(CURVES)
    if chosen.empty:
        return []
    lines = -(-len(chosen) // COLUMNS)
    figure = new_figure(3.7 * lines)
    grid = figure.subplots(2 * lines, COLUMNS, squeeze=False, height_ratios=[4.4, 1] * lines)
    for place in range(lines * COLUMNS):
        above, below = grid[2 * (place // COLUMNS) : 2 * (place // COLUMNS) + 2, place % COLUMNS]
        below.axis("off")
        if place >= len(chosen):
            above.axis("off")
            continue
        row = chosen.iloc[place].to_dict()
        plan = study.plan(row["cohort"], endpoint)
        score = study.folder.scores.loc[plan.patients, row["variable"]].to_numpy(float)
        _curves(above, below, plan.outcome, score, row, endpoint)
    caption = (
        f"{ENDPOINTS[endpoint].capitalize()} by tertile of pathway activity, in the {len(chosen)} cohorts and "
        "pathways that say most beyond random gene sets, one a cohort. Bands: pointwise 95 % intervals (log −log); "
        "crosses: patients last seen without the event; below: patients at risk. HR is for one standard deviation "
        "more activity, adjusted; q over all cohorts and pathways, before and after random sets. Chosen among many "
        "for their small p: the effect in new patients will be smaller."
    )
    return [Drawing(f"curves-{endpoint}", f"{endpoint}: survival curves", caption, figure)]


def _curves(axes: Axes, below: Axes, outcome: Outcome, score: Floats, row: dict[Hashable, Any], endpoint: str) -> None:
    groups, names = equal_groups(score, 3), GROUPS[3]
    end = float(np.quantile(outcome.years, 0.95))
    step = next(s for s in (0.5, 1, 2, 3, 5, 10) if end / s <= 6)
    ticks = np.arange(0, end + 1e-9, step)
    for number, (name, colour) in enumerate(zip(names, GROUP_COLOURS[3], strict=True)):
        part = of_group(outcome, groups == number)
        curve = kaplan_meier(part)
        x, y = np.r_[0, curve.years, part.years.max()], np.r_[1, curve.share, curve.share[-1:]]
        axes.step(x, y, where="post", color=colour, linewidth=1.3, label=f"{name} ({curve.events}/{curve.patients})")
        low, high = (np.r_[1, bound, bound[-1:]] for bound in (curve.low, curve.high))
        axes.fill_between(x, low, high, step="post", color=colour, alpha=0.12, linewidth=0)
        axes.plot(curve.censored, curve.at(curve.censored), "|", color=colour, markersize=4, markeredgewidth=0.6)
        y = 0.8 - 0.4 * number
        below.annotate(name, (-0.06, y), xycoords=("axes fraction", "data"), ha="right", va="center", fontsize=6.5)
        for tick in ticks:
            at_risk = str(int((part.years >= tick).sum()))
            below.annotate(at_risk, (tick, y), ha="center", va="center", fontsize=6.5, color=colour)
    below.set(xlim=(0, end), ylim=(-0.3, 1))
    title = "\n".join(textwrap.wrap(f"{row['cohort']}: {row['variable']}", 44))
    axes.set_title(title, fontsize=8)
    axes.set(xlim=(0, end), ylim=(0, 1.02), xlabel="years", ylabel=f"{endpoint}, share without event")
    axes.set_xticks(ticks)
    axes.legend(loc="lower left", fontsize=6.5, title="activity (events/patients)", title_fontsize=6.5)
    text = (
        f"HR {row['hr']:.2f} ({row['low']:.2f}–{row['high']:.2f})\nq {_p(row['q_over'])}, beyond random "
        f"{_p(row['q_random'])}\nlog-rank p {_p(log_rank(outcome, groups))}"
    )
    axes.annotate(text, (0.98, 0.98), xycoords="axes fraction", ha="right", va="top", fontsize=6.5)


def against_chance(study: Study) -> list[Drawing]:
    """Significant tests of the pathways beside those of random sets and of permuted patients."""
    rows = study.counts[study.counts["kind"] == PATHWAY]
    ends = list(rows["endpoint"].unique())
    figure = new_figure(0.9 + 1.25 * len(ends))
    grid = figure.subplots(len(ends), 2, squeeze=False)
    for line, end in zip(grid, ends, strict=True):
        part = rows[rows["endpoint"] == end]
        for axes, column, what in zip(
            line, ("all over", "pooled"), ("cohort × pathway", "pooled over cohorts"), strict=True
        ):
            own = float(part.loc[part["null"] == OBSERVED, column].iloc[0])
            top = max(part[column].max(), 4) + 1
            bins = np.arange(-0.5, top + 1, max(1, round(top / 30)))
            for null, colour in ((RANDOM, PALETTE[0]), (PERMUTED, PALETTE[4])):
                values = part.loc[part["null"] == null, column]
                axes.hist(values, bins=bins, color=colour, alpha=0.55, label=null, density=True)
            axes.axvline(own, color=INK, linewidth=1.6, label="pathways")
            axes.set_title(f"{end}: {what}, {own:.0f} found", fontsize=8)
            axes.set_yticks([])
            style_axes(axes, y=True)
    for axes in grid[-1]:
        axes.set_xlabel("tests with FDR under .05")
    figure.legend(*grid[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=3)
    draws = int(rows.loc[rows["null"] == RANDOM, "draw"].max()) + 1
    caption = (
        f"How many tests pass an FDR of .05: pathways (line) against {draws} draws of random gene sets of equal size "
        "and coverage, and of permuted patients. Left over all cohorts and pathways, right of the pooled means."
    )
    return [Drawing("chance", "Pathways against chance", caption, figure)]


def coverage_map(study: Study) -> list[Drawing]:
    """Share of each pathway's genes that a cohort has."""
    table = study.folder.coverage.pivot_table(index="pathway", columns="cohort", values="share")
    least = float(study.folder.info["least_coverage"])
    figure = new_figure(1.0 + 0.16 * len(table), width=6.0)
    axes = figure.subplots()
    order = table.mean(axis=1).sort_values()
    axes.barh(range(len(order)), order, color=[PALETTE[0] if value >= least else PALE for value in order])
    axes.axvline(least, color=INK, linestyle=":", linewidth=0.8)
    axes.set_yticks(range(len(order)), [_short(name) for name in order.index], fontsize=7)
    axes.set_xlabel("share of the pathway's genes measured, mean over cohorts")
    style_axes(axes, y=True)
    refused = int((order < least).sum())
    caption = (
        f"Genes of each pathway that the tumours have. Pale: under {least:.0%} or 10 genes, not scored ({refused})."
    )
    return [Drawing("coverage", "Coverage of the pathways", caption, figure)]


def _short(name: str) -> str:
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…"


def _p(value: float) -> str:
    return "< .0001" if value < 1e-4 else f"{value:.2g}".removeprefix("0")
