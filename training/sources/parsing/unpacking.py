"""The bytes of a file that may be packed, with a limit on what they unpack to.

A table packs to a tenth of its size or so, one of zeros to a hundredth. What unpacks to more is no table: a few
kilobytes can hold gigabytes.
"""

import gzip
import zipfile
import zlib
from pathlib import Path

from training.data.schema import DatasetError, Problem

AGAIN = "copy or download the file again"
MOST_RATIO = 100
FREE_BYTES = 256 * 2**20  # whatever the ratio
MOST_BYTES = 4 * 2**30
DAMAGE = (OSError, EOFError, zipfile.BadZipFile, zlib.error, RuntimeError)


def unpack(path: Path, name: str) -> bytes:
    """Read a file, a .gz, or a .zip with one file in it; `name` is how messages call it.

    Raises DatasetError where it is missing or damaged, or unpacks to more than `most_unpacked` allows.
    """
    try:
        if path.suffix == ".gz":
            with gzip.open(path) as packed:
                return _within_limit(packed.read(most_unpacked(path) + 1), path, name)
        if path.suffix == ".zip":
            return _only_member(path, name)
        return path.read_bytes()
    except DAMAGE as fault:
        missing = isinstance(fault, FileNotFoundError)
        text = f"missing from {path.parent}; add it" if missing else f"cannot be read ({fault}); {AGAIN}"
        raise DatasetError([Problem(name, "", "", text)]) from None


def most_unpacked(path: Path) -> int:
    """Bytes that the packed file may unpack to."""
    return min(MOST_BYTES, max(FREE_BYTES, MOST_RATIO * path.stat().st_size))


def size_refusal(path: Path, name: str, remedy: str) -> DatasetError:
    """The refusal of a file that unpacks to more than it may."""
    limit, size = most_unpacked(path) / 2**20, path.stat().st_size / 2**20
    text = f"unpacks to more than {limit:,.0f} MiB, the limit for a file of {size:,.1f} MiB; {remedy}"
    return DatasetError([Problem(name, "", "", text)])


def _only_member(path: Path, name: str) -> bytes:
    with zipfile.ZipFile(path) as archive:
        members = archive.infolist()
        if len(members) != 1:
            raise DatasetError([Problem(name, "", "", f"holds {len(members)} files, one CSV is expected")])
        with archive.open(members[0]) as packed:
            return _within_limit(packed.read(most_unpacked(path) + 1), path, name)


def _within_limit(content: bytes, path: Path, name: str) -> bytes:
    if len(content) > most_unpacked(path):
        raise size_refusal(path, name, "if it is the table, unpack it and give the CSV")
    return content
