"""`drp data resolve` as a user types it."""

import pytest
from typer.testing import CliRunner

from training.cli.main import data_app

RUN = CliRunner()


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
