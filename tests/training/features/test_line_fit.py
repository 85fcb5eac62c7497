"""The fitted object of the lines: one for training lines, others and the exported graphs."""

import numpy as np
import pytest

from model.encoder_inputs import LINE_NAMES, MODALITIES
from tests.helpers.perturbed_arrays import with_other_features
from training.features.imputation import fit_imputation
from training.features.line_fit import fit_lines, line_blocks
from training.splits.splits import SplitName, make_split


def test_gaps_of_a_table_are_filled_from_the_other_tables_and_seen_lines_only(arrays):
    split = make_split(arrays, SplitName.LCO, 0, 4)
    seen = split.train.any(1)
    missing = ~arrays.present["expression"]
    blocks = line_blocks(arrays, seen)
    assert (np.abs(blocks["expression"][missing]).sum(1) > 0).all()
    changed = line_blocks(with_other_features(arrays, ~seen), seen)
    for name in ("expression", "copy_number", "mutation"):
        np.testing.assert_allclose(blocks[name][seen], changed[name][seen], rtol=1e-6, atol=1e-9)
        assert (blocks[name][~seen] != changed[name][~seen]).any()


def test_blocks_are_never_those_of_other_arrays_or_other_lines(arrays):
    split = make_split(arrays, SplitName.LCO, 0, 4)
    few, many = split.train.any(1), split.development.any(1)
    first = line_blocks(arrays, few)["mutation"]
    assert (
        line_blocks(arrays, many)["mutation"].shape != first.shape
        or (line_blocks(arrays, many)["mutation"] != first).any()
    )
    other = with_other_features(arrays, few)
    assert (line_blocks(other, few)["mutation"] != first).any()
    np.testing.assert_array_equal(line_blocks(arrays, few)["mutation"], first)


def test_the_object_gives_the_blocks_of_training_lines_and_of_others_by_one_transformation(arrays):
    seen = make_split(arrays, SplitName.LCO, 0, 4).train.any(1)
    fit, blocks = fit_lines(arrays, seen), line_blocks(arrays, seen)
    again = fit.impute(arrays, fit.bare_blocks(arrays))
    assert list(again) == list(blocks) == [*MODALITIES, *LINE_NAMES]
    for name, block in blocks.items():
        np.testing.assert_array_equal(again[name], block)
        np.testing.assert_array_equal(fit.reference_blocks()[name], block[seen])


def test_it_transforms_a_dataset_that_it_was_not_fitted_on(arrays):
    """Lines outside training with other tables: their blocks change, those of training lines do not."""
    seen = make_split(arrays, SplitName.LCO, 0, 4).train.any(1)
    fit, other = fit_lines(arrays, seen), with_other_features(arrays, ~seen)
    before, after = (fit.impute(data, fit.bare_blocks(data)) for data in (arrays, other))
    for name in MODALITIES:
        np.testing.assert_array_equal(before[name][seen], after[name][seen])
        assert (before[name][~seen] != after[name][~seen]).any()


def test_a_gap_is_what_kernel_ridge_from_the_other_blocks_predicts(arrays):
    seen = arrays.measured.any(1)
    fit, blocks = fit_lines(arrays, seen, 4), line_blocks(arrays, seen, 4)
    bare = fit.bare_blocks(arrays)
    assert [block.shape[1] for name, block in bare.items() if name in MODALITIES] == [4, 4, 4]
    others = np.hstack([x for name, x in bare.items() if name != "copy_number"])
    known = arrays.present["copy_number"]
    expected = fit_imputation(others[known], bare["copy_number"][known]).predict(others)
    np.testing.assert_allclose(blocks["copy_number"], np.where(known[:, None], bare["copy_number"], expected))


@pytest.mark.parametrize("modality", MODALITIES)
def test_changed_references_carry_their_own_imputations(arrays, modality):
    fit = fit_lines(arrays, arrays.measured.any(1), 4)
    same, rough = fit.with_references(lambda x: x), fit.with_references(lambda x: np.round(x, 1))
    np.testing.assert_allclose(same.imputations[modality].duals, fit.imputations[modality].duals, atol=1e-9)
    assert np.abs(rough.imputations[modality].duals - fit.imputations[modality].duals).max() > 1e-3
    np.testing.assert_array_equal(rough.references[modality], np.round(fit.references[modality], 1))
