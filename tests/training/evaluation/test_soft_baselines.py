"""The kernel ridges with the kernel stack's label, calibration and tables, on planted data."""

from dataclasses import replace

import numpy as np
import pytest

from training.evaluation.cell import hide_test_responses
from training.evaluation.soft_baselines import SOFT_BASELINES
from training.metrics.metrics import summary
from training.splits.splits import SplitName, make_split

CASES = [
    ("kernel_ridge_soft", SplitName.LCO, 0.8),
    ("als_kernel_ridge_soft", SplitName.LPO, 0.92),
    ("two_step_kernel_ridge_soft", SplitName.LDO, 0.75),
]


@pytest.mark.parametrize(("method", "name", "least"), CASES)
def test_each_finds_what_is_planted_and_calls_it_by_probability(arrays, method, name, least):
    split = make_split(arrays, name, 0, 4)
    said = SOFT_BASELINES[method](hide_test_responses(arrays, split), split, 0)
    assert summary(said.score, arrays.sensitive, split.test)["per_drug_auroc"] > least
    probability = 1 / (1 + np.exp(-said.score[split.test]))
    assert probability.mean() == pytest.approx(arrays.sensitive[split.test].mean(), abs=0.1)
    assert np.isfinite(said.ln_ic50[split.test]).all()
    assert np.isfinite(said.held_out_score).all()


def test_array_expression_is_read(arrays):
    split = make_split(arrays, SplitName.LCO, 0, 4)
    draw = np.random.default_rng(0).standard_normal((len(arrays.tissue), 7)).astype(np.float32)
    more = replace(
        arrays,
        features={**arrays.features, "expression_array": draw},
        feature_names={**arrays.feature_names, "expression_array": list("abcdefg")},
        present={**arrays.present, "expression_array": np.ones(len(draw), bool)},
    )
    method = SOFT_BASELINES["kernel_ridge_soft"]
    assert not np.allclose(method(arrays, split, 0).score, method(more, split, 0).score, atol=0.01)
