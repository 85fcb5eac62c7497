"""The table in a file that may be packed, read by the service's own reader (model.tables), within a limit.

A table packs to a tenth of its size or so, one of zeros to a hundredth. What unpacks to more is no table: a few
kilobytes can hold gigabytes.
"""

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from model.tables.content import AGAIN, ZIP, first_bytes
from model.tables.faults import TableError, TooLargeError
from model.tables.rows import Rows
from model.tables.workbook import WORKBOOK
from training.data.schema import DatasetError, Problem

MOST_RATIO = 100
FREE_BYTES = 256 * 2**20  # whatever the ratio
MOST_BYTES = 4 * 2**30
DAMAGE = (OSError, EOFError, zipfile.BadZipFile, zlib.error, RuntimeError)


@contextmanager
def opened_rows(path: Path, name: str, *, row_names: bool = False, fewest: int = 2) -> Iterator[Rows]:
    """Rows of the table in a file, a .gz, a .xlsx, or a .zip with one table in it; `name` is how messages call it.

    Raises DatasetError, also while rows are read, where it is missing, damaged or no table, or unpacks to more than
    `most_unpacked` allows.
    """
    try:
        with path.open("rb") as file, _unzipped(file) as content:
            most = max(most_unpacked(path), path.stat().st_size)
            yield Rows(content, most, row_names=row_names, fewest=fewest)
    except FileNotFoundError:
        raise _refusal(name, f"missing from {path.parent}; add it") from None
    except TooLargeError:
        limit, size = most_unpacked(path) / 2**20, path.stat().st_size / 2**20
        text = f"unpacks to more than {limit:,.0f} MiB, the limit for a file of {size:,.1f} MiB"
        raise _refusal(name, f"{text}; if it is the table, unpack it and give the CSV") from None
    except TableError as fault:
        raise _refusal(name, str(fault)) from None
    except DAMAGE as fault:
        raise _refusal(name, f"cannot be read ({fault}); {AGAIN}") from None


def most_unpacked(path: Path) -> int:
    """Bytes that the packed file may unpack to."""
    return min(MOST_BYTES, max(FREE_BYTES, MOST_RATIO * path.stat().st_size))


@contextmanager
def _unzipped(file: BinaryIO) -> Iterator[BinaryIO]:
    """The one file of a zip archive; any other file, a workbook among them, as it is."""
    if not first_bytes(file).startswith(ZIP):
        yield file
        return
    with zipfile.ZipFile(file) as archive:
        members = archive.infolist()
        if WORKBOOK in archive.namelist():
            yield file
        elif len(members) != 1:
            raise TableError(f"holds {len(members)} files, one table is expected")
        else:
            with archive.open(members[0]) as member:
                yield cast("BinaryIO", member)


def _refusal(name: str, message: str) -> DatasetError:
    return DatasetError([Problem(name, "", "", message)])
