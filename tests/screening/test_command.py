"""`drp screen` chooses lines by name, tissue and table, and says what is wrong with its options."""

import json
from pathlib import Path

import numpy as np
import pytest

from screening.command import screen
from screening.tables import read_table
from service.prediction.new_entities import Compound, NewEntities
from service.prediction.predictor import Predictor
from service.settings import Settings


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


@pytest.mark.parametrize(
    ("name", "says"),
    [
        *((name, f"{name} is a column of scores/*.parquet already") for name in ("compound", "number", "inchikey")),
        (None, "is the id of a line of the bundle"),
    ],
)
def test_a_sample_whose_name_is_taken_is_refused(bundle_folder, three, predictor, tmp_path, capsys, name, says):
    genes = predictor.models[predictor.bundle.default_model].encoders.entry["genes"]["expression"]
    row = [name or predictor.lines.refs[0].id, *(str(place % 7 + 1) for place in range(len(genes)))]
    (tmp_path / "samples.csv").write_text("\n".join(map(",".join, (["sample", *genes], row))), encoding="utf-8")
    with pytest.raises(SystemExit):
        run(bundle_folder, three, tmp_path / "out", samples=tmp_path / "samples.csv")
    assert f"{says}; call the sample otherwise" in " ".join(capsys.readouterr().err.split())


@pytest.mark.parametrize("model", ["kernel_stack", "hgacl"])
def test_the_bundles_models_answer_as_the_service_does(tmp_path, model):
    bundle = Path(__file__).parents[2] / "bundles" / "gdsc"
    predictor = Predictor.load(Settings(bundle=bundle))
    drug = predictor.drugs.rows[0]
    rows = [f"{drug.smiles},known,,", "CCNc1ccccc1,new,EGFR;XYZ9,0.1", "OC(=O)CC,other,,NA", "CCO,odd,,1 nM"]
    text = "\n".join(["smiles,name,targets,max_concentration_um", *rows])
    (tmp_path / "some.csv").write_text(text, encoding="utf-8")
    options = {"model": "" if model == "kernel_stack" else model, "top": 3, "cell_lines": "MS-1"}
    run(bundle, tmp_path / "some.csv", tmp_path / "out", **options)
    assert "column max_concentration_um: give" in (tmp_path / "out" / "rejects.csv").read_text(encoding="utf-8")
    homonym = "read as MS-1 (753594), but MS-1 (ACH-001131, Skin) outside the bundle has this name too"
    unread = "max_concentration_um is not read by this model (rows: 1)"
    assert json.loads((tmp_path / "out" / "manifest.json").read_text(encoding="utf-8"))["warnings"] == [
        f"--cell-lines: 'MS-1' {homonym}",
        "no training drug has the targets XYZ9 (rows: 1)",
        *([unread] if model == "hgacl" else []),
    ]
    best = read_table((tmp_path / "out" / "best.parquet").read_bytes())
    encoders = predictor.models[model].encoders
    given = [Compound("CCNc1ccccc1", ["EGFR", "XYZ9"], max_concentration_um=0.1), Compound("OC(=O)CC")]
    feeds = {one.smiles: encoders.read_compound(one) for one in given}
    new = NewEntities(None, encoders.encode_compounds(feeds))
    rows = {"known": 0, "new": len(predictor.drugs), "other": len(predictor.drugs) + 1}
    lines = {ref.id: place for place, ref in enumerate(predictor.lines.refs)}
    pairs = [lines[one] for one in best["cell_line"]], [rows[one] for one in best["compound"]]
    served = predictor.predict(model, *pairs, new)
    assert len(pairs[0]) == 3 * len(predictor.lines)
    for name in ("score", "probability", "percentile", "ln_ic50", "half_width"):
        np.testing.assert_allclose(best[name], getattr(served, name), atol=2e-6, rtol=2e-6, err_msg=name)
