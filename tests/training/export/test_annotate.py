"""Tables of names reach a bundle that is there; its models stay byte by byte."""

import json
import shutil

import pytest
from typer.testing import CliRunner

from model.bundle.manifest import BundleError
from model.bundle.reader import read_bundle
from model.bundle.writer import write_manifest
from tests.helpers.demo_bundle import build_bundle
from tests.helpers.genes import complete_set
from training.cli.main import app
from training.export.annotate import annotate, name_tables
from training.sources.known_names import Known

RUN = CliRunner()
LIST = "cell_line;synonyms;id\nKMH-2;KMH2 thyroid;ACH-002397\nA549;A549 clone 9;\n"


@pytest.fixture
def bundle(tmp_path):
    return build_bundle(tmp_path / "demo")


def contents(folder):
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_tables_are_added_and_every_other_file_stays(bundle, tmp_path):
    before, version = contents(bundle), read_bundle(bundle).version
    manifest = annotate(bundle, tmp_path / "out", {"genes": [{"symbol": "TP53"}]}, ["genes from a list"])
    after, annotated = contents(tmp_path / "out"), read_bundle(tmp_path / "out")
    assert set(after) - set(before) == {"identifiers/genes.json"}
    assert {path for path in before if after[path] != before[path]} == {"manifest.json", "MODEL_CARD.md"}
    assert annotated.identifiers == {**read_bundle(bundle).identifiers, "genes": [{"symbol": "TP53"}]}
    assert annotated.version != version
    assert manifest["annotations"] == ["genes from a list"]
    assert contents(bundle) == before


def test_a_second_annotation_keeps_the_first_and_replaces_its_own_table(bundle):
    annotate(bundle, bundle, {"genes": [{"symbol": "TP53"}]}, ["genes"])
    annotate(bundle, bundle, {"drug_names": []}, ["drugs"])
    annotate(bundle, bundle, {"genes": []}, ["genes"])
    again = read_bundle(bundle)
    assert (again.identifiers["genes"], again.identifiers["drug_names"]) == ([], [])
    assert again.manifest["annotations"] == ["genes", "drugs"]


@pytest.mark.parametrize("name", ["../genes", "", "Genes", "a.b"])
def test_a_table_is_named_by_letters_and_leaves_no_half_bundle(bundle, tmp_path, name):
    with pytest.raises(BundleError, match="a table in identifiers cannot be called"):
        annotate(bundle, tmp_path / "out", {name: []})
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("content", "says"), [(b"{", "not JSON"), (b"{}", "not a list of objects"), (b"[1]", "not a")]
)
def test_a_table_that_is_none_is_refused_by_name(bundle, content, says):
    annotate(bundle, bundle, {"genes": []})
    path = bundle / "identifiers" / "genes.json"
    path.write_bytes(content)
    with pytest.raises(BundleError, match=r"genes\.json: sha256 differs"):
        read_bundle(bundle)
    write_manifest(bundle, json.loads((bundle / "manifest.json").read_text()))
    with pytest.raises(BundleError, match=rf"identifiers/genes\.json: {says}"):
        read_bundle(bundle)


def test_names_go_to_the_row_that_they_mean_or_stand_as_another(bundle):
    known = [
        Known("cell_line", "A549", {"id": "x"}, ("A549", "A549/ATCC")),
        Known("cell_line", "KMH-2", {"depmap_id": "ACH-002397"}, ("KMH-2",), "Thyroid"),
        Known("drug", "ERLOTINIB", {}, ("Erlotinib", "Tarceva 150")),
    ]
    tables = name_tables(read_bundle(bundle), known)
    row = {row["name"]: row["id"] for row in read_bundle(bundle).drugs}["Erlotinib"]
    assert {"name": "KMH-2", "ids": ["ACH-002397"], "synonyms": [], "note": "Thyroid"} in tables["cell_line_names"]
    assert tables["drug_names"] == [{"id": row, "synonyms": ["Tarceva 150"]}]


def test_the_command_says_what_it_added(bundle, tmp_path):
    path = tmp_path / "lines.csv"
    path.write_text(LIST, encoding="utf-8")
    done = RUN.invoke(app, ["annotate", str(bundle), "--known-names", str(path)])
    assert done.exit_code == 0, done.output
    assert "names of 2 registered cell lines from lines.csv" in done.output
    rows = read_bundle(bundle).identifiers["cell_line_names"]
    assert {"name": "KMH-2", "ids": ["ACH-002397"], "synonyms": ["KMH2 thyroid"]} in rows
    assert [row["synonyms"] for row in rows if "name" not in row] == [["A549 clone 9"]]


def test_the_command_names_a_file_that_is_no_list(bundle, tmp_path):
    path = tmp_path / "other.csv"
    path.write_text("line,alias\nA,B\n")
    before = contents(bundle)
    done = RUN.invoke(app, ["annotate", str(bundle), "--known-names", str(path)])
    assert done.exit_code == 2
    assert "no column of names" in done.output
    assert contents(bundle) == before


def test_genes_that_the_models_read_are_added_from_the_published_list(bundle, tmp_path):
    (tmp_path / "hgnc.txt").write_text(complete_set())
    result = RUN.invoke(app, ["annotate", str(bundle), "--genes", str(tmp_path / "hgnc.txt")])
    assert result.exit_code == 0, result.output
    annotated = read_bundle(bundle)
    symbols = {row["symbol"] for row in annotated.identifiers["genes"]}
    assert {"TP53", "KRAS"} <= symbols
    assert "A1BG" not in symbols
    assert annotated.manifest["annotations"] == ["names of 14 genes from hgnc.txt"]


def test_a_list_that_is_none_of_genes_ends_the_command(bundle, tmp_path):
    (tmp_path / "hgnc.txt").write_text("gene\nBRAF\n")
    result = RUN.invoke(app, ["annotate", str(bundle), "--genes", str(tmp_path / "hgnc.txt")])
    assert result.exit_code != 0
    assert "no column symbol" in result.output


def test_a_bundle_without_a_map_gets_one(tmp_path, bundle):
    shutil.rmtree(bundle / "identifiers")
    write_manifest(bundle, json.loads((bundle / "manifest.json").read_text()))
    assert read_bundle(bundle).identifiers == {}
    annotate(bundle, bundle, {})
    assert set(read_bundle(bundle).identifiers) == {"cell_line_map", "drug_map"}
