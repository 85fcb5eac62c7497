"""Folds on disk: the same ones again, other people's honoured, and what does not fit refused by name."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from training.splits import stored_folds as folds_module
from training.splits.splits import SplitName, make_split
from training.splits.stored_folds import META, FoldsError, load_or_make_folds, read_folds

PARTS = ("train", "validation", "test", "development")
SPLITS = pytest.mark.parametrize("name", list(SplitName))


def same(a, b):
    return all(np.array_equal(getattr(a, part), getattr(b, part)) for part in PARTS)


@SPLITS
def test_what_is_written_and_read_again_are_the_folds_that_were_made(arrays, tmp_path, name, monkeypatch):
    made = [make_split(arrays, name, fold, 4, 3) for fold in range(4)]
    first = load_or_make_folds(arrays, name, 4, 3, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [f"{name}-4-seed3.parquet"]
    monkeypatch.setattr(folds_module, "make_split", None)  # from now on only the file can tell
    again = load_or_make_folds(arrays, name, 4, 3, tmp_path)
    for a, b, c in zip(made, first, again, strict=True):
        assert same(a, b)
        assert same(a, c)


def test_the_file_is_a_table_that_anyone_can_read(arrays, tmp_path):
    load_or_make_folds(arrays, SplitName.LCDO, 3, 0, tmp_path)
    path = tmp_path / "LCDO-3-seed0.parquet"
    table = pd.read_parquet(path)
    assert table.columns.tolist() == ["cell_line_id", "drug_id", "fold_0", "fold_1", "fold_2"]
    assert len(table) == arrays.measured.sum()
    assert set(table["fold_1"]) == {"train", "validation", "test", "development", "unused"}
    about = json.loads(pq.read_schema(path).metadata[META])
    assert about == {"split": "LCDO", "folds": 3, "seed": 0, "dataset_hash": arrays.dataset_hash}


@pytest.fixture
def stored(arrays, tmp_path):
    """The path of stored folds, and a way to write them anew after changing the table."""
    load_or_make_folds(arrays, SplitName.LCO, 4, 0, tmp_path)
    path = tmp_path / "LCO-4-seed0.parquet"
    table, about = pd.read_parquet(path).astype(str), pq.read_schema(path).metadata[META]

    def write(changed):
        pq.write_table(
            pa.Table.from_pandas(changed, preserve_index=False).replace_schema_metadata({META: about}), path
        )

    return path, table, write


def test_rows_in_another_order_are_the_same_folds(arrays, stored):
    path, table, write = stored
    before = read_folds(arrays, path)
    write(table.sample(frac=1, random_state=0))
    assert all(same(a, b) for a, b in zip(before, read_folds(arrays, path), strict=True))


def test_a_file_that_was_edited_is_honoured(arrays, stored, tmp_path):
    _, table, write = stored
    line = arrays.cell_line_ids[17]
    table.loc[table["cell_line_id"] == line, "fold_2"] = "unused"
    write(table[table["drug_id"] != arrays.drug_ids[0]])  # a pair that is not there is unused too
    split = load_or_make_folds(arrays, SplitName.LCO, 4, 0, tmp_path)[2]
    made = make_split(arrays, SplitName.LCO, 2, 4, 0)
    for part in PARTS:
        assert not getattr(split, part)[17].any()
        assert not getattr(split, part)[:, 0].any()
        others = np.delete(np.delete(getattr(split, part), 17, 0), 0, 1)
        np.testing.assert_array_equal(others, np.delete(np.delete(getattr(made, part), 17, 0), 0, 1))


def refusal(arrays, path):
    with pytest.raises(FoldsError) as found:
        load_or_make_folds(arrays, SplitName.LCO, 4, 0, path.parent)
    text = str(found.value)
    assert text.startswith(f"{path}: ")
    return text.removeprefix(f"{path}: ")


def test_folds_of_another_dataset_are_refused_with_both_hashes(arrays, stored):
    text = refusal(replace(arrays, dataset_hash="f" * 64), stored[0])
    assert text == f"folds of dataset {arrays.dataset_hash[:12]}, this one is ffffffffffff; use another results folder"


@pytest.mark.parametrize(("column", "what"), [("cell_line_id", "HeLa"), ("drug_id", "aspirin")])
def test_an_unknown_id_is_refused(arrays, stored, column, what):
    path, table, write = stored
    table.loc[5, column] = what
    write(table)
    assert refusal(arrays, path) == f"{column} {what!r} is not in the dataset; correct or delete the file"


def test_a_part_that_is_misspelt_is_refused_and_does_not_silently_drop_its_pairs(arrays, stored):
    path, table, write = stored
    table.loc[5, "fold_3"] = "tset"
    write(table)
    says = "fold_3 'tset' is not one of unused, development, train, validation, test; correct it"
    assert refusal(arrays, path) == says


def test_a_pair_that_stands_twice_is_refused_for_it_could_train_and_test(arrays, stored):
    path, table, write = stored
    twice = table.iloc[[9]].assign(fold_0="test")
    write(pd.concat([table.assign(fold_0="train"), twice]))
    pair = f"{twice['cell_line_id'].iloc[0]} with {twice['drug_id'].iloc[0]}"
    assert refusal(arrays, path) == f"the pair {pair} stands more than once; correct or delete the file"


def test_a_pair_that_was_not_measured_is_refused(arrays, stored):
    path, table, write = stored
    i, j = np.argwhere(~arrays.measured)[0]
    line, drug = arrays.cell_line_ids[i], arrays.drug_ids[j]
    write(pd.concat([table, table.iloc[[0]].assign(cell_line_id=line, drug_id=drug)]))
    assert refusal(arrays, path) == f"the pair {line} with {drug} was not measured; correct or delete the file"


def without_metadata(path, table, write):
    table.to_parquet(path)


def without_a_fold(path, table, write):
    write(table.drop(columns="fold_3"))


def without_ids(path, table, write):
    write(table.drop(columns="drug_id"))


def cut_short(path, table, write):
    path.write_bytes(path.read_bytes()[:200])


def of_other_content(path, table, write):
    path.write_text("cell_line_id,drug_id\n")


@pytest.mark.parametrize("damage", [without_metadata, without_a_fold, without_ids, cut_short, of_other_content])
def test_a_damaged_file_is_refused_with_the_remedy(arrays, stored, damage):
    damage(*stored)
    assert refusal(arrays, stored[0]) == "no file of folds; delete it and it is made again"


def test_a_file_with_another_number_of_folds_is_refused(arrays, stored):
    path = stored[0]
    path.rename(path.with_name("LCO-5-seed0.parquet"))
    with pytest.raises(FoldsError, match=r"LCO-5-seed0.parquet: has 4 folds, not 5; delete it"):
        load_or_make_folds(arrays, SplitName.LCO, 5, 0, path.parent)


def test_a_split_that_the_dataset_cannot_fill_is_named_and_nothing_is_written(arrays, tmp_path):
    with pytest.raises(
        FoldsError, match=r"split LTO: 4 groups .* cannot fill 5 folds; ask for fewer folds or another"
    ):
        load_or_make_folds(arrays, SplitName.LTO, 5, 0, tmp_path / "folds")
    assert not (tmp_path / "folds").exists()
