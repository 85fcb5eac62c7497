"""Tables of names in a bundle, `identifiers/<name>.json`: what people call genes, lines and drugs.

None is needed to predict; a bundle without them knows the names of its id tables alone.
"""

import re
from collections.abc import Mapping
from pathlib import Path

from model.bundle.card import Row
from model.bundle.files import parse_json, write_json
from model.bundle.manifest import BundleError

FOLDER, SUFFIX = "identifiers", ".json"
NAME = r"[a-z0-9_]+"


def write_identifiers(folder: Path, tables: Mapping[str, list[Row]]) -> None:
    """Write tables into a bundle's folder; an older one of the same name is replaced."""
    for name, rows in tables.items():
        if not re.fullmatch(NAME, name):
            raise BundleError(f"a table in {FOLDER} cannot be called {name!r}; use a-z, 0-9 and _")
        path = folder / FOLDER / f"{name}{SUFFIX}"
        path.parent.mkdir(exist_ok=True)
        write_json(path, rows)


def identifiers(content: Mapping[str, bytes]) -> dict[str, list[Row]]:
    """Tables among a bundle's files, by name. Raises BundleError naming a file that is none."""
    files = [path for path in content if path.startswith(f"{FOLDER}/") and path.endswith(SUFFIX)]
    return {path.removeprefix(f"{FOLDER}/").removesuffix(SUFFIX): _objects(path, content[path]) for path in files}


def _objects(path: str, content: bytes) -> list[Row]:
    try:
        rows: list[Row] = parse_json(content)
    except ValueError as fault:
        raise BundleError(f"{path}: not JSON ({fault})") from None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise BundleError(f"{path}: not a list of objects")
    return rows
