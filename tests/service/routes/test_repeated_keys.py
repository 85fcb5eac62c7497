"""A key that stands twice in one object is found, whatever else is in the text."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.routes.repeated_keys import repeated_key

PAIR = '{"cell_line": "A549", "drug": "JQ1"}'


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('{"a": 1, "a": 1}', ("a",)),
        ('{"a": 1, "b": {"c": 1, "d": 2, "c": 3}}', ("b", "c")),
        ('{"a": [{"x": 1}, {"y": 1, "y": 2}]}', ("a", 1, "y")),
        ('{"a": 1, "\\u0061": 2}', ("a",)),
        ('{"a:b": ":", "c": {"d:": 1, "d:": 2}}', ("c", "d:")),
        ('{"a" : 1, "a"\n:2}', ("a",)),
        ('{"a": {"b": 1}, "c": {"b": 1}}', None),
        (r'{"a": "x\\\": y", "b": ":::"}', None),
        ('{"": {"": ""}}', None),
        ("{}", None),
    ],
)
def test_the_place_of_a_repeated_key(text, place):
    assert repeated_key(text.encode(), json.loads(text)) == place


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(alphabet='a:"\\\\{}', max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(alphabet='ab:"\\\\', max_size=2), inner, max_size=3)
    ),
    max_leaves=12,
)


@given(st.dictionaries(st.text(alphabet='ab:"', max_size=2), values, max_size=4))
@settings(deadline=None)
def test_what_has_each_key_once_has_no_repeated_key(body):
    text = json.dumps(body)
    assert repeated_key(text.encode(), body) is None
    if body:
        key = next(iter(body))
        twice = f"{{{json.dumps(key)}: 0, {text[1:]}"
        assert repeated_key(twice.encode(), json.loads(twice)) == (key,)


@pytest.mark.parametrize(
    ("path", "body", "place"),
    [
        ("/predict", f'{{"pairs": [{PAIR}], "pairs": [{PAIR}]}}', "/pairs"),
        ("/predict", '{"pairs": [{"cell_line": "A549", "drug": "JQ1", "drug": "Erlotinib"}]}', "/pairs/0/drug"),
        ("/predict", f'{{"pairs": [{PAIR}], "samples": {{"s": {{"mutation": []}}, "s": {{"mutation": []}}}}}}',
         "/samples/s"),
        ("/predict", f'{{"pairs": [{PAIR}], "compounds": {{"c": "CCO", "c": "CCN"}}}}', "/compounds/c"),
        ("/rank", '{"cell_line": "A549", "k": 1, "k": 2}', "/k"),
        ("/rank", '{"sample": {"expression": {"TP53": 1, "TP53": 2, "KRAS": 1}}}', "/sample/expression/TP53"),
    ],
)  # fmt: skip
def test_a_repeated_key_of_a_body_is_refused_with_its_place(client, path, body, place):
    answer = client.post(path, content=body, headers={"content-type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
    assert answer.json()["errors"] == [
        {"pointer": place, "detail": "this key stands twice in one object; give it once", "candidates": []}
    ]
