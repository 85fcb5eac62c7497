"""Packed tables: read as they are, and refused where a few bytes would become gigabytes."""

import gzip
import zipfile

import pytest

from training.data.schema import DatasetError
from training.sources.parsing import unpacking
from training.sources.parsing.csv_matrices import read_matrix
from training.sources.parsing.csv_text import csv_content
from training.sources.parsing.unpacking import most_unpacked, unpack

TABLE = b"id,a\n1,2\n"
READERS = [lambda path: unpack(path, path.name), csv_content, lambda path: read_matrix(path, path.name)]


def gz(path, content):
    path.write_bytes(gzip.compress(content))
    return path


def zipped(path, *contents):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for i, content in enumerate(contents):
            archive.writestr(f"{i}.csv", content)
    return path


@pytest.mark.parametrize("pack", [lambda path, content: path.write_bytes(content) and path, gz, zipped])
def test_the_bytes_are_the_same_packed_or_not(tmp_path, pack):
    suffix = {gz: ".csv.gz", zipped: ".zip"}.get(pack, ".csv")
    assert unpack(pack(tmp_path / f"table{suffix}", TABLE), "table") == TABLE


@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize(("pack", "suffix"), [(gz, ".csv.gz"), (zipped, ".zip")])
def test_what_unpacks_to_more_than_the_limit_is_refused_by_every_reader(tmp_path, monkeypatch, pack, suffix, read):
    monkeypatch.setattr(unpacking, "FREE_BYTES", 2**20)
    path = pack(tmp_path / f"bomb{suffix}", TABLE + b"1,2\n" * 2**20)
    says = r"unpacks to more than 1 MiB, the limit for a file of 0.0 MiB; .* unpack it and give the CSV"
    with pytest.raises(DatasetError, match=says) as refused:
        read(path)
    assert refused.value.problems[0].file == path.name
    (tmp_path / "bomb.csv").write_bytes(TABLE + b"1,2\n" * 2**20)
    assert len(unpack(tmp_path / "bomb.csv", "bomb.csv")) == len(TABLE) + 2**22  # unpacked it has no limit


def test_the_limit_is_a_hundred_times_the_file_within_bounds(tmp_path):
    for size, limit in ((10, 256 * 2**20), (5 * 2**20, 500 * 2**20), (2**27, 4 * 2**30)):
        with (tmp_path / "packed.gz").open("wb") as file:
            file.truncate(size)
        assert most_unpacked(tmp_path / "packed.gz") == limit


def test_what_is_no_single_table_is_refused(tmp_path):
    two = zipped(tmp_path / "two.zip", TABLE, TABLE)
    with pytest.raises(DatasetError, match="two: holds 2 files, one CSV is expected"):
        unpack(two, "two")
    with pytest.raises(DatasetError, match=r"none.csv: missing from .*; add it"):
        unpack(tmp_path / "none.csv", "none.csv")
    (tmp_path / "text.gz").write_bytes(TABLE)
    with pytest.raises(DatasetError, match=r"cannot be read .*; copy or download the file again"):
        unpack(tmp_path / "text.gz", "text.gz")
