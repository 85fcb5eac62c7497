"""Factors against closed forms in numpy."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.testing import assert_close

from model.estimators.kernel_ridge import (
    alternating_least_squares,
    fold_in,
    kernel_ridge,
    kernel_ridge_prior,
    landmark_ridge_prior,
    left_out_predictions,
)


def random(seed, *shape):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def test_a_folded_row_is_the_ridge_solution_around_its_prior():
    values, factors, prior = random(0, 1, 6), random(1, 6, 3), random(2, 1, 3)
    visible = torch.tensor([[True, False, True, True, False, True]])
    v, r, p = (x.double().numpy() for x in (factors[visible[0]], values[visible], prior[0]))
    expected = np.linalg.solve(v.T @ v + 0.7 * np.eye(3), v.T @ r + 0.7 * p)
    np.testing.assert_allclose(fold_in(values, visible, factors, prior, 0.7)[0], expected, rtol=1e-4)


def test_a_row_without_visible_responses_is_its_prior():
    prior = random(2, 4, 3)
    assert_close(fold_in(random(0, 4, 6), torch.zeros(4, 6).bool(), random(1, 6, 3), prior, 10.0), prior)


@given(st.integers(0, 1000), st.floats(-100, 100))
def test_the_value_of_an_invisible_pair_changes_no_factor(seed, value):
    values, visible = random(seed, 3, 5), random(seed + 1, 3, 5) > 0
    visible[1, 2] = False
    changed = values.clone()
    changed[1, 2] = value
    rows = [fold_in(x, visible, random(1, 5, 2), random(2, 3, 2), 1.0) for x in (values, changed)]
    assert torch.equal(*rows)


def kernel_and_factors():
    x, sources = random(0, 9, 4), torch.tensor([0, 2, 3, 5, 6, 8])
    return torch.exp(-torch.cdist(x, x[sources]).square() / 4), sources, random(1, 6, 3) + 2


def refitted(kernel, factors, mean, ridge):
    """Kernel ridge around `mean`: a function from kernel rows to predictions."""
    k, y = kernel.double().numpy(), factors.double().numpy()
    return lambda rows: rows.double().numpy() @ np.linalg.solve(k + ridge * np.eye(len(k)), y - mean) + mean


def test_a_node_outside_the_training_population_gets_the_kernel_ridge_prediction():
    kernel, sources, factors = kernel_and_factors()
    prior = kernel_ridge_prior(kernel, sources, factors, 0.5)
    predict = refitted(kernel[sources], factors, factors.double().mean(0).numpy(), 0.5)
    np.testing.assert_allclose(prior[[1, 4, 7]], predict(kernel[[1, 4, 7]]), rtol=1e-5)


def test_a_training_node_gets_the_prediction_of_a_fit_that_never_saw_it():
    kernel, sources, factors = kernel_and_factors()
    prior = kernel_ridge_prior(kernel, sources, factors, 0.5)
    for i, node in enumerate(sources):
        others = [j for j in range(len(sources)) if j != i]
        mean = factors[others].double().mean(0).numpy()
        predict = refitted(kernel[sources[others]][:, others], factors[others], mean, 0.5)
        np.testing.assert_allclose(prior[node], predict(kernel[node, others]), rtol=1e-5)


def test_a_training_nodes_own_factor_does_not_reach_its_prior():
    kernel, sources, factors = kernel_and_factors()
    changed = factors.clone()
    changed[2] += 100
    before, after = (kernel_ridge_prior(kernel, sources, f, 0.5) for f in (factors, changed))
    assert_close(before[sources[2]], after[sources[2]], atol=1e-4, rtol=0)
    assert (before - after).abs().sum(1)[sources[[0, 1, 3, 4, 5]]].min() > 0.1


def planted_low_rank():
    values = random(0, 20, 2) @ random(1, 2, 15)
    return values, random(2, 20, 15) > -0.5


def test_als_comes_closer_with_every_few_sweeps_and_finds_hidden_pairs():
    values, known = planted_low_rank()
    errors, hidden = [], []
    for sweeps in (1, 3, 30):
        lines, drugs = alternating_least_squares(
            values * known, known, 2, 0.01, torch.Generator().manual_seed(0), sweeps
        )
        gap = (lines @ drugs.T - values).square()
        errors.append(gap[known].mean().item())
        hidden.append(gap[~known].mean().item())
    assert errors[0] > errors[1] > errors[2]
    assert errors[2] < 0.01
    assert hidden[2] < 0.05 * values[~known].square().mean()


@pytest.mark.parametrize("fill", [1e3, -7.0])
def test_als_reads_no_unknown_pair(fill):
    values, known = planted_low_rank()
    results = [
        alternating_least_squares(torch.where(known, values, x), known, 3, 1.0, torch.Generator().manual_seed(0))
        for x in (0.0, fill)
    ]
    assert torch.equal(results[0][0], results[1][0])
    assert torch.equal(results[0][1], results[1][1])


def test_a_line_and_a_drug_without_known_pairs_have_zero_factors():
    values, known = planted_low_rank()
    known[3], known[:, 4] = False, False
    lines, drugs = alternating_least_squares(values, known, 2, 1.0, torch.Generator().manual_seed(0))
    assert not lines[3].any()
    assert not drugs[4].any()


def test_a_node_known_by_less_gets_the_prediction_of_a_fit_that_never_saw_it():
    kernel, sources, factors = kernel_and_factors()
    train, rows = kernel[sources], 0.7 * kernel[sources] + 0.1
    found = left_out_predictions(rows, train, factors, 0.5)
    for i in range(len(train)):
        others = torch.arange(len(train)) != i
        mean = factors[others].double().mean(0).numpy()
        predict = refitted(train[others][:, others], factors[others], mean, 0.5)
        np.testing.assert_allclose(found[i], predict(rows[i, others][None])[0], rtol=1e-5)


def test_negative_eigenvalues_of_a_similarity_count_as_zero():
    """At an eigenvalue of −λ the plain solution does not exist; the clipped one is that of the nearest kernel."""
    similarity = torch.tensor([[1.0, 1.0, 0.0], [1.0, 1.0, 1.0], [0.0, 1.0, 1.0]], dtype=torch.float64)
    values, vectors = np.linalg.eigh(similarity.numpy())
    assert values[0] < -0.4
    nearest = torch.from_numpy((vectors * values.clip(0)) @ vectors.T)
    onto = torch.from_numpy(vectors[:, values > 0] @ vectors[:, values > 0].T)
    factors, ridge, row = random(0, 3, 2).double(), -float(values[0]), torch.tensor([[0.3, 0.2, 0.9]]).double()
    fitted, clipped = kernel_ridge(similarity, factors, ridge), kernel_ridge(nearest, factors, ridge)
    assert_close(row @ fitted.weights, row @ onto @ clipped.weights)
    assert fitted.weights.abs().max() < 10
    assert_close(
        left_out_predictions(similarity, similarity, factors, 0.3),
        left_out_predictions(nearest, nearest, factors, 0.3),
    )


def test_ridge_through_landmarks_is_the_ridge_where_every_training_node_is_one():
    generator = torch.Generator().manual_seed(3)
    x, factors = torch.randn(9, 4, generator=generator).double(), torch.randn(7, 2, generator=generator)
    kernel, train = torch.exp(-torch.cdist(x, x[:7]).square()), torch.arange(7)
    exact = kernel_ridge_prior(kernel, train, factors, 0.5)
    torch.testing.assert_close(landmark_ridge_prior(kernel, train, train, factors, 0.5), exact, atol=1e-4, rtol=1e-4)
    some, without = torch.arange(4), torch.arange(1, 7)
    predicted = landmark_ridge_prior(kernel[:, :4], some, train, factors, 0.5)
    again = landmark_ridge_prior(kernel[:, :4], some, without, factors[1:], 0.5)
    torch.testing.assert_close(predicted[0], again[0], atol=1e-4, rtol=1e-4)  # left out in closed form
