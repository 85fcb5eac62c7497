"""`drp data describe` as a user types it."""

import pytest
from typer.testing import CliRunner

from training.cli.main import data_app

RUN = CliRunner()


def test_describe_prints_tables_and_draws_a_page(demo, tmp_path):
    page = tmp_path / "page.png"
    done = RUN.invoke(data_app, ["describe", str(demo), "--png", str(page)])
    assert done.exit_code == 0
    for word in ("50 cell lines × 12 drugs", "SYNTHETIC", "copy_number", "all 12", "demo tissue 1"):
        assert word in done.output
    assert max(map(len, done.output.splitlines())) <= 80 or str(page) in done.output
    assert page.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("command", [["describe"], ["resolve"]])
def test_a_folder_without_a_dataset_is_named(tmp_path, command):
    (tmp_path / "names.txt").write_text("A549\n")
    extra = [str(tmp_path / "names.txt")] if command == ["resolve"] else []
    done = RUN.invoke(data_app, [*command, str(tmp_path), *extra])
    assert done.exit_code == 2
    assert "dataset.json" in done.stderr


def test_a_page_that_cannot_be_written_is_named(demo, tmp_path):
    done = RUN.invoke(data_app, ["describe", str(demo), "--png", str(tmp_path / "no" / "page.png")])
    assert done.exit_code == 2
    assert "No such file" in done.stderr
