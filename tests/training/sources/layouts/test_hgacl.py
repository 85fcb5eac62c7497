"""The raw HGACL tables: each trap of the layout, each kind of damage, and agreement with the data pack."""

import csv
import io

import numpy as np
import pytest
from typer.testing import CliRunner

from training.cli.main import data_app
from training.data.content_hash import content_hash
from training.data.folder import read_dataset
from training.sources.layouts.hgacl import read_hgacl


@pytest.fixture
def drp(raw, tmp_path):
    """Run a `drp data` command on the hand-written raw folder, with warnings as errors."""

    def run(*options, out="out"):
        command = ["import", "--source", "hgacl", str(raw), str(tmp_path / out), *options]
        return CliRunner().invoke(data_app, command, catch_exceptions=False)

    return run


def edit(path, row, column, value):
    """Set one cell of a CSV by its ids; a column of None removes the last one; a new row id adds a row."""
    rows = list(csv.reader(io.StringIO(path.read_text())))
    if column is None:
        rows = [cells[:-1] for cells in rows]
    else:
        at = next((cells for cells in rows if cells[0] == row), None)
        if at is None:
            rows.append([row] + ["0"] * (len(rows[0]) - 1))
            at = rows[-1]
        at[rows[0].index(column)] = value
    path.write_text("\n".join(",".join(cells) for cells in rows) + "\n")


def pairs(dataset):
    table = dataset.response
    return {
        (c, d): int(s) for c, d, s in zip(table["cell_line_id"], table["drug_id"], table["sensitive"], strict=True)
    }


def test_the_mask_rules_the_binary_table(raw):
    """Without the mask 20/7 and 100/5, zeros in the binary table, would be two resistant pairs more."""
    assert pairs(read_hgacl(raw).dataset) == {("3", "5"): 1, ("3", "7"): 1, ("20", "5"): 0, ("100", "7"): 0}


def test_a_value_under_the_mask_is_left_out_and_noted(raw):
    edit(raw / "cell_drug_common.csv", "20", "7", "-3.0")
    found = read_hgacl(raw).dataset
    assert ("20", "7") not in pairs(found)
    assert any("1 values left out because null_mask.csv" in note for note in found.info["notes"])


def test_the_length_prefix_is_no_part_of_the_fingerprint(raw):
    """Bits 0 and 880 of drug 5: the first 881 columns would give eight bits of the number 881 instead."""
    bits = read_hgacl(raw).dataset.drug_fingerprints
    assert bits.shape == (2, 881)
    assert np.flatnonzero(bits.loc["5"]).tolist() == [0, 880]
    assert np.flatnonzero(bits.loc["7"]).tolist() == [1]


def test_thresholds_are_taken_by_id_not_by_place(raw):
    """By place drug 5 would get 2.0 and the label of 20/5 would be wrong."""
    drugs = read_hgacl(raw).dataset.drugs.set_index("id")
    assert drugs["threshold_ln_um"].to_dict() == {"5": 0.0, "7": 2.0}
    assert drugs["name"].to_dict() == {"5": "Axitinib", "7": "Erlotinib"}


def test_assays_are_taken_by_id_not_by_place(raw):
    lines = read_hgacl(raw).dataset.cell_lines.set_index("id")
    assert lines["array_assay_name"].to_dict() == {"3": "A3", "20": "A20", "100": "A100"}


def test_binary_and_mask_are_matched_by_id(raw):
    for name in ("cell_drug_common_binary.csv", "null_mask.csv"):
        head, *rows = (raw / name).read_text().split()
        (raw / name).write_text("\n".join([head, *rows[::-1]]) + "\n")
    assert pairs(read_hgacl(raw).dataset)["20", "5"] == 0
    assert len(pairs(read_hgacl(raw).dataset)) == 4


def test_a_mutation_is_any_score_but_zero(raw):
    """Score > 0 would call only two of the three mutated."""
    mutation = read_hgacl(raw).dataset.mutation
    assert mutation.loc[["3", "20", "100"]].to_numpy().tolist() == [[1, 1], [0, 0], [1, 0]]


def test_parts_are_joined_by_number_and_by_line(raw):
    table = read_hgacl(raw).dataset.copy_number
    assert list(table.columns) == ["1", "2", "9", "11"]
    np.testing.assert_allclose(table.loc["3"], [0.5, -1.0, 0.7, 0.2], atol=1e-6)
    np.testing.assert_allclose(table.loc["20"], [0.0, 0.3, 0.8, 0.1], atol=1e-6)
    assert "100" not in table.index  # it has no value at all


def test_the_import_is_written_and_reported(drp, tmp_path):
    done = drp("--name", "tiny")
    assert done.exit_code == 0, done.output
    assert "2 │ sensitive" in done.stdout
    assert "note: drugs: 1 of drug_cid.csv that no response names left out: 9" in done.stdout
    info = read_dataset(tmp_path / "out").info
    assert (info["name"], info["counts"]["measured"]) == ("tiny", 4)
    checked = CliRunner().invoke(data_app, ["check", str(tmp_path / "out")])
    assert checked.exit_code == 0
    assert info["content_hash"] in checked.stdout


def truncate(path):
    path.write_bytes(path.read_bytes()[:-30])


def scramble(path):
    content = bytearray(path.read_bytes())
    content[70:75] = b"\xff" * 5
    path.write_bytes(content)


CNA = "cell_cna/cell_cna_dim_1_num_0.csv.zip"
DAMAGE = [  # what is done to which file -> what the message says
    ("cell_drug_common.csv", lambda p: p.write_text(p.read_text() + "3,0,0\n"), "row 3: this id stands twice"),
    ("cell_drug_common.csv", lambda p: edit(p, "3", "5", "1000"), "row 3, column 5: ln_ic50 1000 is no ln µM"),
    ("cell_drug_common.csv", lambda p: edit(p, "3", "5", ""), "row 3, column 5: ln_ic50 nan is no ln µM"),
    ("cell_drug_common.csv", lambda p: edit(p, "3", "5", "low"), "column 5: 'low' is not a number"),
    ("cell_drug_common.csv", lambda p: p.write_text(""), "is empty"),
    ("null_mask.csv", lambda p: p.unlink(), "null_mask.csv: missing from"),
    ("null_mask.csv", lambda p: edit(p, "3", "5", "2"), "row 3, column 5: 2 is neither 0 nor 1"),
    ("null_mask.csv", lambda p: edit(p, "4", "5", "0"), "row 4: this row is not in cell_drug_common.csv"),
    ("cell_drug_common_binary.csv", lambda p: edit(p, "3", None, ""), "column 7: this column is in cell_drug"),
    ("drug_feature.csv", lambda p: edit(p, "5", None, ""), "919 columns, 920 are expected"),
    ("drug_feature.csv", lambda p: edit(p, "5", "31", "0"), "row 5, column 0-31: the length prefix says 880 bits"),
    ("drug_feature.csv", lambda p: edit(p, "5", "40", "3"), "row 5, column b8: 3 is out of range (0 to 1)"),
    ("drug_cid.csv", lambda p: p.write_text(p.read_text() + "4,Again,7\n"), "row 7, column cid: this id stands twice"),
    ("drug_cid.csv", lambda p: edit(p, "3", "cid", "6"), "row 5, column name: is empty"),
    ("drug_cid.csv", lambda p: edit(p, "3", "cid", ""), "row 4, column cid: is empty"),
    ("drug_cid.csv", lambda p: edit(p, "3", None, ""), "column cid: this column is missing"),
    ("threshold.csv", lambda p: edit(p, "5", "Threshold", ""), "row 5, column threshold_ln_um: is missing"),
    ("threshold.csv", lambda p: edit(p, "6", "Threshold", "1"), "row 6: this drug is not in cell_drug_common.csv"),
    (CNA, truncate, "cannot be read"),
    (CNA, scramble, "cannot be read"),
    ("cell_cna", lambda p: [part.unlink() for part in p.iterdir()], "cell_cna/: missing from"),
]


@pytest.mark.parametrize(("file", "damage", "says"), DAMAGE)
def test_damage_is_named_by_file_row_and_column_and_leaves_nothing_behind(drp, raw, tmp_path, file, damage, says):
    damage(raw / file)
    done = drp()
    assert done.exit_code == 2
    line = next(line for line in done.stderr.splitlines() if says in line)
    assert line.startswith(f"error: {file}")
    assert "Traceback" not in done.output
    assert "Nothing was written" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["raw"]


def test_a_label_against_its_threshold_is_named(drp, raw, tmp_path):
    edit(raw / "cell_drug_common_binary.csv", "3", "5", "0")
    done = drp()
    assert done.exit_code == 2
    assert "cell_drug_common.csv: row 3, column 5: label 0 but ln_ic50 -1 against threshold 0" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["raw"]


def test_damage_in_several_files_is_reported_at_once(drp, raw):
    truncate(raw / CNA)
    edit(raw / "null_mask.csv", "3", "5", "x")
    (raw / "drug_cid.csv").write_text("a,b\n1,2\n")
    done = drp()
    assert "4 problems." in done.stderr  # two columns of drug_cid.csv are missing
    assert all(name in done.stderr for name in (CNA, "null_mask.csv", "drug_cid.csv"))


def test_bad_rows_are_dropped_only_when_asked_and_then_listed(drp, raw, tmp_path):
    edit(raw / "cell_drug_common_binary.csv", "3", "5", "0")
    done = drp("--drop-bad-rows")
    assert done.exit_code == 0, done.output
    assert "dropped: cell_drug_common.csv: row 3, column 5: label 0" in done.stderr
    kept = read_dataset(tmp_path / "out")
    assert ("3", "5") not in pairs(kept)
    assert any(note.startswith("dropped: cell_drug_common.csv: row 3, column 5") for note in kept.info["notes"])


@pytest.mark.parametrize("options", [("--expression", "rnaseq"), ("--source", "datapack", "--annotations", ".")])
def test_options_that_do_not_go_together_are_refused(drp, options):
    assert drp(*options).exit_code == 2


def test_a_folder_that_is_no_dataset_is_refused_before_anything_is_read(drp, raw):
    for path in raw.glob("*.csv"):
        path.unlink()
    done = drp(out="raw")
    assert done.exit_code == 2
    assert "is there and is no dataset" in done.stderr
    assert "missing" not in done.stderr


def test_a_table_in_the_wrong_unit_does_not_flood_the_screen(drp, raw):
    lines = "".join(f"{i},9000\n" for i in range(1000, 1300))
    (raw / "cell_drug_common.csv").write_text(",5\n" + lines)
    (raw / "cell_drug_common_binary.csv").write_text(",5\n" + lines.replace("9000", "0"))
    (raw / "null_mask.csv").write_text(",5\n" + lines.replace("9000", "0"))
    (raw / "threshold.csv").write_text(",Threshold\n5,0.0\n")
    (raw / "drug_feature.csv").write_text(
        "".join((raw / "drug_feature.csv").read_text().splitlines(keepends=True)[:2])
    )
    (raw / "cell_id_tag.csv").unlink()
    done = drp()
    assert done.stderr.count("cell_drug_common.csv: row") == 200
    assert "error: cell_drug_common.csv: 100 more like these" in done.stderr


def test_both_routes_give_the_same_dataset(data_root, gdsc_dataset):
    """Raw CSV and zip parts with annotations, or the Parquet tables: the same rows, bits and numbers."""
    found = read_hgacl(data_root / "raw/gdsc", data_root / "gdsc").dataset
    for name in ("copy_number", "mutation", "drug_fingerprints"):
        here, there = getattr(found, name), getattr(gdsc_dataset, name)
        assert list(here.columns) == list(there.columns)
        np.testing.assert_array_equal(here.loc[there.index].to_numpy(), there.to_numpy())
    assert content_hash(found) == gdsc_dataset.info["content_hash"]
