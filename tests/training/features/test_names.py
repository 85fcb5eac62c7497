"""Names as columns."""

import numpy as np

from training.features.names import known_names, many_hot, one_hot, one_hot_of


def test_tissues_become_columns_and_an_unknown_one_zeros():
    assert one_hot(["skin", "", "lung", "skin"]).tolist() == [[0, 1], [0, 0], [1, 0], [0, 1]]


def test_columns_are_the_names_of_the_fitted_rows_alone():
    names = ["skin", "lung", "", "bone"]
    known = known_names(names, np.array([True, True, True, False]))
    assert known == ["lung", "skin"]
    assert one_hot_of(names, known).tolist() == [[0, 1], [1, 0], [0, 0], [0, 0]]
    assert one_hot_of(names, []).tolist() == [[0]] * 4  # one column even where no name is known


def test_several_names_a_row():
    assert many_hot([["b", "a"], [], ["b"]]).tolist() == [[1, 1], [0, 0], [0, 1]]
