"""Blends: weights from the validation pairs alone, values from the stored predictions of both methods."""

import numpy as np
import pytest

from training.evaluation.blends import blend
from training.evaluation.cell import Cell, hide_test_responses
from training.evaluation.grid import run_grid
from training.evaluation.methods import expand_groups, find_method
from training.splits.splits import make_split

GOOD, WEAK = "als_ln_ic50", "drug_mean"


def ignore(cell, metrics):
    pass


def cells(*methods):
    return [Cell(method, "LPO", 0, 5) for method in methods]


@pytest.fixture(scope="module")
def split(arrays):
    return make_split(arrays, "LPO", 0)


@pytest.fixture(scope="module")
def out(arrays, split, tmp_path_factory):
    folder = tmp_path_factory.mktemp("results")
    run_grid(arrays, cells(GOOD, WEAK, f"{GOOD}+{WEAK}", f"{GOOD}+{GOOD}"), {"LPO": [split]}, folder, ignore)
    return folder


def figures(out, arrays, split, method):
    found = {}
    run_grid(arrays, cells(method), {"LPO": [split]}, out, lambda cell, metrics: found.update(metrics))
    return found


def test_a_method_blended_with_itself_answers_the_same(out, arrays, split):
    alone, both = (figures(out, arrays, split, name) for name in (GOOD, f"{GOOD}+{GOOD}"))
    for metric in ("auroc", "auprc", "per_drug_auroc", "rmse", "per_drug_pearson"):
        assert both[metric] == pytest.approx(alone[metric], abs=1e-6)


def test_a_method_that_knows_nothing_more_gets_hardly_any_weight(out, arrays, split):
    found = figures(out, arrays, split, f"{GOOD}+{WEAK}")
    assert found["blend_weight"] <= 0.2
    assert found["blend_weight_ln_ic50"] <= 0.2
    assert found["rmse"] == pytest.approx(figures(out, arrays, split, GOOD)["rmse"], abs=0.02)


def test_test_pairs_choose_nothing(out, arrays, split):
    cell = Cell(f"{GOOD}+{WEAK}", "LPO", 0, 5)
    seen, hidden = (blend(out, a, cell, split) for a in (arrays, hide_test_responses(arrays, split)))
    np.testing.assert_array_equal(seen.score, hidden.score)
    np.testing.assert_array_equal(seen.ln_ic50, hidden.ln_ic50)


def test_without_the_results_of_both_there_is_no_blend(arrays, split, tmp_path):
    run_grid(arrays, cells(GOOD), {"LPO": [split]}, tmp_path, ignore)
    with pytest.raises(FileNotFoundError, match=WEAK):
        run_grid(arrays, cells(f"{GOOD}+{WEAK}"), {"LPO": [split]}, tmp_path, ignore)


def test_asking_for_a_blend_asks_for_its_methods_first():
    assert expand_groups([f"{GOOD}+{WEAK}"]) == [GOOD, WEAK, f"{GOOD}+{WEAK}"]
    assert find_method("kernel_stack+hgacl").config == f"\n{find_method('hgacl').config}"
    with pytest.raises(ValueError, match="joins two methods; leave 1 out"):
        expand_groups([f"{GOOD}+{WEAK}+{GOOD}"])
    with pytest.raises(ValueError, match="'nothing'"):
        expand_groups([f"{GOOD}+nothing"])
