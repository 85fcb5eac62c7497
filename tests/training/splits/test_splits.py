"""Folds: disjoint, complete, fixed by ids and seed, and nothing that belongs together is ever cut."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from training.splits.splits import SplitName, make_split, training_split

SPLITS = pytest.mark.parametrize("name", list(SplitName))
WITHOUT_REST = pytest.mark.parametrize("name", [s for s in SplitName if s is not SplitName.LCDO])
FOLDS = {SplitName.LTO: 4}  # the planted lines come from four tissues


def split_of(arrays, name, fold=0, seed=0):
    return make_split(arrays, name, fold, FOLDS.get(SplitName(name), 5), seed)


def all_folds(arrays, name):
    return [split_of(arrays, name, fold) for fold in range(FOLDS.get(name, 5))]


def permuted(arrays, rows, columns):
    by_line = ("cell_line_ids", "tissue", "line_groups")
    by_drug = ("drug_ids", "drug_groups")
    return replace(
        arrays,
        **{name: [getattr(arrays, name)[i] for i in rows] for name in by_line},
        **{name: [getattr(arrays, name)[j] for j in columns] for name in by_drug},
        ln_ic50=arrays.ln_ic50[rows][:, columns],
        sensitive=arrays.sensitive[rows][:, columns],
    )


def without_common_member(*masks):
    return all(not (a & b).any() for i, a in enumerate(masks) for b in masks[:i])


@WITHOUT_REST
def test_the_three_parts_are_disjoint_and_make_up_the_measured_pairs(arrays, name):
    for split in [*all_folds(arrays, name), training_split(arrays, name)]:
        parts = split.train.astype(int) + split.validation + split.test
        np.testing.assert_array_equal(parts, arrays.measured.astype(int))
        np.testing.assert_array_equal(split.development, split.train | split.validation)


@WITHOUT_REST
def test_every_measured_pair_is_tested_once(arrays, name):
    times = sum(split.test.astype(int) for split in all_folds(arrays, name))
    np.testing.assert_array_equal(times, arrays.measured.astype(int))


@pytest.mark.parametrize("name", [SplitName.LCO, SplitName.LTO, SplitName.LCDO])
def test_a_line_left_out_is_in_no_other_part_and_each_is_left_out_once(arrays, name):
    left_out = []
    for split in all_folds(arrays, name):
        parts = [part.any(1) for part in (split.train, split.validation, split.test)]
        assert without_common_member(*parts)
        assert not (split.development.any(1) & parts[2]).any()
        left_out.append(parts[2])
    assert np.sum(left_out, axis=0).max() == 1
    if name is not SplitName.LCDO:  # there a line may lack every drug that is left out with it
        assert np.sum(left_out, axis=0).min() == 1


@pytest.mark.parametrize("name", [SplitName.LDO, SplitName.LCDO])
def test_a_drug_left_out_is_in_no_other_part_and_each_is_left_out_once(arrays, name):
    left_out = []
    for split in all_folds(arrays, name):
        parts = [part.any(0) for part in (split.train, split.validation, split.test)]
        assert without_common_member(*parts)
        assert not (split.development.any(0) & parts[2]).any()
        left_out.append(parts[2])
    np.testing.assert_array_equal(np.sum(left_out, axis=0), 1)


def test_a_tissue_left_out_is_in_no_other_part(arrays):
    tissue = np.array(arrays.tissue)
    for split in all_folds(arrays, SplitName.LTO):
        sets = [set(tissue[part.any(1)]) for part in (split.train, split.validation, split.test)]
        assert all(sets)
        assert not sets[0] & sets[1] | sets[0] & sets[2] | sets[1] & sets[2]


def test_leaving_both_out_learns_from_pairs_of_what_stays_and_nothing_else(arrays):
    for split in all_folds(arrays, SplitName.LCDO):
        lines, drugs = ~split.development.any(1), ~split.development.any(0)  # left out
        np.testing.assert_array_equal(split.test, arrays.measured & lines[:, None] & drugs[None, :])
        np.testing.assert_array_equal(split.development, arrays.measured & ~lines[:, None] & ~drugs[None, :])
        assert not (split.train | split.validation)[~split.development].any()


def test_folds_have_about_equal_size_and_a_tenth_is_for_validation(arrays):
    for split in all_folds(arrays, SplitName.LPO):
        assert split.test.sum() / arrays.measured.sum() == pytest.approx(0.2, abs=0.04)
        assert split.validation.sum() / arrays.measured.sum() == pytest.approx(0.08, abs=0.03)
    for split in all_folds(arrays, SplitName.LCO):
        assert split.test.any(1).sum() == 20
        assert split.validation.any(1).sum() == 8


@settings(max_examples=25, deadline=None)
@given(
    st.sampled_from(list(SplitName)),
    st.integers(0, 3),
    st.lists(st.tuples(st.integers(0, 99), st.integers(0, 99)), max_size=30),
    st.lists(st.tuples(st.integers(0, 11), st.integers(0, 11)), max_size=2),
)
def test_duplicates_never_cross_whatever_is_a_duplicate_of_what(arrays, name, seed, same_lines, same_drugs):
    lines, drugs = list(arrays.line_groups), list(arrays.drug_groups)
    for a, b in same_lines:
        lines[b] = lines[a]
    for a, b in same_drugs:
        drugs[b] = drugs[a]
    # LTO: a duplicate in another tissue joins the two tissues; keep the four apart so that there are folds to fill
    tissue = [f"tissue {i % 4}" for i in range(100)]
    if name is SplitName.LTO:
        lines = [f"{group}/{t}" for group, t in zip(lines, tissue, strict=True)]
    changed = replace(arrays, line_groups=lines, drug_groups=drugs, tissue=tissue)
    split = split_of(changed, name, 1, seed)
    pairs = np.array([[hash((line, drug)) for drug in drugs] for line in lines])
    assert not set(pairs[split.test]) & set(pairs[split.development])
    assert not set(pairs[split.train]) & set(pairs[split.validation])
    for split_names, groups, axis in ((("LCO", "LTO", "LCDO"), lines, 1), (("LDO", "LCDO"), drugs, 0)):
        if name in split_names:
            held = {groups[i] for i in np.flatnonzero(split.test.any(axis))}
            learnt = {groups[i] for i in np.flatnonzero(split.development.any(axis))}
            assert not held & learnt


def test_a_line_with_two_tissues_joins_them(arrays):
    groups = list(arrays.line_groups)
    groups[1] = groups[0]  # lines 0 and 1 stand in different tissues
    joined = replace(arrays, line_groups=groups)
    with pytest.raises(ValueError, match=r"3 groups .* cannot fill 4 folds"):
        make_split(joined, SplitName.LTO, 0, 4)
    for fold in range(3):
        tested = make_split(joined, SplitName.LTO, fold, 3).test.any(1)
        assert tested[0] == tested[1]


@SPLITS
def test_permuting_the_rows_moves_no_pair_to_another_part(arrays, name):
    rng = np.random.default_rng(0)
    rows, columns = rng.permutation(100), rng.permutation(12)
    before, after = split_of(arrays, name, 1), split_of(permuted(arrays, rows, columns), name, 1)
    for part in ("train", "validation", "test", "development"):
        np.testing.assert_array_equal(getattr(before, part)[rows][:, columns], getattr(after, part))


def test_a_new_line_moves_no_random_pair_of_the_others(arrays):
    fewer = permuted(arrays, range(60), range(12))
    np.testing.assert_array_equal(split_of(arrays, SplitName.LPO, 1).test[:60], split_of(fewer, SplitName.LPO, 1).test)


@SPLITS
def test_the_responses_themselves_do_not_move_a_pair(arrays, name):
    changed = replace(arrays, ln_ic50=arrays.ln_ic50 * -3, sensitive=1 - arrays.sensitive)
    np.testing.assert_array_equal(split_of(arrays, name, 2).test, split_of(changed, name, 2).test)


@SPLITS
def test_another_seed_gives_other_folds_and_the_same_seed_the_same(arrays, name):
    first, again, other = (split_of(arrays, name, seed=seed) for seed in (0, 0, 1))
    np.testing.assert_array_equal(first.test, again.test)
    np.testing.assert_array_equal(first.validation, again.validation)
    assert (first.test != other.test).any()


@pytest.mark.parametrize("fold", [-1, 5, 99])
def test_a_fold_that_does_not_exist_is_refused(arrays, fold):
    with pytest.raises(ValueError, match=rf"fold {fold}: give a number from 0 to 4"):
        make_split(arrays, SplitName.LPO, fold)


def test_more_folds_than_there_are_drugs_are_refused(arrays):
    with pytest.raises(ValueError, match=r"12 groups .* cannot fill 13 folds; ask for fewer"):
        make_split(arrays, SplitName.LDO, 0, 13)


@WITHOUT_REST
def test_a_model_to_be_served_trains_on_all_but_a_tenth_and_tests_nothing(arrays, name):
    split = training_split(arrays, name)
    assert not split.test.any()
    share = 0.25 if name is SplitName.LTO else 0.1  # one of four tissues
    assert split.validation.sum() / arrays.measured.sum() == pytest.approx(share, abs=0.03)
    assert training_split(arrays, SplitName.LCDO).development.sum() == arrays.measured.sum()


@pytest.mark.parametrize("name", list(SplitName))
def test_further_drugs_move_no_pair_of_the_published_ones_and_are_never_left_out_as_unseen(arrays, name):
    more = replace(arrays, further_drug_ids=frozenset(arrays.drug_ids[::3]))
    kept = np.flatnonzero(~more.further)
    alone = permuted(arrays, np.arange(len(arrays.cell_line_ids)), kept)
    for both, split in [
        *zip(all_folds(more, name), all_folds(alone, name), strict=True),
        (training_split(more, name), training_split(alone, name)),
    ]:
        for part in ("train", "validation", "test", "development"):
            np.testing.assert_array_equal(getattr(both, part)[:, kept], getattr(split, part))
        if name in (SplitName.LDO, SplitName.LCDO):
            assert not (both.test | both.validation)[:, more.further].any()
        if name is SplitName.LDO:
            assert both.train[:, more.further].any()


def test_a_split_may_be_named_by_plain_text(arrays):
    for name in SplitName:
        for one, other in (
            (split_of(arrays, str(name.value)), split_of(arrays, name)),
            (training_split(arrays, str(name.value)), training_split(arrays, name)),
        ):
            np.testing.assert_array_equal(one.test, other.test)
            np.testing.assert_array_equal(one.validation, other.validation)
    with pytest.raises(ValueError, match="LPOO"):
        make_split(arrays, "LPOO", 0)
