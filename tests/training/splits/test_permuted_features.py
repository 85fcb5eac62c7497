"""Shuffled features: all of a row move together, responses and ids stay."""

import numpy as np
import pytest

from training.data.arrays import Arrays
from training.splits.permuted_features import FeaturePermutation, permute_features

OF_LINES = {"features", "present", "tissue", "cancer_type", "medium"}
OF_DRUGS = {"fingerprints", "targets", "drug_pathway", "smiles"}


@pytest.fixture
def marked(arrays):
    """Arrays whose every feature tells the row that it came from."""
    from dataclasses import replace

    lines, drugs = np.arange(100, dtype=np.float32), np.arange(12, dtype=np.float32)
    return replace(
        arrays,
        features={"expression": lines[:, None], "mutation": lines[:, None] + 0.5},
        present={"expression": np.arange(100) % 2 == 0},
        tissue=[f"t{i}" for i in range(100)],
        cancer_type=[f"c{i}" for i in range(100)],
        medium=[f"m{i}" for i in range(100)],
        fingerprints=drugs[:, None],
        targets=[[f"g{i}"] for i in range(12)],
        drug_pathway=[f"p{i}" for i in range(12)],
        smiles=[f"s{i}" for i in range(12)],
    )


def changed(a, b):
    def differs(name):
        one, other = getattr(a, name), getattr(b, name)
        if isinstance(one, dict):
            return any(not np.array_equal(one[key], other[key]) for key in one)
        return not np.array_equal(one, other, equal_nan=True) if isinstance(one, np.ndarray) else one != other

    return {name for name in Arrays.__dataclass_fields__ if differs(name)}


def test_lines_move_with_all_that_describes_them_and_nothing_else(marked):
    after = permute_features(marked, FeaturePermutation.LINES, 1)
    assert changed(marked, after) == OF_LINES
    origin = after.features["expression"][:, 0].astype(int)
    assert sorted(origin) == list(range(100))
    np.testing.assert_array_equal(after.features["mutation"][:, 0], origin + 0.5)
    np.testing.assert_array_equal(after.present["expression"], origin % 2 == 0)
    assert after.tissue == [f"t{i}" for i in origin]
    assert after.cancer_type == [f"c{i}" for i in origin]
    assert after.medium == [f"m{i}" for i in origin]


def test_drugs_move_with_all_that_describes_them_and_nothing_else(marked):
    after = permute_features(marked, FeaturePermutation.DRUGS, 1)
    assert changed(marked, after) == OF_DRUGS
    origin = after.fingerprints[:, 0].astype(int)
    assert sorted(origin) == list(range(12))
    assert after.targets == [[f"g{i}"] for i in origin]
    assert after.drug_pathway == [f"p{i}" for i in origin]
    assert after.smiles == [f"s{i}" for i in origin]


def test_the_seed_sets_the_order_and_none_changes_nothing(marked):
    first, again, other = (permute_features(marked, FeaturePermutation.LINES, seed).tissue for seed in (0, 0, 1))
    assert first == again != other
    assert not changed(marked, permute_features(marked, FeaturePermutation.NONE, 0))
