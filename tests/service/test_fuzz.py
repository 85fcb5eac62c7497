"""Made-up names, numbers and bodies on every route: answered or refused as documented, and never repeated."""

import json
from urllib.parse import quote

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.helpers.bad_requests import GOOD
from tests.helpers.demo_encoders import GENES

NAME_ROUTES = ["/rank/{}", "/drugs/{}", "/drugs/{}/cell-lines", "/cell-lines/{}"]
TEXT_PARAMETERS = ["/rank/A549?model={}", "/rank/A549?target={}", "/rank/A549?pathway={}", "/drugs?q={}"]
NUMBER_PARAMETERS = ["/rank/A549?k={}", "/drugs/JQ1/cell-lines?k={}", "/drugs?limit={}", "/cell-lines?offset={}"]
REFUSED = {404, 413, 422}
DOTS = {405}  # /rank/. is /rank, which takes POST
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
FIELDS = ["pairs", "cell_lines", "drugs", "model", "detail", "cell_line", "drug", "samples", "compounds"]
RANK_FIELDS = ["cell_line", "sample", "drug", "compound", "samples", "compounds", "k", "model", "target", "pathway"]
genes = st.sampled_from([*GENES["expression"], "cdkn2a", "STK11"]) | names
measured = st.dictionaries(
    genes, st.floats() | st.floats(0, 25) | st.sampled_from([0, 1, 1e308, -1, 10**400]) | values
)
samples = st.fixed_dictionaries(
    {},
    optional={
        "expression": measured | values,
        "expression_unit": st.sampled_from(["TPM", "log2(TPM+1)"]) | values,
        "copy_number": measured | values,
        "mutation": st.lists(genes | values) | measured | values,
        "tissue": st.sampled_from(["lung", "skin"]) | values,
        "cancer_type": st.just("LUAD") | values,
        "medium": st.just("R") | values,
        "other": values,
    },
)
smiles = (
    st.text("CNOPSFIcnos[]()=#+-@/\\123456789%.HBrl*:$", max_size=30)
    | st.lists(
        st.sampled_from(["C", "c1ccccc1", "(", ")", "[Na+]", "[Cl-]", ".", "=O", "N", "1", "[13CH3]", "[U]"])
    ).map("".join)
    | names
    | values
)
compounds = smiles | st.fixed_dictionaries(
    {"smiles": smiles}, optional={"targets": st.lists(names) | values, "pathway": names | values}
)


def post(client, body, path="/predict"):
    return client.post(path, content=body, headers={"content-type": "application/json"})


def check(answer, also=frozenset()):
    """Answered with 200, or refused as a problem."""
    assert answer.status_code in {200} | REFUSED | also
    if answer.status_code != 200:
        assert answer.headers["content-type"] == "application/problem+json"
        assert len(answer.content) < 10_000


@pytest.mark.parametrize("route", NAME_ROUTES + TEXT_PARAMETERS)
@given(name=names)
def test_any_text_in_a_path_or_parameter(client, route, name):
    check(client.get(route.format(quote(name, safe=""))), also=DOTS)


@pytest.mark.parametrize("route", NAME_ROUTES)
@given(name=st.text("/ab%.-", max_size=12))
def test_any_path_that_is_not_quoted(client, route, name):
    check(client.get(route.format(quote(name, safe="/"))), also=DOTS)


@pytest.mark.parametrize("route", NUMBER_PARAMETERS)
@given(number=numbers)
def test_any_number_in_a_parameter(client, route, number):
    check(client.get(route.format(quote(number))))


@settings(deadline=None)  # bodies of megabytes, on machines that others use too
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


@pytest.mark.parametrize(("path", "fields"), [("/predict", FIELDS), ("/rank", RANK_FIELDS)])
@given(data=st.data())
def test_any_values_in_the_fields_of_a_body(client, path, fields, data):
    body = data.draw(st.dictionaries(st.sampled_from(fields), values, max_size=4))
    check(post(client, json.dumps(body), path))


@given(name=names, sample=samples)
@example(name="x", sample={"expression": dict.fromkeys(GENES["expression"], 1e308)})
@example(name="x", sample={"mutation": [MEBIBYTE]})
@example(name=MEBIBYTE, sample={"mutation": []})
def test_any_sample(client, name, sample):
    check(post(client, json.dumps({"cell_lines": [name], "drugs": ["JQ1"], "samples": {name: sample}})))
    check(post(client, json.dumps({"sample": sample, "k": 1}), "/rank"))


@settings(deadline=None)  # the first compound waits for rdkit
@given(name=names, compound=compounds)
@example(name="x", compound=MEBIBYTE)
@example(name="x", compound="[Na+].[Cl-]")
@example(name="x", compound="[H][H]")
def test_any_compound(client, name, compound):
    check(post(client, json.dumps({"cell_lines": ["A549"], "drugs": [name], "compounds": {name: compound}})))
    check(post(client, json.dumps({"compound": compound, "k": 1}), "/rank"))


@settings(deadline=None)
@given(compound=compounds, sample=samples)
def test_no_value_of_what_a_request_brings_comes_back(client, compound, sample):
    """Gene names are places and may; their values, SMILES, tissues and units may not."""
    body = {"pairs": [GOOD], "samples": {"s": {**sample, "tissue": MARK}}, "compounds": {"c": [compound, MARK]}}
    assert MARK not in post(client, json.dumps(body)).text
    body = {"sample": {"mutation": [], "cancer_type": MARK, "expression_unit": MARK}}
    assert MARK not in post(client, json.dumps(body), "/rank").text
    assert MARK not in post(client, json.dumps({"compound": f"CC{MARK}"}), "/rank").text


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
