"""Numbers of one prediction."""

import math

from service.answers.prediction_objects import exp


def test_a_huge_ln_ic50_does_not_overflow():
    assert math.isfinite(exp(1e6))
    assert exp(-1e6) > 0
    assert exp(1.0) == math.e
