"""A key gets its pairs a minute: at once where it has saved them up, never more over any longer time."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.limits.rate_limit import Allowances, RateLimitedError


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


def test_a_minutes_worth_goes_at_once_and_comes_back_steadily():
    clock = Clock()
    allowances = Allowances(clock)
    allowances.take("a", 60, 60)
    with pytest.raises(RateLimitedError) as fault:
        allowances.take("a", 60, 10)
    assert fault.value.retry_after_s == 10
    clock.now = 9.9
    with pytest.raises(RateLimitedError) as fault:
        allowances.take("a", 60, 10)
    assert fault.value.retry_after_s == 1
    clock.now = 10
    allowances.take("a", 60, 10)


def test_keys_do_not_eat_from_each_others_bucket():
    allowances = Allowances(Clock())
    allowances.take("a", 60, 60)
    allowances.take("b", 60, 60)


@given(st.lists(st.tuples(st.floats(0, 30), st.integers(0, 100))))
def test_never_more_than_the_rate_and_one_minutes_savings(asks):
    clock, taken = Clock(), 0
    allowances = Allowances(clock)
    for wait, pairs in asks:
        clock.now += wait
        try:
            allowances.take("a", 100, pairs)
        except RateLimitedError as fault:
            clock.now += fault.retry_after_s
            allowances.take("a", 100, pairs)  # the time that was told is enough
        taken += pairs
        assert taken <= 100 + clock.now * 100 / 60 + 1e-6


def test_what_was_answered_elsewhere_is_owed_and_paid_back():
    clock = Clock()
    allowances = Allowances(clock)
    allowances.set_left("a", allowances.left("a", 60) - 90)
    assert allowances.left("a", 60) == -30
    with pytest.raises(RateLimitedError) as fault:
        allowances.take("a", 60, 1)
    assert fault.value.retry_after_s == 31
    clock.now = 31
    allowances.take("a", 60, 1)
