"""The budget counts pairs and gives them back; long work waits for room in it."""

import asyncio

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


async def long_work(admission, pairs, wait_s, order):
    """Hold the pairs for a moment and say so."""
    async with admission.hold_soon(pairs, wait_s):
        order.append(pairs)
        await asyncio.sleep(0.01)


def test_long_work_waits_for_room_in_the_order_of_coming():
    async def run():
        admission, order = Admission(10, max_requests=4), []
        await asyncio.gather(*(long_work(admission, pairs, 5, order) for pairs in (10, 9, 8, 7)))
        return order, admission.pairs_in_flight

    assert asyncio.run(run()) == ([10, 9, 8, 7], 0)


def test_long_work_that_finds_no_room_in_time_is_refused():
    async def run():
        admission = Admission(10)
        with admission.hold(10), pytest.raises(BusyError):
            await long_work(admission, 1, 0.01, [])
        return admission.pairs_in_flight

    assert asyncio.run(run()) == 0


def test_long_work_is_refused_at_once_where_as_much_as_may_be_waits():
    async def run():
        admission = Admission(10, max_requests=2)
        async with admission.hold_soon(10, 0):
            waiting = asyncio.ensure_future(long_work(admission, 5, 5, []))
            await asyncio.sleep(0)
            with pytest.raises(BusyError):
                await asyncio.wait_for(long_work(admission, 1, 5, []), 1)
            seen = admission.requests_in_flight
        await waiting
        return seen, admission.requests_in_flight

    assert asyncio.run(run()) == (2, 0)


def test_a_fault_of_long_work_passes_as_it_is():
    async def run():
        admission = Admission(10)
        with pytest.raises(TimeoutError):
            async with admission.hold_soon(1, 5):
                raise TimeoutError
        return admission.requests_in_flight, admission.pairs_in_flight

    assert asyncio.run(run()) == (0, 0)


def test_long_work_leaves_room_for_small_requests():
    async def run():
        admission = Admission(10, spare=4, max_requests=2)
        async with admission.hold_soon(6, 0):
            with pytest.raises(BusyError):
                await long_work(admission, 1, 0, [])
            with admission.hold(4):
                return admission.pairs_in_flight

    assert asyncio.run(run()) == 10
