"""Factor analysis against closed forms in numpy, and what it must find and must not read."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.testing import assert_close

from model.estimators.factor_analysis import LEAST_NOISE, factor_analysis, factors_of_lines, loadings_of_drugs


def random(seed, *shape):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def covariance(seed, rank):
    root = random(seed, rank, rank)
    return root @ root.T + 0.5 * torch.eye(rank)


def planted(n=150, m=20, rank=2, share=0.7):
    """Values with planted factors: lines, loadings, noise of each drug, values, known."""
    lines, loadings = random(0, n, rank), random(1, m, rank)
    noise = 0.1 + 0.8 * torch.rand(m, generator=torch.Generator().manual_seed(2))
    values = lines @ loadings.T + noise.sqrt() * random(3, n, m)
    known = torch.rand(n, m, generator=torch.Generator().manual_seed(4)) < share
    return lines, loadings, noise, values, known


def fitted(values, known, rank=2, shrinkage=1e-6, **options):
    return factor_analysis(values, known, rank, shrinkage, torch.Generator().manual_seed(0), **options)


def test_a_lines_factors_are_the_posterior_mean_given_its_responses_their_noise_and_its_prior():
    values, loadings, prior, precision = random(0, 1, 6), random(1, 6, 3), random(2, 1, 3), covariance(3, 3)
    noise = torch.tensor([0.3, 1.0, 2.0, 0.5, 0.7, 0.1])
    visible = torch.tensor([[True, False, True, True, False, True]])
    v, r, psi = (x.double().numpy() for x in (loadings[visible[0]], values[visible], noise[visible[0]]))
    # The other form of the posterior: gain on the innovation, with covariances where the code has precisions.
    spread = np.linalg.inv(precision.double().numpy())
    gain = spread @ v.T @ np.linalg.inv(v @ spread @ v.T + np.diag(psi))
    expected = prior[0].numpy() + gain @ (r - v @ prior[0].numpy())
    found = factors_of_lines(values, visible, loadings, noise, prior, precision)
    np.testing.assert_allclose(found[0], expected, rtol=1e-4)


def test_a_drugs_loadings_are_ridge_around_their_prior_with_the_uncertainty_of_the_lines():
    values, lines, spread, prior = random(0, 7, 1), random(1, 7, 3), covariance(2, 3), random(3, 1, 3)
    visible = torch.tensor([1, 0, 1, 1, 1, 0, 1]).bool().unsqueeze(1)
    u, r = lines[visible[:, 0]].double().numpy(), values[visible].double().numpy()
    gram = u.T @ u + 5 * spread.double().numpy() + 0.7 * np.eye(3)
    expected = np.linalg.solve(gram, u.T @ r + 0.7 * prior[0].double().numpy())
    np.testing.assert_allclose(loadings_of_drugs(values, visible, lines, spread, prior, 0.7)[0], expected, rtol=1e-4)


def test_an_unknown_line_and_an_unknown_drug_have_their_priors():
    visible, line_prior, drug_prior = torch.zeros(4, 6).bool(), random(2, 4, 3), random(3, 6, 3)
    of_lines = factors_of_lines(random(0, 4, 6), visible, random(1, 6, 3), torch.ones(6), line_prior, covariance(5, 3))
    of_drugs = loadings_of_drugs(random(0, 4, 6), visible, random(1, 4, 3), covariance(5, 3), drug_prior, 4.0)
    assert_close(of_lines, line_prior, atol=1e-5, rtol=1e-5)
    assert_close(of_drugs, drug_prior)


@given(st.integers(0, 1000), st.floats(-100, 100))
def test_the_value_of_an_invisible_pair_changes_no_factor(seed, value):
    values, visible = random(seed, 3, 5), random(seed + 1, 3, 5) > 0
    visible[1, 2] = False
    changed = values.clone()
    changed[1, 2] = value
    args = random(1, 5, 2), torch.ones(5), random(2, 3, 2), covariance(0, 2)
    assert torch.equal(*(factors_of_lines(x, visible, *args) for x in (values, changed)))
    args = random(2, 3, 2), covariance(0, 2), random(1, 5, 2), 1.0
    assert torch.equal(*(loadings_of_drugs(x, visible, *args) for x in (values, changed)))


def log_likelihood(model, values, known):
    """Of the known responses with the factors integrated out, r_c ~ N(0, V Vᵀ + Ψ)."""
    total, v, psi = 0.0, model.loadings.double().numpy(), model.noise.double().numpy()
    for row, seen in zip(values.double().numpy(), known.numpy(), strict=True):
        s = v[seen] @ v[seen].T + np.diag(psi[seen])
        total -= 0.5 * (np.linalg.slogdet(2 * np.pi * s)[1] + row[seen] @ np.linalg.solve(s, row[seen]))
    return total


def test_every_few_sweeps_make_the_responses_likelier():
    _, _, _, values, known = planted()
    found = [log_likelihood(fitted(values, known, sweeps=sweeps), values, known) for sweeps in (0, 1, 2, 5, 15, 60)]
    assert (np.diff(found) > 0).all()


def test_it_finds_planted_loadings_noise_and_hidden_pairs():
    lines, loadings, noise, values, known = planted(n=2000)
    model = fitted(values, known, sweeps=60)
    assert_close(model.loadings @ model.loadings.T, loadings @ loadings.T, atol=0.25, rtol=0.1)  # V up to a rotation
    assert_close(model.noise, noise, atol=0.1, rtol=0.15)
    truth = lines @ loadings.T
    error = (model.lines @ model.loadings.T - truth)[~known].square().mean() / truth.square().mean()
    assert error < 0.15
    assert_close(model.lines.T @ model.lines / 2000 + model.spread, torch.eye(2), atol=0.1, rtol=0)


def test_a_noisy_drug_says_less_about_a_line_than_a_precise_one():
    noise, values, visible = torch.tensor([LEAST_NOISE, 5.0]), torch.ones(2, 2), torch.eye(2).bool()
    both = factors_of_lines(values, visible, torch.ones(2, 1), noise, torch.zeros(2, 1), torch.eye(1))
    assert both[0] > 5 * both[1] > 0


@pytest.mark.parametrize("fill", [1e3, float("nan")])
def test_no_unknown_pair_is_read(fill):
    _, _, _, values, known = planted()
    models = [fitted(torch.where(known, values, x), known, rank=3, sweeps=3) for x in (0.0, fill)]
    for name in ("loadings", "noise", "lines", "spread"):
        assert torch.equal(*(getattr(model, name) for model in models))


def test_a_line_and_a_drug_without_known_pairs_know_nothing():
    _, _, _, values, known = planted()
    known[3], known[:, 4] = False, False
    model = fitted(values, known)
    assert not model.lines[3].any()
    assert not model.loadings[4].any()
    assert model.noise[4] == 1


def test_more_shrinkage_makes_smaller_loadings():
    _, _, _, values, known = planted()
    norms = [fitted(values, known, shrinkage=s).loadings.norm() for s in (0.1, 10.0, 100.0)]
    assert norms[0] > norms[1] > norms[2]
