"""Potency of new drugs: concentrations correct what the drugs alike say, and properties are compared on one scale."""

import numpy as np
import pytest

from model.kernel_stack.potency import CONCENTRATION_WEIGHT, predicted_potency, property_kernel
from model.molecules.fingerprints import PROPERTIES, properties


def test_a_concentration_as_expected_changes_nothing_and_a_higher_one_raises_potency():
    weights = np.array([[0.75, 0.25], [0.5, 0.5]])
    mean, known = np.array([0.0, 4.0]), np.array([1.0, 3.0])
    bare = predicted_potency(weights, mean, known, np.full(2, np.nan))
    assert bare.tolist() == [1.0, 2.0]
    assert predicted_potency(weights, mean, known, np.array([1.5, 2.0])).tolist() == [1.0, 2.0]
    higher = predicted_potency(weights, mean, known, np.array([2.5, np.nan]))
    assert higher == pytest.approx([1 + CONCENTRATION_WEIGHT, 2.0])


def test_properties_count_by_their_spread_over_the_known_drugs():
    known = np.array([[0.0, 0, 5], [1, 1000, 5], [2, 2000, 5]])
    kernel = property_kernel(known)
    own = kernel.rows(known)
    assert np.diag(own) == pytest.approx(1.0)
    far = kernel.rows(np.array([[1.0, 1e9, 5]]))  # cut, so no compound is infinitely far
    assert 0 < far.min() < far.max() < 1
    np.testing.assert_allclose(kernel.rows(known * [10, 1, 1])[0], kernel.rows(known)[0])
    assert kernel.rows(np.array([[1.0, 1000, 5]]))[0] == pytest.approx([own[0, 1], 1, own[1, 2]])
    assert np.isfinite(property_kernel(known[:1]).rows(known)).all()


def test_properties_are_those_of_the_parent_and_of_the_compound():
    (aspirin,) = properties(["CC(=O)Oc1ccccc1C(=O)O"])
    found = dict(zip(PROPERTIES, aspirin.tolist(), strict=True))
    assert found["log_weight"] == pytest.approx(np.log(180.042), abs=1e-4)
    assert found["root_polar_area"] ** 2 == pytest.approx(63.6, abs=0.1)
    assert (found["aromatic_rings"], found["root_stereocentres"]) == (1, 0)
    assert found["carbon_sp3"] == pytest.approx(1 / 9)
    salt, parent = properties(["CCN(CC)CC.Cl", "CCN(CC)CC"])
    assert salt.tolist() == parent.tolist()
    assert np.isfinite(properties(["N.N.Cl[Pt]Cl"])).all()
