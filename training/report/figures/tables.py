"""Tables of results: every method and baseline of a split, the published protocol, transfer to other studies."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from training.metrics.paired_tests import (
    LOWER_IS_BETTER,
    compare_over_folds,
    compare_over_units,
    metric_by_fold,
    metric_by_unit,
)
from training.page.parts import Entry, TableView
from training.report.method_labels import COUNTING, best_first, is_variant, label
from training.report.study import SPLITS, Study, pairs_by_fold

LABELS_TABLE = ("auroc", "auprc", "per_drug_auroc", "per_line_auroc", "mcc", "f1", "brier", "calibration_error")
VALUES_TABLE = (
    "rmse",
    "pearson",
    "per_drug_pearson",
    "pearson_beyond_means",
    "r2",
    "interval_coverage",
    "interval_width",
)
HEADINGS = {
    "auroc": "AUROC",
    "auprc": "AUPRC",
    "per_drug_auroc": "per-drug AUROC",
    "per_line_auroc": "per-line AUROC",
    "mcc": "MCC",
    "f1": "F1",
    "brier": "Brier",
    "calibration_error": "calibration error",
    "rmse": "RMSE",
    "pearson": "Pearson r",
    "per_drug_pearson": "per-drug r",
    "pearson_beyond_means": "r beyond means",
    "r2": "R²",
    "interval_coverage": "coverage (90 %)",
    "interval_width": "interval width",
}
# A per-drug mean is tested over drugs, everything else over folds.
OVER_DRUGS = {"per_drug_auroc": "auroc", "per_drug_pearson": "pearson", "per_drug_rmse": "rmse"}
NO_BEST = {"interval_coverage", "interval_width"}  # a narrow interval is good only where it covers
ALPHA = 0.05
BETTER, WORSE = "▲", "▼"


def split_tables(study: Study, split: str) -> list[TableView]:
    """Two tables: of the label and of ln IC50."""
    rows = study.main(split)
    where = f"{split}, {SPLITS.get(split, 'a split of the results')}"
    label_ = _table(study, rows, LABELS_TABLE, study.file("results", split), f"{where} – sensitive or not", split)
    value = _table(study, rows, VALUES_TABLE, study.file("results_ln_ic50", split), f"{where} – ln IC50", split)
    return [table for table in (label_, value) if table is not None]


def _table(
    study: Study, rows: pd.DataFrame, metrics: Sequence[str], name: str, title: str, split: str
) -> TableView | None:
    pooled = rows[(rows["level"] == "pooled") & rows["metric"].isin(metrics)]
    present = [metric for metric in metrics if (pooled["metric"] == metric).any()]
    if not present:
        return None
    methods = [method for method in best_first(rows) if (pooled["method"] == method).any()]
    marks = {metric: _marks(study, rows, metric, split) for metric in present}
    data = summary(pooled, present, methods)
    best = {metric: _best(data[data["metric"] == metric], metric) for metric in present}
    table = [
        [Entry(label(method)), *(_entry(data, method, metric, best[metric], marks[metric]) for metric in present)]
        for method in methods
    ]
    pairs = pairs_by_fold(rows)
    caption = (
        f"Mean ± sd over {len(pairs)} test folds ({pairs.sum():,.0f} pairs "
        "in all; several seeds of a method are averaged within a fold first). In brackets, where it was computed: the "
        "bootstrap 95 % interval within a fold, its ends averaged over folds. Bold: best mean. "
        f"{BETTER} better and {WORSE} worse than {label(study.reference)} (shaded), p < .05 after Holm over methods: "
        "per-drug columns by Wilcoxon over drugs, the others by the corrected resampled t-test over folds."
    )
    emphasised = methods.index(study.reference) if study.reference in methods else None
    header = ["method", *(_heading(metric) for metric in present)]
    return TableView(name, study.title(title), caption, header, table, data, emphasised)


def summary(pooled: pd.DataFrame, metrics: Sequence[str], methods: Sequence[str]) -> pd.DataFrame:
    """Tidy: method, metric, mean, sd and folds over (split_seed, fold), and mean ends of the bootstrap intervals."""
    seeds = pooled.groupby(["method", "metric", "split_seed", "fold"], as_index=False)[["value", "low", "high"]].mean()
    parts = seeds.groupby(["method", "metric"])
    out = parts.agg(
        mean=("value", "mean"),
        sd=("value", "std"),
        folds=("value", "count"),
        low=("low", "mean"),
        high=("high", "mean"),
    ).reset_index()
    place = {**{m: i for i, m in enumerate(methods)}, **{m: i for i, m in enumerate(metrics)}}
    return out.sort_values(["method", "metric"], key=lambda column: column.map(place)).reset_index(drop=True)


def _entry(data: pd.DataFrame, method: str, metric: str, best: float, marks: dict[str, str]) -> Entry:
    found = data[(data["method"] == method) & (data["metric"] == metric)]
    if found.empty or np.isnan(found.iloc[0]["mean"]):
        return Entry("–")
    row = found.iloc[0]
    sd = "" if np.isnan(row["sd"]) else f" ± {row['sd']:.3f}".replace("0.", ".")
    few = f"{row['folds']} of {data['folds'].max()} folds " if row["folds"] < data["folds"].max() else ""
    interval = "" if np.isnan(row["low"]) else f"[{row['low']:.3f}, {row['high']:.3f}]"
    return Entry(f"{row['mean']:.3f}{sd}", few + interval, bool(row["mean"] == best), marks.get(method, ""))


def _heading(metric: str) -> str:
    return HEADINGS[metric] + (" ↓" if metric in LOWER_IS_BETTER - NO_BEST else "")


def _best(data: pd.DataFrame, metric: str) -> float:
    if metric in NO_BEST or len(data) < 2:
        return np.nan
    return float(data["mean"].min() if metric in LOWER_IS_BETTER else data["mean"].max())


def _marks(study: Study, rows: pd.DataFrame, metric: str, split: str) -> dict[str, str]:
    """▲ or ▼ for each method that differs from the reference."""
    if metric in NO_BEST:
        return {}
    if metric in OVER_DRUGS:
        wide = metric_by_unit(rows, OVER_DRUGS[metric])
        found = compare_over_units(wide, study.reference, metric) if study.reference in wide else pd.DataFrame()
    else:
        wide = metric_by_fold(rows, metric)
        folds = max(study.count_folds(split), 2)
        found = compare_over_folds(wide, study.reference, metric, folds) if study.reference in wide else pd.DataFrame()
    return {
        row["method"]: WORSE if row["mean_difference"] > 0 else BETTER
        for row in found.to_dict("records")
        if row["p_holm"] < ALPHA
    }


def published(study: Study) -> list[TableView]:
    """The table of the published protocol, the counting baselines beside the networks."""
    caption = (
        "Test pairs of the published protocol only: the number of pairs stands in the last column. Read it against "
        "the counting baseline (shaded), which sees no gene and no structure: what a network reaches beyond it is all "
        "that it adds here."
    )
    return _protocol(study, "published", "Published protocol", caption)


def stated(study: Study) -> list[TableView]:
    """Trained, chosen and tested on the parts that the data's authors cut."""
    caption = (
        "Train, validation and test pairs are those that the data's authors published: one cut, so there is no "
        "deviation. In brackets the bootstrap 95 % interval."
    )
    return _protocol(study, "stated", "The authors' own parts", caption)


def transfer(study: Study) -> list[TableView]:
    """Trained on one study, tested on another."""
    caption = (
        "Trained on all pairs of the study before the arrow, tested on the pairs of the one after it; labels are the "
        "tested study's own. In brackets the bootstrap 95 % interval. No p-value: there is one training set."
    )
    return _protocol(study, "transfer", "Transfer to another study", caption)


def _protocol(study: Study, name: str, title: str, caption: str) -> list[TableView]:
    out = []
    rows = study.table[(study.table["protocol"] == name) & (study.table["shuffle"] == "none")]
    rows = rows[~rows["method"].map(is_variant).astype(bool)]
    for split, part in rows.groupby("split", sort=False):
        pooled = part[(part["level"] == "pooled") & part["metric"].isin([*LABELS_TABLE, *VALUES_TABLE])]
        present = [
            m
            for m in ("auroc", "auprc", "per_drug_auroc", "mcc", "rmse", "pearson", "per_drug_pearson")
            if (pooled["metric"] == m).any()
        ]
        if not present:
            continue
        methods = [method for method in best_first(part) if (pooled["method"] == method).any()]
        data = summary(pooled, present, methods)
        best = {metric: _best(data[data["metric"] == metric], metric) for metric in present}
        pairs = {m: pairs_by_fold(pooled[pooled["method"] == m]).sum() for m in methods}
        table = [
            [
                Entry(label(m)),
                *(_entry(data, m, metric, best[metric], {}) for metric in present),
                Entry(f"{pairs[m]:,.0f}"),
            ]
            for m in methods
        ]
        header = ["method", *(_heading(m) for m in present), "test pairs"]
        heading = f"{title}: {split}"
        counting = next((place for place, method in enumerate(methods) if method == COUNTING), None)
        out.append(
            TableView(study.file(name, str(split)), study.title(heading), caption, header, table, data, counting)
        )
    return out
