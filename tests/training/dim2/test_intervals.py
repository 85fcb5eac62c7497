"""Intervals of DiM2-DRP: they cover in all four cases, and a case that cannot be measured has none."""

import numpy as np
import pytest
import torch

from tests.helpers.dim2_arrays import small_dim2, with_structures
from training.dim2.inputs import fit_offset
from training.dim2.intervals import CASES, half_widths, half_widths_by_case
from training.dim2.predict import predict_offset
from training.evaluation.prediction_table import prediction_table
from training.splits.splits import SplitName, make_split


@pytest.fixture(scope="module")
def data(arrays):
    return with_structures(arrays)


@pytest.mark.parametrize("name", ["LPO", "LCO", "LDO", "LCDO"])
def test_intervals_cover_unseen_lines_and_drugs_alike(data, name):
    """Four folds together: twelve drugs and a hundred lines are few."""
    inside = []
    for fold in range(4):
        split = make_split(data, SplitName(name), fold, 4)
        table = prediction_table(data, split, predict_offset(data, split, small_dim2(), 0))
        inside += ((table["ln_ic50"] >= table["lower"]) & (table["ln_ic50"] <= table["upper"])).tolist()
        assert (table["upper"] > table["lower"]).all()
    assert np.mean(inside) == pytest.approx(0.9, abs=0.07)


def fitted(data, name):
    split = make_split(data, SplitName(name), 0, 4)
    offset = fit_offset(data, split.development, small_dim2(), 0, cross_fitted=False)
    first = fit_offset(data, split.train, small_dim2(), 0, cross_fitted=False)
    seen = (torch.from_numpy(split.train.any(axis)) for axis in (1, 0))
    return split, offset, first.best_matrix(*seen).numpy()


def test_an_unseen_drug_makes_the_interval_wider(data):
    widths = half_widths_by_case(data, *fitted(data, "LPO"))
    assert list(widths) == list(CASES)
    assert 0 < widths["known"] < widths["new_drug"]
    assert 0 < widths["new_line"] < widths["both"]


def test_a_case_without_validation_pairs_has_no_width(data):
    """With lines left out, no validation pair is of a line with training pairs: its interval cannot be measured."""
    widths = half_widths_by_case(data, *fitted(data, "LCO"))
    assert widths["known"] is None
    assert widths["new_line"] > 0


def test_a_pairs_half_width_is_that_of_its_case_in_the_units_of_its_drug(data):
    split, offset, held_out = fitted(data, "LCDO")
    by_case = half_widths_by_case(data, split, offset, held_out)
    widths = half_widths(data, split, offset, held_out)
    lines, drugs = split.development.any(1), split.development.any(0)
    for case, line, drug in (
        ("new_line", ~lines, drugs),
        ("new_drug", lines, ~drugs),
        ("both", ~lines, ~drugs),
    ):
        scale = offset.scale[0 if case == "new_line" else 1].numpy()[drug]
        np.testing.assert_allclose(
            widths[np.ix_(line, drug)], np.tile(by_case[case] * scale, (line.sum(), 1)), rtol=1e-6
        )
