"""A demo dataset, made by the command."""

import pytest
from typer.testing import CliRunner

from training.cli.main import data_app

RUN = CliRunner()


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo") / "demo"
    done = RUN.invoke(data_app, ["demo", str(folder), "--lines", "50", "--drugs", "12"])
    assert done.exit_code == 0, done.output
    assert "SYNTHETIC, 50 cell lines × 12 drugs" in done.output
    return folder
