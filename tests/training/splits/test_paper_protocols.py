"""The papers' own protocols: their folds by hand, and that counting alone reaches their figures on the real data."""

import numpy as np
import pytest

from training.baselines.counting import positive_counts, row_number
from training.data.arrays import align
from training.metrics.metrics import auroc
from training.splits.paper_protocols import dim2_splits, hgacl_splits
from training.splits.splits import SplitName, make_split


@pytest.fixture(scope="module")
def hgacl(arrays):
    return hgacl_splits(arrays, 5, 0)


def test_only_as_many_positives_take_part_as_there_are_lines(arrays, hgacl):
    row, column = np.nonzero(arrays.sensitive == 1)
    first = np.zeros(arrays.measured.shape, bool)
    first[row[:100], column[:100]] = True
    assert len(row) > 200
    for split in hgacl:
        np.testing.assert_array_equal((split.train | split.test) & (arrays.sensitive == 1), first)
    np.testing.assert_array_equal(sum(split.test & first for split in hgacl), first)


def test_negatives_come_from_every_row_as_many_as_positives_and_the_rest_trains(arrays, hgacl):
    negative = arrays.sensitive == 0
    for split in hgacl:
        assert (split.test & negative).sum() == (split.test & ~negative).sum() == 20
        np.testing.assert_array_equal(split.train & negative, negative & ~split.test)
        assert not (split.train & split.test).any()
    assert np.any([split.test & negative for split in hgacl], (0, 2)).sum() > 50


def test_validation_is_the_test_as_published(hgacl):
    assert all(np.array_equal(split.validation, split.test) for split in hgacl)


def test_both_of_dim2_are_random_pairs_of_known_lines_and_drugs(arrays):
    for split in dim2_splits(arrays, 3, 0):
        assert not (split.train & split.validation | split.train & split.test | split.validation & split.test).any()
        np.testing.assert_array_equal(split.train | split.validation | split.test, arrays.measured)
        assert split.test.sum() / arrays.measured.sum() == pytest.approx(0.1, abs=0.03)
        assert split.train.any(1).all()
        assert split.train.any(0).all()
    first, second, third = (split.test for split in dim2_splits(arrays, 3, 0))
    assert (first != second).any()
    np.testing.assert_array_equal(third, dim2_splits(arrays, 3, 0)[2].test)


def test_the_two_scores_by_hand(arrays):
    split = make_split(arrays, SplitName.LPO, 0)
    i, j = 4, 7
    line = ((arrays.sensitive == 1) & split.train)[i].sum()
    drug = ((arrays.sensitive == 1) & split.train)[:, j].sum()
    assert positive_counts(arrays, split, 0).score[i, j] == pytest.approx(np.log((1 + line) * (1 + drug)))
    assert (row_number(arrays, split, 0).score[i] == -i).all()


def reached(arrays, splits, method):
    scores = [method(arrays, split, 0).score for split in splits]
    return np.mean([auroc(s[k.test], arrays.sensitive[k.test]) for s, k in zip(scores, splits, strict=True)])


def test_counting_wins_under_the_leak_and_not_on_honest_random_pairs(arrays, hgacl):
    honest = [make_split(arrays, SplitName.LPO, fold) for fold in range(5)]
    for method in (positive_counts, row_number):
        assert reached(arrays, hgacl, method) > 0.8
        assert reached(arrays, honest, method) < 0.65


def test_on_gdsc_counting_and_the_row_number_reach_the_published_figure(gdsc_dataset):
    arrays = align(gdsc_dataset)
    row, _ = np.nonzero(arrays.sensitive == 1)
    assert len(row) == 20_851
    assert len(set(row[:962])) == 59  # all positives that take part lie in 59 of 962 lines
    splits = [split for seed in range(3) for split in hgacl_splits(arrays, 5, seed)]
    assert reached(arrays, splits, positive_counts) == pytest.approx(0.98, abs=0.005)
    assert reached(arrays, splits, row_number) == pytest.approx(0.97, abs=0.01)
