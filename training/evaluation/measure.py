"""All measures of one method on one fold's test pairs: pooled, per drug, per cell line, per tissue.

Calibration, decision threshold and interval come from validation pairs. Pooled metrics mostly measure drug means; the
mean over drugs asks which lines respond to a drug, and `…_beyond_means` correlates what is left of ln IC50 once the
training means of drug and line are taken off, of the observed and of the predicted value alike.

Further drugs, which a dataset has beside the published ones, are measured at a level of their own, pooled: thus the
figures of the published drugs compare with those of other work.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, replace
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.metrics import brier_score_loss, f1_score, matthews_corrcoef, r2_score

from training.data.arrays import Arrays, Floats
from training.evaluation.prediction_table import mean_effects, prediction_table
from training.features.drug_views import ecfp_bits
from training.metrics.bootstrap import bootstrap_intervals, bootstrap_mean_interval
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
from training.metrics.prediction import Prediction
from training.splits.drug_groups import similarity
from training.splits.splits import Split

NAN = float("nan")
REGRESSION_METRICS: dict[str, Callable[[Floats, Floats], float]] = {
    "pearson": pearson,
    "spearman": spearman,
    "rmse": rmse,
}
SIMILARITY = (0.0, 0.35, 0.5, 1.01)  # bounds of Tanimoto similarity
FURTHER = "further"  # level of the further drugs' pooled measurements
NORMAL_90 = 1.645  # standard deviations on either side that hold 90 % of a normal distribution
UNIT_METRICS = ("auroc", *REGRESSION_METRICS)


@dataclass(frozen=True)
class Measurement:
    """One value. `unit` is a drug, line or tissue by id, "" when pooled; low, high: bootstrap 95 % interval.

    `level`: pooled, drug, line, tissue, further (pooled over the further drugs), or similarity: means over unseen
    drugs by their similarity (ECFP4) to the nearest drug of development.
    """

    level: str
    unit: str
    metric: str
    value: float
    pairs: int
    low: float = NAN
    high: float = NAN


@dataclass(frozen=True)
class TestPairs:
    """Columns of the prediction table as arrays, each (n,)."""

    __test__ = False  # no class of tests

    label: NDArray[np.bool_]
    score: Floats
    observed: Floats  # ln IC50
    predicted: Floats  # ln IC50
    effects: Floats  # training means of drug and line

    def of(self, rows: NDArray[np.bool_]) -> "TestPairs":
        """Those of the pairs that `rows`, (n,), marks."""
        return TestPairs(*(getattr(self, column.name)[rows] for column in fields(self)))


def measure(arrays: Arrays, split: Split, prediction: Prediction, seed: int) -> tuple[list[Measurement], pd.DataFrame]:
    """Every measurement of the test pairs, and the table of what was predicted for each of them.

    Raises ValueError when the fold tests no pair or a prediction is not finite.
    """
    if not split.test.any():
        raise ValueError("a fold has no test pair; ask for fewer folds")
    for name, values in (("score", prediction.score), ("ln_ic50", prediction.ln_ic50)):
        if values is not None and not np.isfinite(values[split.test]).all():
            raise ValueError(f"{name}: not finite on {int((~np.isfinite(values[split.test])).sum())} test pairs")
    table = prediction_table(arrays, split, prediction)
    pairs = TestPairs(
        table["sensitive"].to_numpy(),
        table["score"].to_numpy(float),
        table["ln_ic50"].to_numpy(float),
        table["predicted_ln_ic50"].to_numpy(float),
        mean_effects(arrays, split.development)[split.test],
    )
    further = np.asarray(table["drug_id"].isin(arrays.further_drug_ids))
    published = ~further
    found = [] if further.all() else _measure_all(arrays, table[published], pairs.of(published), seed)
    found += _by_similarity(arrays, split, found)
    if further.any():
        of_further = _measure_all(arrays, table[further], pairs.of(further), seed)
        found += [replace(row, level=FURTHER) for row in of_further if row.level == "pooled"]
    return found, table


def _measure_all(arrays: Arrays, table: pd.DataFrame, pairs: TestPairs, seed: int) -> list[Measurement]:
    return [*_pooled(table, pairs, seed), *_per_unit(arrays, table, pairs, seed)]


def _pooled(table: pd.DataFrame, pairs: TestPairs, seed: int) -> Iterator[Measurement]:
    label, observed, predicted = pairs.label, pairs.observed, pairs.predicted
    inside = (observed >= table["lower"]) & (observed <= table["upper"])
    both = len(np.unique(label)) == 2
    values = {
        "f1": f1_score(label, table["called"]) if both else NAN,
        "mcc": matthews_corrcoef(label, table["called"]) if both else NAN,
        "brier": brier_score_loss(label, table["probability"]) if both else NAN,
        "calibration_error": expected_calibration_error(table["probability"].to_numpy(), label.astype(float)),
        "pearson": pearson(predicted, observed),
        "spearman": spearman(predicted, observed),
        "r2": r2_score(observed, predicted),
        "pearson_beyond_means": pearson(predicted - pairs.effects, observed - pairs.effects),
        "spearman_beyond_means": spearman(predicted - pairs.effects, observed - pairs.effects),
        "interval_coverage": inside.mean(),
        "interval_width": (table["upper"] - table["lower"]).mean(),
        **_of_passes(table, observed, predicted),
    }
    for metric, value in values.items():
        yield Measurement("pooled", "", metric, float(value), len(table))
    means = table.groupby("drug_id", observed=True)[["predicted_ln_ic50", "ln_ic50"]].mean().to_numpy(float)
    yield Measurement("pooled", "", "potency_rmse", rmse(means[:, 0], means[:, 1]), len(means))
    lines = table["cell_line_id"].cat.codes.to_numpy()
    intervals = bootstrap_intervals(label, pairs.score, observed, predicted, lines, seed)
    with_interval = {
        "auroc": auroc(pairs.score, label),
        "auprc": auprc(pairs.score, label),
        "rmse": rmse(predicted, observed),
    }
    for metric, value in with_interval.items():
        yield Measurement("pooled", "", metric, value, len(table), *intervals[metric])


def _of_passes(table: pd.DataFrame, observed: Floats, predicted: Floats) -> dict[str, float]:
    """Metrics of passes with dropout, beside the conformal `interval_…` of the same pairs; none where none were made.

    `monte_carlo_interval_…` is mean ± 1.645 sd, as the paper has it; `scaled_interval_…` is conformal, its half-width
    a multiple of sd; `monte_carlo_rmse` is the mean's; `monte_carlo_sd_spearman` correlates sd and |error|.
    """
    if "monte_carlo_sd" not in table:
        return {}
    mean, sd, half_width = (table[f"monte_carlo_{name}"].to_numpy(float) for name in ("ln_ic50", "sd", "half_width"))
    error = np.abs(predicted - observed)
    return {
        "monte_carlo_interval_coverage": float((np.abs(mean - observed) <= NORMAL_90 * sd).mean()),
        "monte_carlo_interval_width": float((2 * NORMAL_90 * sd).mean()),
        "scaled_interval_coverage": float((error <= half_width).mean()),
        "scaled_interval_width": float((2 * half_width).mean()),
        "monte_carlo_rmse": rmse(mean, observed),
        "monte_carlo_sd_spearman": spearman(sd, error),
    }


def _per_unit(arrays: Arrays, table: pd.DataFrame, pairs: TestPairs, seed: int) -> Iterator[Measurement]:
    """Measurements of each drug, line and tissue, and their means over units.

    Within a line (and a tissue) the training means of drug and line are taken off ln IC50: else it would be the order
    of the drugs again. Scores are taken as they are.
    """
    tissue = dict(zip(arrays.cell_line_ids, arrays.tissue, strict=True))
    levels: dict[str, tuple[pd.Series[str], int, Floats | float]] = {
        "drug": (table["drug_id"], FEWEST_LINES, 0.0),
        "line": (table["cell_line_id"], FEWEST_DRUGS, pairs.effects),
        "tissue": (table["cell_line_id"].astype(str).map(tissue), FEWEST_LINES, pairs.effects),
    }
    for level, (unit_of, fewest, effects) in levels.items():
        found: dict[str, list[float]] = {metric: [] for metric in UNIT_METRICS}
        shifted = pairs.predicted - effects, pairs.observed - effects
        for unit, rows in unit_of.groupby(unit_of, observed=True).indices.items():
            if unit == "":
                continue
            for metric, value in _of_unit(pairs, shifted, np.asarray(rows), fewest):
                found[metric].append(value)
                yield Measurement(level, str(unit), metric, value, len(rows))
        for metric, values in found.items():
            if values:
                low, high = bootstrap_mean_interval(np.array(values), seed)
                mean = float(np.mean(values))
                yield Measurement("pooled", "", f"per_{level}_{metric}", mean, len(values), low, high)


def _of_unit(
    pairs: TestPairs, shifted: tuple[Floats, Floats], rows: NDArray[np.integer], fewest: int
) -> Iterator[tuple[str, float]]:
    """Metrics of one unit's pairs `rows`, where it has enough of them: `fewest` of each class, or twice as many."""
    positive = int(pairs.label[rows].sum())
    predicted, observed = shifted[0][rows], shifted[1][rows]
    values: dict[str, float] = {}
    if fewest <= positive <= len(rows) - fewest:
        values["auroc"] = auroc(pairs.score[rows], pairs.label[rows])
    if len(rows) >= 2 * fewest:
        values |= {metric: function(predicted, observed) for metric, function in REGRESSION_METRICS.items()}
    yield from ((metric, float(value)) for metric, value in values.items() if not np.isnan(value))


def _by_similarity(arrays: Arrays, split: Split, found: list[Measurement]) -> list[Measurement]:
    """Means over the drugs that development lacks, by how alike the nearest of its drugs is."""
    seen = np.any(split.development, axis=0)
    if seen.all():
        return []
    bits = ecfp_bits(arrays).numpy()
    close = similarity(bits[~seen], bits[seen]).max(1, initial=0)
    nearest = dict(zip(np.array(arrays.drug_ids)[~seen].tolist(), close.tolist(), strict=True))
    out = []
    for metric in UNIT_METRICS:
        of_drugs = [row for row in found if row.level == "drug" and row.metric == metric and row.unit in nearest]
        for low, high in pairwise(SIMILARITY):
            values = [row.value for row in of_drugs if low <= nearest[row.unit] < high]
            if values:
                name = f"{low:g} to {min(high, 1):g}"
                out.append(Measurement("similarity", name, f"per_drug_{metric}", float(np.mean(values)), len(values)))
    return out
