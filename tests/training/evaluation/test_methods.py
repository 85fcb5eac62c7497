"""Methods by name: groups, ablations, changed settings, and what is refused."""

import json
from dataclasses import replace

import numpy as np
import pytest

from model.hgacl.config import HgaclConfig
from training.baselines.registry import BASELINES
from training.evaluation.methods import GROUPS, expand_groups, find_method
from training.evaluation.plans import PAPER, PLANS
from training.metrics.prediction import Prediction
from training.splits.permuted_features import FeaturePermutation
from training.splits.splits import SplitName, make_split


def config(name):
    return HgaclConfig(**json.loads(find_method(name).config))


def test_groups_become_their_methods_once_and_in_order():
    assert expand_groups(["networks", "drug_mean", "hgacl"]) == ["hgacl", "hgacl_paper", "drug_mean"]
    assert expand_groups(["baselines", "mean_effects"]) == list(BASELINES)


@pytest.mark.parametrize("group", list(GROUPS))
def test_every_method_of_every_group_is_known(group):
    assert expand_groups([group]) == list(dict.fromkeys(GROUPS[group]))


def test_a_name_changes_exactly_the_setting_it_says():
    assert config("hgacl") == HgaclConfig()
    assert config("hgacl_paper") == HgaclConfig.paper()
    assert config("hgacl_no_contrast") == replace(HgaclConfig(), contrastive_weight=0.0)
    assert config("hgacl_edge_drop_0.1") == replace(HgaclConfig(), edge_drop=0.1)
    assert config("hgacl_paper_feature_noise_0") == replace(HgaclConfig.paper(), feature_noise=0.0)
    assert config("hgacl_epochs_7").epochs == 7
    assert (
        len({find_method(name).config for name in GROUPS["sensitivity"]}) == len(GROUPS["sensitivity"]) - 1
    )  # the default


def test_the_differences_are_the_default_with_one_setting_of_the_paper_each():
    ours, paper = HgaclConfig(), HgaclConfig.paper()
    found = [config(name) for name in GROUPS["differences"]]
    assert found[0] == ours
    changed = {}
    for one in found[1:]:
        (name,) = (f for f in vars(ours) if getattr(one, f) != getattr(ours, f))
        changed[name] = getattr(one, name)
    left = {f for f in vars(ours) if getattr(ours, f) != getattr(paper, f)} - set(changed)
    assert changed == {name: getattr(paper, name) for name in changed}
    assert left == {"preset", "epochs", "patience", "redraw_every"}


def test_a_baseline_has_no_settings_and_every_method_says_something_of_every_pair(arrays):
    split = make_split(arrays, SplitName.LCDO, 0, 3)
    for name in ("drug_mean", "positive_counts", "hgacl_epochs_1"):
        said = find_method(name).predict(arrays, split, 0)
        assert isinstance(said, Prediction)
        assert said.score.shape == arrays.ln_ic50.shape
        assert np.isfinite(said.score).all()
    assert find_method("drug_mean").config == ""
    assert said.notes["epoch"] == 1
    assert said.notes["training_seconds"] > 0


@pytest.mark.parametrize(
    ("name", "says"),
    [
        (
            "gnn",
            "method 'gnn': choose of baselines, .*drug_mean.*dim2_no_3d.*, or hgacl_<setting>_<value>",
        ),
        ("hgacl_", "method 'hgacl_': choose of"),
        ("hgacl_colour_3", "method 'hgacl_colour_3': choose of"),
        ("hgacl_gate_edges_1", "method 'hgacl_gate_edges_1': gate_edges cannot be '1' .give true or false"),
        ("hgacl_edge_drop_1.5", r"method 'hgacl_edge_drop_1.5': edge_drop cannot be '1.5' \(edge_drop = 1.5: give"),
        ("hgacl_edge_drop_much", "method 'hgacl_edge_drop_much': edge_drop cannot be 'much'"),
        ("hgacl_edge_drop_nan", "method 'hgacl_edge_drop_nan': edge_drop cannot be 'nan'"),
        ("hgacl_epochs_1.5", "method 'hgacl_epochs_1.5': epochs cannot be '1.5'"),
    ],
)
def test_an_unknown_method_or_setting_is_refused(name, says):
    with pytest.raises(ValueError, match=says):
        expand_groups(["drug_mean", name])


def test_settings_and_an_ablation_may_follow_one_another():
    config = find_method(f"{PAPER}_edge_drop_0.3_no_fusion").config
    expected = replace(HgaclConfig.paper(), feature_components=2000, edge_drop=0.3, fusion=False)
    assert config == expected.to_json()


@pytest.mark.parametrize("grid", [grid for grids in PLANS.values() for grid in grids])
def test_every_method_and_option_of_a_plan_is_known(grid):
    assert expand_groups(grid.models.split(","))
    assert set(grid.splits.split(",")) <= set(SplitName)
    assert set(grid.shuffles.split(",")) <= set(FeaturePermutation)
