"""Every error is a problem with a stable code and a place, repeats nothing, and leaves the service answering."""

import json

import pytest

from service.errors import pointer
from service.schemas.problem_codes import STATUS_AND_TITLE, Code
from tests.helpers.bad_new_entities import BAD_NEWCOMERS
from tests.helpers.bad_requests import BAD_INPUTS as OF_KNOWN_THINGS
from tests.helpers.bad_requests import GOOD, NO_PLACE

MOST_BYTES_OF_A_PROBLEM = 10_000
BAD_INPUTS = OF_KNOWN_THINGS + BAD_NEWCOMERS


def check(answer, status, code):
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert (answer.status_code, problem["status"], problem["code"]) == (status, status, code)
    return problem


def post(client, body):
    return client.post("/predict", content=body, headers={"content-type": "application/json"})


def test_every_code_has_a_status_and_a_title():
    assert STATUS_AND_TITLE.keys() == set(Code)


@pytest.mark.parametrize("bad", BAD_INPUTS, ids=lambda bad: bad.name)
def test_a_bad_input_gets_the_stated_answer(client, client_with, bad):
    asking = client_with(**bad.settings) if bad.settings else client
    answer = asking.request(bad.method, bad.path, content=bad.body, headers=bad.headers)
    problem = check(answer, bad.status, bad.code)
    assert next((fault["pointer"] for fault in problem["errors"]), NO_PLACE) == bad.place
    assert len(answer.content) < MOST_BYTES_OF_A_PROBLEM
    assert len(problem["errors"]) <= 20


def test_the_table_of_bad_inputs_covers_every_code_that_a_request_can_earn():
    of_the_moment = {Code.BODY_TIMEOUT, Code.BUSY, Code.RATE_LIMITED, Code.NOT_READY, Code.INTERNAL}
    of_workers = {Code.TIMED_OUT, Code.TOO_COMPLEX}
    assert {bad.code for bad in BAD_INPUTS} == set(Code) - of_the_moment - of_workers


@pytest.mark.parametrize("headers", [{}, {"content-type": "text/plain"}])
@pytest.mark.parametrize("body", [b"", b'{"pairs": []}'])
def test_no_body_or_another_media_type_asks_for_json(client, headers, body):
    assert "application/json" in client.post("/predict", content=body, headers=headers).json()["detail"]


def test_a_wrong_method_comes_with_the_right_one(client):
    assert client.put("/predict").headers["allow"] == "POST"


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
        ({"pairs": [GOOD], **{f"field {i}": i for i in range(99)}}, 20),
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
        {"pairs": [GOOD], "samples": {"x": "S3CRET"}},
        {"pairs": [GOOD], "samples": {"x": {"mutation": [], "tissue": "S3CRET"}}},
        {"pairs": [GOOD], "samples": {"x": {"expression": {"TP53": "S3CRET"}}}},
        {"pairs": [GOOD], "compounds": {"x": "S3CRET"}},
        {"pairs": [GOOD], "compounds": {"x": {"smiles": ["S3CRET"]}}},
        ["S3CRET"],
    ],
)
def test_no_value_of_the_body_comes_back(client, body):
    assert "S3CRET" not in client.post("/predict", json=body).text
    assert "S3CRET" not in post(client, json.dumps(body)[:-1]).text


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
