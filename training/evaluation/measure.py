"""All measures of one method on one fold's test pairs: pooled, per drug, per cell line, per tissue.

Calibration, decision threshold and interval come from validation pairs. Pooled figures mostly measure drug means; the
mean over drugs asks which lines respond to a drug, and `…_beyond_means` correlates what is left of ln IC50 once the
training means of drug and line are taken off, of the observed and of the predicted value alike.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.metrics import brier_score_loss, f1_score, matthews_corrcoef, r2_score

from training.data.arrays import Arrays, Floats
from training.features.responses import drug_scale, known_thresholds
from training.metrics.bootstrap import bootstrapped, bootstrapped_mean
from training.metrics.calibration import calibrate, half_width, predicted_ln_ic50
from training.metrics.metrics import (
    FEWEST_DRUGS,
    FEWEST_LINES,
    auprc,
    auroc,
    expected_calibration_error,
    pearson,
    rmse,
    spearman,
)
from training.metrics.prediction import Predicted
from training.splits.splits import Mask, Split

NAN = float("nan")
UNIT_METRICS = {"auroc": auroc, "pearson": pearson, "spearman": spearman, "rmse": rmse}


@dataclass(frozen=True)
class Measured:
    """One figure. `unit` is a drug, line or tissue by id, "" when pooled; low, high: bootstrap 95 % interval."""

    level: str
    unit: str
    metric: str
    value: float
    pairs: int
    low: float = NAN
    high: float = NAN


def measure(arrays: Arrays, split: Split, predicted: Predicted, seed: int) -> tuple[list[Measured], pd.DataFrame]:
    """Every figure of the test pairs, and the table of what was predicted for each of them.

    Raises ValueError when the fold tests no pair or a prediction is not finite.
    """
    if not split.test.any():
        raise ValueError("a fold has no test pair; ask for fewer folds")
    for name in ("score", "ln_ic50"):
        values = getattr(predicted, name)
        if values is not None and not np.isfinite(values[split.test]).all():
            raise ValueError(f"{name}: not finite on {int((~np.isfinite(values[split.test])).sum())} test pairs")
    table = predictions(arrays, split, predicted)
    means = _mean_effects(arrays, split.development)[split.test]
    figures = [*_pooled(table, means, seed), *_units(arrays, table, means, seed)]
    return figures, table


def predictions(arrays: Arrays, split: Split, predicted: Predicted) -> pd.DataFrame:
    """The test pairs with score, calibrated probability, call, ln IC50 (µM) and its 90 % interval beside the truth."""
    _, sd = drug_scale(arrays, split.train)
    arrays = replace(arrays, threshold=known_thresholds(arrays, split.train))
    held_out, own = predicted.calibration_score, predicted.calibration_ln_ic50
    margins = held_out if own is None else None  # of a method without ln IC50 the score is the only estimate
    calibration = calibrate(arrays, held_out, margins, split.validation, sd)
    if predicted.ln_ic50 is None or own is None:
        ln_ic50 = predicted_ln_ic50(arrays, predicted.score, calibration.regression, sd)
        half = calibration.regression.half_width_sd
    else:
        ln_ic50 = predicted.ln_ic50
        half = half_width((np.abs(own - arrays.ln_ic50) / sd)[split.validation])
    row, column = np.nonzero(split.test)
    reach = (half * sd)[column] if predicted.half_width is None else predicted.half_width[split.test]
    probability = calibration.probability(predicted.score[split.test])
    centre = ln_ic50[split.test].astype(np.float32)
    return pd.DataFrame(
        {
            "cell_line_id": pd.Categorical.from_codes(row, arrays.cell_line_ids),
            "drug_id": pd.Categorical.from_codes(column, arrays.drug_ids),
            "score": predicted.score[split.test].astype(np.float32),
            "probability": probability,
            "called": probability >= calibration.decision_threshold,
            "sensitive": arrays.sensitive[split.test] == 1,
            "ln_ic50": arrays.ln_ic50[split.test],
            "predicted_ln_ic50": centre,
            "lower": centre - reach,
            "upper": centre + reach,
        }
    )


def _pooled(table: pd.DataFrame, means: Floats, seed: int) -> Iterator[Measured]:
    label, score = table["sensitive"].to_numpy(), table["score"].to_numpy(float)
    truth, guess = table["ln_ic50"].to_numpy(float), table["predicted_ln_ic50"].to_numpy(float)
    inside = (truth >= table["lower"]) & (truth <= table["upper"])
    both = len(np.unique(label)) == 2
    values = {
        "f1": f1_score(label, table["called"]) if both else NAN,
        "mcc": matthews_corrcoef(label, table["called"]) if both else NAN,
        "brier": brier_score_loss(label, table["probability"]) if both else NAN,
        "calibration_error": expected_calibration_error(table["probability"].to_numpy(), label.astype(float)),
        "pearson": pearson(guess, truth),
        "spearman": spearman(guess, truth),
        "r2": r2_score(truth, guess),
        "pearson_beyond_means": pearson(guess - means, truth - means),
        "spearman_beyond_means": spearman(guess - means, truth - means),
        "interval_coverage": inside.mean(),
        "interval_width": (table["upper"] - table["lower"]).mean(),
    }
    for metric, value in values.items():
        yield Measured("pooled", "", metric, float(value), len(table))
    lines = table["cell_line_id"].cat.codes.to_numpy()
    for metric, (low, high) in bootstrapped(label, score, truth, guess, lines, seed).items():
        value = {"auroc": lambda: auroc(score, label), "auprc": lambda: auprc(score, label)}.get(
            metric, lambda: rmse(guess, truth)
        )()
        yield Measured("pooled", "", metric, value, len(table), low, high)


def _units(arrays: Arrays, table: pd.DataFrame, means: Floats, seed: int) -> Iterator[Measured]:
    """Figures of each drug, line and tissue, and their means.

    Within a line (and a tissue) the training means of drug and line are taken off ln IC50: else it would be the order
    of the drugs again. Scores are taken as they are.
    """
    tissue = dict(zip(arrays.cell_line_ids, arrays.tissue, strict=True))
    keys = {
        "drug": (table["drug_id"], FEWEST_LINES, 0.0),
        "line": (table["cell_line_id"], FEWEST_DRUGS, means),
        "tissue": (table["cell_line_id"].astype(str).map(tissue), FEWEST_LINES, means),
    }
    label, score = table["sensitive"].to_numpy(), table["score"].to_numpy(float)
    truth, guess = table["ln_ic50"].to_numpy(float), table["predicted_ln_ic50"].to_numpy(float)
    for level, (key, fewest, shift) in keys.items():
        found: dict[str, list[float]] = {name: [] for name in UNIT_METRICS}
        x, y = (guess, truth) if level == "drug" else (guess - shift, truth - shift)
        for unit, rows in key.groupby(key, observed=True).indices.items():
            if unit == "":
                continue
            for metric, function in UNIT_METRICS.items():
                if metric == "auroc":
                    positive = int(label[rows].sum())
                    enough = fewest <= positive <= len(rows) - fewest
                    value = function(score[rows], label[rows]) if enough else NAN
                else:
                    value = function(x[rows], y[rows]) if len(rows) >= 2 * fewest else NAN
                if not np.isnan(value):
                    found[metric].append(value)
                    yield Measured(level, str(unit), metric, float(value), len(rows))
        for metric, values in found.items():
            if values:
                low, high = bootstrapped_mean(np.array(values), seed)
                mean = float(np.mean(values))
                yield Measured("pooled", "", f"per_{level}_{metric}", mean, len(values), low, high)


def _mean_effects(arrays: Arrays, learnt: Mask) -> NDArray[np.float64]:
    """Drug mean + line mean of the residual of ln IC50 over the pairs `learnt`, (N, M); 0 effect where unknown."""
    value = np.where(learnt, arrays.ln_ic50, 0.0).astype(float)
    overall = value.sum() / learnt.sum()
    count = learnt.sum(0)
    drug = np.where(count > 0, value.sum(0) / count.clip(1), overall)
    residual = np.where(learnt, arrays.ln_ic50 - drug, 0.0)
    line = residual.sum(1) / learnt.sum(1).clip(1)
    return drug[None, :] + line[:, None]
