"""`drp data demo` and `check` as a user types them."""

from typer.testing import CliRunner

from training.cli.main import data_app

RUN = CliRunner()


def test_the_demo_passes_the_check(demo):
    done = RUN.invoke(data_app, ["check", str(demo)])
    assert done.exit_code == 0
    assert "demo: SYNTHETIC" in done.output


def test_a_demo_does_not_replace_a_foreign_folder(tmp_path):
    (tmp_path / "thesis.txt").write_text("mine")
    done = RUN.invoke(data_app, ["demo", str(tmp_path)])
    assert done.exit_code == 2
    assert (tmp_path / "thesis.txt").exists()


def test_a_demo_of_an_impossible_size_is_refused(tmp_path):
    done = RUN.invoke(data_app, ["demo", str(tmp_path / "demo"), "--drugs", "1000"])
    assert done.exit_code == 2
    assert "6 to 72" in done.stderr
    assert not (tmp_path / "demo").exists()
