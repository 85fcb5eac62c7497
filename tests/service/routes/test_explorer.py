"""The page's files and routes: served from the installed package, kept by the browser, drawn by a worker."""

import pytest

from model.bundle.map import DRUG_MAP, LINE_MAP
from model.bundle.model_card import model_card_text
from service.contract.page import POLICY
from service.workers.dispatch import is_for_workers

DRAWINGS = ["/drugs/JQ1/structure.svg", "/structure.svg?smiles=CCO"]


def test_the_page_is_served_with_its_scripts_and_styles_alone(client):
    answer = client.get("/")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["content-security-policy"] == POLICY
    assert "unsafe" not in POLICY
    for part in ("style.css", "app.js", "views/line.js", "icon.svg", "example_mutations.tsv", "example_samples.tsv"):
        assert client.get(f"/page/{part}").status_code == 200, part


def test_what_the_browser_has_is_not_sent_again(client):
    for path in ("/page/app.js", "/drugs/JQ1/structure.svg", "/facets", "/models/hgacl/card"):
        first = client.get(path)
        assert first.headers["cache-control"] == "no-cache"
        again = client.get(path, headers={"if-none-match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")


def test_another_form_of_an_answer_is_not_taken_for_the_one_that_is_kept(client):
    tag = client.get("/facets").headers["etag"]
    table = client.get("/facets", headers={"if-none-match": tag, "accept": "text/csv"})
    assert (table.status_code, table.headers["vary"]) == (200, "accept")
    assert client.get("/facets", headers={"if-none-match": f'"another", W/{tag}'}).status_code == 304


@pytest.mark.parametrize("path", ["/page/../app.py", "/page/%2e%2e/settings.py", "/page/nothing.js", "/page/"])
def test_nothing_else_is_served(client, path):
    answer = client.get(path)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_the_page_can_be_closed(client_with):
    client = client_with(page=False)
    assert client.get("/").status_code == 404
    assert client.get("/page/app.js").status_code == 404


def test_with_keys_the_page_opens_and_its_data_ask_for_one(client_with, tmp_path):
    keys = tmp_path / "keys"
    keys.write_text("")
    client = client_with(keys_file=keys)
    assert client.get("/").status_code == 200
    assert client.get("/page/app.js").status_code == 200
    assert client.get("/map").status_code == 401
    assert client.get("/structure.svg?smiles=CCO").status_code == 401


@pytest.mark.parametrize("path", DRAWINGS)
def test_structures_are_drawn(client, path):
    answer = client.get(path)
    assert answer.headers["content-type"] == "image/svg+xml"
    assert answer.text.startswith("<?xml")
    assert "<path" in answer.text


@pytest.mark.parametrize("path", DRAWINGS)
def test_drawings_are_a_workers_work(path):
    scope = {"type": "http", "path": path.partition("?")[0], "headers": [], "method": "GET", "drp.body": b""}
    assert is_for_workers(scope)


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/structure.svg?smiles=C1CC", 422, "invalid_compound"),
        ("/structure.svg?smiles=" + "N" * 3_000, 422, "invalid_compound"),
        ("/structure.svg", 422, "invalid_request"),
        ("/drugs/nobody/structure.svg", 404, "unknown_drug"),
        ("/models/nobody/card", 422, "unknown_model"),
    ],
)
def test_what_cannot_be_drawn_or_shown_is_said(client, path, status, code):
    answer = client.get(path)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_one_card_is_the_one_in_the_list(client):
    (listed,) = [model for model in client.get("/models").json()["models"] if model["name"] == "hgacl"]
    card = client.get("/models/hgacl/card").json()
    assert card == listed
    assert card["reliability"]["LPO"][0] == {"predicted": 0.1, "observed": pytest.approx(0.15), "pairs": 40}
    assert client.get("/models/other/card").json()["reliability"] == {}  # as of a bundle without results


def test_a_card_is_told_in_prose_where_that_is_asked_for(client, predictor):
    told = client.get("/models/other/card", headers={"accept": "text/markdown, */*;q=0.1"})
    assert told.headers["content-type"] == "text/markdown; charset=utf-8"
    assert told.headers["vary"] == "accept"
    assert told.text == model_card_text(predictor.bundle, "other")


def test_a_map_comes_from_the_bundle_or_is_said_to_be_missing(client, predictor, monkeypatch):
    tables = {LINE_MAP: [{"id": "a", "x": 0.5, "y": -1.0}], DRUG_MAP: [{"id": "b", "x": 0.0, "y": 1.0}]}
    for name in tables:
        monkeypatch.delitem(predictor.bundle.identifiers, name, raising=False)
    assert client.get("/map").json()["detail"] == "this bundle has no map; `drp annotate BUNDLE` adds one"
    for name, rows in tables.items():
        monkeypatch.setitem(predictor.bundle.identifiers, name, rows)
    answer = client.get("/map")
    assert answer.json()["cell_lines"] == tables[LINE_MAP]
    assert answer.json()["drugs"] == tables[DRUG_MAP]
    assert client.get("/map", headers={"if-none-match": answer.headers["etag"]}).status_code == 304
