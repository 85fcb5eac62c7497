"""`drp predict` and `drp rank`, against a service and against a bundle: the same answers, three forms of output."""

import csv
import io
import json
from pathlib import Path

import pandas as pd
import pytest
from safetensors.numpy import load_file
from typer.testing import CliRunner

from client.__main__ import app
from client.bundle import open_bundle
from model.bundle.reader import read_bundle
from model.bundle.writer import write_bundle
from service.answers.tables.prediction_table import COLUMNS
from service.keys import add_key
from tests.helpers.service_process import run, serving

BUNDLE = str(Path(__file__).parents[2] / "bundles" / "gdsc")

pytestmark = pytest.mark.usefixtures("bundle_read_once")


def drp(*arguments, code=0, stdin=None, env=None):
    result = CliRunner().invoke(app, arguments, input=stdin, env={"DRP_URL": None, "DRP_API_KEY": None, **(env or {})})
    assert result.exit_code == code, result.output
    return result


def rows(result):
    return list(csv.DictReader(io.StringIO(result.stdout)))


def test_one_pair_in_three_forms():
    asked = ("predict", "a549", "tarceva", "--bundle", BUNDLE, "--format")
    answer = json.loads(drp(*asked, "json").stdout)
    (row,) = rows(drp(*asked, "csv"))
    assert tuple(row) == COLUMNS
    (one,) = answer["predictions"]
    assert row["score"] == f"{one['score']:.6g}"
    assert [row["ln_ic50_low"], row["ln_ic50_high"]] == [f"{bound:.6g}" for bound in one["ln_ic50_interval"]]
    assert (row["cell_line"], row["drug"], row["bundle"]) == ("A549", "Erlotinib", answer["bundle"])
    table = drp(*asked, "table").stdout
    assert f"{float(row['probability']):.3f}" in table
    assert "for research only" in table


@pytest.mark.parametrize("bom", ["", "\ufeff"])
def test_a_file_of_pairs_is_answered_in_its_order(tmp_path, bom):
    text = 'note,drug,cell_line\n1,Erlotinib,A549\n,"Lapatinib",MCF7\n'
    (tmp_path / "pairs.csv").write_text(bom + text, encoding="utf-8")
    answers = rows(drp("predict", "--pairs", str(tmp_path / "pairs.csv"), "--bundle", BUNDLE, "--format", "csv"))
    assert [(row["cell_line"], row["drug"]) for row in answers] == [("A549", "Erlotinib"), ("MCF7", "Lapatinib")]
    assert rows(drp("predict", "--pairs", "-", "--bundle", BUNDLE, "--format", "csv", stdin=text)) == answers


COMPOUNDS = "name,smiles\naspirin,CC(=O)Oc1ccccc1C(=O)O\nethanol,CCO\n"


def test_a_compound_that_cannot_be_read_is_named_beside_the_answers(tmp_path):
    (tmp_path / "c.smi").write_text("CCO ethanol\nC1CC broken\n")
    result = drp("predict", "--compounds", str(tmp_path / "c.smi"), "--with-line", "A549", "--bundle", BUNDLE)
    assert "ethanol" in result.stdout
    assert "broken" not in result.stdout
    assert "refused: compound broken: not SMILES" in result.stderr


@pytest.mark.parametrize(
    ("text", "options"),
    [
        ("CC(=O)Oc1ccccc1C(=O)O aspirin\nCCO ethanol\n", ()),
        ("compound_id;SMI\naspirin;CC(=O)Oc1ccccc1C(=O)O\nethanol;CCO\n", ("--smiles-column", "SMI")),
    ],
)
def test_other_files_of_compounds_are_read_as_well(tmp_path, text, options):
    def asked(content, *more):
        (tmp_path / "c.txt").write_text(content)
        files = ("--compounds", str(tmp_path / "c.txt"), "--with-line", "A549", "--bundle", BUNDLE)
        return [row | {"warnings": ""} for row in rows(drp("predict", *files, *more, "--format", "csv"))]

    assert asked(text, *options) == asked(COMPOUNDS)


def test_tables_of_new_compounds_and_samples_are_crossed(tmp_path):
    (tmp_path / "compounds.csv").write_text(COMPOUNDS)
    genes = json.loads((Path(BUNDLE) / "manifest.json").read_text())["models"]["hgacl"]["inductive"]["genes"]
    values = [0.5 + i % 7 for i in range(len(genes["expression"]))]
    table = pd.DataFrame([values, values], ["one", "two"], genes["expression"])
    table.to_csv(tmp_path / "tpm.tsv", sep="\t", index_label="sample")
    files = ("--compounds", str(tmp_path / "compounds.csv"), "--samples", str(tmp_path / "tpm.tsv"), "--unit", "TPM")
    answers = rows(drp("predict", *files, "--with-drug", "Erlotinib", "--bundle", BUNDLE, "--format", "csv"))
    assert [(row["cell_line"], row["drug"]) for row in answers] == [
        (line, drug) for line in ("one", "two") for drug in ("aspirin", "ethanol", "Erlotinib")
    ]
    assert answers[0]["case"] == "unseen_both"
    assert answers[0]["expression_known"] == str(len(genes["expression"]))
    lines = drp("predict", *files[:2], "--with-line", "A549", "--bundle", BUNDLE).stdout
    assert "aspirin" in lines
    assert "ethanol" in lines


def test_tissue_and_medium_of_samples_go_along_in_a_table_of_their_own(tmp_path):
    (tmp_path / "about.csv").write_text("name,tissue,medium\nA549,lung_NSCLC,D/F12\n")
    genes = json.loads((Path(BUNDLE) / "manifest.json").read_text())["models"]["hgacl"]["inductive"]["genes"]
    table = pd.DataFrame(0, ["A549"], genes["mutation"]).assign(KRAS=1)
    table.to_csv(tmp_path / "mutation.csv", index_label="sample")
    asked = ("--mutation", str(tmp_path / "mutation.csv"), "--with-drug", "Trametinib")
    about = ("--annotations", str(tmp_path / "about.csv"))
    (plain,), (told,) = (
        rows(drp("predict", *asked, *more, "--bundle", BUNDLE, "--format", "csv")) for more in ((), about)
    )
    with open_bundle(Path(BUNDLE)) as service:
        sample = {"mutation": table.loc["A549"].to_dict(), "tissue": "lung_NSCLC", "medium": "D/F12"}
        (expected,) = service.predict([("A549", "Trametinib")], samples={"A549": sample}).predictions
    assert told["score"] == f"{expected.score:.6g}" != plain["score"]
    refused = drp("predict", *about, "--bundle", BUNDLE, code=2)
    assert "give a table of expression, copy_number, mutation or compounds" in refused.stderr


def test_a_rank_of_a_new_sample_and_of_a_new_compound(tmp_path):
    (tmp_path / "sample.json").write_text('{"mutation": ["KRAS", "KRAS amplification"], "tissue": "lung_NSCLC"}')
    asked = ("rank", "--sample", str(tmp_path / "sample.json"), "-k", "2", "--bundle", BUNDLE, "--format")
    ranked = drp(*asked, "csv")
    assert ranked.stderr == "note: mutation of sample: not read: KRAS amplification\n"
    assert [row["case"] for row in rows(ranked)] == ["unseen_line"] * 2
    assert json.loads(drp(*asked, "json").stdout)["samples"]["sample"]["mutation"]["known"] == 1
    lines = rows(drp("rank", "--compound", "CCO", "-k", "3", "--bundle", BUNDLE, "--format", "csv"))
    assert [row["drug"] for row in lines] == ["compound"] * 3


def test_what_the_service_warns_of_goes_to_standard_error(tmp_path):
    told = read_bundle(Path(BUNDLE))
    numbers = {"pathways": 38, "pearson": 0.72, "without_expression": {"pearson": 0.59}}
    told.models["hgacl"].card["inductive"]["projected"] = {"pathway_activity": numbers}
    write_bundle(tmp_path / "bundle", told)
    genes = told.models["hgacl"].card["inductive"]["genes"]["mutation"]
    pd.DataFrame(0, ["one"], genes).to_csv(tmp_path / "mutation.csv", index_label="sample")
    asked = ("predict", "--mutation", str(tmp_path / "mutation.csv"), "--with-drug", "Trametinib", "--format", "json")
    asked += ("--model", "hgacl")
    plain, warned = (drp(*asked, "--bundle", folder) for folder in (BUNDLE, str(tmp_path / "bundle")))
    (warning,) = json.loads(warned.stdout)["warnings"]
    assert warned.stderr == f"warning: {warning}\n"
    assert "hgacl reads 38 pathway scores" in warning
    assert plain.stderr == ""


@pytest.mark.parametrize(("text", "words"), [("{", "not JSON"), ("[1]", "not one JSON object")])
def test_a_wrong_file_of_a_sample_says_so(text, words):
    assert words in drp("rank", "--sample", "-", "--bundle", BUNDLE, code=2, stdin=text).stderr


def test_a_rank_both_ways():
    drugs = rows(drp("rank", "A549", "-k", "3", "--bundle", BUNDLE, "--format", "csv"))
    lines = rows(drp("rank", "--drug", "Erlotinib", "-k", "3", "--bundle", BUNDLE, "--format", "csv"))
    for ranked in (drugs, lines):
        scores = [float(row["score"]) for row in ranked]
        assert len(scores) == 3
        assert scores == sorted(scores, reverse=True)
    assert {row["cell_line"] for row in drugs} == {"A549"}
    assert {row["drug"] for row in lines} == {"Erlotinib"}


def test_a_service_gives_the_answers_of_the_bundle(tmp_path):
    key = add_key(tmp_path / "keys", "me")
    with serving(bundle=BUNDLE, keys_file=tmp_path / "keys") as served:
        url = f"http://127.0.0.1:{served.port}"
        asked = ("rank", "A549", "--format", "json")
        ours = drp(*asked, "--bundle", BUNDLE).stdout
        assert drp(*asked, "--url", url, "--key", key).stdout == ours
        assert drp(*asked, env={"DRP_URL": url, "DRP_API_KEY": key}).stdout == ours
        assert "401 unauthorized" in drp(*asked, "--url", url, code=2).stderr
        assert run("training", *asked, "--url", url, "--key", key).stdout == ours  # the `drp` command


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("predict",), "give a cell line and a drug, or --pairs FILE"),
        (("predict", "A549"), "give a cell line and a drug"),
        (("predict", "A549", "Erlotinib", "--pairs", "x.csv"), "or --pairs FILE"),
        (("predict", "--pairs", "/no/such/file"), "/no/such/file: No such file"),
        (("predict", "A549", "Erlotinob"), "/drugs/0: no drug of the bundle answers to this name; nearest by name"),
        (("predict", "A549", "Erlotinib", "--model", "none"), "422 unknown_model"),
        (("predict", "A549", "Erlotinib", "--bundle", "/no/such"), "/no/such/manifest.json"),
        (("rank",), "give a cell line, --sample FILE, --drug NAME or --compound SMILES"),
        (("rank", "A549", "--drug", "Erlotinib"), "give a cell line, --sample FILE"),
        (("rank", "--compound", "CCO", "--target", "EGFR"), "do not go with --drug and --compound"),
        (("rank", "--compound", "C1CC"), "422 invalid_compound"),
        (("rank", "A549", "--as-new"), "--as-new is about a compound; give --compound SMILES"),
        (("predict", "A549", "Erlotinib", "--as-new"), "--as-new is about compounds; give --compounds FILE"),
        (("rank", "--sample", "no/such/file"), "no/such/file: No such file"),
        (("predict", "--compounds", "no/such/file"), "no/such/file: No such file"),
        (("predict", "A549", "Erlotinib", "--compounds", "x.csv"), "give a cell line and a drug, or --pairs FILE"),
        (("rank", "--drug", "Erlotinib", "--target", "EGFR"), "do not go with --drug"),
        (("rank", "A549", "--target", "none"), "422 unknown_filter"),
        (("rank", "A549", "--output", "o.tsv"), "--output o.tsv: .tsv is not written; give a name that ends in .csv"),
        (("predict", "A549", "Erlotinib", "--output", "o.csv.gz"), "--output o.csv.gz: .gz is not written"),
    ],
)
def test_a_wrong_use_ends_in_words(arguments, words):
    given = arguments if "--bundle" in arguments else (*arguments, "--bundle", BUNDLE)
    assert words in drp(*given, code=2).stderr


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is empty"),
        ("cell;drug\nA549;Erlotinib\n", "no column cell_line; the first line must name cell_line and drug"),
        ("cell_line,drug,Drug\nA549,Erlotinib,Lapatinib\n", "two columns drug; keep one"),
        ("cell_line,drug,drug\nA549,Erlotinib,Lapatinib\n", "two columns drug; keep one"),
        ("DRUG;cell_line; drug\nErlotinib;A549;Lapatinib\n", "two columns drug; keep one"),
        ("cell_line\tdrug\tCell Line\nA549\tErlotinib\tMCF7\n", "two columns cell_line; keep one"),
        ("cell line,cell_line,drug\nA549,A549,Erlotinib\n", "two columns cell_line; keep one"),
        ("cell_line,drug\n", "a header and one row are needed"),
        ("cell_line,drug\nA549,Erlotinib\nA549,\n", "line 3: cell_line or drug is empty"),
        ("cell_line,drug\nA549\n", "row 2 has 1 cells where the first has 2"),
    ],
)
def test_a_wrong_file_of_pairs_says_where(text, words):
    assert words in drp("predict", "--pairs", "-", "--bundle", BUNDLE, code=2, stdin=text).stderr


def test_a_file_that_is_no_utf8_says_so(tmp_path):
    (tmp_path / "pairs.csv").write_bytes(b"cell_line,drug\nA549,\xff\n")
    assert "no UTF-8" in drp("predict", "--pairs", str(tmp_path / "pairs.csv"), "--bundle", BUNDLE, code=2).stderr


def test_a_service_that_is_not_there_ends_with_another_code(monkeypatch):
    monkeypatch.setattr("client.api.FIRST_WAIT_S", 0.0)
    monkeypatch.setattr("client.api.JITTER_S", 0.0)
    assert "does not answer" in drp("rank", "A549", "--url", "http://127.0.0.1:9", code=1).stderr


@pytest.mark.parametrize(
    "text",
    [
        "Cell_Line;Drug\nA549;Erlotinib\n",
        "drug\tcell_line\nErlotinib\tA549\n",
        "CELL LINE,DRUG,note\r\nA549,Erlotinib,\r\n",
        "\ufeffcell_line,drug\nA549,Erlotinib",
    ],
)
def test_a_table_of_pairs_is_read_whatever_it_was_saved_as(text):
    (row,) = rows(drp("predict", "--pairs", "-", "--bundle", BUNDLE, "--format", "csv", stdin=text))
    assert (row["cell_line"], row["drug"]) == ("A549", "Erlotinib")


@pytest.fixture
def tpm(tmp_path):
    """Two samples whose expression is that of the mean line, in TPM, genes down."""
    model = json.loads((Path(BUNDLE) / "manifest.json").read_text())["default_model"]
    genes = json.loads((Path(BUNDLE) / "manifest.json").read_text())["models"][model]["inductive"]["genes"]
    mean = load_file(Path(BUNDLE) / model / "population.safetensors")["expression_mean"]
    table = pd.DataFrame({"one": 2**mean - 1, "two": 2 ** (mean * 0.9) - 1}, genes["expression"])
    table.to_csv(tmp_path / "tpm.tsv", sep="\t", index_label="gene")
    return str(tmp_path / "tpm.tsv")


def test_a_table_of_samples_is_ranked_sample_by_sample(tpm):
    ranked = rows(drp("rank", "--sample", tpm, "--unit", "TPM", "-k", "5", "--bundle", BUNDLE, "--format", "csv"))
    assert [row["cell_line"] for row in ranked] == ["one"] * 5 + ["two"] * 5
    scores = [float(row["score"]) for row in ranked[:5]]
    assert scores == sorted(scores, reverse=True)
    refused = drp("rank", "--sample", tpm, "--target", "EGFR", "--bundle", BUNDLE, code=2)
    assert "--target" in refused.stderr


def test_every_table_on_the_terminal_shows_case_domain_and_nearest(tpm):
    env = {"COLUMNS": "200"}
    known = drp("predict", "A549", "Erlotinib", "--bundle", BUNDLE, env=env).stdout
    assert all(word in known for word in ("case", "domain", "nearest", "known", "inside"))
    ranked = drp("rank", "--compound", "CC(=O)Oc1ccccc1C(=O)O", "-k", "3", "--bundle", BUNDLE, env=env).stdout
    assert "unseen drug" in ranked
    assert "OUTSIDE" in ranked or "inside" in ranked
    sample = drp("rank", "--sample", tpm, "--unit", "TPM", "-k", "1", "--bundle", BUNDLE, env=env).stdout
    assert "unseen line" in sample


@pytest.mark.parametrize(("ending", "start"), [(".csv", "cell_line_id,"), (".json", "{"), (".txt", " ")])
def test_answers_go_to_a_file_in_the_form_of_its_ending(tmp_path, ending, start):
    target = tmp_path / f"answer{ending}"
    printed = drp("predict", "A549", "Erlotinib", "--bundle", BUNDLE, "--output", str(target))
    assert printed.stdout == ""
    assert target.read_text().startswith(start)
    assert "A549" in target.read_text()
    refused = drp(
        "predict", "A549", "Erlotinib", "--bundle", BUNDLE, "--output", str(tmp_path / "no" / "a.csv"), code=2
    )
    assert "No such file" in refused.stderr


IMATINIB = "CC1=C(C=C(C=C1)NC(=O)C2=CC=C(C=C2)CN3CCN(CC3)C)NC4=NC=CC(=N4)C5=CN=CC=C5"


def test_a_known_compound_is_new_where_the_caller_asks():
    asked = ("rank", "--compound", IMATINIB, "-k", "1", "--bundle", BUNDLE, "--format", "csv")
    assert [rows(drp(*asked, *more))[0]["case"] for more in ((), ("--as-new",))] == ["known", "unseen_drug"]
