"""Folds: disjoint, complete, fixed by ids and seed."""

from dataclasses import replace

import numpy as np
import pytest

from training.splits import SplitName, make_split, training_split

SPLITS = pytest.mark.parametrize("name", list(SplitName))


def permuted(arrays, rows, columns):
    return replace(
        arrays,
        cell_line_ids=[arrays.cell_line_ids[i] for i in rows],
        drug_ids=[arrays.drug_ids[j] for j in columns],
        ln_ic50=arrays.ln_ic50[rows][:, columns],
        sensitive=arrays.sensitive[rows][:, columns],
    )


@SPLITS
def test_the_three_parts_are_disjoint_and_make_up_the_measured_pairs(arrays, name):
    for split in [*(make_split(arrays, name, fold) for fold in range(5)), training_split(arrays, name)]:
        parts = split.train.astype(int) + split.validation + split.test
        np.testing.assert_array_equal(parts, arrays.measured.astype(int))


@SPLITS
def test_every_measured_pair_is_tested_once(arrays, name):
    times = sum(make_split(arrays, name, fold).test.astype(int) for fold in range(5))
    np.testing.assert_array_equal(times, arrays.measured.astype(int))


def test_a_line_left_out_has_no_training_pair_and_each_is_left_out_once(arrays):
    left_out = []
    for fold in range(5):
        split = make_split(arrays, SplitName.LCO, fold)
        train, validation, test = (part.any(1) for part in (split.train, split.validation, split.test))
        assert not (train & validation).any()
        assert not (train & test).any()
        assert not (validation & test).any()
        assert test.sum() == 20
        assert validation.sum() == pytest.approx(10, abs=3)
        left_out.append(test)
    assert (np.sum(left_out, axis=0) == 1).all()


def test_random_pairs_have_about_equal_folds_and_a_tenth_for_validation(arrays):
    for fold in range(5):
        split = make_split(arrays, SplitName.LPO, fold)
        assert split.test.sum() / arrays.measured.sum() == pytest.approx(0.2, abs=0.04)
        assert split.validation.sum() / arrays.measured.sum() == pytest.approx(0.08, abs=0.03)


@SPLITS
def test_permuting_the_rows_moves_no_pair_to_another_part(arrays, name):
    rng = np.random.default_rng(0)
    rows, columns = rng.permutation(100), rng.permutation(12)
    before, after = make_split(arrays, name, 1), make_split(permuted(arrays, rows, columns), name, 1)
    for part in ("train", "validation", "test"):
        np.testing.assert_array_equal(getattr(before, part)[rows][:, columns], getattr(after, part))


@SPLITS
def test_the_responses_themselves_do_not_move_a_pair(arrays, name):
    changed = replace(arrays, ln_ic50=arrays.ln_ic50 * -3, sensitive=1 - arrays.sensitive)
    np.testing.assert_array_equal(make_split(arrays, name, 2).test, make_split(changed, name, 2).test)


@SPLITS
def test_another_seed_gives_other_folds_and_the_same_seed_the_same(arrays, name):
    first, again, other = (make_split(arrays, name, 0, seed=seed) for seed in (0, 0, 1))
    np.testing.assert_array_equal(first.test, again.test)
    np.testing.assert_array_equal(first.validation, again.validation)
    assert (first.test != other.test).any()


@pytest.mark.parametrize("fold", [-1, 5, 99])
def test_a_fold_that_does_not_exist_is_refused(arrays, fold):
    with pytest.raises(ValueError, match=rf"fold {fold}: give a number from 0 to 4"):
        make_split(arrays, SplitName.LPO, fold)


@SPLITS
def test_a_model_to_be_served_trains_on_all_but_a_tenth_and_tests_nothing(arrays, name):
    split = training_split(arrays, name)
    assert not split.test.any()
    assert split.validation.sum() / arrays.measured.sum() == pytest.approx(0.1, abs=0.03)
