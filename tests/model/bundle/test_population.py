"""Tables of the training population: they come back and are verified; wrong ones are refused."""

import numpy as np
import pytest

from model.bundle.manifest import BundleError
from model.bundle.reader import read_bundle
from tests.helpers.tiny_bundle import write

POPULATION = {
    "line_nearest": np.array([[1], [0]], np.int32),
    "line_closeness": np.array([[0.5], [0.5]], np.float32),
    "line_weights": np.full((2, 3), 1 / 3, np.float32),
    "drug_nearest": np.array([[1], [0]], np.int32),
    "drug_similarity": np.array([[0.2], [0.2]], np.float32),
}


def test_population_come_back_and_their_file_is_verified(tmp_path):
    folder = write(tmp_path / "bundle", population=POPULATION)
    back = read_bundle(folder).models["m"].population
    assert back.keys() == POPULATION.keys()
    assert all(np.array_equal(back[key], table) for key, table in POPULATION.items())
    path = folder / "m" / "population.safetensors"
    path.write_bytes(path.read_bytes()[:-1] + b"\xff")
    with pytest.raises(BundleError, match=r"population\.safetensors: sha256"):
        read_bundle(folder)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"line_nearest": np.array([[2], [0]], np.int32)}, "'line_nearest' must hold rows of the id table, 0 to 1"),
        ({"drug_nearest": np.array([[0.0], [1.0]], np.float32)}, "'drug_nearest' must hold rows"),
        ({"line_weights": np.full((1, 3), 1.0, np.float32)}, "'line_weights' must be 2 rows of finite numbers"),
        ({"drug_similarity": np.full((2, 1), np.nan, np.float32)}, "'drug_similarity' must be 2 rows of finite"),
    ],
)
def test_population_that_cannot_be_served_are_never_written(tmp_path, change, reason):
    with pytest.raises(BundleError, match=reason):
        write(tmp_path / "bundle", population=POPULATION | change)


def test_a_missing_table_of_population_is_named(tmp_path):
    tables = {key: table for key, table in POPULATION.items() if key != "line_weights"}
    with pytest.raises(BundleError, match=r"m/population\.safetensors: missing \['line_weights'\]"):
        write(tmp_path / "bundle", population=tables)
