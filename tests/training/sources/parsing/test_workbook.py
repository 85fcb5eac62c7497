"""Workbooks as people save them, and workbooks that would never end."""

import time
import zipfile

import openpyxl
import pytest

from training.data.schema import DatasetError
from training.sources.parsing import unpacking, workbook
from training.sources.parsing.workbook import read_workbook

MOST_SECONDS = 30  # of a shared machine; read to its stated size, such a sheet takes hours


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


def test_cells_become_text_and_rows_keep_their_lines(tmp_path):
    path = saved(tmp_path / "t.xlsx", [["id", " name ", "x"], [1, "a", 0.5], [], [2.0, None, None]])
    table = read_workbook(path)
    assert list(table.columns) == ["id", "name", "x"]
    assert list(table.index) == [2, 4]
    assert table.to_numpy().tolist() == [["1", "a", "0.5"], ["2", "", ""]]


def test_a_far_cell_is_refused_by_its_address_in_seconds(tmp_path):
    path = saved(tmp_path / "far.xlsx", [["id", "x"], [1, 2]], XFD1048576="oops")
    assert path.stat().st_size < 10_000
    start = time.monotonic()
    with pytest.raises(DatasetError) as refused:
        read_workbook(path)
    assert time.monotonic() - start < MOST_SECONDS
    message = "far.xlsx: row 1048576, column XFD: 'oops' stands beside the table, whose header ends at column B;"
    assert str(refused.value).startswith(message)


def test_a_far_cell_that_is_empty_does_not_matter(tmp_path):
    path = saved(tmp_path / "far.xlsx", [["id", "x"], [1, 2]])
    book = openpyxl.load_workbook(path)
    book.active["XFD1000"].number_format = "0.00"
    book.save(path)
    assert read_workbook(path).to_numpy().tolist() == [["1", "2"]]


def test_a_sheet_of_too_many_cells_is_refused_before_it_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr(workbook, "MOST_CELLS", 100_000)
    path = saved(tmp_path / "wide.xlsx", [["id"], *([i, *[None] * 16_382, 1] for i in range(20))])
    with pytest.raises(DatasetError, match=r"row 8: its first sheet spans more than 1,048,576 rows or 100,000 cells"):
        read_workbook(path)


def test_a_row_number_that_no_sheet_has_is_refused(tmp_path):
    path = saved(tmp_path / "t.xlsx", [["id"], [1]])
    rewritten(path, "xl/worksheets/sheet1.xml", lambda xml: xml.replace(b'r="2"', b'r="99999999999"'))
    with pytest.raises(DatasetError, match=r"row 1048577: its first sheet spans more than 1,048,576 rows"):
        read_workbook(path)


def test_the_stated_size_of_a_sheet_is_not_believed(tmp_path):
    path = saved(tmp_path / "t.xlsx", [["id"], [1]])
    rewritten(path, "xl/worksheets/sheet1.xml", lambda xml: xml.replace(b'ref="A1:A2"', b'ref="A1:XFD1048576"'))
    start = time.monotonic()
    assert read_workbook(path).to_numpy().tolist() == [["1"]]
    assert time.monotonic() - start < MOST_SECONDS


def test_sheets_that_unpack_to_more_than_the_limit_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(unpacking, "FREE_BYTES", 2**20)
    path = saved(tmp_path / "bomb.xlsx", [["id"], [1]])
    rewritten(path, "xl/worksheets/sheet1.xml", lambda xml: xml + b" " * 2**21)
    with pytest.raises(DatasetError, match=r"bomb.xlsx: unpacks to more than 1 MiB, .* export the table as CSV"):
        read_workbook(path)


def test_entities_that_expand_are_refused(tmp_path):
    """openpyxl reads sheets through defusedxml, which the extra `train` brings."""
    assert openpyxl.DEFUSEDXML
    path = saved(tmp_path / "t.xlsx", [["id"], ["x"]])
    entities = b'<!DOCTYPE s [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>'
    rewritten(path, "xl/worksheets/sheet1.xml", lambda xml: entities + xml)
    with pytest.raises(DatasetError, match=r"cannot be read as a workbook .*EntitiesForbidden"):
        read_workbook(path)


@pytest.mark.parametrize("content", [b"", b"id,x\n1,2\n", b"PK\x03\x04"])
def test_what_is_no_workbook_is_named(tmp_path, content):
    (tmp_path / "t.xlsx").write_bytes(content)
    with pytest.raises(DatasetError, match=r"t.xlsx: cannot be read as a workbook"):
        read_workbook(tmp_path / "t.xlsx")
