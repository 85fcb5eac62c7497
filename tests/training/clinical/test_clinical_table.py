"""The clinical table: what is read, and every refusal with place, value and remedy."""

import numpy as np
import pandas as pd
import pytest

from training.clinical.clinical_table import outcome_of, read_clinical, read_stage
from training.clinical.tables import ClinicalError

GOOD = {
    "patient": ["a", "b", "c"],
    "age": [61, "", 50],
    "sex": ["FEMALE", "male", "?"],
    "stage": ["Stage IIIA", "[Not Available]", "2"],
    "OS": [1, 0, ""],
    "OS.time": [365.25, 730.5, 100],
}


def written(tmp_path, **changes):
    path = tmp_path / "clinical.csv"
    pd.DataFrame({name: column for name, column in {**GOOD, **changes}.items() if column is not None}).to_csv(
        path, index=False
    )
    return path


def test_times_become_years_and_texts_numbers(tmp_path) -> None:
    table = read_clinical(written(tmp_path), {}, "days")
    assert table["OS_years"].tolist()[:2] == [1, 2]
    assert np.isnan(table.loc["c", "OS_years"])  # its event is not known
    assert table["female"].tolist()[:2] == [1, 0]
    assert np.isnan(table.loc["c", "female"])
    assert table["stage"].tolist()[::2] == [3, 2]
    assert (table["cohort"] == "cohort").all()
    assert outcome_of(table.loc[["a", "b"]], "OS").event.tolist() == [True, False]


@pytest.mark.parametrize(
    ("sex", "female"),
    [("Female ", 1), ("woman", 1), (" M", 0), ("", None), ("NA", None), ("[Not Available]", None), ("Unknown", None)]
    + [(text, None) for text in ("U", "unk", "not specified", "other", "Missing", "N.A.", "Not evaluated", "---")],
)
def test_sex_is_read_or_said_to_be_unknown(tmp_path, sex, female) -> None:
    found = read_clinical(written(tmp_path, sex=[sex, "male", "f"], tissue=["skin ", "skin", ""]), {}, "days")
    assert [None if np.isnan(one) else one for one in found["female"]] == [female, 0, 1]
    assert found["tissue"].tolist() == ["skin", "skin", ""]


@pytest.mark.parametrize("empty", ["'--", "--"])
def test_an_empty_cell_of_the_gdc_is_empty_in_every_column(tmp_path, empty) -> None:
    path = written(tmp_path, **{name: [*GOOD[name][:2], empty] for name in ("age", "sex", "stage", "OS", "OS.time")})
    last = read_clinical(path, {}, "days").loc["c"]
    assert last[["age", "female", "stage", "OS_years", "OS_event"]].isna().all()
    subtypes = read_clinical(written(tmp_path, subtype=[empty, "a", "b"]), {}, "days")["subtype"]
    assert subtypes.tolist() == ["", "a", "b"]


def test_stages_beside_empty_cells_are_read(tmp_path) -> None:
    stages = read_clinical(written(tmp_path, stage=[1, "", 3]), {}, "days")["stage"]
    assert stages.tolist()[::2] == [1, 3]


@pytest.mark.parametrize(("unit", "years"), [("months", 1 / 12), ("years", 1.0)])
def test_units(tmp_path, unit, years) -> None:
    path = written(tmp_path, **{"OS.time": [1, 12, 24]})
    assert read_clinical(path, {}, unit).loc["a", "OS_years"] == pytest.approx(years)


def test_the_unit_may_be_a_column(tmp_path) -> None:
    path = written(tmp_path, time_unit=["days", "years", "months"], **{"OS.time": [365.25, 3, 12]})
    assert read_clinical(path, {}, None)["OS_years"].tolist()[:2] == [1, 3]


def test_other_names_of_columns(tmp_path) -> None:
    path = written(tmp_path, patient=None, barcode=["a", "b", "c"], AGE=[1, 2, 3])
    assert read_clinical(path, {"patient": "barcode", "age": "AGE"}, "days").loc["b", "age"] == 2


@pytest.mark.parametrize(
    ("changes", "unit", "message"),
    [
        ({"OS.time": [-3, 400, 500]}, "days", "OS.time of a is -3; times cannot be negative"),
        ({"OS": [1, 2, 0]}, "days", "OS of b is 2; give 1 where the event happened"),
        ({"OS": ["dead", 0, 0]}, "days", "OS of a is 'dead', no number"),
        ({"patient": ["a", "a", "c"]}, "days", "patient 'a' stands twice"),
        ({"patient": ["a", None, "c"]}, "days", "a row has no patient"),
        ({"patient": None}, "days", "no column 'patient'; add it, or name it with --column patient=COLUMN"),
        ({}, None, "the unit of the times is not known; give --time-unit"),
        ({"time_unit": ["days"] * 3}, "days", "the unit of the times is given twice"),
        ({"time_unit": ["days", "weeks", "days"]}, None, "time unit 'weeks'; give days, months or years"),
        ({}, "years", "OS.time of b is 730 years; is the unit a shorter one"),
        ({"OS.time": [2, 3, 4]}, "days", "a median of 3 days; is the unit a longer one"),
        ({"OS": None}, "days", "no end point; give columns OS"),
        ({"age": [300, 2, 3]}, "days", "age of a is 300; give years"),
        ({"sex": ["male", 1, ""]}, "days", "sex of b is '1'; give female or male, or leave it empty where unknown"),
    ],
)
def test_bad_tables_are_refused(tmp_path, changes, unit, message) -> None:
    with pytest.raises(ClinicalError) as fault:
        read_clinical(written(tmp_path, **changes), {}, unit)
    assert message in str(fault.value)


def test_columns_that_are_not_there_or_not_read(tmp_path) -> None:
    with pytest.raises(ClinicalError, match="no column 'AGE'"):
        read_clinical(written(tmp_path), {"age": "AGE"}, "days")
    with pytest.raises(ClinicalError, match="'smoker' is not read; give one of DFI"):
        read_clinical(written(tmp_path), {"smoker": "sex"}, "days")


@pytest.mark.parametrize(
    ("text", "stage"), [("Stage IV", 4), ("stage IIIc2", 3), ("I", 1), ("2", 2), ("Stage IIA", 2)]
)
def test_stages(text, stage) -> None:
    assert read_stage(text) == stage


@pytest.mark.parametrize("text", ["Stage 0", "Stage X", "IS", "I/II NOS", "[Discrepancy]", ""])
def test_what_is_no_stage(text) -> None:
    assert np.isnan(read_stage(text))
