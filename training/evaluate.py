"""The grid method × split × fold: one JSON file a cell, so that a stopped grid goes on, and one tidy Parquet table."""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import t as student
from sklearn.metrics import brier_score_loss, f1_score, matthews_corrcoef

from model.config import HgaclConfig
from training.baselines.registry import BASELINES
from training.calibrate import calibrate, predicted_ln_ic50
from training.dataset import Arrays
from training.fit_hgacl import fit
from training.metrics import expected_calibration_error, per_drug_pearson, summary
from training.prepare import drug_scale
from training.splits import Split, SplitName, make_split

RESULTS = "results.parquet"
Metrics = dict[str, float]


@dataclass(frozen=True)
class Cell:
    """One cell of the grid; its key names everything that its numbers depend on."""

    method: str
    split: SplitName
    fold: int
    folds: int
    seed: int

    def name(self) -> str:
        """File name of the cell's result."""
        return f"{self.method}-{self.split}-{self.fold}of{self.folds}-seed{self.seed}.json"


def methods() -> dict[str, HgaclConfig | None]:
    """Everything that can be evaluated: the presets of HGACL-DRP, and the baselines (None)."""
    presets = {"hgacl": HgaclConfig(), "hgacl_paper": HgaclConfig.paper()}
    return {**dict.fromkeys(BASELINES), **presets}


def run_grid(arrays: Arrays, cells: list[Cell], out: Path, done: Callable[[Cell, Metrics], None]) -> pd.DataFrame:
    """Run the cells that `out` does not hold yet and write the table of all that it holds of this dataset.

    A cell is taken from its file only when it was made on the same dataset with the same configuration; its code it
    cannot know, so delete the folder after changing a method.
    """
    folder = out / "cells"
    folder.mkdir(parents=True, exist_ok=True)
    for cell in cells:
        path = folder / cell.name()
        key = {"dataset_hash": arrays.dataset_hash, "config": _config_text(cell.method)}
        known = json.loads(path.read_text()) if path.exists() else {}
        if known.get("key") != key:
            started = time.perf_counter()
            metrics = evaluate_cell(arrays, cell)
            metrics["seconds"] = time.perf_counter() - started
            known = {"key": key, "cell": vars(cell), "metrics": metrics}
            temporary = path.with_suffix(".writing")
            temporary.write_text(json.dumps(known, indent=1))
            temporary.replace(path)
        done(cell, known["metrics"])
    table = pd.DataFrame(_rows(folder, arrays.dataset_hash))
    table.to_parquet(out / RESULTS)
    return table


def evaluate_cell(arrays: Arrays, cell: Cell) -> Metrics:
    """Fit one method on one fold's training pairs, choose on its validation pairs, measure on its test pairs."""
    split = make_split(arrays, cell.split, cell.fold, cell.folds, cell.seed)
    config = methods()[cell.method]
    if config is None:
        scores = BASELINES[cell.method](arrays, split, cell.seed).score
        return summary(scores, arrays.sensitive, split.test)
    result = fit(arrays, split.train, split.validation, config, cell.seed)
    metrics = measured(arrays, split, result.scores(), with_ln_ic50=config.margin_weight > 0)
    return {**metrics, "epoch": result.epoch}


def measured(arrays: Arrays, split: Split, scores: NDArray[np.float32], *, with_ln_ic50: bool) -> Metrics:
    """Test metrics of a network's scores, calibrated on validation: labels, and ln IC50 where it is predicted."""
    _, sd = drug_scale(arrays, split.train)
    calibration = calibrate(arrays, scores, split.validation, sd, with_ln_ic50=with_ln_ic50)
    probability, label = calibration.probability(scores[split.test]), arrays.sensitive[split.test]
    called = probability >= calibration.decision_threshold
    metrics = {
        **summary(scores, arrays.sensitive, split.test),
        "f1": float(f1_score(label, called)),
        "mcc": float(matthews_corrcoef(label, called)),
        "brier": float(brier_score_loss(label, probability)),
        "calibration_error": expected_calibration_error(probability, label),
    }
    if calibration.regression is not None:
        predicted = predicted_ln_ic50(arrays, scores, calibration.regression, sd)
        error = (predicted - arrays.ln_ic50)[split.test]
        half = np.broadcast_to(sd * calibration.regression.half_width_sd, predicted.shape)[split.test]
        metrics |= {
            "rmse": float(np.sqrt(np.mean(error**2))),
            "interval_coverage": float(np.mean(np.abs(error) <= half)),
        }
        pearson = per_drug_pearson(predicted, arrays.ln_ic50, split.test)
        if not np.isnan(pearson).all():
            metrics["per_drug_pearson"] = float(np.nanmean(pearson))
    return metrics


def summarise(table: pd.DataFrame) -> dict[str, dict[str, dict[str, dict[str, object]]]]:
    """`metrics.<method>.<split>.<metric> = {mean, sd, ci, folds}`, the form of the bundle's manifest.

    ci is the 95 % t-interval of the mean over folds; folds share training pairs, so it is somewhat too narrow.
    """
    out: dict[str, dict[str, dict[str, dict[str, object]]]] = {}
    for (method, split, metric), rows in table.groupby(["method", "split", "metric"], sort=True):
        values = rows["value"].to_numpy(float)
        mean, n = float(values.mean()), len(values)
        sd = float(values.std(ddof=1)) if n > 1 else None
        half = float(student.ppf(0.975, n - 1)) * sd / n**0.5 if sd is not None else None
        ci = None if half is None else [mean - half, mean + half]
        row = {"mean": mean, "sd": sd, "ci": ci, "folds": n}
        out.setdefault(str(method), {}).setdefault(str(split), {})[str(metric)] = row
    return out


def _rows(folder: Path, dataset_hash: str) -> Iterator[dict[str, object]]:
    for path in sorted(folder.glob("*.json")):
        content = json.loads(path.read_text())
        key, cell = content["key"], content["cell"]
        if key == {"dataset_hash": dataset_hash, "config": _config_text(cell["method"])}:
            for metric, value in content["metrics"].items():
                yield {**cell, **key, "metric": metric, "value": value}


def _config_text(method: str) -> str:
    config = methods().get(method)
    return "" if config is None else config.to_json()
