"""Made-up names, numbers and bodies on every route: answered or refused as documented, and never repeated."""

import json
from urllib.parse import quote

import pytest
from bad_inputs import GOOD
from hypothesis import example, given
from hypothesis import strategies as st

NAME_ROUTES = ["/rank/{}", "/drugs/{}", "/drugs/{}/cell-lines", "/cell-lines/{}"]
TEXT_PARAMETERS = ["/rank/A549?model={}", "/rank/A549?target={}", "/rank/A549?pathway={}", "/drugs?q={}"]
NUMBER_PARAMETERS = ["/rank/A549?k={}", "/drugs/JQ1/cell-lines?k={}", "/drugs?limit={}", "/cell-lines?offset={}"]
REFUSED = {404, 413, 422}
# A mark that no bundle, message or id has: where it comes back, the service repeated its caller.
MARK = "Sǝcret\N{SNOWMAN}"
MEBIBYTE = "x" * 2**20

names = st.one_of(
    st.text(max_size=60),
    st.text("/\\\0\r\n\x1b\x7f%?#.;&= -_\u202e\ufeffﷺ", max_size=20),
    st.sampled_from(["A549", "tt", "JQ1", "EGFR"]).flatmap(lambda name: st.permutations(name).map("".join)),
    st.integers(400, 3000).map(lambda n: "ﷺ" * n),
)
numbers = st.one_of(
    st.integers().map(str),
    st.floats().map(repr),
    st.sampled_from(
        ["NaN", "inf", "-inf", "1e308", "1e-308", "-0", "0x1F", "1_000", "٣", "9" * 5000, "true", "1,5", ""]
    ),
)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | names,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
fields = st.sampled_from(["pairs", "cell_lines", "drugs", "model", "detail", "cell_line", "drug", "samples"])


def post(client, body):
    return client.post("/predict", content=body, headers={"content-type": "application/json"})


def check(answer, also=frozenset()):
    """Answered with 200, or refused as a problem."""
    assert answer.status_code in {200} | REFUSED | also
    if answer.status_code != 200:
        assert answer.headers["content-type"] == "application/problem+json"
        assert len(answer.content) < 10_000


@pytest.mark.parametrize("route", NAME_ROUTES + TEXT_PARAMETERS)
@given(name=names)
def test_any_text_in_a_path_or_parameter(client, route, name):
    check(client.get(route.format(quote(name, safe=""))))


@pytest.mark.parametrize("route", NAME_ROUTES)
@given(name=st.text("/ab%.-", max_size=12))
def test_any_path_that_is_not_quoted(client, route, name):
    check(client.get(route.format(quote(name, safe="/"))))


@pytest.mark.parametrize("route", NUMBER_PARAMETERS)
@given(number=numbers)
def test_any_number_in_a_parameter(client, route, number):
    check(client.get(route.format(quote(number))))


@given(text=names)
@example(text=MEBIBYTE)
@example(text="\0" * 2**20)
@example(text="ﷺ" * 2**19)
def test_any_text_as_a_name_of_a_pair(client, text):
    check(post(client, json.dumps({"cell_lines": [text], "drugs": ["JQ1"]})))
    check(post(client, json.dumps({"pairs": [{"cell_line": "A549", "drug": text}], "model": text})))


@given(st.binary() | st.text().map(str.encode) | values.map(json.dumps))
def test_any_body(client, body):
    check(post(client, body))


@given(st.dictionaries(fields, values, max_size=4))
def test_any_values_in_the_fields_of_a_body(client, body):
    check(post(client, json.dumps(body)))


@given(st.dictionaries(st.text(max_size=20), st.text(max_size=20), max_size=5))
def test_any_parameters(client, parameters):
    for path in ("/rank/A549", "/drugs", "/models", "/health/live"):
        check(client.get(path, params=parameters))


@pytest.mark.parametrize("route", NAME_ROUTES + TEXT_PARAMETERS + NUMBER_PARAMETERS)
@given(before=st.text(max_size=5), after=st.text(max_size=5))
def test_no_path_or_parameter_comes_back(client, route, before, after):
    answer = client.get(route.format(quote(before + MARK + after, safe="")))
    assert MARK not in json.loads(answer.text).__repr__()


@given(
    place=st.sampled_from(["pairs", "cell_lines", "drugs", "model", "detail", "samples"]),
    wrap=st.sampled_from([list, lambda x: {"cell_line": x[0]}, lambda x: x[0], lambda x: [{"drug": x[0], **GOOD}]]),
    text=st.text(max_size=10).map(MARK.__add__),
)
def test_no_value_of_a_body_comes_back(client, place, wrap, text):
    body = json.dumps({"pairs": [GOOD], place: wrap([text])})
    for sent in (body, body[:-1]):
        assert MARK not in json.loads(post(client, sent).text).__repr__()
