"""Counts of cells become samples.

`cells` stands for an AnnData, which is no package of the tests: the function reads X, layers, obs and var_names alone.
By hand it gives the same with anndata 0.12: dense, CSR, CSC, views, layers and files opened with backed="r".
"""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from client.pseudobulk import pseudobulk


def cells(counts, groups, **layers):
    obs = pd.DataFrame({"patient": groups})
    return SimpleNamespace(X=counts, obs=obs, var_names=pd.Index(["BRAF", "KRAS", "TP53"]), layers=layers)


COUNTS = np.array([[1, 0, 3], [0, 0, 4], [2, 2, 0], [5, 5, 5]], np.float32)
GROUPS = ["b", "b", "a", "few"]


@pytest.mark.parametrize("form", [np.asarray, sparse.csr_matrix, sparse.csc_matrix, sparse.csr_array])
def test_a_group_is_the_sum_of_its_cells_in_counts_per_million(form):
    table = pseudobulk(cells(form(COUNTS), GROUPS), "patient", fewest_cells=1)
    assert list(table.index) == ["a", "b", "few"]
    assert list(table.columns) == ["BRAF", "KRAS", "TP53"]
    np.testing.assert_allclose(table.loc["b"], [125_000, 0, 875_000])
    np.testing.assert_allclose(table.sum(axis=1), 1e6)


def test_counts_may_stand_in_a_layer():
    table = pseudobulk(cells(COUNTS / 7, GROUPS, raw=COUNTS), "patient", layer="raw", fewest_cells=1)
    np.testing.assert_allclose(table.loc["a"], [500_000, 500_000, 0])


def test_small_groups_are_left_out():
    assert list(pseudobulk(cells(COUNTS, GROUPS), "patient", fewest_cells=2).index) == ["b"]
    with pytest.raises(ValueError, match="no group of patient has 10 cells"):
        pseudobulk(cells(COUNTS, GROUPS), "patient")


@pytest.mark.parametrize("counts", [np.log1p(COUNTS), -COUNTS, COUNTS + 0.5])
def test_what_is_no_raw_count_is_refused(counts):
    with pytest.raises(ValueError, match="no whole counts"):
        pseudobulk(cells(counts, ["a"] * 4), "patient", fewest_cells=1)


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"by": "donor"}, "no column of obs is called 'donor'; there are patient"),
        ({"by": "patient", "layer": "raw"}, "no layer is called 'raw'; there are none"),
    ],
)
def test_a_column_or_layer_that_is_not_there_is_named(asked, says):
    with pytest.raises(ValueError, match=says):
        pseudobulk(cells(COUNTS, GROUPS), **asked)
