"""Means over folds, reliability of probabilities and figures by tissue, in the form of the bundle's manifest."""

from collections.abc import Collection
from pathlib import Path

import pandas as pd
from scipy.stats import t as student

from model.bundle.card import ReliabilityBin, TissueFigure
from training.evaluation.cell import Cell
from training.metrics.metrics import reliability

Summary = dict[str, dict[str, dict[str, dict[str, object]]]]


def summarise(table: pd.DataFrame, protocol: str = "folds") -> Summary:
    """`metrics.<method>.<split>.<metric> = {mean, sd, ci, folds}` of the tidy table of an evaluation.

    It reads the pooled metrics of cells whose features were not permuted; of each split, those of the lowest seed,
    fold seed and number of folds. `ci` is the 95 % t-interval of the mean over folds. Folds share training pairs, so
    it is somewhat too narrow.
    """
    out: Summary = {}
    for (method, split, metric), rows in _chosen(table, protocol).groupby(["method", "split", "metric"], sort=True):
        out.setdefault(str(method), {}).setdefault(str(split), {})[str(metric)] = _mean_over_folds(rows["value"])
    return out


def reliability_by_method(
    results: Path, table: pd.DataFrame, methods: Collection[str]
) -> dict[str, dict[str, list[ReliabilityBin]]]:
    """Bins of the predicted probability by method and split, over the test pairs of the folds that `summarise` reads.

    `results` is the folder of the evaluation with its cells' predictions. A method without one fold's predictions on
    a split, or without probabilities, is left out there.
    """
    names = ["method", "split", "fold", "folds", "split_seed", "seed"]
    cells = _chosen(table, "folds")
    cells = cells.loc[cells["method"].isin(methods), names].drop_duplicates()
    out: dict[str, dict[str, list[ReliabilityBin]]] = {}
    for (method, split), rows in cells.groupby(["method", "split"], sort=True):
        cells_of_it = [Cell(*row) for row in rows.itertuples(index=False)]
        files = [results / "cells" / f"{cell.name()}.parquet" for cell in cells_of_it]
        if not all(file.is_file() for file in files):
            continue
        pairs = pd.concat([pd.read_parquet(file, columns=["probability", "sensitive"]) for file in files])
        if pairs["probability"].between(0, 1).all():
            bins = reliability(pairs["probability"].to_numpy(float), pairs["sensitive"].to_numpy(float))
            out.setdefault(str(method), {})[str(split)] = bins
    return out


def tissues_by_method(table: pd.DataFrame, methods: Collection[str]) -> dict[str, dict[str, dict[str, TissueFigure]]]:
    """AUROC within each tissue by method and split: the mean over the folds that `summarise` reads."""
    chosen = _chosen(table, "folds", "tissue")
    chosen = chosen[chosen["method"].isin(methods) & (chosen["metric"] == "auroc")]
    out: dict[str, dict[str, dict[str, TissueFigure]]] = {}
    for (method, split, tissue), rows in chosen.groupby(["method", "split", "unit"], sort=True):
        figure: TissueFigure = {"auroc": float(rows["value"].mean()), "folds": len(rows)}
        out.setdefault(str(method), {}).setdefault(str(split), {})[str(tissue)] = figure
    return out


def _chosen(table: pd.DataFrame, protocol: str, level: str = "pooled") -> pd.DataFrame:
    chosen = table[(table["level"] == level) & (table["shuffle"] == "none") & (table["protocol"] == protocol)]
    chosen = chosen[chosen["value"].notna()]
    for number in ("seed", "split_seed", "folds"):  # folds of two kinds share test pairs: never one mean of both
        chosen = chosen[chosen[number] == chosen.groupby("split")[number].transform("min")]
    return chosen


def _mean_over_folds(metric: "pd.Series[float]") -> dict[str, object]:
    values = metric.to_numpy(float)
    mean, n = float(values.mean()), len(values)
    if n == 1:
        return {"mean": mean, "sd": None, "ci": None, "folds": n}
    sd = float(values.std(ddof=1))
    half = float(student.ppf(0.975, n - 1)) * sd / n**0.5
    return {"mean": mean, "sd": sd, "ci": [mean - half, mean + half], "folds": n}
