"""The canonical dataset: what is refused, what is written, what training gets."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

import training.data.folder
from training.data.arrays import align
from training.data.content_hash import content_hash
from training.data.folder import read_dataset, write_dataset
from training.data.schema import DatasetError
from training.data.validation import remove_bad_rows, validate


def changed(dataset, table, row, column, value):
    """`dataset` with one cell of one table replaced."""
    copy = getattr(dataset, table).copy()
    if pd.api.types.is_integer_dtype(copy[column]) and not isinstance(value, int):
        copy[column] = copy[column].astype(np.float32)
    copy.iloc[row, copy.columns.get_loc(column)] = value
    return replace(dataset, **{table: copy})


def messages(dataset, severity="error"):
    return [str(problem) for problem in validate(dataset) if problem.severity == severity]


def test_a_sound_dataset_has_no_problem(tiny):
    assert messages(tiny) == []


# table, row, column, value -> what the message says
FAULTS = [
    ("cell_lines", 1, "id", "100", "cell_lines.parquet: row 100, column id: '100' stands twice"),
    ("cell_lines", 1, "id", "", "cell_lines.parquet: row 2, column id: is empty"),
    ("cell_lines", 1, "cosmic_id", "100", "row 3, column cosmic_id: '100' stands twice (first in 100)"),
    ("cell_lines", 0, "name", "", "cell_lines.parquet: row 100, column name: is empty"),
    ("drugs", 1, "inchikey", "AAAAAAAAAAAAAA-X-N", "drugs.parquet: row 5, column inchikey:"),
    ("drugs", 0, "threshold_ln_um", np.nan, "drugs.parquet: row 7, column threshold_ln_um: is missing"),
    ("drugs", 0, "threshold_ln_um", 1000.0, "drugs.parquet: row 7, column threshold_ln_um: 1000 is no ln µM"),
    ("response", 0, "ln_ic50", 1000.0, "response.parquet: row 3, column 5: ln_ic50 1000 is no ln µM"),
    ("response", 0, "ln_ic50", np.nan, "response.parquet: row 3, column 5: ln_ic50 nan is no ln µM"),
    ("response", 0, "sensitive", 2, "response.parquet: row 3, column 5: sensitive 2 is neither 0 nor 1"),
    ("response", 0, "sensitive", 0, "row 3, column 5: label 0 but ln_ic50 -1 against threshold 0"),
    ("response", 0, "cell_line_id", "4", "response.parquet: row 4, column 5: this cell line is in no row"),
    ("response", 0, "drug_id", "6", "response.parquet: row 3, column 6: this drug is in no row"),
    ("response", 1, "drug_id", "5", "response.parquet: row 3, column 5: this pair stands twice"),
    ("expression", 0, "TP53", -0.1, "expression.parquet: row 100, column TP53: -0.1 is out of range (0 to 25)"),
    ("expression", 0, "TP53", 812.0, "give log2(TPM + 1)"),
    ("copy_number", 1, "EGFR", np.nan, "copy_number.parquet: row 20, column EGFR: nan is out of range"),
    ("mutation", 0, "KRAS", 2, "mutation.parquet: row 3, column KRAS: 2 is out of range (0 to 1)"),
    ("mutation", 0, "KRAS", 0.5, "mutation.parquet: row 3, column KRAS: 0.5 is out of range"),
    ("drug_fingerprints", 1, "b3", 7, "drug_fingerprints.parquet: row 7, column b3: 7 is out of range"),
]


@pytest.mark.parametrize(("table", "row", "column", "value", "says"), FAULTS)
def test_a_fault_is_named_by_file_row_and_column(tiny, tmp_path, table, row, column, value, says):
    bad = changed(tiny, table, row, column, value)
    assert any(says in message for message in messages(bad)), messages(bad)
    with pytest.raises(DatasetError):
        write_dataset(bad, tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_all_faults_are_reported_at_once(tiny):
    bad = changed(changed(tiny, "response", 0, "sensitive", 0), "mutation", 0, "KRAS", 2)
    assert len(messages(bad)) == 2


def test_feature_rows_must_be_known_and_unique(tiny):
    bits = tiny.drug_fingerprints
    bad = replace(tiny, mutation=tiny.mutation.set_axis(["3", "3", "4"]), drug_fingerprints=bits.iloc[:1, :880])
    assert messages(bad) == [
        "mutation.parquet: row 3, column cell_line_id: this id stands twice; drop one row",
        "mutation.parquet: row 4, column cell_line_id: this id matches nothing; add it or drop it",
        "drug_fingerprints.parquet: 880 columns, a fingerprint has 881; leave out prefix and padding",
        "drug_fingerprints.parquet: row 7: this drug has no row; add its fingerprint",
    ]


def test_missing_columns_and_platforms_are_named(tiny):
    bad = replace(tiny, drugs=tiny.drugs.drop(columns="smiles"), info={"expression_platform": "fpkm"})
    assert (
        messages(bad)[0]
        == "drugs.parquet: column smiles: this column is missing; add it, empty where nothing is known"
    )
    assert "its platform is 'fpkm'" in messages(bad)[1]


def test_what_is_odd_but_usable_is_a_warning(tiny):
    odd = changed(changed(tiny, "mutation", 1, "TP53", 0), "mutation", 2, "TP53", 0)
    odd = changed(changed(odd, "cell_lines", 0, "name", "mv4"), "drugs", 1, "inchikey", "AAAAAAAAAAAAAA-Y-N")
    odd = replace(odd, response=odd.response.iloc[:3])
    warned = "\n".join(messages(odd, "warning"))
    assert messages(odd) == []
    assert "mutation.parquet: 1 features have one value in all rows: TP53" in warned
    assert "mv4 (100), MV-4 (3) read alike" in warned
    assert "'AAAAAAAAAAAAAA' stands twice (first in 7)" in warned
    assert "1 without any response: 100" in warned


def test_dropping_a_bad_line_drops_what_names_it(tiny):
    kept, dropped = remove_bad_rows(changed(tiny, "cell_lines", 1, "name", ""))
    assert list(kept.cell_lines["id"]) == ["100", "20"]
    assert set(kept.response["cell_line_id"]) == {"20", "100"}
    assert "3" not in {*kept.mutation.index, *kept.expression.index, *kept.copy_number.index}
    assert len(dropped) == 1 + 2 + 3  # the line, its two pairs, its row in three tables
    assert messages(kept) == []


def test_what_is_written_is_what_is_read(tiny, tmp_path):
    written = write_dataset(tiny, tmp_path / "out")
    again = read_dataset(tmp_path / "out")
    assert list(again.cell_lines["id"]) == ["3", "20", "100"]  # by number, not by text
    for name, table in written.tables():
        pd.testing.assert_frame_equal(table, getattr(again, name), check_dtype=name != "cell_lines", check_names=False)
    assert again.info["counts"]["sensitive"] == 2
    assert again.info["counts"]["missing"] == 2
    assert again.info["units"]["expression"] == "log2(TPM + 1)"


def test_the_hash_follows_content_and_nothing_else(tiny, tmp_path):
    expected = content_hash(tiny)
    shuffled = replace(
        tiny, response=tiny.response.iloc[::-1], mutation=tiny.mutation.iloc[::-1], info={"notes": ["x"]}
    )
    assert content_hash(shuffled) == expected
    assert content_hash(changed(tiny, "response", 0, "ln_ic50", -1.5)) != expected
    assert content_hash(changed(tiny, "drugs", 0, "name", "Gefitinib")) != expected
    write_dataset(tiny, tmp_path / "out")
    path = tmp_path / "out/mutation.parquet"
    pq.write_table(pq.read_table(path), path, compression="none", version="1.0")  # other bytes, same values
    assert read_dataset(tmp_path / "out").info["content_hash"] == expected


def test_the_hash_is_the_same_on_every_machine(tiny):
    assert content_hash(tiny) == "c2f8fc9fc59ba7a6f6247cdc1094058dfe79fa1c53e24c928e176608782663f9"


def test_a_changed_table_is_not_read(tiny, tmp_path):
    write_dataset(tiny, tmp_path / "out")
    path = tmp_path / "out/response.parquet"
    pq.write_table(pq.read_table(path).slice(1), path)
    with pytest.raises(DatasetError, match="content_hash: differs from the tables"):
        read_dataset(tmp_path / "out")


@pytest.mark.parametrize(
    ("file", "content", "says"),
    [
        ("dataset.json", None, "cannot be read"),
        ("dataset.json", '{"format": 1}', "column format: is 1, this version reads 2"),
        ("mutation.parquet", None, "mutation.parquet: missing from"),
        ("mutation.parquet", "PAR1", "mutation.parquet: not a Parquet table"),
    ],
)
def test_a_damaged_folder_is_refused_by_name(tiny, tmp_path, file, content, says):
    write_dataset(tiny, tmp_path / "out")
    path = tmp_path / "out" / file
    path.unlink() if content is None else path.write_text(content)
    with pytest.raises(DatasetError) as fault:
        read_dataset(tmp_path / "out")
    assert says in str(fault.value)


def test_a_write_that_fails_leaves_the_old_dataset(tiny, tmp_path, monkeypatch):
    out = tmp_path / "out"
    write_dataset(tiny, out)

    def full(*_, **__):
        raise OSError("disk full")

    monkeypatch.setattr(training.data.folder.pq, "write_table", full)
    with pytest.raises(OSError, match="disk full"):
        write_dataset(changed(tiny, "drugs", 0, "name", "Gefitinib"), out)
    assert "Erlotinib" in set(read_dataset(out).drugs["name"])
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_folder_that_is_no_dataset_is_never_replaced(tiny, tmp_path):
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(DatasetError, match="is there and is no dataset"):
        write_dataset(tiny, tmp_path)
    assert (tmp_path / "thesis.txt").read_text() == "mine"


def test_arrays_agree_row_by_row(tiny):
    arrays = align(tiny)
    nan = np.nan
    assert arrays.cell_line_ids == ["3", "20", "100"]
    assert arrays.drug_ids == ["5", "7"]
    np.testing.assert_array_equal(arrays.ln_ic50, [[-1, 1], [1, nan], [nan, 3]])
    np.testing.assert_array_equal(arrays.sensitive, [[1, 1], [0, nan], [nan, 0]])
    np.testing.assert_array_equal(arrays.measured, [[1, 1], [1, 0], [0, 1]])
    np.testing.assert_array_equal(arrays.threshold, [0, 2])
    np.testing.assert_array_equal(arrays.features["expression"], [[2.5, 4], [nan, nan], [1.5, 0]])
    np.testing.assert_array_equal(arrays.features["copy_number"], [[-0.5, 1], [0.5, 0], [nan, nan]])
    np.testing.assert_array_equal(arrays.features["mutation"], [[0, 1], [1, 0], [1, 1]])
    np.testing.assert_array_equal(arrays.present["expression"], [True, False, True])
    assert arrays.feature_names["copy_number"] == ["TP53", "EGFR"]
    assert arrays.fingerprints.shape == (2, 881)
    assert arrays.fingerprints[0, 0] == arrays.fingerprints[1, 880] == 1
    assert arrays.tissue == ["", "skin", "lung"]
    assert arrays.dataset_hash == content_hash(tiny)
    assert {a.dtype for a in (arrays.ln_ic50, arrays.sensitive, *arrays.features.values())} == {np.dtype(np.float32)}


def test_a_modality_that_is_not_there_has_no_array(tiny):
    arrays = align(replace(tiny, expression=None, drug_fingerprints=None))
    assert set(arrays.features) == set(arrays.present) == {"copy_number", "mutation"}
    assert np.isnan(arrays.fingerprints).all()


def test_the_real_counts_are_those_of_the_paper(gdsc_folder, gdsc_dataset):
    counts = json.loads((gdsc_folder / "dataset.json").read_text())["counts"]
    assert counts == {
        "cell_lines": 962,
        "drugs": 228,
        "measured": 177_363,
        "sensitive": 20_851,
        "resistant": 156_512,
        "missing": 41_973,
        "expression_rows": 654,
        "copy_number_rows": 957,
        "mutation_rows": 962,
        "drug_fingerprints_rows": 228,
    }
    arrays = align(gdsc_dataset)
    assert np.nansum(arrays.sensitive) == 20_851
    assert arrays.ln_ic50.shape == (962, 228)
    assert {name: int(mask.sum()) for name, mask in arrays.present.items()} == {
        "expression": 654,
        "copy_number": 957,
        "mutation": 962,
    }
    assert (np.less(arrays.ln_ic50, arrays.threshold) == (arrays.sensitive == 1)).all()
