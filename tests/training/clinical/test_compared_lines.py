"""Measured responses of lines stand beside the predicted ones by the drugs' ids, in whatever order their data have."""

import numpy as np
import pandas as pd

from training.clinical.consistency import compared_lines
from training.clinical.scores import GeneTable
from training.clinical.signals import Lines


def test_drugs_are_matched_by_id_and_those_the_data_lack_count_as_not_measured():
    ids, rng = ["a", "b", "c", "d"], np.random.default_rng(0)
    genes = GeneTable(pd.DataFrame(rng.normal(size=(4, 3)), ids, ["G1", "G2", "G3"]))
    response = np.array([[1.0, 10.0], [2.0, np.nan], [3.0, 30.0], [4.0, 50.0]])
    lines = Lines(ids, pd.DataFrame(index=ids), np.zeros(4, np.intp), response, ["x", "y"])
    predicted = rng.normal(size=(3, 3)).astype(np.float32)
    found = compared_lines(lines, genes, np.array([0, 1, 3]), predicted, ["y", "new", "x"])
    np.testing.assert_allclose(found.measured[:, 0], [-20, 0, 20])
    np.testing.assert_array_equal(found.measured[:, 1], 0)
    np.testing.assert_allclose(found.measured[:, 2], [1 - 7 / 3, 2 - 7 / 3, 4 - 7 / 3])
    np.testing.assert_array_equal(found.predicted, -predicted.astype(float))
    assert list(found.genes.z.index) == ["a", "b", "d"]
