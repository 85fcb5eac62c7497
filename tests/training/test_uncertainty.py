"""Intervals cover what they promise on pairs that did not set them."""

import numpy as np
import pytest

from training.uncertainty import conformal, covered, spread_of


@pytest.mark.parametrize("draw", ["normal", "standard_cauchy", "exponential"])
def test_coverage_holds_whatever_the_errors_are(draw):
    rng = np.random.default_rng(0)
    spread = rng.uniform(0.5, 3, 20_000).astype(np.float32)
    error = (getattr(rng, draw)(size=20_000) * spread).astype(np.float32)
    fitted = conformal(error[:10_000], spread[:10_000])
    assert covered(error[10_000:], fitted.half_width(spread[10_000:])) == pytest.approx(0.9, abs=0.02)


def test_the_quantile_by_hand():
    """Nine errors at coverage .8: the 8th smallest of (9 + 1) · .8."""
    error = np.arange(1, 10, dtype=np.float32) * np.array([1, -1, 1, -1, 1, -1, 1, -1, 1], np.float32)
    assert conformal(error, np.ones(9, np.float32), 0.8).quantile == 8
    assert conformal(error, np.full(9, 2, np.float32), 0.8).quantile == 4


def test_too_few_pairs_and_no_spread_are_refused():
    with pytest.raises(ValueError, match="8 validation pairs cannot give a coverage"):
        conformal(np.ones(8, np.float32), np.ones(8, np.float32))
    with pytest.raises(ValueError, match="spread: some are 0"):
        conformal(np.ones(20, np.float32), np.zeros(20, np.float32))


def test_spread_of_members_by_hand():
    mean, sd = spread_of(np.array([[1.0, 5.0], [3.0, 5.0]], np.float32))
    assert mean.tolist() == [2, 5]
    assert sd.tolist() == pytest.approx([2**0.5, 0])
