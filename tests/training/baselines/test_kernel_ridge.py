"""What the kernel baselines are made of, against hand-worked numbers and scikit-learn."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.kernel_ridge import KernelRidge

from training.baselines.drug_units import drug_units
from training.baselines.kernel_ridge import dual_weights, ridge_over_drugs
from training.baselines.registry import BASELINES
from training.features.drug_views import drug_kernels
from training.features.line_fit import line_blocks
from training.features.line_kernel import gaussian_kernel
from training.splits.splits import SplitName, make_split


def test_drug_kernels_by_hand(arrays):
    bits = np.array([[1, 1, 0], [1, 0, 0], [np.nan] * 3], np.float32)
    drugs = replace(
        arrays,
        fingerprints=bits,
        targets=[["A", "MEK1"], ["MAP2K1", "C", "D"], []],
        drug_pathway=["x", "x", "Other"],
        smiles=["C1CC", "", "CCO"],  # without a second fingerprint, or with one that the others lack
    )
    kernels = drug_kernels(drugs)
    np.testing.assert_allclose(kernels["structure"], [[1, 0.5, 0], [0.5, 1, 0], [0, 0, 0.5]])
    np.testing.assert_allclose(kernels["target"], [[1, 0.25, 0], [0.25, 1, 0], [0, 0, 0]])
    np.testing.assert_allclose(kernels["pathway"], [[1, 1, 0], [1, 1, 0], [0, 0, 0]])


def test_weights_are_those_of_scikit_learn_on_each_drugs_own_lines(arrays):
    units = drug_units(arrays, make_split(arrays, SplitName.LPO, 0, 4).train)
    kernel = gaussian_kernel(line_blocks(arrays, units.lines)["mutation"], units.lines)
    value = kernel @ dual_weights(kernel, units, 0.5)
    for drug in range(3):
        rows = np.flatnonzero(units.pairs[:, drug])
        model = KernelRidge(alpha=0.5, kernel="precomputed").fit(kernel[np.ix_(rows, rows)], units.value[rows, drug])
        np.testing.assert_allclose(value[:, drug], model.predict(kernel[:, rows]), rtol=1e-6, atol=1e-9)


def test_the_second_step_by_hand():
    kernel = np.array([[1.0, 0.0, 0.8], [0.0, 1.0, 0.0], [0.8, 0.0, 1.0]])
    known = np.array([True, True, False])
    out = ridge_over_drugs(kernel, known, np.array([[3.0, 1.0]]), ridge=1.0)
    # around the mean 2: deviations 1 and −1, halved by the ridge, the third drug takes .8 of the first's half
    np.testing.assert_allclose(out, [[2.5, 1.5, 2.4]])


def test_an_unseen_drugs_mean_comes_from_the_drugs_like_it(arrays):
    """Two families of drugs a dozen ln units apart; bits 0 to 39 tell which one an unseen drug is of."""
    split = make_split(arrays, SplitName.LDO, 0, 4)
    shift = np.where(np.arange(12) % 2 == 0, 6.0, -6.0).astype(np.float32)
    moved = replace(arrays, ln_ic50=arrays.ln_ic50 + shift, threshold=arrays.threshold + shift)
    said = BASELINES["two_step_kernel_ridge_ln_ic50"](moved, split, 0).ln_ic50
    unseen = np.flatnonzero(split.test.any(0))
    means = said[:, unseen].mean(0)
    assert (np.sign(means - means.mean()) == np.sign(shift[unseen])).all()


@pytest.mark.parametrize("method", ["als_ln_ic50", "kernel_ridge_ln_ic50", "two_step_kernel_ridge_ln_ic50"])
def test_the_score_is_the_distance_of_the_predicted_ln_ic50_from_the_threshold_in_the_drugs_sd(arrays, method):
    split = make_split(arrays, SplitName.LPO, 0, 4)
    said, units = BASELINES[method](arrays, split, 0), drug_units(arrays, split.development)
    np.testing.assert_allclose(said.score, (arrays.threshold - said.ln_ic50) / units.sd, rtol=1e-3, atol=1e-4)
