"""A cell: its name, its measurements, and which responses its method sees."""

from dataclasses import replace

import numpy as np
import pytest

import training.evaluation.cell
from training.evaluation.cell import Cell, evaluate_cell
from training.evaluation.methods import Method
from training.splits.permuted_features import FeaturePermutation
from training.splits.splits import SplitName, make_split

DRUG_MEAN = Cell("drug_mean", "LPO", 0, 5)


@pytest.fixture(scope="module")
def splits(arrays):
    return {name: [make_split(arrays, SplitName(name), fold) for fold in range(5)] for name in ("LPO", "LCO")}


def test_cells_that_differ_in_anything_have_different_files():
    other = {"method": "als", "split": "LCO", "fold": 1, "folds": 4, "split_seed": 1, "seed": 1}
    other |= {"shuffle": "lines", "protocol": "published"}
    names = {DRUG_MEAN.name(), *(replace(DRUG_MEAN, **{key: value}).name() for key, value in other.items())}
    assert len(names) == 9
    assert Cell("drug_mean", "GDSC 1/2→CCLE all-lines", 0, 1).name().count("/") == 0


def test_a_baseline_and_a_network_are_measured_on_the_test_pairs(arrays, splits):
    for name, more in (("mean_effects", set()), ("hgacl_epochs_2", {"epoch"})):
        result = evaluate_cell(arrays, replace(DRUG_MEAN, method=name), splits["LPO"][0])
        found = result.metrics()
        assert found.keys() >= {"auroc", "f1", "mcc", "brier", "calibration_error", "rmse", "seconds", *more}
        assert np.isfinite(list(found.values())).all()
        assert len(result.predictions) == splits["LPO"][0].test.sum()


def test_a_method_that_needs_features_loses_by_shuffled_lines_and_not_one_that_has_none(arrays, splits):
    def per_drug(name, shuffle):
        cell = Cell(name, "LCO", 0, 5, shuffle=shuffle)
        return evaluate_cell(arrays, cell, splits["LCO"][0]).metrics().get("per_drug_auroc")

    assert per_drug("kernel_ridge_ln_ic50", FeaturePermutation.NONE) > 0.8
    assert per_drug("kernel_ridge_ln_ic50", FeaturePermutation.LINES) < 0.65
    assert per_drug("mean_effects", FeaturePermutation.LINES) == per_drug("mean_effects", FeaturePermutation.NONE)


def test_only_the_published_protocol_shows_a_method_the_test_pairs(arrays, splits, monkeypatch):
    seen = {}

    def look(arrays, split, seed):
        seen["test"] = ~np.isnan(arrays.ln_ic50[split.test])
        return training.evaluation.cell.find_method("drug_mean").predict(arrays, split, seed)

    known = training.evaluation.cell.find_method
    monkeypatch.setattr(
        training.evaluation.cell, "find_method", lambda name: Method(look) if name == "look" else known(name)
    )
    for protocol, shown in (("folds", False), ("transfer", False), ("published", True)):
        evaluate_cell(arrays, Cell("look", "LPO", 0, 5, protocol=protocol), splits["LPO"][0])
        assert seen["test"].any() == shown
