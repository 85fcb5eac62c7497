"""`drp screen` chooses lines by name, tissue and table, and says what is wrong with its options."""

import json
from pathlib import Path

import pytest

from screening.command import screen
from screening.tables import read_table


@pytest.fixture(scope="module")
def three(tmp_path_factory):
    path = tmp_path_factory.mktemp("library") / "three.smi"
    path.write_text("CCO ethanol\nCCN amine\nCCO again\nc1ccccc broken\n", encoding="utf-8")
    return path


def run(bundle, library, out, **options):
    given = {"model": "", "top": 2, "cell_lines": "", "tissue": "", "samples": None, "smiles_column": None}
    given |= {"expression_unit": "log2(TPM+1)", "chunk": 10, "jobs": 1, "engine": "local", "address": None}
    screen(bundle, library, out, **{**given, **options})


def test_lines_by_name_tissue_and_table(bundle_folder, three, predictor, tmp_path, capsys):
    line, tissue = predictor.lines.rows[0], predictor.lines.rows[1].tissue
    genes = predictor.models[predictor.bundle.default_model].encoders.entry["genes"]["expression"]
    lines = [",".join(["sample", *genes]), ",".join(["tumour", *(str(place % 7 + 1) for place in range(len(genes)))])]
    (tmp_path / "samples.csv").write_text("\n".join([*lines, lines[1].replace("tumour", "second")]), encoding="utf-8")
    options = {"cell_lines": line.name, "tissue": tissue.upper(), "samples": tmp_path / "samples.csv"}
    run(bundle_folder, three, tmp_path / "out", **options)
    assert "4 rows, 2 compounds, 1 rejects, 1 repeats" in " ".join(capsys.readouterr().err.split())
    scores = read_table((tmp_path / "out" / "scores" / "000000000.parquet").read_bytes())
    wanted = [row.id for row in predictor.lines.rows if row.tissue == tissue]
    assert set(scores) == {"number", "compound", "inchikey", line.id, *wanted, "tumour", "second"}
    best = read_table((tmp_path / "out" / "best.parquet").read_bytes())
    assert set(best["cell_line"]) == {*(ref.id for ref in predictor.lines.refs), "tumour", "second"}
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["bundle"] == predictor.bundle.version
    run(bundle_folder, three, tmp_path / "out", **options)
    assert "this screen is finished" in " ".join(capsys.readouterr().err.split())


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"model": "none"}, "--model: 'none' is not one of"),
        ({"model": "other"}, "--model: other knows the drugs of its bundle alone"),
        ({"cell_lines": "nobody"}, "--cell-lines: no one line of the bundle is called 'nobody'"),
        ({"tissue": "nowhere"}, "--tissue: 'nowhere' is not one of"),
        ({"top": 0}, "--top 0: nothing is left to write"),
    ],
)
def test_an_option_that_cannot_be_is_refused_before_anything_is_written(
    bundle_folder, three, tmp_path, capsys, options, says
):
    with pytest.raises(SystemExit) as end:
        run(bundle_folder, three, tmp_path / "out", **options)
    assert end.value.code == 2
    assert says in " ".join(capsys.readouterr().err.split())
    assert not (tmp_path / "out").exists()


def test_a_default_without_codes_leaves_the_library_to_another_model_and_says_so(three, tmp_path, capsys):
    run(Path(__file__).parents[2] / "bundles" / "gdsc", three, tmp_path / "out")
    said = " ".join(capsys.readouterr().err.split())
    assert "hgacl scores the library: kernel_stack, the bundle's default, has no codes to multiply" in said
    assert "4 rows, 2 compounds, 1 rejects, 1 repeats" in said
