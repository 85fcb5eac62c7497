"""Summaries of the tidy table, worked by hand."""

import numpy as np
import pandas as pd
import pytest

from training.evaluation.cell import Cell
from training.evaluation.summary import reliability_by_method, summarise, tissues_by_method


def rows(**columns):
    usual = {"method": "a", "split": "LPO", "metric": "auroc", "level": "pooled", "shuffle": "none"}
    return {**usual, "protocol": "folds", "seed": 0, "split_seed": 0, "folds": 5, "value": 99.0, **columns}


def test_mean_deviation_and_interval_over_folds_by_hand():
    table = pd.DataFrame([*(rows(value=v) for v in (1.0, 2.0, 3.0)), rows(split="LCO", value=5.0)])
    out = summarise(table)
    half = 4.302653 / 3**0.5  # Student's t of two degrees of freedom at 97.5 %
    assert out["a"]["LPO"]["auroc"]["ci"] == pytest.approx([2 - half, 2 + half], rel=1e-6)
    assert {k: v for k, v in out["a"]["LPO"]["auroc"].items() if k != "ci"} == {"mean": 2.0, "sd": 1.0, "folds": 3}
    assert out["a"]["LCO"]["auroc"] == {"mean": 5.0, "sd": None, "ci": None, "folds": 1}


@pytest.mark.parametrize(
    "other",
    [
        {"seed": 1},
        {"split_seed": 1},
        {"folds": 10},
        {"shuffle": "lines"},
        {"protocol": "published"},
        {"level": "drug"},
        {"value": np.nan},
    ],
)
def test_a_mean_over_folds_is_never_one_of_two_kinds(other):
    table = pd.DataFrame([rows(value=1.0), rows(value=3.0), rows(**other)])
    assert summarise(table)["a"]["LPO"]["auroc"]["mean"] == 2


def test_each_split_may_have_its_own_number_of_folds():
    table = pd.DataFrame([rows(value=1.0), rows(split="LTO", folds=4, value=3.0)])
    assert summarise(table)["a"]["LPO"]["auroc"]["mean"] == 1
    assert summarise(table)["a"]["LTO"]["auroc"]["mean"] == 3


def test_another_protocol_has_a_summary_of_its_own():
    table = pd.DataFrame([rows(value=1.0), rows(value=3.0, protocol="published", split="hgacl-published")])
    assert summarise(table, "published") == {
        "a": {"hgacl-published": {"auroc": {"mean": 3.0, "sd": None, "ci": None, "folds": 1}}}
    }


def test_figures_by_tissue_are_means_over_the_same_folds():
    tissue = [rows(level="tissue", unit="skin", value=0.6), rows(level="tissue", unit="skin", value=0.8)]
    others = [
        rows(level="tissue", unit="skin", value=0.1, seed=1),
        rows(level="tissue", unit="skin", value=0.1, metric="rmse"),
        rows(level="tissue", unit="skin", value=0.1, method="b"),
        rows(level="line", unit="A549", value=0.1),
    ]
    found = tissues_by_method(pd.DataFrame([*tissue, *others, rows(level="tissue", unit="bone", value=0.5)]), ["a"])
    assert found == {"a": {"LPO": {"bone": {"auroc": 0.5, "folds": 1}, "skin": {"auroc": 0.7, "folds": 2}}}}


def test_reliability_is_of_all_test_pairs_of_the_chosen_folds_and_methods(tmp_path):
    (tmp_path / "cells").mkdir()
    plan = [("a", 0, 0, 0.2, 0), ("a", 0, 1, 0.6, 1), ("a", 1, 0, 0.9, 1), ("other", 0, 0, 0.5, 1)]
    for method, seed, fold, probability, sensitive in plan:
        pairs = pd.DataFrame({"probability": [probability] * 5, "sensitive": [bool(sensitive)] * 5})
        pairs.to_parquet(tmp_path / "cells" / f"{Cell(method, 'LPO', fold, 2, 0, seed).name()}.parquet")
    table = pd.DataFrame([rows(method=m, seed=seed, fold=fold, folds=2) for m, seed, fold, *_ in plan])
    found = reliability_by_method(tmp_path, table, ["a"])
    assert found.keys() == {"a"}
    bins = found["a"]["LPO"]
    assert [(round(one["predicted"], 6), one["observed"], one["pairs"]) for one in bins] == [
        *[(0.2, 0, 1)] * 5,
        *[(0.6, 1, 1)] * 5,
    ]
    without = table.assign(fold=table["fold"] + 1)  # a fold whose predictions are gone
    assert reliability_by_method(tmp_path, without, ["a"]) == {}
