"""Every error is a problem with a stable code and a place, repeats nothing, and leaves the service answering."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.errors import STATUS_AND_TITLE, Code, pointer

GOOD = {"cell_line": "A549", "drug": "Erlotinib"}


def check(answer, status, code):
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert (answer.status_code, problem["status"], problem["code"]) == (status, status, code)
    return problem


def post(client, body):
    return client.post("/predict", content=body, headers={"content-type": "application/json"})


def test_every_code_has_a_status_and_a_title():
    assert STATUS_AND_TITLE.keys() == set(Code)


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({}, ""),
        ([], ""),
        (None, ""),
        ("text", ""),
        ({"pairs": []}, "/pairs"),
        ({"pairs": None}, "/pairs"),
        ({"pairs": {}}, "/pairs"),
        ({"pairs": [GOOD, 5]}, "/pairs/1"),
        ({"pairs": [{"cell_line": 5, "drug": "x"}]}, "/pairs/0/cell_line"),
        ({"pairs": [{"cell_line": "", "drug": "x"}]}, "/pairs/0/cell_line"),
        ({"pairs": [{"cell_line": "x" * 501, "drug": "x"}]}, "/pairs/0/cell_line"),
        ({"pairs": [{"cell_line": "x"}]}, "/pairs/0/drug"),
        ({"pairs": [{**GOOD, "dose": 1}]}, "/pairs/0/dose"),
        ({"pairs": [GOOD], "cell_lines": ["A549"], "drugs": ["JQ1"]}, ""),
        ({"pairs": [GOOD], "drugs": ["JQ1"]}, ""),
        ({"cell_lines": ["A549"]}, ""),
        ({"cell_lines": ["A549"], "drugs": []}, "/drugs"),
        ({"cell_lines": ["A549", "TT"], "drugs": ["JQ1"]}, ""),
        ({"cell_lines": ["A549", 5], "drugs": ["JQ1", "JQ1"]}, "/cell_lines/1"),
        ({"pairs": [GOOD], "detail": "all"}, "/detail"),
        ({"pairs": [GOOD], "model": 5}, "/model"),
        ({"pairs": [GOOD], "compounds": {"new": "CCO"}}, "/compounds"),
        ({"pairs": [GOOD], "a/b~c": 1}, "/a~1b~0c"),
    ],
)
def test_a_body_of_another_form_says_where(client, body, place):
    problem = check(post(client, json.dumps(body)), 422, "invalid_request")
    assert place in [fault["pointer"] for fault in problem["errors"]]


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"{'pairs': []}",
        b'{"pairs": [NaN]}',
        b'{"pairs": [{"cell_line": NaN, "drug": Infinity}]}',
        b'{"pairs": ["\xff"]}',
        b'{"pairs": ["\\ud800"]}',
        b"[" * 100_000,
        b"\0",
    ],
)
def test_what_is_not_json_is_malformed(client, body):
    check(post(client, body), 422, "malformed_json")


@pytest.mark.parametrize("headers", [{}, {"content-type": "text/plain"}])
@pytest.mark.parametrize("body", [b"", b'{"pairs": []}'])
def test_no_body_or_another_media_type_asks_for_json(client, headers, body):
    problem = check(client.post("/predict", content=body, headers=headers), 422, "invalid_request")
    assert "application/json" in problem["detail"]


@pytest.mark.parametrize(
    ("path", "status", "code", "place"),
    [
        ("/rank/A5499", 404, "unknown_cell_line", "/path/cell_line"),
        ("/rank/", 404, "unknown_cell_line", "/path/cell_line"),
        ("/rank/tt", 422, "ambiguous_name", "/path/cell_line"),
        ("/rank/A549?k=0", 422, "invalid_request", "/query/k"),
        ("/rank/A549?k=NaN", 422, "invalid_request", "/query/k"),
        ("/rank/A549?top=5", 422, "invalid_request", "/query/top"),
        ("/rank/A549?model=none", 422, "unknown_model", "/query/model"),
        ("/rank/A549?target=none", 422, "unknown_filter", "/query/target"),
        ("/rank/A549?pathway=none", 422, "unknown_filter", "/query/pathway"),
        ("/drugs/none/cell-lines", 404, "unknown_drug", "/path/drug"),
        ("/drugs/none", 404, "unknown_drug", "/path/drug"),
        ("/cell-lines/none", 404, "unknown_cell_line", "/path/cell_line"),
        ("/drugs?limit=0", 422, "invalid_request", "/query/limit"),
        ("/drugs?offset=-1", 422, "invalid_request", "/query/offset"),
    ],
)
def test_a_wrong_path_or_parameter_says_which(client, path, status, code, place):
    problem = check(client.get(path), status, code)
    assert [fault["pointer"] for fault in problem["errors"]] == [place]


def test_the_routers_own_errors_are_problems_too(client):
    check(client.get("/no/such/path"), 404, "not_found")
    answer = client.put("/predict")
    check(answer, 405, "method_not_allowed")
    assert answer.headers["allow"] == "POST"


def test_an_unknown_name_comes_with_the_nearest(client):
    answer = client.post("/predict", json={"pairs": [GOOD, {"cell_line": "A549", "drug": "Erlotinob"}]})
    (fault,) = check(answer, 404, "unknown_drug")["errors"]
    assert fault["pointer"] == "/pairs/1/drug"
    assert fault["candidates"][0] == {"id": "drug-0", "name": "Erlotinib"}


def test_an_ambiguous_name_lists_its_candidates(client):
    answer = client.post("/predict", json={"cell_lines": ["A549", "t t"], "drugs": ["JQ1", "JQ1"]})
    (fault,) = check(answer, 422, "ambiguous_name")["errors"]
    assert fault["pointer"] == "/cell_lines/1"
    assert [ref["name"] for ref in fault["candidates"]] == ["TT", "T-T"]


def test_an_unknown_model_names_the_choices(client):
    problem = check(client.post("/predict", json={"pairs": [GOOD], "model": "dim2"}), 422, "unknown_model")
    assert "hgacl, other" in problem["detail"]


@pytest.mark.parametrize(
    ("body", "count"),
    [
        ({"pairs": [{"cell_line": "no", "drug": "none"}] * 1000}, 20),
        ({f"field {i}": i for i in range(100)}, 20),
        ({"pairs": [{f"field {i}": i for i in range(100)}] * 1000}, 20),
        ({"pairs": [5] * 1000}, 1),  # of wrong items the first
        ({f"field {i}": i for i in range(101)}, 0),  # not even looked at
        ({"pairs": [GOOD, {f"field {i}": i for i in range(101)}]}, 0),
    ],
)
def test_at_most_twenty_faults_are_listed(client, body, count):
    answer = client.post("/predict", json=body)
    assert answer.status_code in {404, 422}
    assert len(answer.json()["errors"]) == count


@pytest.mark.parametrize(
    "body",
    [
        {"pairs": [{"cell_line": "S3CRET", "drug": "S3CRET"}]},
        {"pairs": "S3CRET"},
        {"pairs": [GOOD], "model": "S3CRET"},
        {"pairs": [GOOD], "detail": "S3CRET"},
        {"pairs": [GOOD], "samples": {"S3CRET": 1}},
        ["S3CRET"],
    ],
)
def test_no_value_of_the_body_comes_back(client, body):
    assert "S3CRET" not in client.post("/predict", json=body).text
    assert "S3CRET" not in post(client, json.dumps(body)[:-1]).text


@given(st.text() | st.text("/\\\0\n%?#. -"))
def test_any_text_as_a_name_is_answered_or_refused(client, text):
    answer = client.post("/predict", json={"cell_lines": [text], "drugs": ["JQ1"]})
    assert answer.status_code in {200, 404, 422}


@given(st.binary() | st.text().map(str.encode) | st.recursive(st.none() | st.text(), st.lists).map(json.dumps))
def test_any_body_is_answered_or_refused(client, body):
    assert post(client, body).status_code in {200, 404, 422}


@pytest.mark.parametrize(
    ("location", "place"),
    [
        (("body", "pairs", 17, "drug"), "/pairs/17/drug"),
        (("body",), ""),
        (("query", "k"), "/query/k"),
        (("body", "a/b~c"), "/a~1b~0c"),
        (("body", "x" * 1000), "/" + "x" * 64),
    ],
)
def test_a_pointer_follows_rfc_6901(location, place):
    assert pointer(location) == place
