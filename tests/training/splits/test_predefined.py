"""Parts that were published with the pairs."""

import numpy as np
import pandas as pd
import pytest

from training.splits.predefined import predefined_split


def table(arrays, parts):
    """One row a measured pair, its part by `parts` in turn."""
    row, column = np.nonzero(arrays.measured)
    return pd.DataFrame(
        {
            "cell_line_id": [arrays.cell_line_ids[i] for i in row],
            "drug_id": [arrays.drug_ids[j] for j in column],
            "source": [parts[k % len(parts)] for k in range(len(row))],
        }
    )


def test_every_pair_is_in_the_part_that_its_source_names(arrays):
    response = table(arrays, ["X train", "X valid", "X train", "X test", None])
    split = predefined_split(response, arrays)
    row, column = np.nonzero(arrays.measured)
    for mask, rest in ((split.train, (0, 2)), (split.validation, (1,)), (split.test, (3,))):
        expected = np.isin(np.arange(len(row)) % 5, rest)
        np.testing.assert_array_equal(mask[row, column], expected)
        assert mask.sum() == expected.sum()
    np.testing.assert_array_equal(split.development, split.train | split.validation)


def test_a_source_without_parts_is_refused(arrays):
    with pytest.raises(ValueError, match="no pair's source ends in 'valid'; this dataset's source published no"):
        predefined_split(table(arrays, ["X train", "X test"]), arrays)
