"""Packed tables and workbooks: read as they are, and refused where a few bytes would become gigabytes."""

import gzip
import zipfile

import openpyxl
import pytest

from model.tables import workbook
from training.data.schema import DatasetError
from training.sources.parsing import opened_tables
from training.sources.parsing.csv_matrices import read_matrix
from training.sources.parsing.opened_tables import most_unpacked, opened_rows
from training.sources.parsing.plain_tables import read_plain

TABLE = b"id,a\n1,2\n"


def rows_of(path):
    with opened_rows(path, path.name) as rows:
        return [rows.header, *(row for _, row in rows)]


def gz(path, content):
    path.write_bytes(gzip.compress(content))
    return path


def zipped(path, *contents):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for i, content in enumerate(contents):
            archive.writestr(f"{i}.csv", content)
    return path


def plain(path, content):
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("pack", [plain, gz, zipped])
@pytest.mark.parametrize("name", ["table.csv", "table.csv.gz", "table.zip"])
def test_the_table_is_the_same_packed_or_not_whatever_its_name(tmp_path, pack, name):
    assert rows_of(pack(tmp_path / name, TABLE)) == [["id", "a"], ["1", "2"]]


@pytest.mark.parametrize(
    "read", [rows_of, lambda path: read_plain(path, ()), lambda path: read_matrix(path, path.name)]
)
@pytest.mark.parametrize("pack", [gz, zipped])
def test_what_unpacks_to_more_than_the_limit_is_refused_by_every_reader(tmp_path, monkeypatch, pack, read):
    monkeypatch.setattr(opened_tables, "FREE_BYTES", 2**16)
    content = TABLE + b"1,2\n" * 2**16
    says = r"unpacks to more than 0 MiB, the limit for a file of 0.0 MiB; .* unpack it and give the CSV"
    with pytest.raises(DatasetError, match=says) as refused:
        read(pack(tmp_path / "bomb", content))
    assert refused.value.problems[0].file == "bomb"
    assert len(rows_of(plain(tmp_path / "bomb.csv", content))) == 2 + 2**16  # unpacked it has no limit


def test_the_limit_is_a_hundred_times_the_file_within_bounds(tmp_path):
    for size, limit in ((10, 256 * 2**20), (5 * 2**20, 500 * 2**20), (2**27, 4 * 2**30)):
        with (tmp_path / "packed.gz").open("wb") as file:
            file.truncate(size)
        assert most_unpacked(tmp_path / "packed.gz") == limit


def test_what_is_no_single_table_is_refused(tmp_path):
    with pytest.raises(DatasetError, match=r"two.zip: holds 2 files, one table is expected"):
        rows_of(zipped(tmp_path / "two.zip", TABLE, TABLE))
    with pytest.raises(DatasetError, match=r"none.csv: missing from .*; add it"):
        rows_of(tmp_path / "none.csv")
    for content in (gzip.compress(TABLE)[:-9], b"PK\x03\x04 cut short"):
        with pytest.raises(DatasetError, match=r"cut: cannot be (un|re).*; copy or download the file again"):
            rows_of(plain(tmp_path / "cut", content))


def saved(path, rows, **cells):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for address, value in cells.items():
        book.active[address] = value
    book.save(path)
    return path


def rewritten(path, name, change):
    """The workbook with one member of its archive changed."""
    with zipfile.ZipFile(path) as archive:
        members = {member: archive.read(member) for member in archive.namelist()}
    members[name] = change(members[name])
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, content in members.items():
            archive.writestr(member, content)
    return path


SHEET = "xl/worksheets/sheet1.xml"


def test_cells_of_a_workbook_become_text_and_rows_keep_their_lines(tmp_path):
    path = saved(tmp_path / "t.xlsx", [["id", " name ", "x"], [1, "a", 0.5], [], [2.0, None, None]])
    table = read_plain(path, ())
    assert list(table.columns) == ["id", "name", "x"]
    assert list(table.index) == [2, 4]
    assert table.to_numpy().tolist() == [["1", "a", "0.5"], ["2", "", ""]]


@pytest.mark.parametrize(
    ("cells", "change", "says"),
    [
        ({"XFD1048576": "oops"}, None, "has a cell over 1000 empty rows below the table; delete it"),
        ({"XFD3": "oops"}, None, "row 3 has 16384 cells where the first has 2"),
        ({"XFD1": "oops", "XFD3": 1}, None, "row 3: its first sheet spans more than 30,000 cells; save it as CSV"),
        ({}, lambda xml: xml.replace(b'r="2"', b'r="99999999999"'), "has a cell over 1000 empty rows below"),
        ({}, lambda xml: xml + b" " * 2**21, r"unpacks to more than 1 MiB, .* unpack it and give the CSV"),
        (
            {},
            lambda xml: b'<!DOCTYPE s [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>' + xml,
            "cannot be read as a workbook .*EntitiesForbidden",
        ),
    ],
)
def test_a_workbook_that_would_never_end_is_refused(tmp_path, monkeypatch, cells, change, says):
    monkeypatch.setattr(opened_tables, "FREE_BYTES", 2**20)
    monkeypatch.setattr(workbook, "MOST_CELLS", 30_000)
    path = saved(tmp_path / "far.xlsx", [["id", "x"], [1, 2], [3, 4]], **cells)
    if change is not None:
        rewritten(path, SHEET, change)
    with pytest.raises(DatasetError, match=f"far.xlsx: {says}"):
        read_plain(path, ())


def test_the_stated_size_of_a_sheet_is_not_believed_and_an_empty_far_cell_does_not_matter(tmp_path):
    path = saved(tmp_path / "t.xlsx", [["id", "x"], [1, 2]])
    book = openpyxl.load_workbook(path)
    book.active["XFD900"].number_format = "0.00"
    book.save(path)
    rewritten(path, SHEET, lambda xml: xml.replace(b'ref="A1:XFD900"', b'ref="A1:XFD1048576"'))
    assert read_plain(path, ()).to_numpy().tolist() == [["1", "2"]]
