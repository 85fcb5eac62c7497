"""A blend of two methods, `first+second`, from what a results folder holds of both: neither is fitted again.

Its weights are chosen on the validation pairs, predicted by fits that did not see them: the score's by the value that
chooses epochs (AUPRC + per-drug AUROC), ln IC50's by least squares. So the test pairs of a blend say whether the
second method knows anything that the first does not.
"""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from training.data.arrays import Arrays, Floats
from training.evaluation.cell import Cell
from training.evaluation.cell_files import predictions_path, validation_path
from training.evaluation.methods import parts_of_blend
from training.metrics.metrics import choice_value, summary
from training.metrics.prediction import Prediction
from training.splits.splits import Mask, Split

WEIGHTS = np.linspace(0, 1, 21)  # of the second method


@dataclass(frozen=True)
class Part:
    """One method's z-scored score and ln IC50 (ln µM), (N, M) each: on test and validation pairs, 0 elsewhere."""

    score: Floats
    ln_ic50: Floats


def blend(out: Path, arrays: Arrays, cell: Cell, split: Split) -> Prediction:
    """The blend that `cell` names, of two cells that `out` holds. Raises FileNotFoundError for one that it lacks."""
    first, second = (_read(out, arrays, replace(cell, method=name), split) for name in parts_of_blend(cell.method))
    values = {w: choice_value(summary(_mixed(first, second, w), arrays.sensitive, split.validation)) for w in WEIGHTS}
    weight = float(max(values, key=lambda w: values[w]))
    share = _least_squares(first.ln_ic50, second.ln_ic50, arrays.ln_ic50, split.validation)
    score = _mixed(first, second, weight)
    ln_ic50 = (1 - share) * first.ln_ic50 + share * second.ln_ic50 if share else first.ln_ic50
    # Test pairs were predicted by the last fit, validation pairs by the one before; each matrix holds both.
    return Prediction(score, ln_ic50, notes={"blend_weight": weight, "blend_weight_ln_ic50": share})


def _mixed(first: Part, second: Part, weight: float) -> Floats:
    mixed: Floats = (1 - weight) * first.score + weight * second.score
    return mixed


def _read(out: Path, arrays: Arrays, cell: Cell, split: Split) -> Part:
    line = {name: row for row, name in enumerate(arrays.cell_line_ids)}
    drug = {name: column for column, name in enumerate(arrays.drug_ids)}
    values = np.zeros((2, *split.test.shape), np.float32)
    for path in (predictions_path(out, cell), validation_path(out, cell)):
        table = pd.read_parquet(path, columns=["cell_line_id", "drug_id", "score", "predicted_ln_ic50"])
        rows, columns = table["cell_line_id"].map(line), table["drug_id"].map(drug)
        values[:, rows.to_numpy(int), columns.to_numpy(int)] = table[["score", "predicted_ln_ic50"]].to_numpy().T
    score = values[0]
    return Part((score - score[split.validation].mean()) / score[split.validation].std(), values[1])


def _least_squares(first: Floats, second: Floats, truth: Floats, pairs: Mask) -> float:
    """Weight of the second, between 0 and 1, with the least square error on the pairs; 0 where it gave none (NaN)."""
    apart, wanted = (second - first)[pairs].astype(float), (truth - first)[pairs].astype(float)
    if np.isnan(apart).any():
        return 0.0
    return float(np.clip((apart @ wanted) / max(apart @ apart, 1e-12), 0, 1))
