"""Lists, searches, single rows and model cards."""

import pytest

from service.prediction.onnx_session import CPU


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
        "smiles": "CO",
        "targets": ["EGFR"],
        "pathway": "EGFR signaling",
        "threshold_ln_um": 1.5,
        "ln_ic50_sd": 0.8,
        "gdsc_drug_ids": ["1", "1000"],
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
