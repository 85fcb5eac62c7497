"""Every example of openapi.yaml, asked of the bundled model: what it shows is what one gets."""

import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[3]
CONTRACT = yaml.safe_load((ROOT / "openapi.yaml").read_text(encoding="utf-8"))
OPERATIONS = [
    (method, path, operation) for path, item in CONTRACT["paths"].items() for method, operation in item.items()
]


def example(parameter):
    return parameter["schema"]["examples"][0]


def requests(method, path, operation):
    """Name, path, query and body of every request that an operation's examples make."""
    parameters = operation.get("parameters", [])
    for parameter in parameters:
        if parameter["in"] == "path":
            path = path.replace(f"{{{parameter['name']}}}", example(parameter))
    query = {parameter["name"]: example(parameter) for parameter in parameters if parameter["in"] == "query"}
    body = operation.get("requestBody", {"content": {"application/json": {"examples": {}}}})
    for name, given in next(iter(body["content"].values()))["examples"].items():
        yield name, path, {}, given["value"]
    if "requestBody" not in operation:
        needed = {one["name"]: query[one["name"]] for one in parameters if one["in"] == "query" and one["required"]}
        yield "no parameter", path, needed, None
        yield "every parameter", path, query, None
        for name, value in query.items():
            yield name, path, {**needed, name: value}, None


ASKED = [
    pytest.param(method, operation, *request[1:], id=f"{method} {path}: {request[0]}")
    for method, path, operation in OPERATIONS
    for request in requests(method, path, operation)
]


def sent(client, method, path, operation, query, body, **headers):
    """Ask as the operation takes it: JSON, or a form whose tables are files."""
    if "multipart/form-data" not in operation.get("requestBody", {}).get("content", {}):
        return client.request(method, path, params=query, json=body, headers=headers)
    files = {name: (f"{name}.csv", value) for name, value in body.items() if isinstance(value, str)}
    lists = {name: value for name, value in body.items() if isinstance(value, list)}
    return client.request(method, path, files=files, data=lists, headers=headers)


@pytest.mark.parametrize(("method", "operation", "path", "query", "body"), ASKED)
def test_every_example_of_a_request_is_answered(bundled, method, operation, path, query, body):
    answer = sent(bundled, method, path, operation, query, body)
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize(
    ("method", "path", "operation"), OPERATIONS, ids=lambda part: part if type(part) is str else ""
)
def test_every_example_of_an_answer_has_the_form_of_the_real_one(bundled, method, path, operation):
    shown = next(iter(operation["responses"]["200"]["content"].values()))["examples"]
    for name, at, query, body in requests(method, path, operation):
        if name in {"every parameter", *shown}:
            example_of_it = shown.get(name) or next(iter(shown.values()))
            answer = sent(bundled, method, at, operation, query, body)
            real = answer.json() if "json" in answer.headers["content-type"] else answer.text
            assert form(example_of_it["value"]) == form(real)


# Their examples show one row of a list that goes by another query, or numbers that no two processes share.
OF_ANOTHER_REQUEST = {"/cell-lines", "/drugs", "/metrics"}


@pytest.mark.parametrize(
    ("method", "path", "operation"),
    [one for one in OPERATIONS if one[1] not in OF_ANOTHER_REQUEST],
    ids=lambda part: part if type(part) is str else "",
)
def test_every_example_of_an_answer_has_the_values_of_the_real_one(bundled, method, path, operation):
    shown = next(iter(operation["responses"]["200"]["content"].values()))["examples"]
    for name, at, query, body in requests(method, path, operation):
        if name in {"every parameter", *shown}:
            example_of_it = shown.get(name) or next(iter(shown.values()))
            answer = sent(bundled, method, at, operation, query, body)
            real = answer.json() if "json" in answer.headers["content-type"] else answer.text
            agree(example_of_it["value"], real, path)


def agree(shown, real, at):
    """What is shown is there: of an object some fields, of a list its first items. Last digits are the machine's."""
    if isinstance(shown, dict):
        for key, value in shown.items():
            agree(value, real[key], f"{at}/{key}")
    elif isinstance(shown, list):
        assert len(shown) <= len(real), at
        for place, (one, other) in enumerate(zip(shown, real, strict=False)):
            agree(one, other, f"{at}/{place}")
    elif isinstance(shown, float):
        assert real == pytest.approx(shown, rel=2e-4, abs=1e-5), at
    elif isinstance(shown, str) and shown.endswith(" …"):
        assert real.startswith(shown.removesuffix(" …")), at
    else:
        assert shown == real, at


def form(value, depth=0):
    """Names and types of a JSON value: of a list its first item, of an object that has no fixed names nothing."""
    if isinstance(value, dict):
        free = {"metrics", "dataset", "baselines", "files", "config", "training", "regression", "calibration"}
        return {key: None if key in free else form(inner, depth + 1) for key, inner in value.items()}
    if isinstance(value, list):
        return [form(inner, depth + 1) for inner in value[:1]]
    return type(value).__name__


def test_every_parameter_and_every_body_has_an_example():
    for _, path, operation in OPERATIONS:
        for parameter in operation.get("parameters", []):
            assert example(parameter) is not None, (path, parameter["name"])
        if "requestBody" in operation:
            assert next(iter(operation["requestBody"]["content"].values()))["examples"]


TABLES = [one for one in OPERATIONS if "text/csv" in one[2]["responses"]["200"]["content"]]


@pytest.mark.parametrize(("method", "path", "operation"), TABLES, ids=lambda part: part if type(part) is str else "")
def test_each_csv_example_begins_what_the_bundled_model_answers(bundled, method, path, operation):
    ((name, shown),) = operation["responses"]["200"]["content"]["text/csv"]["examples"].items()
    asked = {one[0]: one[1:] for one in requests(method, path, operation)}
    at, query, body = asked[name] if name in asked else asked["every parameter"]
    real = sent(bundled, method, at, operation, query, body, accept="text/csv").text.splitlines()
    header, row = shown["value"].splitlines()
    assert real[0] == header
    agree(cells(row), cells(real[1]), path)


def cells(table):
    """Cells of a CSV, numbers as such."""
    return [float(cell) if re.fullmatch(r"-?\d+\.\d+", cell) else cell for cell in re.split("[,\n]", table)]


def test_the_example_of_a_card_in_prose_begins_the_bundled_models(bundled):
    content = CONTRACT["paths"]["/models/{name}/card"]["get"]["responses"]["200"]["content"]["text/markdown"]
    real = bundled.get("/models/kernel_stack/card", headers={"accept": "text/markdown"}).text
    assert real.startswith(content["examples"]["kernel_stack"]["value"].removesuffix("…"))


def test_every_answer_has_an_example():
    for _, path, operation in OPERATIONS:
        assert all(content["examples"] for content in operation["responses"]["200"]["content"].values()), path


def test_the_example_of_a_problem_is_what_a_wrong_name_gets(bundled):
    (shown,) = CONTRACT["components"]["schemas"]["Problem"]["examples"]
    pairs = [{"cell_line": "A549", "drug": "Erlotinib"}] * 17 + [{"cell_line": "A549", "drug": "Erlotinob"}]
    real = bundled.post("/predict", json={"pairs": pairs}).json()
    assert form(shown) == form(real)
    assert {key: shown[key] for key in ("type", "title", "status", "code")} == {
        key: real[key] for key in ("type", "title", "status", "code")
    }
    assert shown["errors"][0]["pointer"] == real["errors"][0]["pointer"]
