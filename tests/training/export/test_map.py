"""The map puts together what the model predicts alike, the same for the same seed, whatever the size."""

import numpy as np
import pytest

from model.bundle.map import DRUG_MAP, LINE_MAP
from model.bundle.reader import read_bundle
from training.export.map import map_tables, places


def test_rows_of_one_kind_lie_together():
    kinds = np.repeat(np.eye(3) * 4, 20, axis=0)
    values = kinds + np.random.default_rng(0).normal(0, 0.3, kinds.shape)
    found = np.array(places(values, 0))
    distance = np.linalg.norm(found[:, None] - found[None], axis=2)
    np.fill_diagonal(distance, np.inf)
    nearest = distance.argsort(1)[:, :5]
    own = np.arange(60)[:, None] // 20
    assert (nearest // 20 == own).mean() > 0.95


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5, 8, 200])
def test_any_number_of_rows_has_places_within_the_square(n):
    found = np.array(places(np.random.default_rng(n).normal(size=(n, 6)), 0))
    assert found.shape == (n, 2)
    assert np.abs(found).max() <= 1


def test_constant_columns_and_equal_rows_are_no_fault():
    assert np.isfinite(places(np.ones((30, 4)), 0)).all()


def test_every_line_and_drug_of_a_bundle_is_on_the_map_and_twice_at_the_same_place(bundle_folder):
    bundle = read_bundle(bundle_folder)
    tables = map_tables(bundle)
    assert [row["id"] for row in tables[LINE_MAP]] == [row["id"] for row in bundle.cell_lines]
    assert [row["id"] for row in tables[DRUG_MAP]] == [row["id"] for row in bundle.drugs]
    assert map_tables(bundle) == tables
