"""How a bundle, or a folder like it, lies on disk: strict JSON, hashes of its content, replaced as a whole."""

import hashlib
import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any


def content_hash(manifest: Mapping[str, object]) -> str:
    """Sha256 of the manifest without this field: calibration and metrics as well as the hashes of the files."""
    content = json.dumps({key: value for key, value in manifest.items() if key != "content_hash"})
    # Read back first: a tuple or an integer key is written as a list or a string, and must hash as such.
    return sha256(json.dumps(json.loads(content), sort_keys=True).encode())


def sha256(content: bytes) -> str:
    """Sha256 in 64 hex digits."""
    return hashlib.sha256(content).hexdigest()


def payload(folder: Path) -> list[str]:
    """Paths of all files in `folder` and below, relative to it and sorted."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def write_json(path: Path, value: object) -> None:
    """Write `value` as JSON, a table as one line a row; raises ValueError where it holds NaN or an infinity."""
    text = partial(json.dumps, ensure_ascii=False, allow_nan=False)
    if isinstance(value, list) and value:
        content = "[\n" + ",\n".join(text(row, separators=(",", ":")) for row in value) + "\n]"
    else:
        content = text(value, indent=1)
    path.write_text(content + "\n", encoding="utf-8")


def parse_json(content: bytes) -> Any:  # noqa: ANN401 -- any JSON value
    """Return what the JSON text says; raises ValueError where it is none."""
    return json.loads(content, parse_constant=_refuse_constant)


def _refuse_constant(token: str) -> None:
    """Python reads NaN and Infinity, JSON has neither; no answer may carry one."""
    raise ValueError(f"{token} is not JSON")


@contextmanager
def replace_folder(target: Path) -> Iterator[Path]:
    """Yield an empty sibling folder, which replaces `target` at the end of the block and is deleted where it fails.

    So `target` is either the old folder or the new one. A crash between the two renames leaves the old one beside it.
    A link to a folder stays; its folder is replaced.
    """
    target = target.resolve()
    staging = target.with_name(f".{target.name}.writing")
    shutil.rmtree(staging, ignore_errors=True)
    staging.mkdir(parents=True)
    try:
        yield staging
    except BaseException:
        shutil.rmtree(staging, ignore_errors=True)
        raise
    old = target.with_name(f".{target.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if target.exists():
        target.rename(old)
    staging.rename(target)
    shutil.rmtree(old, ignore_errors=True)
