"""Summaries of the tidy table, worked by hand."""

import numpy as np
import pandas as pd
import pytest

from training.evaluation.summary import summarise


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
