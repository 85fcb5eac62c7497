"""Whatever a table was saved as."""

import gzip
import io
import zipfile

import openpyxl
import pytest

from model.tables.faults import TableError
from model.tables.rows import Rows, find_delimiter
from model.tables.workbook import workbook_rows
from tests.helpers.published_layouts import workbook

TABLE = "gene\ta\nBRAF\t1.5\n"


def rows(content: bytes, most: int = 1 << 20) -> list[list[str]]:
    table = Rows(content, most)
    return [table.header, *(row for _, row in table)]


@pytest.mark.parametrize(
    "content",
    [
        TABLE.encode(),
        TABLE.replace("\t", ",").encode(),
        TABLE.replace("\t", ";").encode(),
        TABLE.replace("\n", "\r\n").encode(),
        TABLE.rstrip().encode(),
        ("\n" + TABLE + "\n\n\t\n").encode(),
        b"\xef\xbb\xbf" + TABLE.encode(),
        TABLE.encode("utf-16"),
        b"\xfe\xff" + TABLE.encode("utf-16-be"),
        gzip.compress(TABLE.encode()),
        gzip.compress(TABLE.encode("utf-16")),
        ("# comment\n## another\n" + TABLE).encode(),
        ("#" + TABLE).encode(),
        ("sep=\t\r\n" + TABLE).encode(),
        ("sep=;\n" + TABLE.replace("\t", ";")).encode(),
        ('"sep=,"\n' + TABLE.replace("\t", ",")).encode(),
        workbook([["gene", "a"], ["BRAF", 1.5]]),
    ],
)
def test_a_table_is_read_whatever_it_was_saved_as(content: bytes) -> None:
    assert rows(content) == [["gene", "a"], ["BRAF", "1.5"]]


@pytest.mark.parametrize("row", ["BRAF\t1.5\t\n", "BRAF\t1.5\t\nKRAS\t2\n", "KRAS\t2\n" * 30 + "BRAF\t1.5\t \n"])
def test_a_delimiter_that_ends_rows_makes_no_row_names_of_them(row: str) -> None:
    table = Rows(f"gene\ta\n{row}".encode())
    assert table.header == ["gene", "a"]
    assert ["BRAF", "1.5"] in [cells for _, cells in table]
    assert {len(cells) for cells in table.sampled} == {2}


def test_rows_are_numbered_as_a_spreadsheet_does() -> None:
    assert [number for number, _ in Rows(b"# made so\n\nname,BRAF\na,1\n\nb,2\n")] == [4, 6]


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"", "is empty"),
        (b" \n\n", "is empty"),
        (b"<!DOCTYPE html><html>", "web page"),
        (b'{"samples": 1}', "JSON"),
        (b"version https://git-lfs.github.com/spec/v1\n", "LFS"),
        (b"name,BRAF\nM\xfcller,1\n", "row 2 is no UTF-8"),
        (TABLE.encode("utf-16-le"), "zero bytes"),
        (b"\xff\xfe" + TABLE.encode("utf-16-le")[:-1], "begins as UTF-16"),
        (b"\x1f\x8b damaged", "cannot be unpacked"),
        (gzip.compress(TABLE.encode())[:-9], "cannot be unpacked"),
        (gzip.compress(gzip.compress(TABLE.encode())), "packed twice"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old Excel"),
        (b"PK\x03\x04 damaged", "damaged"),
        (b'name,BRAF\n"a,1\n', "quotation marks"),
        (b"#1.2\nx\ty\nName\tDescription\ta\n", "GCT"),
    ],
)
def test_what_is_no_table_is_called_what_it_is(content: bytes, fault: str) -> None:
    with pytest.raises(TableError, match=fault):
        rows(content)


def test_a_zip_archive_is_no_workbook() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("table.csv", TABLE)
    with pytest.raises(TableError, match="no Excel workbook"):
        rows(packed.getvalue())


@pytest.mark.parametrize("content", [TABLE.encode() * 1000, gzip.compress(TABLE.encode() * 1000)])
def test_no_more_is_read_than_the_limit_once_it_is_unpacked(content: bytes) -> None:
    with pytest.raises(TableError, match="more than 2000 bytes"):
        rows(content, most=2000)


def test_a_workbook_that_unpacks_to_more_than_its_limit_is_refused_before_it_is_read() -> None:
    with pytest.raises(TableError, match="more than 500 bytes"):
        list(workbook_rows(workbook([["gene", "a"], ["BRAF", 1]]), most=500))


def test_a_cell_in_the_last_corner_of_a_workbook_stops_the_reading() -> None:
    book, out = openpyxl.Workbook(), io.BytesIO()
    book.active["A1"], book.active["XFD1048576"] = "gene", 1
    book.save(out)
    with pytest.raises(TableError, match="empty rows below"):
        rows(out.getvalue())


def test_a_gene_that_a_workbook_holds_as_a_date_is_read_as_one() -> None:
    import datetime

    assert rows(workbook([["gene", "a"], [datetime.datetime(2023, 9, 1), 2]]))[1] == ["2023-09-01", "2"]


@pytest.mark.parametrize(
    ("lines", "delimiter"),
    [
        (["a,b", "1,2"], ","),
        (["a;b", "1,5;2,5"], ";"),
        (["a\tb", "1,5\t2;5"], "\t"),
        (["name,smiles,targets", "x,CC,EGFR;ERBB2"], ","),
        (["gene,a", "BRAF,1,5"], ","),
        (["a;b", "1;2;3"], ";"),
    ],
)
def test_the_delimiter_is_what_cuts_all_lines_alike(lines: list[str], delimiter: str) -> None:
    assert find_delimiter(lines) == delimiter
