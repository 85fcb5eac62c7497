"""Rankings: what decides the order, and their form as a table."""

import csv
import io

import pytest

from tests.helpers.demo_bundle import DRUGS, LINES

SAMPLE = {"mutation": {"TP53": 1, "KRAS": 0, "STK11": 1}}
ORDERS = ["score", "probability", "percentile", "ln_ic50"]


def ranked(client, path, status=200, body=None, accept="application/json", **query):
    if body is None:
        answer = client.get(path, params=query, headers={"accept": accept})
    else:
        answer = client.post(path, json=body, headers={"accept": accept})
    assert answer.status_code == status, answer.text
    return answer


def keys(predictions, order):
    """What ascends along a ranking, with the score to break ties."""
    sign = 1 if order == "ln_ic50" else -1
    return [(sign * one[order], -one["score"]) for one in predictions]


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize(
    ("path", "body", "field", "count"),
    [
        ("/rank/A549", None, "drugs", DRUGS),
        ("/drugs/JQ1/cell-lines", None, "cell_lines", LINES),
        ("/rank", {"cell_line": "A549"}, "drugs", DRUGS),
        ("/rank", {"sample": SAMPLE}, "drugs", DRUGS),
        ("/rank", {"drug": "JQ1"}, "cell_lines", LINES),
        ("/rank", {"compound": "CCO", "samples": {"mine": SAMPLE}}, "cell_lines", LINES + 1),
    ],
)
def test_each_order_puts_the_most_sensitive_first(client, path, body, field, count, order):
    options = {"k": 100, "order": order}
    answer = ranked(client, path, body=None if body is None else body | options, **({} if body else options)).json()
    assert answer["order"] == order
    assert len(answer[field]) == count
    assert keys(answer[field], order) == sorted(keys(answer[field], order))


def test_the_orders_differ_and_the_default_is_the_score(client):
    names = {order: [one["drug"]["name"] for one in ranked(client, "/rank/A549", order=order).json()["drugs"]]
             for order in ORDERS}  # fmt: skip
    assert names["score"] == names["probability"]
    assert len({tuple(order) for order in names.values()}) == 3
    assert [one["drug"]["name"] for one in ranked(client, "/rank/A549").json()["drugs"]] == names["score"]


def test_the_numbers_are_those_of_predict_whatever_the_order(client):
    best = ranked(client, "/rank/A549", order="percentile", k=3).json()["drugs"]
    pairs = [{"cell_line": "A549", "drug": one["drug"]["id"]} for one in best]
    assert client.post("/predict", json={"pairs": pairs}).json()["predictions"] == best


@pytest.mark.parametrize(
    ("path", "body", "place"),
    [
        ("/rank/A549", None, "/query/order"),
        ("/drugs/JQ1/cell-lines", None, "/query/order"),
        ("/rank", {"cell_line": "A549"}, "/order"),
        ("/rank", {"drug": "JQ1"}, "/order"),
    ],
)
@pytest.mark.parametrize("order", ["ic50", "Score", "", "score,percentile"])
def test_another_order_is_refused_by_name(client, path, body, place, order):
    answer = ranked(client, path, 422, None if body is None else body | {"order": order}, order=order).json()
    assert answer["errors"][0]["pointer"] == place
    assert "'percentile'" in answer["errors"][0]["detail"]


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("/rank/A549", None, "drugs"),
        ("/drugs/JQ1/cell-lines", None, "cell_lines"),
        ("/rank", {"sample": SAMPLE}, "drugs"),
        ("/rank", {"compound": "CCO"}, "cell_lines"),
    ],
)
def test_a_ranking_is_a_table_where_csv_is_preferred(client, path, body, field):
    shown = ranked(client, path, body=body).json()
    table = ranked(client, path, body=body, accept="text/csv")
    assert table.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(table.text)))
    assert [row["drug"] for row in rows] == [one["drug"]["name"] for one in shown[field]]
    assert [row["cell_line"] for row in rows] == [one["cell_line"]["name"] for one in shown[field]]
    assert [row["case"] for row in rows] == [one["case"] for one in shown[field]]
    for row, one in zip(rows, shown[field], strict=True):
        assert row["probability"] == f"{one['probability']:.6g}"
        assert row["in_domain"] == {True: "true", False: "false", None: ""}[one["in_domain"]]


@pytest.mark.parametrize(
    "accept", ["", "*/*", "text/html,application/xhtml+xml,*/*;q=0.8", "image/png", "application/*"]
)
def test_who_does_not_prefer_csv_gets_json(client, accept):
    assert ranked(client, "/rank/A549", accept=accept).headers["content-type"] == "application/json"


def test_full_predictions_are_a_table_too(client):
    body = {"cell_lines": ["A549", "MCF7"], "drugs": ["JQ1", "JQ1"]}
    rows = list(csv.DictReader(io.StringIO(ranked(client, "/predict", body=body, accept="text/csv").text)))
    assert [row["cell_line"] for row in rows] == ["A549", "MCF7"]
    scores = ranked(client, "/predict", body=body | {"detail": "scores"}, accept="text/csv")
    assert scores.headers["content-type"] == "application/json"
