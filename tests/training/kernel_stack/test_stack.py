"""The stack's weights: a drug's own intercept by hand, and what all share when labels follow one formula."""

import numpy as np
import pytest

from model.kernel_stack.pair_stack import DrugScales, PairStack
from training.kernel_stack.stack import ALL, INTERCEPT_RIDGE, SOFT_LABEL, fit_stack


@pytest.fixture(scope="module")
def planted():
    """600 lines × 6 drugs with p = .1 + .05 q; drug 2 is sensitive more often than its p says."""
    rng = np.random.default_rng(0)
    z = rng.normal(size=(600, 6))
    scales = DrugScales(np.zeros(6), np.ones(6), np.full(6, -1.0), np.full(6, 0.2), np.full(6, 0.05))
    odds = 2 * z - 2
    odds[:, 2] += 2
    sensitive = (rng.random((600, 6)) < 1 / (1 + np.exp(-odds))).astype(float)
    pairs = rng.random((600, 6)) < 0.8
    values = 0.5 * z + 0.3 * rng.normal(size=z.shape)
    return z, scales, pairs, sensitive, values


def test_log_odds_come_out_as_planted(planted):
    z, scales, pairs, sensitive, values = planted
    stack = fit_stack(z, z, scales, pairs, sensitive, values, ALL)
    odds = stack.log_odds(z, z, scales)
    truth = 2 * z - 2 + np.array([0, 0, 2, 0, 0, 0])
    assert np.corrcoef(odds[~pairs], truth[~pairs])[0, 1] > 0.98
    assert stack.intercept.argmax() == 2
    predicted = -stack.ln_ic50(z, scales)  # values are half of z
    assert np.abs(predicted - 0.5 * z).mean() < 0.05


def test_labels_outside_the_pairs_are_not_read(planted):
    z, scales, pairs, sensitive, values = planted
    other = [np.where(pairs, x, 1 - x) for x in (sensitive, values)]
    before, after = (
        fit_stack(z, z, scales, pairs, *given, SOFT_LABEL) for given in ((sensitive, values), tuple(other))
    )
    np.testing.assert_array_equal(before.intercept, after.intercept)
    np.testing.assert_array_equal(before.regression_slope, after.regression_slope)
    assert (before.weights[2:] == 0).all()


def test_a_drug_without_pairs_has_nothing_of_its_own(planted):
    z, scales, pairs, sensitive, values = planted
    stack = fit_stack(z, z, scales, pairs & (np.arange(6) != 4), sensitive, values, ALL)
    assert stack.intercept[4] == stack.slope[4] == stack.regression_intercept[4] == 0
    assert stack.regression_slope[4] == 1


def test_a_constant_prediction_is_calibrated_by_the_ridge_of_the_intercept():
    """Where z says nothing, n pairs with mean residual r move a drug by n r / (n + 8)."""
    z, pairs = np.zeros((12, 1)), np.ones((12, 1), bool)
    scales = DrugScales(*(np.zeros(1) for _ in range(5)))
    stack = fit_stack(z, z, scales, pairs, np.ones((12, 1)), np.full((12, 1), 0.5), ALL)
    assert stack.regression_intercept[0] == pytest.approx(12 * 0.5 / (12 + INTERCEPT_RIDGE))
    assert isinstance(stack.without_drugs(), PairStack)
    assert stack.without_drugs().regression_intercept[0] == 0
