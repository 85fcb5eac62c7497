"""A library of compounds as chunks: `.smi`, `.sdf`, tables (gzip too) and Parquet, read in constant memory."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import file_digest
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

from model.tables.compounds import CompoundRows, compounds_by_header, read_compounds
from model.tables.faults import TableError
from screening.job import Chunk, LibraryRow, ScreenError

PARQUET = b"PAR1"
ROWS_AT_ONCE = 4096
UNLIMITED = 1 << 62


@dataclass
class Library:
    """An open library; `notes` are complete when all chunks have been read."""

    path: Path
    smiles_column: str | None
    file: BinaryIO
    size: int
    fingerprint: str
    is_parquet: bool
    read: CompoundRows

    def chunks(self, size: int) -> Iterator[Chunk]:
        """Chunks of so many rows, the last one of fewer. Raises ScreenError where the library cannot be read on."""
        try:
            rows = (
                LibraryRow(
                    number, row.place, row.name, row.structure, row.targets, row.pathway, row.max_concentration_um
                )
                for number, row in enumerate(self.read.rows)
            )
            chunks = iter(lambda: list(islice(rows, size)), [])
            yield from (Chunk(number, chunk) for number, chunk in enumerate(chunks))
        except TableError as fault:
            raise ScreenError(f"the library: {fault}") from None

    def share_read(self) -> float | None:
        """Share of the library that has been read; None where it cannot be known."""
        return None if self.is_parquet else self.file.tell() / max(self.size, 1)


@contextmanager
def open_library(path: Path, smiles_column: str | None = None) -> Iterator[Library]:
    """Open a library. Raises ScreenError where it is none."""
    try:
        with path.open("rb") as file:
            is_parquet = file.read(len(PARQUET)) == PARQUET
            try:
                read = _parquet(path, smiles_column) if is_parquet else read_compounds(file, smiles_column, UNLIMITED)
            except TableError as fault:
                raise ScreenError(f"{path}: {fault}") from None
            yield Library(path, smiles_column, file, path.stat().st_size, _fingerprint(path), is_parquet, read)
    except OSError as fault:
        raise ScreenError(f"{path}: cannot be read ({fault.strerror})") from None


def _parquet(path: Path, smiles_column: str | None) -> CompoundRows:
    from arro3.io import read_parquet

    try:
        reader: Any = read_parquet(path, batch_size=ROWS_AT_ONCE)
    except BaseException as fault:  # what arro3 raises of a damaged file is no Exception
        if isinstance(fault, KeyboardInterrupt | SystemExit):
            raise
        raise ScreenError(f"{path}: is no whole Parquet file; copy or download it again") from None
    header: Sequence[str] = reader.schema.names

    def rows() -> Iterator[tuple[int, list[str]]]:
        number = 0
        for batch in reader:
            columns = [batch.column(name).to_pylist() for name in header]
            for number, cells in enumerate(zip(*columns, strict=True), number + 1):  # noqa: B020
                yield number, ["" if cell is None else str(cell) for cell in cells]

    return compounds_by_header(header, rows(), smiles_column)


def _fingerprint(path: Path) -> str:
    """Sha256 of the whole file, by which a changed library is told; a GB takes some seconds."""
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()
