"""The kernel stack on planted data: it learns, and a line known by fewer tables is answered from these alone."""

from dataclasses import replace

import numpy as np
import pytest

from training.baselines.registry import BASELINES
from training.kernel_stack.fit import fit_kernel_stack
from training.kernel_stack.predict import TABLES, predict_kernel_stack
from training.metrics.metrics import rmse, summary
from training.splits.splits import make_split


@pytest.mark.parametrize("name", ["LPO", "LCO"])
def test_it_beats_mean_effects_on_planted_data(arrays, name):
    split = make_split(arrays, name, 0, 4)
    ours = predict_kernel_stack(arrays, split, 0, "kernel_stack")
    means = BASELINES["mean_effects"](arrays, split, 0)
    of = [summary(said.score, arrays.sensitive, split.test)["auroc"] for said in (ours, means)]
    assert of[0] > of[1] + 0.05
    test = split.test
    assert rmse(ours.ln_ic50[test], arrays.ln_ic50[test]) < rmse(means.ln_ic50[test], arrays.ln_ic50[test])


def test_hidden_tables_of_unseen_lines_are_not_read(arrays):
    split = make_split(arrays, "LCO", 0, 4)
    unseen = ~split.development.any(1)
    kept = TABLES["kernel_stack_mutation_tissue"]
    before = fit_kernel_stack(arrays, split.development, 0, kept).predict()
    features = {name: x.copy() for name, x in arrays.features.items()}
    features["expression"][unseen] *= -3
    changed = replace(arrays, features=features)
    after = fit_kernel_stack(changed, split.development, 0, kept).predict()
    np.testing.assert_allclose(before[0], after[0], atol=1e-6)
    own = [fit_kernel_stack(x, split.development, 0).predict()[0][unseen] for x in (arrays, changed)]
    assert np.abs(own[0] - own[1]).max() > 0.1


def test_array_expression_and_growth_are_blocks_of_their_own(arrays):
    rng = np.random.default_rng(0)
    n = len(arrays.cell_line_ids)
    has = np.arange(n) % 3 > 0
    array = np.where(has[:, None], rng.normal(size=(n, 7)), np.nan).astype(np.float32)
    growth = np.where(has[:, None], rng.normal(size=(n, 1)), np.nan).astype(np.float32)
    more = replace(
        arrays,
        features={**arrays.features, "expression_array": array, "growth": growth},
        feature_names={**arrays.feature_names, "expression_array": list("abcdefg"), "growth": ["growth_rate"]},
        present={**arrays.present, "expression_array": has, "growth": has},
    )
    fitted = fit_kernel_stack(more, make_split(more, "LPO", 0, 4).train, 0)
    assert {"expression_array", "growth"} <= set(fitted.line_ridge.space.blocks)
    assert fitted.line_ridge.space.present["growth"].all()  # the mean stands in
    assert np.isfinite(fitted.predict()[0]).all()


def test_further_drugs_tell_potency_and_not_how_a_new_drug_orders_the_lines(arrays):
    split = make_split(arrays, "LDO", 0, 4)
    unseen = np.flatnonzero(split.test.any(0))
    candidates = np.flatnonzero(split.train.any(0))
    more = replace(arrays, further_drug_ids=frozenset(arrays.drug_ids[j] for j in candidates[::2]))
    fitted, plain = (fit_kernel_stack(one, split.train, 0) for one in (more, arrays))
    z = np.random.default_rng(0).normal(size=(3, len(arrays.drug_ids)))
    moved = np.where(more.further, z + 5, z)
    np.testing.assert_array_equal(fitted.drugs.predict(z)[:, unseen], fitted.drugs.predict(moved)[:, unseen])
    assert not np.allclose(plain.drugs.predict(z)[:, unseen], plain.drugs.predict(moved)[:, unseen])
    np.testing.assert_array_equal(fitted.drugs.potency(z[0]), plain.drugs.potency(z[0]))
