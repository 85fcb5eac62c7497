"""The best compounds of each line are those of a full sort, however the library is cut and whatever is equal."""

import numpy as np
import pytest

from screening.scores.best import NUMBERS, Best, top_columns


@pytest.mark.parametrize("k", [1, 3, 7, 20])
def test_top_columns_are_those_of_a_stable_sort(k):
    scores = np.random.default_rng(0).integers(0, 5, (6, 12)).astype(np.float32)  # many are equal
    expected = np.argsort(-scores, axis=1, kind="stable")[:, :k]
    assert (top_columns(scores, k) == expected).all()


def test_a_library_in_pieces_gives_the_best_of_the_whole():
    scores = np.random.default_rng(1).integers(0, 9, (4, 50)).astype(np.float32)
    best = Best.none(4)
    for begin in range(0, 50, 7):
        columns = top_columns(scores[:, begin : begin + 7], 5) + begin
        own = np.take_along_axis(scores, columns, 1)
        best = best.with_later(Best(own, columns.astype(np.int64), np.stack([own] * len(NUMBERS))), 5)
    whole = top_columns(scores, 5)
    assert (best.row == whole).all()
    assert (best.score == np.take_along_axis(scores, whole, 1)).all()
    assert (best.numbers[0] == best.score).all()
    assert (best.least(5) == best.score[:, 4]).all()
    assert np.isneginf(best.least(6)).all()


def test_rows_that_are_left_out_come_last():
    best = Best(
        np.array([[3.0, 2.0, 1.0]], np.float32), np.array([[7, 8, 9]]), np.zeros((len(NUMBERS), 1, 3), np.float32)
    )
    left = best.without(np.array([7])).with_later(Best.none(1), 2)
    assert left.row.tolist() == [[8, 9]]
