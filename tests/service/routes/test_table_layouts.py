"""POST /predict/table: the best drugs of each sample, and a line a row with a drug a column."""

import csv
import io
import json

import pyarrow.parquet as pq
import pytest

from service.answers.tables.media_types import CSV, PARQUET
from tests.helpers.demo_bundle import DRUGS, LINES
from tests.service.routes.test_tables import COMPOUNDS, EXPRESSION, post

ORDERS = ["score", "probability", "percentile", "ln_ic50"]


def by_line(predictions):
    lines = {}
    for one in predictions:
        lines.setdefault(one["cell_line"]["name"], []).append(one)
    return lines


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("top_k", [1, 3, DRUGS, 100])
def test_the_best_drugs_of_each_sample_come_first(client, order, top_k):
    every = by_line(post(client, {"expression": EXPRESSION}).json()["predictions"])
    best = by_line(post(client, {"expression": EXPRESSION}, order=order, top_k=top_k).json()["predictions"])
    sign = 1 if order == "ln_ic50" else -1
    assert list(best) == ["one", "two"]
    for name, predictions in every.items():
        ranked = sorted(predictions, key=lambda one: (sign * one[order], -one["score"]))
        assert best[name] == ranked[:top_k]


def test_top_k_alone_goes_by_score_and_order_alone_keeps_all(client):
    tables = {"expression": EXPRESSION}
    assert post(client, tables, top_k=2).json() == post(client, tables, top_k=2, order="score").json()
    assert len(post(client, tables, order="percentile").json()["predictions"]) == 2 * DRUGS


def test_a_ranked_sample_is_ranked_as_by_rank(client):
    sample = {"expression": {"TP53": 1.5, "KRAS": 2, "EGFR": 0}}
    best = post(client, {"expression": EXPRESSION}, top_k=4).json()["predictions"][:4]
    ranked = client.post("/rank", json={"sample": sample, "k": 4}).json()["drugs"]
    assert [one | {"cell_line": None} for one in best] == [one | {"cell_line": None} for one in ranked]


def wide_rows(client, tables, value, **fields):
    return list(csv.DictReader(io.StringIO(post(client, tables, accept=CSV, wide=value, **fields).text)))


@pytest.mark.parametrize("value", ["probability", "score", "ln_ic50", "ic50_um", "percentile"])
def test_a_wide_table_has_a_line_a_row_and_a_drug_a_column(client, value):
    tables = {"expression": EXPRESSION, "compounds": COMPOUNDS}
    long = post(client, tables, cell_lines=["A549"], drugs=["JQ1"]).json()["predictions"]
    rows = wide_rows(client, tables, value, cell_lines=["A549"], drugs=["JQ1"])
    assert [row["cell_line"] for row in rows] == ["one", "two", "A549"]
    assert list(rows[0])[-4:] == ["A", "B", "JQ1", "warnings"]
    for one in long:
        row = next(row for row in rows if row["cell_line"] == one["cell_line"]["name"])
        assert row[one["drug"]["name"]] == f"{one[value]:.6g}"
    parquet = post(client, tables, accept=PARQUET, wide=value, cell_lines=["A549"], drugs=["JQ1"])
    table = pq.read_table(io.BytesIO(parquet.content))
    assert [row["A"] for row in table.to_pylist()] == [one[value] for one in long if one["drug"]["name"] == "A"]
    assert all("outside the domain" in text for text in json.loads(table.schema.metadata[b"warnings"]))


def test_a_wide_row_says_whether_all_of_it_lies_in_the_domain_and_what_is_near(client):
    long = by_line(post(client, {"expression": EXPRESSION, "compounds": COMPOUNDS}).json()["predictions"])
    for row in wide_rows(client, {"expression": EXPRESSION, "compounds": COMPOUNDS}, "score"):
        predictions = long[row["cell_line"]]
        assert row["in_domain"] == str(all(one["in_domain"] for one in predictions)).lower()
        assert row["nearest_cell_line"] == predictions[0]["nearest"]["cell_line"]["name"]


def test_without_samples_a_wide_table_has_all_lines_of_the_bundle(client):
    rows = wide_rows(client, {"compounds": COMPOUNDS}, "probability")
    assert len(rows) == LINES
    assert {row["nearest_cell_line"] for row in rows} == {""}


def test_a_compound_named_as_a_drug_has_a_column_of_its_own(client):
    compounds = "name,smiles\nJQ1,CCO\ncell_line,CCN\n"
    (row,) = wide_rows(client, {"compounds": compounds}, "score", cell_lines=["A549"], drugs=["JQ1"])
    assert {"JQ1", "JQ1 (drug-4)", "cell_line", "cell_line (2)"} <= row.keys()
    assert row["cell_line"] == "A549"


def test_a_line_or_drug_named_twice_is_answered_once(client):
    names = {"cell_lines": ["A549", "A-549", "MCF7"], "drugs": ["JQ1", "JQ1", "Erlotinib"]}
    rows = wide_rows(client, {"compounds": COMPOUNDS}, "score", **names)
    assert [row["cell_line"] for row in rows] == ["A549", "MCF7"]
    assert list(rows[0])[-5:] == ["A", "B", "JQ1", "Erlotinib", "warnings"]
    assert rows == wide_rows(client, {"compounds": COMPOUNDS}, "score", **{k: v[1:] for k, v in names.items()})
    assert post(client, {"compounds": COMPOUNDS}, accept=PARQUET, wide="score", **names).content
    best = post(client, {"compounds": COMPOUNDS}, top_k=4, **names).json()
    assert len({one["drug"]["name"] for one in best["predictions"][:4]}) == 4
    assert list(best["names"]["cell_lines"]) == ["A549", "MCF7", "A-549"]


@pytest.mark.parametrize(
    ("status", "place", "accept", "fields"),
    [
        (422, "/top_k", "*/*", {"top_k": 0}),
        (422, "/top_k", "*/*", {"top_k": "some"}),
        (422, "/order", "*/*", {"order": "ic50"}),
        (422, "/wide", CSV, {"wide": "case"}),
        (422, "/wide", CSV, {"wide": "score", "top_k": 3}),
        (422, "/wide", CSV, {"wide": "score", "order": "score"}),
        (406, None, "application/json", {"wide": "score"}),
    ],
)
def test_what_cannot_be_laid_out_is_refused_by_field(client, status, place, accept, fields):
    answer = post(client, {"compounds": COMPOUNDS}, status, accept, **fields).json()
    assert place is None or answer["errors"][0]["pointer"] == place


@pytest.mark.parametrize("name", ["=cmd|' /C calc'!A0", "+1", "-2+3", "@SUM(A1)"])
def test_no_name_of_a_caller_becomes_a_formula(client, name):
    tables = {"compounds": f'name,smiles\n"{name}",CCO\n'}
    text = post(client, tables, accept=CSV, cell_lines=["A549"]).text
    (row,) = csv.DictReader(io.StringIO(text))
    assert row["drug"] == f"'{name}"
    assert float(row["score"]) != 0
    assert post(client, tables, cell_lines=["A549"]).json()["predictions"][0]["drug"]["name"] == name
    (wide,) = wide_rows(client, tables, "score", cell_lines=["A549"])
    assert f"'{name}" in wide
