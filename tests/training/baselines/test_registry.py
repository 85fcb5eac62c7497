"""All baselines: by hand where they are means, blind to test pairs and to unseen drugs' own numbers."""

from dataclasses import replace

import numpy as np
import pytest

from tests.helpers.perturbed_arrays import with_other_features, with_other_values
from training.baselines.registry import BASELINES
from training.metrics.metrics import summary
from training.splits.splits import Split, SplitName, make_split

MEANS = ("global_mean", "drug_mean", "line_mean", "mean_effects", "tissue_drug_mean")
SLOW = ("lightgbm_ln_ic50", "two_tower", "nihgcn", "mofgcn", "graphcdr")  # seconds each: on some splits alone
PARTS = ("score", "ln_ic50", "held_out_score", "held_out_ln_ic50")


@pytest.fixture(scope="module", autouse=True)
def few_epochs():
    """Enough for the planted signal; what a network may read shows in its first epochs."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("training.baselines.networks.two_tower.EPOCHS", 100)
        patch.setattr("training.baselines.networks.nihgcn.EPOCHS", 100)
        patch.setattr("training.baselines.networks.mofgcn.EPOCHS", 100)
        patch.setattr("training.baselines.networks.graphcdr.EPOCHS", 20)
        yield


@pytest.fixture
def four(arrays):
    """Two lines × two drugs; drug 1 of line 1 is left out, a third line and drug have no training pair."""
    label = np.array([[1, 0, 1], [1, 0, 0], [0, 1, 0]], np.float32)
    train = np.array([[1, 1, 0], [1, 0, 0], [0, 0, 0]], bool)
    tissue = ["lung", "skin", "skin"]
    return replace(arrays, sensitive=label, ln_ic50=-2 * label, tissue=tissue), Split(train, ~train, ~train, train)


LINES, DRUGS, OVERALL = [1 / 2, 1, 2 / 3], [1, 0, 2 / 3], 2 / 3  # line 3 and drug 3: the overall mean
BY_HAND = {
    "global_mean": np.full((3, 3), OVERALL),
    "drug_mean": np.tile(DRUGS, (3, 1)),
    "line_mean": np.tile(LINES, (3, 1)).T,
    "mean_effects": np.add.outer(LINES, DRUGS) - OVERALL,
}


@pytest.mark.parametrize("method", list(BY_HAND))
def test_means_by_hand_are_the_overall_mean_where_nothing_is_known(four, method):
    said = BASELINES[method](*four, 0)
    np.testing.assert_allclose(said.score, BY_HAND[method])
    np.testing.assert_allclose(said.ln_ic50, -2 * BY_HAND[method], atol=1e-12)


def test_the_tissues_mean_is_shrunken_to_the_drugs_by_hand(arrays):
    label = np.array([[1, 1], [1, 1], [0, 1], [0, 1], [1, 0]], np.float32)
    train = np.ones((5, 2), bool)
    train[4] = False
    train[:, 1] = False
    validation = ~train
    arrays = replace(arrays, sensitive=label, ln_ic50=-label, tissue=["lung", "lung", "skin", "", "bone"])
    said = BASELINES["tissue_drug_mean"](arrays, Split(train, validation, validation, train), 0)
    lung = {k: 0.5 + 2 * 0.5 / (2 + k) for k in (2, 5, 20)}  # mean of the drug .5, two lung lines .5 above it
    strength = min(lung, key=lambda k: abs(lung[k] - said.score[0, 0]))
    skin = 0.5 - 0.5 / (1 + strength)
    by_hand = [lung[strength], lung[strength], skin, 0.5, 0.5]
    np.testing.assert_allclose(said.score[:, 0], by_hand)
    np.testing.assert_allclose(said.score[:, 1], by_hand)  # an unseen drug: overall mean + deviation of the tissue
    np.testing.assert_allclose(said.ln_ic50, -said.score, atol=1e-12)


@pytest.fixture(scope="module")
def said(arrays):
    """What each method says of the planted data, once per method and split."""
    known = {}

    def of(method, name):
        if (method, name) not in known:
            known[method, name] = BASELINES[method](arrays, make_split(arrays, name, 0, 4), 0)
        return known[method, name]

    return of


def assert_same(first, second):
    for part in PARTS:
        one, other = getattr(first, part), getattr(second, part)
        assert (one is None) == (other is None)
        if one is not None:
            np.testing.assert_array_equal(one, other, part)


def cells(names, of_slow):
    return [(method, name) for method in BASELINES for name in (of_slow if method in SLOW else names)]


@pytest.mark.parametrize(("method", "name"), cells(SplitName, of_slow=(SplitName.LPO, SplitName.LCDO)))
def test_no_baseline_reads_a_test_pair_and_all_say_something_finite_of_every_pair(arrays, said, method, name):
    split = make_split(arrays, name, 0, 4)
    before = said(method, name)
    assert_same(before, BASELINES[method](with_other_values(arrays, split.test), split, 0))
    for part in PARTS:
        values = getattr(before, part)
        assert values is None or (values.shape == arrays.ln_ic50.shape and np.isfinite(values).all())


@pytest.mark.parametrize("method", list(BASELINES))
def test_what_is_held_out_never_read_the_validation_pairs_values_but_the_last_fit_did(arrays, said, method):
    """A method with settings chooses them on validation; among its settings, what it says is not moved."""
    split = make_split(arrays, SplitName.LPO, 0, 4)
    before = said(method, SplitName.LPO)
    shifted = replace(arrays, ln_ic50=np.where(split.validation, arrays.ln_ic50 + 3, arrays.ln_ic50))
    after = BASELINES[method](shifted, split, 0)
    np.testing.assert_array_equal(before.held_out_score, after.held_out_score)  # chosen by label, which is the same
    if before.ln_ic50 is not None:
        np.testing.assert_array_equal(before.held_out_ln_ic50, after.held_out_ln_ic50)
        assert (before.ln_ic50 != after.ln_ic50).any()


@pytest.mark.parametrize(("method", "name"), cells((SplitName.LDO, SplitName.LCDO), of_slow=(SplitName.LCDO,)))
def test_an_unseen_drugs_own_threshold_and_responses_are_never_read(arrays, said, method, name):
    split = make_split(arrays, name, 0, 4)
    unseen = ~split.development.any(0)
    assert unseen.any()
    other = with_other_values(arrays, np.broadcast_to(unseen, arrays.ln_ic50.shape))
    other = replace(other, threshold=np.where(unseen, arrays.threshold + 5, arrays.threshold).astype(np.float32))
    assert_same(said(method, name), BASELINES[method](other, split, 0))


@pytest.mark.parametrize("method", list(BASELINES))
def test_unseen_lines_features_move_nobody_elses_answer(arrays, said, method):
    split = make_split(arrays, SplitName.LCO, 0, 4)
    unseen = split.test.any(1)
    before, after = said(method, SplitName.LCO), BASELINES[method](with_other_features(arrays, unseen), split, 0)
    np.testing.assert_allclose(before.score[~unseen], after.score[~unseen], rtol=1e-5, atol=1e-5)
    featureless = method in (*MEANS, "matrix_factorisation", "als_ln_ic50")
    assert (before.score[unseen] != after.score[unseen]).any() != featureless


@pytest.mark.parametrize("method", [name for name in BASELINES if name not in MEANS])
def test_baselines_work_without_a_table(arrays, method):
    less = {name: {"mutation": getattr(arrays, name)["mutation"]} for name in ("features", "present")}
    split = make_split(arrays, SplitName.LCO, 0, 4)
    assert np.isfinite(BASELINES[method](replace(arrays, **less), split, 0).score).all()


@pytest.fixture(scope="module")
def auroc(arrays, said):
    def of(method, name):
        split = make_split(arrays, name, 0, 4)
        return summary(said(method, name).score, arrays.sensitive, split.test)["per_drug_auroc"]

    return of


@pytest.mark.parametrize(
    ("method", "least"),
    [
        ("matrix_factorisation", 0.75),
        ("als_ln_ic50", 0.93),
        ("als_kernel_ridge_ln_ic50", 0.93),
        ("two_tower", 0.9),
        ("nihgcn", 0.8),
        ("mofgcn", 0.8),
    ],
)
def test_methods_that_learn_of_pairs_find_the_planted_interaction_and_means_do_not(auroc, method, least):
    assert auroc(method, "LPO") > least
    assert auroc("mean_effects", "LPO") < 0.65
    assert auroc("drug_mean", "LPO") == 0.5


@pytest.mark.parametrize(
    "method",
    [
        "logistic_regression",
        "elastic_net_ln_ic50",
        "kernel_ridge_ln_ic50",
        "als_kernel_ridge_ln_ic50",
        "two_step_kernel_ridge_ln_ic50",
        "lightgbm_ln_ic50",
        "two_tower",
        "nihgcn",
    ],
)
def test_features_rank_unseen_lines(auroc, method):
    assert auroc(method, "LCO") > 0.8


@pytest.mark.parametrize("method", ["global_mean", "drug_mean", "mean_effects", "matrix_factorisation", "als_ln_ic50"])
def test_without_features_unseen_lines_are_all_alike(auroc, method):
    assert auroc(method, "LCO") == 0.5


@pytest.mark.parametrize("name", ["LDO", "LCDO"])
@pytest.mark.parametrize("method", ["two_step_kernel_ridge_ln_ic50", "lightgbm_ln_ic50", "two_tower"])
def test_a_drugs_structure_tells_which_lines_an_unseen_drug_fits(auroc, method, name):
    """Bits 0 to 39 of the planted drugs stand for the sign of their slope; means and per-drug methods cannot know."""
    assert auroc(method, name) > 0.75
    assert auroc("mean_effects", name) < 0.65
