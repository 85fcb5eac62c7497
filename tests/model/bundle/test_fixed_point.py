"""Codes in 16 bits are the rounded codes to the last bit; others stay as they are."""

import numpy as np
import pytest

from model.bundle.fixed_point import pack, round_codes, unpack


@pytest.fixture
def codes():
    rng = np.random.default_rng(0)
    return (rng.normal(size=(50, 8)) * 10.0 ** np.arange(-4, 4)).astype(np.float32)


def test_rounded_codes_are_packed_in_half_the_bytes_and_come_back_exactly(codes):
    rounded = round_codes(codes)
    packed = pack({"cell": rounded})
    assert packed["cell"].dtype == np.int16
    np.testing.assert_array_equal(unpack(packed)["cell"], rounded)
    assert unpack(packed)["cell"].dtype == np.float32


def test_rounding_loses_less_than_a_32766th_of_a_columns_largest(codes):
    assert (np.abs(round_codes(codes) - codes) <= np.abs(codes).max(0) / 32766).all()
    np.testing.assert_array_equal(round_codes(round_codes(codes)), round_codes(codes))


def test_codes_between_the_steps_stay_in_single_precision(codes):
    packed = pack({"cell": codes})
    assert list(packed) == ["cell"]
    np.testing.assert_array_equal(unpack(packed)["cell"], codes)


def test_columns_of_zeros_stay_zeros(codes):
    codes[:, 3] = 0
    packed = pack({"cell": round_codes(codes)})
    assert np.isfinite(packed["cell_step"]).all()
    assert (unpack(packed)["cell"][:, 3] == 0).all()


@pytest.mark.parametrize("steps", [np.ones(7, np.float32), np.float32(1).reshape(())])
def test_steps_of_another_width_leave_whole_numbers_which_no_reader_takes_for_codes(codes, steps):
    packed = pack({"cell": round_codes(codes)}) | {"cell_step": steps}
    assert unpack(packed)["cell"].dtype == np.int16
