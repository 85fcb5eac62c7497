"""`drp data demo`, `describe` and `resolve` as a user types them."""

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


def test_the_demo_passes_the_check(demo):
    done = RUN.invoke(data_app, ["check", str(demo)])
    assert done.exit_code == 0
    assert "demo: SYNTHETIC" in done.output


def test_describe_prints_tables_and_draws_a_page(demo, tmp_path):
    page = tmp_path / "page.png"
    done = RUN.invoke(data_app, ["describe", str(demo), "--png", str(page)])
    assert done.exit_code == 0
    for word in ("50 cell lines × 12 drugs", "SYNTHETIC", "copy_number", "all 12", "demo tissue 1"):
        assert word in done.output
    assert max(map(len, done.output.splitlines())) <= 80 or str(page) in done.output
    assert page.read_bytes().startswith(b"\x89PNG")


def test_resolve_prints_a_table_for_scripts_and_exits_2_when_a_name_is_open(demo, tmp_path):
    names = tmp_path / "names.txt"
    names.write_text("\ufeffDEMO-001\r\n\r\n demo 002 \nDEMO-999\n", encoding="utf-8")
    done = RUN.invoke(data_app, ["resolve", str(demo), str(names)])
    assert done.exit_code == 2
    rows = [line.split("\t") for line in done.stdout.splitlines()]
    assert rows[0] == ["query", "id", "name", "how", "candidates"]
    assert rows[1] == ["DEMO-001", "DEMO-001", "DEMO-001", "id", ""]
    assert rows[2][1:4] == ["DEMO-002", "DEMO-002", "id, case and punctuation aside"]
    assert rows[3][3] == "unknown"
    assert rows[3][4]
    assert done.stderr.strip() == "3 names: 2 matched, 0 ambiguous, 1 unknown"


def test_resolve_of_drugs_exits_0_when_all_are_found(demo, tmp_path):
    names = tmp_path / "names.txt"
    names.write_text("Demotinib-01\nNS(=O)(=O)c1ccc(N)cc1\n")
    done = RUN.invoke(data_app, ["resolve", str(demo), str(names), "--kind", "drug"])
    assert done.exit_code == 0
    assert "structure" in done.stdout


@pytest.mark.parametrize(
    ("content", "says"), [(b"", "no names"), (b"A549\n\xe9\n", "byte 6 is no UTF-8"), (None, "No such file")]
)
def test_a_list_that_cannot_be_read_is_named(demo, tmp_path, content, says):
    names = tmp_path / "names.txt"
    if content is not None:
        names.write_bytes(content)
    done = RUN.invoke(data_app, ["resolve", str(demo), str(names)])
    assert done.exit_code == 2
    assert "names.txt" in done.stderr
    assert says in done.stderr


@pytest.mark.parametrize("command", [["describe"], ["resolve"]])
def test_a_folder_without_a_dataset_is_named(tmp_path, command):
    (tmp_path / "names.txt").write_text("A549\n")
    extra = [str(tmp_path / "names.txt")] if command == ["resolve"] else []
    done = RUN.invoke(data_app, [*command, str(tmp_path), *extra])
    assert done.exit_code == 2
    assert "dataset.json" in done.stderr


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


def test_a_page_that_cannot_be_written_is_named(demo, tmp_path):
    done = RUN.invoke(data_app, ["describe", str(demo), "--png", str(tmp_path / "no" / "page.png")])
    assert done.exit_code == 2
    assert "No such file" in done.stderr
