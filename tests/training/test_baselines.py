"""Baselines: by hand where they are means, better than these where signal is planted."""

from dataclasses import replace

import numpy as np
import pytest
from perturbed import with_other_features, with_other_values

from training.baselines import BASELINES
from training.metrics import summary
from training.splits import Split, SplitName, make_split


@pytest.fixture
def four(arrays):
    """Two lines × two drugs; drug 1 of line 1 is left out, a third line and drug have no training pair."""
    label = np.array([[1, 0, 1], [1, 0, 0], [0, 1, 0]], np.float32)
    train = np.array([[1, 1, 0], [1, 0, 0], [0, 0, 0]], bool)
    return replace(arrays, sensitive=label, ln_ic50=-label), Split(train, ~train, ~train, train)


def test_the_drug_mean_by_hand_is_the_overall_mean_where_nothing_is_known(four):
    scores = BASELINES["drug_mean"](*four, 0)
    np.testing.assert_allclose(scores, np.tile([1, 0, 2 / 3], (3, 1)))


def test_mean_effects_by_hand(four):
    scores = BASELINES["mean_effects"](*four, 0)
    np.testing.assert_allclose(scores, np.add.outer([1 / 2, 1, 2 / 3], [1, 0, 2 / 3]))


@pytest.mark.parametrize("method", list(BASELINES))
@pytest.mark.parametrize("name", list(SplitName))
def test_no_baseline_reads_a_test_pair_or_moves_with_it(arrays, method, name):
    split = make_split(arrays, name, 0, 4)
    scores = [BASELINES[method](a, split, 0) for a in (arrays, with_other_values(arrays, split.test))]
    assert scores[0].shape == arrays.ln_ic50.shape
    assert np.isfinite(scores[0]).all()
    np.testing.assert_array_equal(*scores)


@pytest.fixture(scope="module")
def auroc(arrays):
    out = {}
    for name in (SplitName.LPO, SplitName.LCO):
        split = make_split(arrays, name, 0, 4)
        for method, baseline in BASELINES.items():
            out[method, str(name)] = summary(baseline(arrays, split, 0), arrays.sensitive, split.test)[
                "per_drug_auroc"
            ]
    return out


def test_low_rank_methods_find_the_planted_interaction_on_random_pairs_and_means_do_not(auroc):
    assert auroc["mean_effects", "LPO"] < 0.65
    assert auroc["drug_mean", "LPO"] == 0.5
    assert auroc["matrix_factorisation", "LPO"] > 0.75
    assert auroc["als_ln_ic50", "LPO"] > 0.92


def test_only_features_rank_unseen_lines(auroc):
    assert auroc["kernel_ridge_ln_ic50", "LCO"] > 0.85
    for method in ("drug_mean", "mean_effects", "matrix_factorisation", "als_ln_ic50"):
        assert auroc[method, "LCO"] == 0.5


def test_kernel_ridge_scores_training_and_validation_lines_without_the_features_of_test_lines(arrays):
    split = make_split(arrays, SplitName.LCO, 0)
    unseen = split.test.any(1)
    changed = with_other_features(arrays, unseen)
    before, after = (BASELINES["kernel_ridge_ln_ic50"](a, split, 0) for a in (arrays, changed))
    np.testing.assert_allclose(before[~unseen], after[~unseen], rtol=1e-9)
    assert (before[unseen] != after[unseen]).any(1).all()


def test_kernel_ridge_works_without_a_table(arrays):
    less = {name: {"mutation": getattr(arrays, name)["mutation"]} for name in ("features", "present")}
    split = make_split(arrays, SplitName.LCO, 0)
    assert np.isfinite(BASELINES["kernel_ridge_ln_ic50"](replace(arrays, **less), split, 0)).all()
