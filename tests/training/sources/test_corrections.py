"""Known errors of published tables are corrected where they stand, and nowhere else."""

from dataclasses import replace

import pytest

from training.sources.corrections import CORRECTIONS, corrected, corrected_dataset, wrong_synonyms

MS1 = {
    "id": "753594",
    "cosmic_id": "753594",
    "name": "MS-1",
    "depmap_id": "ACH-001131",
    "sanger_model_id": "SIDM00408",
    "cellosaurus_id": "CVCL_E995",
    "ccle_name": "MS1_SKIN",
    "tissue": "lung_SCLC",
}


def test_the_row_that_mixed_two_lines_is_one_line():
    (row, other), notes = corrected("cell_lines", [MS1, {"cosmic_id": "1", "depmap_id": "ACH-001131"}])
    right = {"depmap_id": "ACH-001958", "sanger_model_id": "SIDM00245", "cellosaurus_id": "CVCL_1429"}
    assert row == {**MS1, **right, "ccle_name": "MS1_LUNG"}
    assert other["depmap_id"] == "ACH-001131"
    assert len(notes) == 4
    assert notes[0].startswith("cell_lines: cosmic_id 753594, depmap_id: ACH-001131 -> ACH-001958 (the ids were")


@pytest.mark.parametrize("own_id", ["ACH-001131", "SIDM00408", "MS1_SKIN"])
def test_the_other_line_of_that_name_loses_the_id_that_is_not_its_own(own_id):
    (row,), notes = corrected("cell_lines", [{**MS1, "id": own_id}])
    assert row == {**MS1, "id": own_id, "cosmic_id": None}
    assert len(notes) == 1


def test_a_right_row_is_left_alone_and_correcting_twice_changes_nothing():
    once, _ = corrected("cell_lines", [MS1])
    assert corrected("cell_lines", once) == (once, [])


@pytest.mark.parametrize(
    ("row", "column", "after"),
    [
        ({"pubchem_cid": "446378", "synonyms": ["Octanoic acid"]}, "synonyms", []),
        ({"pubchem_cid": "10451420", "targets": ["AKT1", "AKT2", "AKT3"]}, "targets", ["IKKB"]),
        ({"pubchem_cid": "10451420", "gdsc_drug_ids": ["171", "228", "290"]}, "gdsc_drug_ids", ["290"]),
        ({"name": "Luminespib", "synonyms": ["AUY922", "VER-52296,NVP-AUY922", "AUY"]}, "synonyms",
         ["AUY922", "VER-52296", "NVP-AUY922", "AUY"]),
        ({"name": "Temsirolimus", "synonyms": ["Torisel"]}, "synonyms", ["Torisel"]),
    ],
)  # fmt: skip
def test_a_drug_by_hand(row, column, after):
    (found,), _ = corrected("drugs", [row])
    assert found[column] == after


def test_no_text_has_two_corrections_and_each_says_why():
    keys = [(one.table, one.key, one.column, one.wrong) for one in CORRECTIONS]
    assert len(keys) == len(set(keys))
    assert all(one.reason for one in CORRECTIONS)
    assert wrong_synonyms("drugs", {"pubchem_cid": "5284616"}) == {"Torisel"}


def test_an_imported_dataset_is_corrected_and_its_notes_say_so(tiny):
    lines = tiny.cell_lines.assign(cosmic_id="753594", depmap_id="ACH-001131")
    done = corrected_dataset(replace(tiny, cell_lines=lines))
    assert set(done.cell_lines["depmap_id"]) == {"ACH-001958"}
    assert done.cell_lines.dtypes.equals(lines.dtypes)
    assert any(note.startswith("corrected: cell_lines: cosmic_id 753594") for note in done.info["notes"])
    assert corrected_dataset(tiny) is tiny
