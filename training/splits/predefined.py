"""The parts that a source published with its pairs: train, validation and test as its authors cut them.

A pair's `source` ends in "train", "valid" or "test" (DeepCCDS). Sources that publish no parts have no such split.
"""

import numpy as np
import pandas as pd

from training.data.arrays import Arrays
from training.data.schema import DRUG_ID, LINE_ID
from training.splits.splits import Mask, Split

PROTOCOL = "stated"
PARTS = ("train", "valid", "test")


def has_parts(response: pd.DataFrame) -> bool:
    """Whether pairs of the dataset's `response` table say which part they were published in."""
    return all(_of_part(response, part).any() for part in PARTS)


def predefined_split(response: pd.DataFrame, arrays: Arrays) -> Split:
    """The published parts of the dataset's `response` table.

    Raises ValueError where a part has no pair.
    """
    masks = {part: _pairs(response, part, arrays) for part in PARTS}
    if empty := [part for part, mask in masks.items() if not mask.any()]:
        raise ValueError(
            f"--protocol {PROTOCOL}: no pair's source ends in {empty[0]!r}; "
            "this dataset's source published no train, valid and test parts: use the folds"
        )
    train, validation, test = masks.values()
    return Split(train, validation, test, train | validation)


def _pairs(response: pd.DataFrame, part: str, arrays: Arrays) -> Mask:
    chosen = response[_of_part(response, part)]
    mask = np.zeros(arrays.measured.shape, bool)
    row = pd.Index(arrays.cell_line_ids).get_indexer(pd.Index(chosen[LINE_ID].astype(str)))
    column = pd.Index(arrays.drug_ids).get_indexer(pd.Index(chosen[DRUG_ID].astype(str)))
    mask[row, column] = True
    return mask & arrays.measured


def _of_part(response: pd.DataFrame, part: str) -> "pd.Series[bool]":
    return response["source"].fillna("").astype(str).str.endswith(part)
