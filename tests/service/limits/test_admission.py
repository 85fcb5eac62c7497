"""The budget counts pairs, and gives them back; overload is told from a crowd of a moment."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.limits.admission import CALM_S, FEW, LASTING, MEMORY_S, Admission, BusyError, Turns


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


def arrivals(turns, times_s, answer_s=0.001):
    """Whether each was let in; answers are given one after the other."""
    free_s, leaves, fits = 0.0, [], []
    for now_s in times_s:
        while leaves and leaves[0] <= now_s:
            leaves.pop(0)
            turns.leave()
        fits.append(turns.enter(now_s))
        if fits[-1]:
            free_s = max(free_s, now_s) + answer_s
            leaves.append(free_s)
    for _ in leaves:
        turns.leave()
    return fits


def evenly(rate, count, start_s=0.0):
    return [start_s + i / rate for i in range(count)]


@given(st.floats(100, 950), st.integers(1, 8))
def test_below_the_capacity_nobody_is_refused(rate, together):
    times = [now_s for now_s in evenly(rate / together, 300) for _ in range(together)]
    assert all(arrivals(Turns(0.01), times))


def test_a_pause_lets_in_what_gathered_in_it():
    assert all(arrivals(Turns(0.01), [*evenly(500, 100), *[0.218] * 8, *evenly(500, 100, 0.218)]))


@pytest.mark.parametrize("rate", [1_250, 2_000, 10_000])
def test_in_overload_one_at_a_time_is_let_in(rate):
    fits = arrivals(Turns(0.01), evenly(rate, rate))
    moment = rate // 10
    assert all(fits[:10])
    assert 550 <= sum(fits[moment:]) <= 900  # in 0.9 s, of answers that take 1 ms


def test_calm_ends_the_overload():
    turns = Turns(0.01)
    arrivals(turns, evenly(2_000, 1_000))
    assert turns.overload
    assert arrivals(turns, evenly(500, 400, 0.6))[-100:] == [True] * 100
    assert not turns.overload


def test_however_slow_the_machine_a_few_may_wait_for_one_another():
    turns = Turns(0.01, cost_s=1.0)
    assert [turns.enter(0.0) for _ in range(int(FEW) + 2)] == [True] * int(FEW) + [False] * 2


def test_after_a_crowd_fewer_may_wait_until_it_has_been_calm_for_a_while():
    turns = Turns(0.01)
    arrivals(turns, evenly(2_000, 1_000))
    over_s = 0.5 + MEMORY_S
    assert sum(arrivals(turns, [over_s + 0.1] * 9)) == int(LASTING)
    assert sum(arrivals(turns, [over_s + 0.1 + 0.9 * CALM_S] * 9)) == int(LASTING)
    assert sum(arrivals(turns, [over_s + 0.2 + 1.9 * CALM_S] * 9)) == 9


def test_three_callers_that_ask_one_request_after_the_other_are_never_refused():
    turns = Turns(0.01)
    arrivals(turns, evenly(2_000, 1_000))
    now_s = 5.0
    for _ in range(3):
        assert turns.enter(now_s)
    for _ in range(500):
        now_s += turns.cost_s * 0.8  # answers take less than the mean says
        turns.leave()
        assert turns.enter(now_s)


def test_the_cost_of_an_answer_follows_the_answers_and_not_the_pauses():
    turns = Turns(0.01)
    for took_s in [0.004] * 200:
        turns.begin(0.0)
        turns.end(took_s)
    assert turns.cost_s == pytest.approx(0.004, rel=0.02)
    turns.begin(0.0)
    turns.end(5.0)
    assert turns.cost_s < 0.005
