"""The two papers' own ways to split, leaks included: to show what they measure, never to claim quality.

HGACL-DRP (public code): the folds run over the *number of cell lines*, N, but index the list of *positive pairs*. So
only the first N positives of the matrix take part, which lie in its first rows; the other positives are left out
altogether, while negatives come from every row. Whether a row has any training positive then tells nearly all.
The epoch is chosen on the test pairs, and so is the F1 threshold.

DiM2-DRP (public code): the split called "both" is a random split of pairs, 8 : 1 : 1; every line and every drug of the
test set is in training. Honest in itself, misnamed.
"""

import numpy as np

from training.data.arrays import Arrays
from training.splits.splits import Split

PROTOCOL = "published"


def hgacl_splits(arrays: Arrays, folds: int, seed: int) -> list[Split]:
    """HGACL-DRP's folds. Validation *is* the test part, as published. Rows are taken in the order of the dataset.

    Each fold tests a part of the first N positives and as many negatives drawn from all; the other negatives train.
    """
    rng = np.random.default_rng(seed)
    row, column = np.nonzero(arrays.sensitive == 1)  # row by row, as the public code lists them
    taking_part = rng.permutation(min(len(arrays.cell_line_ids), len(row)))
    negative = np.argwhere(arrays.sensitive == 0)
    splits = []
    for part in np.array_split(taking_part, folds):
        test = np.zeros(arrays.measured.shape, bool)
        train = arrays.sensitive == 0
        rest = np.setdiff1d(taking_part, part)
        train[row[rest], column[rest]] = True
        test[row[part], column[part]] = True
        drawn = negative[rng.choice(len(negative), len(part), replace=False)]
        test[drawn[:, 0], drawn[:, 1]] = True
        train &= ~test
        splits.append(Split(train, test, test, train))
    return splits


def dim2_splits(arrays: Arrays, folds: int, seed: int) -> list[Split]:
    """DiM2-DRP's split "both", drawn anew for each fold: random pairs, a tenth to test and a tenth to validate."""
    splits = []
    for fold in range(folds):
        number = np.random.default_rng([seed, fold]).random(arrays.measured.shape)
        test, validation = arrays.measured & (number < 0.1), arrays.measured & (number >= 0.1) & (number < 0.2)
        splits.append(Split(arrays.measured & (number >= 0.2), validation, test, arrays.measured & ~test))
    return splits


SPLITS = {"hgacl-published": hgacl_splits, "dim2-published": dim2_splits}
