"""Compounds of a file: the cells of a row as the model reads them."""

import pytest

from model.tables.faults import TableError
from service.prediction.new_entities import Compound


@pytest.mark.parametrize(("cell", "highest"), [("1,5", 1.5), ("1.5", 1.5), ("0,125", 0.125), ("10", 10), ("NA", None)])
def test_a_concentration_has_a_decimal_point_or_comma(cell, highest):
    assert Compound.of_cells("CCO", "", "", cell).max_concentration_um == highest


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("1,250", "column max_concentration_um has numbers such as 1,234 that may be decimal or thousands"),
        ("1 nM", "column max_concentration_um: give a number of µM from"),
        ("inf", "column max_concentration_um: give a number of µM from"),
        ("-1,5", "column max_concentration_um: give a number of µM from"),
    ],
)
def test_a_concentration_that_is_none_or_may_be_two_is_refused(cell, words):
    with pytest.raises(TableError, match=words):
        Compound.of_cells("CCO", "", "", cell)
