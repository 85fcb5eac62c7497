"""Hand-worked scores, probabilities, ranks and percentiles."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.scoring import VECTOR, calibrated, ln_ic50, logistic, padded, pair_scores, percentiles, top_k


def test_a_score_is_an_inner_product():
    cell, drug = np.array([[1, 2, 3], [0, 0, 1]], np.float32), np.array([[4, 5, 6], [7, 8, 9]], np.float32)
    np.testing.assert_array_equal(pair_scores(cell, drug), [32, 9])


def test_padding_changes_the_width_and_no_score():
    codes = np.random.default_rng(0).normal(size=(5, 67)).astype(np.float32)
    assert padded(codes).shape == (5, 80)
    assert padded(codes[:, :VECTOR]).shape == (5, VECTOR)
    np.testing.assert_array_equal(pair_scores(padded(codes), padded(codes)), pair_scores(codes, codes))


@pytest.mark.parametrize(("x", "expected"), [(0, 0.5), (np.log(3), 0.75), (-1000, 0), (1000, 1)])
def test_the_logistic_function_neither_overflows_nor_rounds_away(x, expected):
    assert logistic(np.float32(x)) == pytest.approx(expected, abs=1e-7)


def test_a_probability_is_the_logistic_of_the_scaled_score():
    np.testing.assert_allclose(calibrated(np.float32([1.0]), 2.0, -1.0), [1 / (1 + np.exp(-1.0))], rtol=1e-6)


def test_ln_ic50_lies_below_the_threshold_by_the_margin():
    score, threshold, sd = (np.float32([x]) for x in (1.5, 2.0, 0.5))
    np.testing.assert_allclose(ln_ic50(score, 1.0, 0.0, threshold, sd), [2.0 - 0.5 * 1.5])
    np.testing.assert_allclose(ln_ic50(score, 2.0, 1.0, threshold, sd), [2.0 - 0.5 * 4.0])


@pytest.mark.parametrize(
    ("scores", "k", "expected"),
    [([1, 3, 2], 2, [1, 2]), ([5, 5, 5], 2, [0, 1]), ([1, 2], 9, [1, 0]), ([2, 7, 7, 1], 3, [1, 2, 0])],
)
def test_the_best_come_first_and_ties_keep_their_order(scores, k, expected):
    assert top_k(np.array(scores, np.float32), k).tolist() == expected


def test_nan_has_no_rank():
    with pytest.raises(ValueError, match="NaN"):
        top_k(np.array([1, np.nan], np.float32), 1)


@given(st.lists(st.floats(-5, 5, width=32), min_size=1, max_size=30), st.randoms())
def test_permuting_the_drugs_permutes_the_rank(scores, random):
    scores = np.unique(np.array(scores, np.float32))
    order = list(range(len(scores)))
    random.shuffle(order)
    permuted = scores[order]
    np.testing.assert_array_equal(scores[top_k(scores, 5)], permuted[top_k(permuted, 5)])


def test_a_percentile_counts_the_lower_reference_scores():
    reference = np.array([1, 2, 2, 4], np.float32)
    np.testing.assert_allclose(percentiles(reference, np.array([0, 2, 3, 9], np.float32)), [0, 25, 75, 100])


@settings(max_examples=60)
@given(st.lists(st.integers(-3, 3), max_size=60), st.integers(0, 20))
def test_the_best_are_those_of_a_stable_sort_also_where_many_are_equal(scores, k):
    values = np.array(scores, np.float32)
    assert top_k(values, k).tolist() == np.argsort(-values, kind="stable")[:k].tolist()
