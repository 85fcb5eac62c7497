"""The manifest of a bundle on disk: verified before anything that it names is read."""

from pathlib import Path, PurePosixPath
from typing import cast

from model.bundle.bundle import TABLES
from model.bundle.card import Manifest
from model.bundle.files import content_hash, parse_json, sha256

FORMAT = 3  # 1: no margin codes, no further graphs; 2: no kernel stack; both are still read
MANIFEST = "manifest.json"
FIELDS = {"name", "content_hash", "default_model", "models", "files", "dataset", "metrics"}


class BundleError(Exception):
    """A bundle that must not be served; the message names the file and the reason."""


def read_manifest(folder: Path) -> Manifest:
    """Read and verify the manifest in `folder`: format, fields, content hash. Raises BundleError."""
    path = folder / MANIFEST
    try:
        manifest = parse_json(path.read_bytes())
    except OSError as fault:
        raise BundleError(f"{path}: {fault.strerror}; give the folder that `drp export` wrote") from None
    except ValueError as fault:
        raise BundleError(f"{path}: not JSON ({fault})") from None
    if not isinstance(manifest, dict) or not isinstance(manifest.get("format"), int):
        raise BundleError(f"{path}: no integer field 'format'; this is not a bundle's manifest")
    if manifest["format"] > FORMAT:
        raise BundleError(
            f"{path}: format {manifest['format']} is newer than {FORMAT}, the newest this version reads; update it"
        )
    if missing := sorted(FIELDS - manifest.keys()):
        raise BundleError(f"{path}: missing fields {missing}")
    if manifest["content_hash"] != content_hash(manifest):
        raise BundleError(f"{path}: content_hash does not match; the file is damaged or edited by hand")
    if not isinstance(manifest["files"], dict):
        raise BundleError(f"{path}: 'files' is no table of names and sha256; export the bundle again")
    if unlisted := sorted(set(TABLES) - manifest["files"].keys()):
        raise BundleError(f"{path}: files {unlisted} have no sha256")
    return cast("Manifest", manifest)


def read_files(folder: Path, manifest: Manifest) -> dict[str, bytes]:
    """Content of every file that the manifest lists, by name. Raises BundleError where one is not what it says."""
    return {name: _read_file(folder, name, expected) for name, expected in manifest["files"].items()}


def _read_file(folder: Path, name: str, expected: str) -> bytes:
    path = folder / name
    _refuse_outside(folder, name)
    try:
        content = path.read_bytes()
    except OSError as fault:
        raise BundleError(f"{path}: cannot be read ({fault.strerror})") from None
    if sha256(content) != expected:
        raise BundleError(f"{path}: sha256 differs from the manifest; the file is damaged, copy it again")
    return content


def _refuse_outside(folder: Path, name: str) -> None:
    """Raise BundleError for a name that leaves the bundle's folder, by itself or through a link, or is no plain file.

    The folder itself may be a link. A pipe or a device would be read without end.
    """
    pure = PurePosixPath(name)
    plain = str(pure) == name and not pure.is_absolute() and ".." not in pure.parts and "\\" not in name
    path = folder / name
    if not plain or "\0" in name or not path.resolve().is_relative_to(folder.resolve()):
        raise BundleError(f"{folder / MANIFEST}: lists {name!r}, which lies outside the bundle; export it again")
    if path.exists() and not path.is_file():
        raise BundleError(f"{path}: is no file; export the bundle again")
