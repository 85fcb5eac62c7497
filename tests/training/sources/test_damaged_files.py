"""Workbooks and archives that were cut short or touched by Excel, in the layout of GDSC's releases."""

import gzip
import zipfile
from datetime import datetime

import openpyxl
import pytest
from typer.testing import CliRunner

from tests.helpers.published_tables import CURVES
from training.cli.main import data_app


def run(folder):
    command = ["import", "--source", "gdsc", str(folder), str(folder.parent / "out")]
    return CliRunner().invoke(data_app, command, catch_exceptions=False)


def workbook(path, *, name="Erlotinib"):
    book = openpyxl.Workbook()
    book.active.append(CURVES.strip().split(","))
    book.active.append(
        ["GDSC2", 1, 905949, "A549", "SIDM00903", "LUAD", 1, name, "EGFR", "EGFR", 0, 1, 1.5, 0.9, 0, 0]
    )
    book.save(path)


def test_a_truncated_workbook_is_refused(tmp_path):
    path = tmp_path / "tables" / "GDSC2_fitted_dose_response.xlsx"
    path.parent.mkdir()
    workbook(path)
    path.write_bytes(path.read_bytes()[:-200])
    done = run(path.parent)
    assert done.exit_code == 2
    assert "error: GDSC2_fitted_dose_response.xlsx: cannot be read (File is not a zip file)" in done.stderr


def test_a_cell_that_excel_made_a_date_is_named(tmp_path):
    path = tmp_path / "tables" / "GDSC2_fitted_dose_response.xlsx"
    path.parent.mkdir()
    workbook(path, name=datetime(2026, 3, 1))
    done = run(path.parent)
    assert "row 2, column DRUG_NAME: Excel made a date of this cell (01 Mar)" in done.stderr


@pytest.mark.parametrize("cut", [0.5, 0.9])
def test_truncated_archives_are_refused(tmp_path, cut):
    folder = tmp_path / "tables"
    folder.mkdir()
    with zipfile.ZipFile(folder / "GDSC2_fitted_dose_response.csv.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", CURVES)
    (folder / "GDSC1_fitted_dose_response.csv.gz").write_bytes(gzip.compress((CURVES).encode()))
    for path in folder.iterdir():
        path.write_bytes(path.read_bytes()[: int(len(path.read_bytes()) * cut)])
    done = run(folder)
    assert done.exit_code == 2
    assert done.stderr.count("; copy or download the file again") == 2
    assert [path.name for path in tmp_path.iterdir()] == ["tables"]
