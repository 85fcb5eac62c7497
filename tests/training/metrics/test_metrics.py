"""Metrics by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from training.metrics.metrics import (
    auprc,
    auroc,
    choice_value,
    expected_calibration_error,
    pearson,
    per_drug_auroc,
    pooled_auprc,
    pooled_auroc,
    reliability,
    rmse,
    spearman,
    summary,
)

ALL = np.ones((1, 4), bool)
SCORES, LABELS = np.array([[0.9, 0.8, 0.3, 0.1]]), np.array([[1.0, 0, 1, 0]])


def column(*values):
    return np.array(values, float)[:, None]


def test_pooled_figures_by_hand():
    assert pooled_auroc(SCORES, LABELS, ALL) == 0.75  # of four pairs, only 0.3 < 0.8 stands wrong
    assert pooled_auprc(SCORES, LABELS, ALL) == pytest.approx((1 + 2 / 3) / 2)


def test_pairs_that_are_not_asked_for_do_not_count():
    pairs = np.array([[True, False, True, True]])
    assert pooled_auroc(SCORES, np.array([[1, np.nan, 1, 0]]), pairs) == 1


def test_a_drug_is_measured_over_its_own_lines():
    label = column(1, 1, 1, 1, 1, 0, 0, 0, 0, 0)
    scores = column(9, 8, 7, 6, 0, 5, 4, 3, 2, 1)  # 20 of 25 pairs right
    both = np.hstack([scores, scores + 100]), np.hstack([label, label]), np.ones((10, 2), bool)
    np.testing.assert_allclose(per_drug_auroc(*both), [0.8, 0.8])
    assert summary(*both)["per_drug_auroc"] == pytest.approx(0.8)


@given(st.integers(0, 1000))
def test_a_drugs_auroc_is_that_of_scikit_learn_over_its_pairs_with_ties(seed):
    random = np.random.default_rng(seed)
    pairs, scores = random.random((40, 6)) < 0.7, random.integers(0, 9, (40, 6)).astype(np.float32)
    label = np.where(pairs, random.random((40, 6)) < 0.4, np.nan)
    expected = np.full(6, np.nan)
    for drug, rows in enumerate(pairs.T):
        if 5 <= label[rows, drug].sum() <= rows.sum() - 5:
            expected[drug] = roc_auc_score(label[rows, drug], scores[rows, drug])
    np.testing.assert_allclose(per_drug_auroc(scores, label, pairs), expected)


def test_a_score_that_is_no_number_is_no_figure():
    scores = np.arange(24.0).reshape(12, 2)
    scores[3, 1] = np.nan
    with pytest.raises(ValueError, match="nan"):
        per_drug_auroc(scores, np.arange(24).reshape(12, 2) % 2, np.ones((12, 2), bool))


@pytest.mark.parametrize("sensitive", [0, 4, 8, 12])
def test_a_drug_with_one_class_or_fewer_than_five_of_one_is_left_out(sensitive):
    label = np.zeros((12, 2))
    label[:sensitive, 0], label[:6, 1] = 1, 1
    scores = np.arange(24.0).reshape(12, 2)
    auroc = per_drug_auroc(scores, label, np.ones((12, 2), bool))
    assert np.isnan(auroc[0])
    assert auroc[1] == 0
    assert summary(scores, label, np.ones((12, 2), bool))["per_drug_auroc"] == 0


def test_without_any_drug_of_enough_lines_the_figure_is_left_out_and_auprc_chooses_alone():
    metrics = summary(SCORES, LABELS, ALL)
    assert metrics.keys() == {"auroc", "auprc"}
    assert choice_value(metrics) == metrics["auprc"]
    assert choice_value({**metrics, "per_drug_auroc": 0.5}) == metrics["auprc"] + 0.5


def test_the_calibration_error_by_hand():
    probability, label = np.array([0.1, 0.3, 0.8, 0.6]), np.array([0.0, 1, 1, 1])
    # bins (0.1, 0.3) and (0.6, 0.8): |0.5 − 0.2| and |1 − 0.7|
    assert expected_calibration_error(probability, label, bins=2) == pytest.approx(0.3)
    assert expected_calibration_error(label, label) == 0
    assert reliability(probability, label, bins=2) == [
        {"predicted": pytest.approx(0.2), "observed": 0.5, "pairs": 2},
        {"predicted": pytest.approx(0.7), "observed": 1.0, "pairs": 2},
    ]


def test_correlations_and_error_by_hand():
    guess, truth = np.array([1.0, 2, 3, 10]), np.array([1.0, 3, 2, 4])
    assert pearson(guess, truth) == pytest.approx(13 / (50 * 5) ** 0.5)
    assert spearman(guess, truth) == pytest.approx(1 - 6 * 2 / (4 * 15))  # two neighbours swapped
    assert rmse(guess, truth) == pytest.approx((38 / 4) ** 0.5)
    assert pearson(50 - 3 * guess, truth) == pytest.approx(-pearson(guess, truth))
    assert spearman(np.exp(guess), truth) == pytest.approx(spearman(guess, truth))


@pytest.mark.parametrize("measure", [pearson, spearman])
@pytest.mark.parametrize("same", [np.full(4, 2.0), 9 + 9e-7 * np.arange(4)])
def test_what_does_not_vary_beyond_rounding_has_no_correlation(measure, same):
    other = np.arange(4.0)
    assert np.isnan([measure(same, other), measure(other, same), measure(other[:1], other[:1])]).all()


@pytest.mark.parametrize("label", [[1, 1, 1], [0, 0, 0]])
def test_one_class_alone_has_no_curve(label):
    assert np.isnan([auroc(np.arange(3.0), np.array(label)), auprc(np.arange(3.0), np.array(label))]).all()


def test_tied_scores_count_half():
    assert auroc(np.zeros(4), np.array([1, 0, 1, 0])) == 0.5
    assert auprc(np.zeros(4), np.array([1, 0, 1, 0])) == 0.5
