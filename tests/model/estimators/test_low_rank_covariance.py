"""The low-rank covariance: against the full one with the same Σ and ν, on draws of a few factors, of many drugs."""

import pytest
import torch

from model.estimators.covariance import FullCovariance
from model.estimators.low_rank_covariance import OWN_SHARE, LowRankCovariance, fit_low_rank
from model.estimators.response_covariance import fit_responses


def drawn(lines: int, drugs: int, share: float) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """What three factors say of each pair, that with noise, and which pairs are known."""
    generator = torch.Generator().manual_seed(0)
    loading = torch.randn(drugs, 3, generator=generator)
    truth = torch.randn(lines, 3, generator=generator) @ loading.T / 3**0.5
    values = truth + 0.5 * torch.randn(lines, drugs, generator=generator)
    return truth, values, torch.rand(lines, drugs, generator=generator) < share


@pytest.fixture
def both() -> tuple[LowRankCovariance, FullCovariance]:
    """The same covariance in either form."""
    generator = torch.Generator().manual_seed(1)
    loadings, variance = torch.randn(7, 3, generator=generator), torch.linspace(0.3, 1.5, 7)
    whole = loadings @ loadings.T + torch.diag(OWN_SHARE * variance)
    return LowRankCovariance(loadings, variance), FullCovariance(whole, (1 - OWN_SHARE) * variance)


@pytest.mark.parametrize("method", ["posterior", "left_out_posterior"])
def test_it_says_what_a_full_covariance_says(both, method):
    _, values, known = drawn(9, 7, 0.6)
    known[0] = False
    one, other = (getattr(form, method)(values, known, torch.full_like(values, 0.5)) for form in both)
    torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-4)


def test_what_drugs_share_goes_through_the_first_axes(both):
    _, values, known = drawn(9, 7, 0.6)
    low, full = both
    nothing, alpha = torch.zeros_like(values), full.posterior(values, known, torch.zeros_like(values))
    alpha = alpha @ torch.linalg.inv(full.covariance)
    shared = low.shared_posterior(values, known, nothing, 3)
    torch.testing.assert_close(shared, alpha @ low.loadings @ low.loadings.T, rtol=1e-3, atol=1e-3)
    assert torch.linalg.matrix_rank(low.shared_posterior(values, known, nothing, 2)) == 2


def test_it_fills_in_what_a_fitted_full_covariance_does():
    truth, values, known = drawn(300, 40, 0.7)
    nothing = torch.zeros_like(values)
    low = fit_low_rank(torch.where(known, values, 0), known, torch.Generator().manual_seed(0))
    full = fit_responses(torch.where(known, values, 0), known, 8, 100.0, torch.Generator().manual_seed(0))
    assert isinstance(full, FullCovariance)
    errors = [
        float((form.posterior(values, known, nothing) - truth)[~known].square().mean() / truth[~known].square().mean())
        for form in (low, low.refitted(values, known, nothing, 2, 100.0), full)
    ]
    assert max(errors[:2]) < errors[2] + 0.025
    assert errors[2] < 0.05


def test_what_is_not_known_is_never_read():
    _, values, known = drawn(30, 8, 0.5)
    nothing = torch.zeros_like(values)
    one, two = (
        fit_low_rank(torch.where(known, values, 0), known, torch.Generator().manual_seed(0)).refitted(
            torch.where(known, values, unknown), known, nothing, 1, 100.0
        )
        for unknown in (0.0, 1e6)
    )
    assert torch.equal(one.loadings, two.loadings)
    assert torch.equal(one.posterior(values, known, nothing), two.posterior(values + 9 * ~known, known, nothing))


def test_many_drugs_have_a_covariance_of_low_rank():
    truth, values, known = drawn(100, 600, 0.5)
    fitted = fit_responses(torch.where(known, values, 0), known, 8, 100.0, torch.Generator().manual_seed(0))
    assert isinstance(fitted, LowRankCovariance)
    filled = fitted.posterior(values, known, torch.zeros_like(values))
    assert float((filled - truth)[~known].square().mean() / truth.square().mean()) < 0.2
