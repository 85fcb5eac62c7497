"""Calibration: by hand where it can be, from validation pairs alone, and with the coverage it promises."""

from dataclasses import replace

import numpy as np
import pytest

from tests.helpers.perturbed_arrays import with_other_values
from training.metrics.calibration import calibrate, conformal_half_width, half_widths_by_drug, predicted_ln_ic50


def made(scores, margin, sd, threshold=0.0, label=None):
    """Arrays of one drug whose ln IC50 lies `margin`·sd below the threshold."""
    margin = np.asarray(margin, float)[:, None]
    ln_ic50 = (threshold - sd * margin).astype(np.float32)
    label = (margin > 0) if label is None else np.asarray(label)[:, None]
    return ln_ic50, label.astype(np.float32), np.asarray(scores, np.float32)[:, None]


@pytest.fixture
def arrays_of(arrays):
    def build(*args, **options):
        ln_ic50, label, scores = made(*args, **options)
        threshold = np.float32([options.get("threshold", 0.0)])
        return replace(arrays, ln_ic50=ln_ic50, sensitive=label, threshold=threshold), scores

    return build


def noisy(n, seed=0):
    rng = np.random.default_rng(seed)
    scores = rng.normal(size=n)
    return scores, 0.5 * scores - 0.3 + rng.normal(0, 0.4, n)


def test_a_line_through_the_margins_gives_slope_intercept_and_ln_ic50(arrays_of):
    scores = np.linspace(-1, 1, 20)
    arrays, s = arrays_of(scores, 2 * scores + 0.11, 1.5, threshold=3.0, label=np.arange(20) % 3 == 0)
    sd = np.float32([1.5])
    regression = calibrate(arrays, s, s, np.ones_like(s, bool), sd).regression
    assert (regression.slope, regression.intercept) == (pytest.approx(2, abs=1e-5), pytest.approx(0.11, abs=1e-5))
    assert regression.half_width_sd == pytest.approx(0, abs=1e-5)
    np.testing.assert_allclose(predicted_ln_ic50(arrays, s, regression, sd), arrays.ln_ic50, atol=1e-4)


@pytest.mark.parametrize(("n", "rank"), [(10, 10), (19, 18), (20, 19), (99, 90), (5, 5)])
def test_the_half_width_is_the_ceiling_rank_of_the_residuals(arrays_of, n, rank):
    """⌈(n + 1)·0.9⌉: 9.9 → 10, 18, 18.9 → 19, 90, and 5.4 → 6 of 5, so the largest."""
    scores, margin = noisy(n)
    label = np.arange(n) % 2
    arrays, s = arrays_of(scores, margin, 1.0, label=label)
    regression = calibrate(arrays, s, s, np.ones_like(s, bool), np.float32([1])).regression
    x, y = s[:, 0].astype(float), -arrays.ln_ic50[:, 0].astype(float)
    slope, intercept = np.polyfit(x, y, 1)
    residuals = np.sort(np.abs(y - slope * x - intercept))
    assert regression.half_width_sd == pytest.approx(residuals[rank - 1], rel=1e-5)


def test_the_interval_covers_nine_tenths_of_exchangeable_pairs(arrays_of):
    scores, margin = noisy(6000)
    arrays, s = arrays_of(scores, margin, 2.0)
    validation, sd = np.arange(6000)[:, None] < 1000, np.float32([2])
    regression = calibrate(arrays, s, s, validation, sd).regression
    error = np.abs(predicted_ln_ic50(arrays, s, regression, sd) - arrays.ln_ic50)[~validation]
    assert np.mean(error <= 2 * regression.half_width_sd) == pytest.approx(0.9, abs=0.03)


def test_a_drug_with_enough_pairs_has_a_half_width_of_its_own():
    """Of 59 residuals 1 … 59 the ⌈60 · .9⌉ = 54th; a drug of 19 pairs takes that of all 78."""
    residual = np.full((59, 2), 100.0)
    residual[:, 0] = np.arange(59) + 1
    pairs = np.ones((59, 2), bool)
    pairs[19:, 1] = False
    residual[:19, 1] = 0.5
    own, few = half_widths_by_drug(residual, pairs)
    assert own == 54
    assert few == conformal_half_width(residual[pairs]) == 72 - 19


def test_probabilities_are_those_that_drew_the_labels(arrays_of):
    rng = np.random.default_rng(1)
    scores = rng.normal(size=20_000)
    label = rng.random(20_000) < 1 / (1 + np.exp(-(1.5 * scores - 1)))
    arrays, s = arrays_of(scores, scores, 1.0, label=label)
    calibration = calibrate(arrays, s, None, np.ones_like(s, bool), np.float32([1]))
    assert (calibration.slope, calibration.intercept) == (pytest.approx(1.5, abs=0.08), pytest.approx(-1, abs=0.05))
    assert calibration.regression is None
    assert calibration.card()["regression"] is None


def test_the_decision_threshold_has_the_best_f1_and_is_reached_by_the_pair_it_came_from(arrays_of):
    label = np.array([0, 0, 1, 0, 1, 1])  # by rising score; best F1 calls the last four: 3 of 4 right, none missed
    arrays, s = arrays_of(np.arange(6), np.arange(6), 1.0, label=label)
    calibration = calibrate(arrays, s, None, np.ones_like(s, bool), np.float32([1]))
    assert (calibration.probability(s)[:, 0] >= calibration.decision_threshold).tolist() == [False] * 2 + [True] * 4


def test_no_pair_outside_validation_is_read(arrays):
    rng = np.random.default_rng(0)
    scores, sd = rng.normal(size=arrays.ln_ic50.shape).astype(np.float32), np.ones(12, np.float32)
    validation = arrays.measured & (rng.random(scores.shape) < 0.3)
    moved = np.where(validation, scores, scores + 5)
    margins = rng.normal(size=scores.shape).astype(np.float32)
    before = calibrate(arrays, scores, margins, validation, sd)
    apart = np.where(validation, margins, margins - 3)
    assert before == calibrate(with_other_values(arrays, ~validation), moved, apart, validation, sd)
    assert before != calibrate(with_other_values(arrays, validation), scores, margins, validation, sd)


def test_probability_and_threshold_read_the_scores_and_ln_ic50_the_margins(arrays):
    rng = np.random.default_rng(0)
    one, two = rng.normal(size=(2, *arrays.ln_ic50.shape)).astype(np.float32)
    validation, sd = arrays.measured, np.ones(12, np.float32)
    both, scores_moved, margins_moved = (
        calibrate(arrays, s, m, validation, sd) for s, m in ((one, two), (one**3, two), (one, two**3))
    )
    assert both.regression == scores_moved.regression != margins_moved.regression
    assert (both.slope, both.intercept) == (margins_moved.slope, margins_moved.intercept)
    assert both.slope != scores_moved.slope
    assert both.decision_threshold == margins_moved.decision_threshold
