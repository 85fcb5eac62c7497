"""Build hook of the wheel: all folders go under one name, drug_response, since theirs are other packages' as well.

The folders stay at the top of the checkout. Each is copied; imports of the five names get the prefix, and so do
modules that stand in quotes and commands that texts name (`python -m service`). The bundled model goes along.
"""

import re
import shutil
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NAME = "drug_response"
FOLDERS = ("model", "service", "training", "screening", "client")
IMPORT = re.compile(rf"^(\s*(?:from|import) )((?:{'|'.join(FOLDERS)})[.\s])", re.MULTILINE)
QUOTED = re.compile(rf'"((?:{"|".join(FOLDERS)})(?:\.\w+)+)"')
COMMAND = re.compile(rf"(python -m )((?:{'|'.join(FOLDERS)})\b)")


def prefixed(source: str, root: Path) -> str:
    """Source of the checkout at `root` with the names of the installed package."""

    def quoted(found: re.Match[str]) -> str:
        module = root.joinpath(*found[1].split("."))
        return f'"{NAME}.{found[1]}"' if module.is_dir() or module.with_suffix(".py").is_file() else found[0]

    return QUOTED.sub(quoted, COMMAND.sub(rf"\1{NAME}.\2", IMPORT.sub(rf"\1{NAME}.\2", source)))


def write_package(root: Path, package: Path) -> None:
    """Copy the folders of a checkout into one package."""
    package.mkdir()
    (package / "__init__.py").touch()
    for folder in FOLDERS:
        shutil.copytree(root / folder, package / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for path in package.rglob("*.py"):
        path.write_text(prefixed(path.read_text(encoding="utf-8"), root), encoding="utf-8")
    if (root / "bundles").is_dir():
        shutil.copytree(root / "bundles" / "gdsc", package / "bundles" / "gdsc")


class OneName(BuildHookInterface):  # type: ignore[type-arg, misc]
    """Puts the package into the wheel; an editable installation reads the checkout."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called by hatchling before it builds."""
        if version == "editable":
            return
        self.work = tempfile.mkdtemp()
        package = Path(self.work) / NAME
        write_package(Path(self.root), package)
        build_data["force_include"][str(package)] = NAME

    def finalize(self, version: str, _build_data: dict[str, Any], _artifact_path: str) -> None:
        """Called by hatchling when it has built."""
        if version != "editable":
            shutil.rmtree(self.work)
