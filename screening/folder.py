"""The folder of a screen: chunks that are done, one folder each, and what they were screened for.

A chunk's folder gets its name when all its files are written, so what has a name is whole. A screen that was killed
goes on with the chunks that have none.
"""

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

from screening.job import ScreenError
from screening.tables import Files

SETTINGS, MANIFEST, CHUNKS = "settings.json", "manifest.json", "chunks"


class Folder:
    """Where a screen writes, and goes on to."""

    def __init__(self, path: Path, settings: Mapping[str, Any]) -> None:
        """Make the folder, or go on with one of the same settings. Raises ScreenError where they differ."""
        self.path = path
        self._chunks = path / CHUNKS
        settings = json.loads(json.dumps(settings))
        if (path / SETTINGS).exists():
            before = json.loads((path / SETTINGS).read_text(encoding="utf-8"))
            changed = [key for key in settings if settings[key] != before.get(key)]
            if changed:
                raise ScreenError(f"{path}: holds a screen with another {', '.join(changed)}; give another folder")
        elif path.exists() and any(path.iterdir()):
            raise ScreenError(f"{path}: is not empty and holds no screen; give another folder")
        self._chunks.mkdir(parents=True, exist_ok=True)
        if self.finished:
            shutil.rmtree(self._chunks)  # left behind where the end was killed
        self.write(SETTINGS, json.dumps(settings, indent=1).encode() + b"\n")

    @property
    def finished(self) -> bool:
        """Whether the answer is written."""
        return (self.path / MANIFEST).exists()

    def done(self) -> list[int]:
        """Numbers of the chunks that are done, in order."""
        return sorted(int(path.name) for path in self._chunks.iterdir() if path.name.isdecimal())

    def put(self, chunk: int, files: Files) -> None:
        """Keep what a chunk gave."""
        staging = self._chunks / f".{chunk:09}"
        shutil.rmtree(staging, ignore_errors=True)
        staging.mkdir()
        for name, content in files.items():
            _write(staging / name, content)
        staging.rename(self._chunks / f"{chunk:09}")

    def get(self, chunk: int, name: str) -> bytes:
        """A file of a chunk."""
        return (self._chunks / f"{chunk:09}" / name).read_bytes()

    def replace(self, chunk: int, name: str, content: bytes) -> None:
        """Write a file of a chunk anew."""
        self.write(f"{CHUNKS}/{chunk:09}/{name}", content)

    def write(self, name: str, content: bytes) -> None:
        """Write a file of the answer, whole or not at all."""
        path = self.path / name
        path.parent.mkdir(exist_ok=True)
        staging = path.with_name(f".{path.name}")
        _write(staging, content)
        staging.rename(path)

    @contextmanager
    def text(self, name: str) -> Iterator[TextIO]:
        """A text of the answer to write into, there when the block ends."""
        staging = self.path / f".{name}"
        with staging.open("w", encoding="utf-8", newline="") as file:
            yield file
        staging.rename(self.path / name)

    def finish(self, manifest: Mapping[str, Any]) -> None:
        """State that the answer is whole, and leave the chunks' files behind."""
        self.write(MANIFEST, json.dumps(manifest, indent=1).encode() + b"\n")
        shutil.rmtree(self._chunks)


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
