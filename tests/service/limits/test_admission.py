"""The budgets count pairs and requests of workers, and give them back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.limits.admission import Admission, BusyError


def test_pairs_over_the_budget_are_refused_until_others_are_done():
    admission = Admission(10)
    with admission.hold(7):
        with admission.hold(3):
            assert admission.pairs_in_flight == 10
            with pytest.raises(BusyError), admission.hold(1):
                pass
        with admission.hold(3):
            pass
    assert admission.pairs_in_flight == 0


def test_a_failing_request_gives_its_pairs_back():
    admission = Admission(10)
    with pytest.raises(ZeroDivisionError), admission.hold(7):
        _ = 1 / 0
    assert admission.pairs_in_flight == 0


def test_a_request_larger_than_the_budget_runs_alone():
    admission = Admission(10)
    with admission.hold(50):
        assert admission.pairs_in_flight == 50


@given(st.lists(st.integers(0, 12)))
def test_never_more_than_the_budget_beside_each_other(sizes):
    admission, held = Admission(10), []
    for size in sizes:
        block = admission.hold(size)
        try:
            block.__enter__()
        except BusyError:
            continue
        held.append((size, block))
        assert admission.pairs_in_flight <= 10 or sum(size > 0 for size, _ in held) == 1
    for _, block in held:
        block.__exit__(None, None, None)
    assert admission.pairs_in_flight == 0


def test_workers_get_no_more_requests_than_may_wait():
    admission = Admission(10, max_requests=2)
    with admission.long_work(), admission.hold(10):
        with admission.long_work(), pytest.raises(BusyError), admission.long_work():
            pass
        with pytest.raises(ZeroDivisionError), admission.long_work():
            _ = 1 / 0
        assert admission.requests_in_flight == 1
    assert (admission.requests_in_flight, admission.pairs_in_flight) == (0, 0)
