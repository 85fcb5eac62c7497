"""The predictions of one fold's test pairs as a table, calibrated on the validation pairs."""

from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from training.data.arrays import Arrays, Floats
from training.features.responses import drug_scale, known_thresholds
from training.metrics.calibration import calibrate, conformal_half_width, predicted_ln_ic50
from training.metrics.prediction import MonteCarlo, Prediction
from training.splits.splits import Split

SMALLEST_SD = 1e-6  # ln µM, of passes with dropout: no spread would make a quotient infinite


def prediction_table(arrays: Arrays, split: Split, prediction: Prediction) -> pd.DataFrame:
    """The test pairs with score, calibrated probability, call, ln IC50 (µM) and its 90 % interval beside the truth.

    Of passes with dropout also mean, standard deviation and half-width of the interval that is scaled by the latter.
    """
    _, sd = drug_scale(arrays, split.train)
    arrays = replace(arrays, threshold=known_thresholds(arrays, split.train))
    estimate = prediction.calibration_ln_ic50
    margins = prediction.calibration_score if estimate is None else None  # without ln IC50, the score stands for it
    calibration = calibrate(arrays, prediction.calibration_score, margins, split.validation, sd)
    if prediction.ln_ic50 is None or estimate is None:
        assert calibration.regression is not None  # noqa: S101  it was given margins
        ln_ic50 = predicted_ln_ic50(arrays, prediction.score, calibration.regression, sd)
        half_width_sd = calibration.regression.half_width_sd
    else:
        ln_ic50, error = prediction.ln_ic50, np.abs(estimate - arrays.ln_ic50)
        half_width_sd = conformal_half_width((error / sd)[split.validation])
    row, column = np.nonzero(split.test)
    half_width = (half_width_sd * sd)[column] if prediction.half_width is None else prediction.half_width[split.test]
    probability = calibration.probability(prediction.score[split.test])
    centre = ln_ic50[split.test].astype(np.float32)
    table = pd.DataFrame(
        {
            "cell_line_id": _categories(row, arrays.cell_line_ids),
            "drug_id": _categories(column, arrays.drug_ids),
            "score": prediction.score[split.test].astype(np.float32),
            "probability": probability,
            "called": probability >= calibration.decision_threshold,
            "sensitive": arrays.sensitive[split.test] == 1,
            "ln_ic50": arrays.ln_ic50[split.test],
            "predicted_ln_ic50": centre,
            "lower": centre - half_width,
            "upper": centre + half_width,
        }
    )
    if prediction.monte_carlo is None or estimate is None:
        return table
    return table.assign(**_monte_carlo(split, prediction.monte_carlo, np.abs(estimate - arrays.ln_ic50)))


def _monte_carlo(split: Split, passes: MonteCarlo, error: Floats) -> dict[str, Floats]:
    """Columns of the test pairs; the conformal score is |error of the prediction| / sd on validation pairs."""
    sd = passes.sd.clip(SMALLEST_SD)
    quantile = conformal_half_width((error / sd)[split.validation])
    return {
        "monte_carlo_ln_ic50": passes.mean[split.test],
        "monte_carlo_sd": passes.sd[split.test],
        "monte_carlo_half_width": (quantile * sd)[split.test],
    }


def validation_table(arrays: Arrays, split: Split, prediction: Prediction) -> pd.DataFrame:
    """The validation pairs with score and ln IC50 (ln µM; NaN without) of the fit that did not see them."""
    row, column = np.nonzero(split.validation)
    ln_ic50 = prediction.calibration_ln_ic50
    return pd.DataFrame(
        {
            "cell_line_id": _categories(row, arrays.cell_line_ids),
            "drug_id": _categories(column, arrays.drug_ids),
            "score": prediction.calibration_score[split.validation].astype(np.float32),
            "predicted_ln_ic50": np.nan if ln_ic50 is None else ln_ic50[split.validation].astype(np.float32),
        }
    )


def mean_effects(arrays: Arrays, learnt: NDArray[np.bool_]) -> Floats:
    """Drug mean + line mean of the residual of ln IC50 over the pairs `learnt`, (N, M); 0 effect where unknown."""
    value = np.where(learnt, arrays.ln_ic50, 0.0).astype(float)
    overall = value.sum() / learnt.sum()
    count = learnt.sum(0)
    drug = np.where(count > 0, value.sum(0) / count.clip(1), overall)
    residual = np.where(learnt, arrays.ln_ic50 - drug, 0.0)
    line = residual.sum(1) / learnt.sum(1).clip(1)
    effects: Floats = drug[None, :] + line[:, None]
    return effects


def _categories(codes: NDArray[np.integer], ids: list[str]) -> "pd.Categorical[str]":
    return pd.Categorical.from_codes(codes.tolist(), pd.Index(ids))
