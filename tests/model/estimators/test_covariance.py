"""Gaussian responses: by hand on two drugs, against the dense formula, and on draws of a known covariance."""

import pytest
import torch

from model.estimators.covariance import FullCovariance, fit_covariance, shared_axes


def test_a_known_response_moves_a_correlated_one_by_hand():
    """Σ = [[1, .5], [.5, 1]], ν = 1: drug 0 at 2 above its prior gives E g = Σ[:, 0] · 2 / (1 + 1) = (1, .5)."""
    covariance, noise = torch.tensor([[1.0, 0.5], [0.5, 1.0]]), torch.ones(2)
    prior = torch.tensor([[0.0, 3.0], [7.0, 8.0]])
    known = torch.tensor([[True, False], [False, False]])
    mean = FullCovariance(covariance, noise).posterior(torch.tensor([[2.0, 99.0], [99.0, 99.0]]), known, prior)
    torch.testing.assert_close(mean, torch.tensor([[1.0, 3.5], [7.0, 8.0]]))


def drawn(lines: int, drugs: int, share: float, seed: int = 0) -> tuple[torch.Tensor, ...]:
    generator = torch.Generator().manual_seed(seed)
    loading = torch.randn(drugs, 3, generator=generator)
    truth = torch.randn(lines, 3, generator=generator) @ loading.T
    values = truth + 0.5 * torch.randn(lines, drugs, generator=generator)
    known = torch.rand(lines, drugs, generator=generator) < share
    return truth, values, known, loading @ loading.T


def dense_sweep(values, known, prior, covariance, noise):
    """One sweep of expectation-maximisation as the textbook writes it, line by line."""
    second, squares = torch.zeros_like(covariance), torch.zeros_like(noise)
    for line in known.any(1).nonzero()[:, 0]:
        k = known[line]
        gain = covariance[:, k] @ torch.linalg.inv(covariance[k][:, k] + torch.diag(noise[k]))
        mean = gain @ (values[line] - prior[line])[k]
        left = covariance - gain @ covariance[k]
        second += mean.outer(mean) + left
        squares += torch.where(k, (values[line] - prior[line] - mean) ** 2 + left.diagonal(), 0)
    return second, squares


def test_a_sweep_is_the_textbooks():
    _, values, known, truth = drawn(30, 6, 0.6)
    prior = 0.1 * torch.ones_like(values)
    start = truth + torch.eye(6)
    second, squares = dense_sweep(values, known, prior, start, torch.full((6,), 0.4))
    lines, count = int(known.any(1).sum()), known.sum(0)
    fitted = fit_covariance(values, known, prior, start, 1, 7.0)
    diagonal = 7.0 * start.diagonal().mean() * torch.eye(6)
    torch.testing.assert_close(fitted.covariance, (second + diagonal) / (lines + 7), rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(
        fitted.noise, (squares + 50 * squares.sum() / count.sum()) / (count + 50), rtol=1e-4, atol=1e-4
    )


def test_it_finds_the_covariance_that_it_was_drawn_from_and_fills_in_what_is_missing():
    truth, values, known, expected = drawn(400, 8, 0.7)
    nothing = torch.zeros_like(values)
    fitted = fit_covariance(values, known, nothing, torch.eye(8), 40, 1.0)
    apart = ~torch.eye(8, dtype=torch.bool)
    assert torch.corrcoef(torch.stack([fitted.covariance[apart], expected[apart]]))[0, 1] > 0.98
    total = (fitted.covariance.diagonal() + fitted.noise) / (expected.diagonal() + 0.25)
    assert total.tolist() == pytest.approx([1.0] * 8, abs=0.25)
    filled = fitted.posterior(values, known, nothing)
    error = ((filled - truth)[~known] ** 2).mean() / (truth[~known] ** 2).mean()
    assert float(error) < 0.25


def test_what_is_not_known_is_never_read():
    _, values, known, _ = drawn(20, 5, 0.5)
    changed = torch.where(known, values, 1e6)
    nothing = torch.zeros_like(values)
    one, two = (fit_covariance(x, known, nothing, torch.eye(5), 3, 10.0) for x in (values, changed))
    assert torch.equal(one.covariance, two.covariance)
    assert torch.equal(one.posterior(values, known, nothing), two.posterior(changed, known, nothing))


def test_shared_axes_find_the_loadings_and_leave_a_drugs_own_variance_out():
    _, _, _, shared = drawn(2, 9, 1.0)
    own = torch.diag(torch.linspace(0.5, 3.0, 9))
    axes = shared_axes(shared + own, 3, sweeps=200)
    apart = ~torch.eye(9, dtype=torch.bool)
    torch.testing.assert_close((axes @ axes.T)[apart], shared[apart], rtol=0.02, atol=0.02)
    assert shared_axes(shared, 20).shape == (9, 9)


def test_what_drugs_share_fills_in_as_well_without_repeating_what_was_measured():
    truth, values, known, shared = drawn(200, 8, 0.6)
    nothing, noise = torch.zeros_like(values), torch.full((8,), 0.05)
    fitted = FullCovariance(shared + 0.2 * torch.eye(8), noise)  # noise that it has taken for the drugs' own
    whole = fitted.posterior(values, known, nothing)
    part = fitted.shared_posterior(values, known, nothing, 3)
    torch.testing.assert_close(part[~known], whole[~known], rtol=0.05, atol=0.2)
    assert (part - truth)[known].square().mean() < 0.7 * (whole - truth)[known].square().mean()


def test_a_known_response_left_out_is_predicted_from_the_others_of_its_line():
    _, values, known, covariance = drawn(4, 6, 0.7)
    fitted, prior = FullCovariance(covariance, torch.full((6,), 0.3)), torch.full_like(values, 0.5)
    found = fitted.left_out_posterior(values, known, prior)
    whole = fitted.posterior(values, known, prior)
    torch.testing.assert_close(found[~known], whole[~known])
    for line, drug in known.nonzero().tolist():
        without = known.clone()
        without[line, drug] = False
        expected = fitted.posterior(values, without, prior)[line, drug]
        torch.testing.assert_close(found[line, drug], expected, rtol=1e-3, atol=1e-4)
