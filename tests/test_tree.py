"""Rules of the tree that no linter knows: modules of a folder, lines of a file, names of files."""

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROOMS = ("model", "training", "screening", "service", "client")
MODULES_A_FOLDER = 12
LINES_A_FILE = 300
NAMES_OF_NOTHING = {"utils", "util", "helpers", "helper", "common", "misc"}


def python_files(*folders):
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def relative(paths):
    return [str(path.relative_to(ROOT)) for path in paths]


EVERY = python_files(*ROOMS, "tests", "benchmarks", "scripts")


def test_the_rooms_are_where_this_test_looks_for_them():
    assert len(python_files(*ROOMS)) > 100


@pytest.mark.parametrize("room", ROOMS)
def test_a_folder_has_no_more_modules_than_a_glance_takes_in(room):
    modules = [path for path in python_files(room) if path.name != "__init__.py"]
    counts = {folder: sum(path.parent == folder for path in modules) for folder in {path.parent for path in modules}}
    assert relative(folder for folder, count in counts.items() if count > MODULES_A_FOLDER) == []


def test_no_file_is_longer_than_three_hundred_lines():
    assert relative(path for path in EVERY if len(path.read_bytes().splitlines()) > LINES_A_FILE) == []


def test_the_files_that_make_a_folder_a_package_are_empty():
    assert relative(path for path in EVERY if path.name == "__init__.py" and path.stat().st_size) == []


def test_a_file_is_named_by_what_it_holds():
    assert relative(path for path in EVERY if path.stem in NAMES_OF_NOTHING) == []
