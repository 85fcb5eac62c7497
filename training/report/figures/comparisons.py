"""Is the reference really better? Paired tests over drugs and folds, and the critical-difference diagram."""

import math
from collections.abc import Callable, Iterable
from functools import partial

import pandas as pd
import scikit_posthocs
from matplotlib.ticker import MultipleLocator, NullLocator

from training.metrics.paired_tests import (
    compare_over_folds,
    compare_over_units,
    metric_by_fold,
    metric_by_unit,
    rank_methods,
)
from training.page.parts import Drawing, Entry, TableView
from training.page.style import GREY, INK, method_styles, new_figure
from training.report.figures.tables import HEADINGS
from training.report.method_labels import FLOOR, label
from training.report.study import Study

OVER_DRUGS = {"auroc": "per_drug_auroc", "pearson": "per_drug_pearson"}
OVER_FOLDS = ("auroc", "auprc", "rmse")


def over_drugs_table(study: Study, split: str) -> list[TableView]:
    """Wilcoxon over drugs, for AUROC and Pearson r within a drug."""
    data = _paired(study, split, OVER_DRUGS, metric_by_unit, compare_over_units)
    if data is None:
        return []
    header = (
        "metric",
        f"{label(study.reference)} against",
        "drugs",
        "median difference",
        "drugs won",
        "p",
        "p (Holm)",
    )
    table = [
        [
            Entry(HEADINGS[OVER_DRUGS[row["metric"]]]),
            Entry(label(row["method"])),
            Entry(str(row["units"])),
            Entry(f"{row['median_difference']:+.4f}"),
            Entry(f"{row['won']:.0%}"),
            Entry(p_text(row["p"])),
            Entry(p_text(row["p_holm"]), best=row["p_holm"] < 0.05),
        ]
        for row in data.to_dict("records")
    ]
    caption = (
        "One number a drug: its mean over the test folds that both methods have; two-sided Wilcoxon signed-rank test "
        "over drugs, Holm's correction over the methods of a metric, bold below .05. Positive differences favour "
        f"{label(study.reference)}. Drugs of one class respond alike, so the p-values are somewhat too small; look at "
        "the difference and the share of drugs won first."
    )
    title = study.title(f"{split}: paired over drugs")
    return [TableView(study.file("paired_drugs", split), title, caption, header, table, data, names=2)]


def over_folds_table(study: Study, split: str) -> list[TableView]:
    """Exact tests and the corrected resampled t-test over folds, for the pooled metrics."""
    count = study.count_folds(split)
    if count < 2:
        return []
    data = _paired(study, split, OVER_FOLDS, metric_by_fold, partial(compare_over_folds, folds=count))
    if data is None:
        return []
    header = (
        "metric",
        f"{label(study.reference)} against",
        "folds",
        "mean difference",
        "folds won",
        "p sign",
        "p Wilcoxon",
        "p corrected t",
        "p (Holm)",
    )
    table = [
        [
            Entry(HEADINGS[row["metric"]]),
            Entry(label(row["method"])),
            Entry(str(row["folds"])),
            Entry(f"{row['mean_difference']:+.4f}"),
            Entry(f"{row['won'] * row['folds']:g}"),
            Entry(p_text(row["p_sign"])),
            Entry(p_text(row["p_wilcoxon"])),
            Entry(p_text(row["p_t"])),
            Entry(p_text(row["p_holm"]), best=row["p_holm"] < 0.05),
        ]
        for row in data.to_dict("records")
    ]
    folds = int(data["folds"].max())
    caption = (
        f"Differences within the same fold, positive where {label(study.reference)} is better (for RMSE: lower). The "
        f"exact sign and Wilcoxon tests cannot fall below p = {2 / 2**folds:.3g} with {folds} folds, however large "
        "the difference (five folds: .0625, so five can never reach .05). The corrected resampled t-test (Nadeau & "
        "Bengio) allows for training pairs that the folds share; Holm's correction is of its p, over methods."
    )
    title = study.title(f"{split}: paired over folds")
    return [TableView(study.file("paired_folds", split), title, caption, header, table, data, names=2)]


def _paired(
    study: Study,
    split: str,
    metrics: Iterable[str],
    widen: Callable[..., pd.DataFrame],
    test: Callable[..., pd.DataFrame],
) -> pd.DataFrame | None:
    """The test's rows of every metric that the reference and another method have; None without any."""
    wide = {metric: _ordered(widen(study.main(split), metric), study, split) for metric in metrics}
    found = [test(w, study.reference, m) for m, w in wide.items() if study.reference in w and w.shape[1] > 1]
    return pd.concat(found, ignore_index=True) if found else None


def critical_difference(study: Study, split: str) -> list[Drawing]:
    """Mean ranks over drugs; methods that Nemenyi's test cannot tell apart are joined."""
    wide = _ordered(metric_by_unit(study.main(split), "auroc"), study, split)
    try:
        found = rank_methods(wide, "per-drug AUROC")
    except ValueError:  # fewer than three methods: nothing to rank
        return []
    means = wide.dropna().groupby(level="unit").mean()
    names = {method: label(str(method)) for method in wide}
    same = scikit_posthocs.posthoc_nemenyi_friedman(means.rename(columns=names))
    look = method_styles(study.methods, FLOOR)
    figure = new_figure(1.3 + 0.2 * len(names))
    axes = figure.subplots()
    axes.grid(visible=False)
    scikit_posthocs.critical_difference_diagram(
        found.mean.rename(names),
        same,
        ax=axes,
        label_fmt_left="{label}  {rank:.2f}  ",
        label_fmt_right="  {rank:.2f}  {label}",
        color_palette={names[method]: look[method].colour if method in look else GREY for method in wide},
        label_props={"fontsize": 8.5},
        crossbar_props={"color": INK, "linewidth": 2.5},
    )
    axes.xaxis.set_major_locator(MultipleLocator(1))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_title(f"{split}: mean rank, critical difference {found.critical_difference:.2f}", pad=10)
    caption = (
        f"{split} ({study.extent(split)}): methods ranked within each drug by AUROC (1 is best, leftmost), mean rank "
        f"over the {found.blocks} drugs that all of them have; Friedman p {p_text(found.p, sign=True)}. A bar joins "
        f"methods whose mean ranks are closer than the critical difference {found.critical_difference:.2f} (Nemenyi, "
        "α = .05): these data do not tell them apart. Ranks say who is ahead, not by how much."
    )
    title = study.title(f"{split}: critical difference of per-drug AUROC")
    return [Drawing(study.file("critical_difference", split), title, caption, figure)]


def _ordered(wide: pd.DataFrame, study: Study, split: str) -> pd.DataFrame:
    """Columns best first, as in the table of results."""
    return wide[[method for method in study.order(split) if method in wide]]


def p_text(p: float, *, sign: bool = False) -> str:
    """Three digits, or '< .001'; '–' where there is no test."""
    if math.isnan(p):
        return "–"
    return "< .001" if p < 0.001 else f"{'= ' if sign else ''}{p:.3f}"
