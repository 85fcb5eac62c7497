"""Lists, searches, single rows and model cards."""

import csv
import io
from collections import Counter
from types import SimpleNamespace

import pytest

from model.genes.table import Gene, GeneTable
from service.answers.catalogue.gene_panel import _genes_by_model, gene_panel
from service.answers.new_entities import encoders_of
from service.prediction.onnx_session import CPU
from service.schemas.requests import GeneQuery
from tests.helpers.demo_encoders import GENES


def test_pages_cover_the_table_in_its_order(client):
    pages = [client.get("/cell-lines", params={"limit": 7, "offset": start}).json() for start in range(0, 35, 7)]
    assert {page["total"] for page in pages} == {30}
    ids = [line["id"] for page in pages for line in page["cell_lines"]]
    assert ids == [f"SIDM{i:05d}" for i in range(30)]


@pytest.mark.parametrize(
    ("path", "query", "names"),
    [
        ("cell-lines", "colo", ["COLO 205"]),
        ("cell-lines", "tt", ["TT", "T-T"]),
        ("cell-lines", "", []),
        ("drugs", "tarceva", ["Erlotinib"]),
        ("drugs", "176871", ["Lapatinib"]),
        ("drugs", "no such thing", []),
    ],
)
def test_a_search_looks_into_every_identifier(client, path, query, names):
    answer = client.get(f"/{path}", params={"q": query}).json()
    assert [row["name"] for row in answer[path.replace("-", "_")]] == names
    assert answer["total"] == len(names)


@pytest.mark.parametrize("name", ["SIDM00000", "a549", "905949", "A-549%2FATCC", "ACH-000000"])
def test_a_line_is_found_by_any_identifier(client, name):
    line = client.get(f"/cell-lines/{name}").json()
    assert (line["id"], line["cosmic_id"], line["ccle_name"]) == ("SIDM00000", "905949", None)


def test_a_drug_shows_its_identifiers(client):
    assert client.get("/drugs/tarceva").json() == {
        "id": "drug-0",
        "name": "Erlotinib",
        "synonyms": ["Tarceva"],
        "pubchem_cid": "176870",
        "inchikey": "AAGJUKVWKZGRTI-UHFFFAOYSA-A",
        "smiles": "CS",
        "targets": ["EGFR"],
        "pathway": "EGFR signaling",
        "threshold_ln_um": 1.5,
        "threshold_source": None,
        "ln_ic50_sd": 0.8,
        "gdsc_drug_ids": ["1", "1000"],
        "matched_by": "spelling",
        "warnings": [],
    }


def test_what_is_not_known_of_a_drug_is_empty_or_null(client):
    drug = client.get("/drugs/drug-2").json()
    assert (drug["synonyms"], drug["targets"]) == ([], [])


def test_models_show_the_manifest_and_the_provider_in_use(client, predictor):
    manifest, answer = predictor.bundle.manifest, client.get("/models").json()
    assert answer["content_hash"] == manifest["content_hash"]
    assert answer["dataset"] == manifest["dataset"]
    assert answer["files"] == manifest["files"]
    assert answer["baselines"] == manifest["metrics"]["baselines"]
    cards = {card["name"]: card for card in answer["models"]}
    assert cards.keys() == {"hgacl", "other"}
    assert [card["default"] for card in cards.values()] == [True, False]
    assert cards["hgacl"]["metrics"] == manifest["metrics"]["hgacl"]
    assert cards["hgacl"]["provider"] == CPU


def table(client, path, **query):
    answer = client.get(path, params=query, headers={"accept": "text/csv"})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/csv")
    return list(csv.DictReader(io.StringIO(answer.text)))


@pytest.mark.parametrize(("path", "field"), [("/cell-lines", "cell_lines"), ("/drugs", "drugs")])
def test_a_list_as_csv_has_all_rows_and_every_field(client, path, field):
    shown = client.get(path, params={"limit": 1000}).json()[field]
    rows = table(client, path)
    assert len(rows) == len(shown)
    for row, one in zip(rows, shown, strict=True):
        assert row.keys() == one.keys()
        assert row["name"] == one["name"].removeprefix("'")
        assert row["synonyms"] == ";".join(one["synonyms"])
    assert [row["id"] for row in table(client, path, limit=2, offset=1)] == [one["id"] for one in shown[1:3]]
    assert [row["id"] for row in table(client, path, offset=5)] == [one["id"] for one in shown[5:]]


def test_facets_count_the_rows_that_have_each_value(client):
    facets = client.get("/facets").json()
    lines = client.get("/cell-lines", params={"limit": 1000}).json()["cell_lines"]
    drugs = client.get("/drugs", params={"limit": 1000}).json()["drugs"]
    for facet, values in {
        "tissues": [line["tissue"] for line in lines],
        "cancer_types": [line["cancer_type"] for line in lines],
        "media": [line["medium"] for line in lines],
        "targets": [target for drug in drugs for target in drug["targets"]],
        "pathways": [drug["pathway"] for drug in drugs],
    }.items():
        assert {one["name"]: one["count"] for one in facets[facet]} == Counter(filter(None, values))
    assert facets["targets"]
    rows = table(client, "/facets")
    assert len(rows) == sum(len(values) for name, values in facets.items() if name != "bundle")


def test_each_facet_of_targets_and_pathways_filters_as_many_drugs_as_it_counts(client):
    facets = client.get("/facets").json()
    for field, facet in (("target", "targets"), ("pathway", "pathways")):
        for one in facets[facet]:
            assert client.get("/drugs", params={field: one["name"]}).json()["total"] == one["count"]


@pytest.mark.parametrize(("field", "path"), [("tissue", "/cell-lines"), ("cancer_type", "/cell-lines"),
                                             ("target", "/drugs"), ("pathway", "/drugs")])  # fmt: skip
def test_a_value_that_no_row_has_is_refused_with_the_route_that_lists_all(client, field, path):
    answer = client.get(path, params={field: "no such thing"})
    assert (answer.status_code, answer.json()["code"]) == (422, "unknown_filter")
    assert answer.json()["errors"][0]["pointer"] == f"/query/{field}"
    assert "GET /facets lists all" in answer.json()["detail"]


def test_the_genes_that_a_model_reads_are_listed_by_table(client):
    panel = client.get("/genes").json()
    assert [(gene["table"], gene["symbol"]) for gene in panel["genes"]] == [
        (name, symbol) for name, symbols in GENES.items() for symbol in symbols
    ]
    some = client.get("/genes", params={"table": "mutation"}).json()["genes"]
    assert [gene["symbol"] for gene in some] == GENES["mutation"]
    assert [row["symbol"] for row in table(client, "/genes", table="mutation")] == GENES["mutation"]
    assert client.get("/genes", params={"model": "other"}).json()["code"] == "cannot_place"
    assert client.get("/genes", params={"table": "methylation"}).json()["errors"][0]["pointer"] == "/query/table"


def test_genes_have_the_identifiers_of_the_table_that_the_bundle_brings(predictor, monkeypatch):
    tp53 = Gene("TP53", ensembl=("ENSG00000141510",), entrez=("7157",))
    panels = encoders_of(predictor, "hgacl", "query/model").panels
    encoders = SimpleNamespace(panels=panels, genes=GeneTable([tp53]))
    monkeypatch.setattr("service.answers.catalogue.gene_panel.encoders_of", lambda *_: encoders)
    _genes_by_model.pop(predictor, None)
    genes = {gene.symbol: gene for gene in gene_panel(predictor, "hgacl", GeneQuery(table="mutation")).genes}
    assert (genes["TP53"].approved_symbol, genes["TP53"].ensembl_gene_ids) == ("TP53", ["ENSG00000141510"])
    assert genes["TP53"].entrez_ids == ["7157"]
    assert genes["KRAS"].approved_symbol is None
    del _genes_by_model[predictor]
