"""Of many samples and compounds the readable are answered, and each of the others is marked with its reason."""

import csv
import io
import json
import time

import pyarrow.parquet as pq
import pytest

from service.answers.tables.media_types import CSV, PARQUET
from tests.helpers.demo_bundle import DRUGS
from tests.helpers.ugly_molecules import ladder, prism, sheet

PATH = "/predict/table"
GOOD = {f"c{i}": "C" * (i + 1) + "O" for i in range(19)}
LINE = "TT"


def post(client, body, status=200):
    answer = client.post("/predict", json=body)
    assert answer.status_code == status, answer.text
    return answer.json()


def upload(client, tables, status=200, accept="application/json", **fields):
    files = {name: (name, text) for name, text in tables.items()}
    answer = client.post(PATH, files=files, data=fields, headers={"accept": accept})
    assert answer.status_code == status, answer.text
    return answer


def pairs_of(compounds, **options):
    names = list(compounds)
    return {"cell_lines": [LINE] * len(names), "drugs": names, "compounds": compounds, **options}


def table(compounds):
    return {"compounds": "name,smiles\n" + "".join(f"{name},{text}\n" for name, text in compounds.items())}


def names(answer):
    return [one["drug"]["name"] for one in answer["predictions"]]


BROKEN = pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("C1CC", "a ring is left open"),
        ("C(C)(C)(C)(C)C", "no such molecule"),
        ("c1cccc1", "no such molecule"),
        ("Aspirin", "perhaps a name"),
        ("*CC", "placeholder atom"),
    ],
)


@BROKEN
@pytest.mark.parametrize("place", [0, 7, 19])
def test_of_twenty_compounds_one_is_broken_and_nineteen_are_answered(client, text, reason, place):
    items = list(GOOD.items())
    compounds = dict([*items[:place], ("broken", text), *items[place:]])
    alone = post(client, pairs_of(GOOD))
    answer = post(client, pairs_of(compounds))
    assert answer["predictions"] == alone["predictions"]
    assert names(answer) == list(GOOD)
    (refused,) = answer["refused"]
    assert reason in refused["detail"]
    assert (refused["kind"], refused["name"], refused["code"]) == ("compound", "broken", "invalid_compound")
    assert refused["pointer"] == "/compounds/broken"
    uploaded = upload(client, table(compounds), cell_lines=[LINE]).json()
    assert uploaded["predictions"] == alone["predictions"]
    assert uploaded["refused"] == answer["refused"]


@BROKEN
def test_strict_mode_refuses_all_of_them(client, text, reason):
    compounds = {**GOOD, "broken": text}
    problem = post(client, pairs_of(compounds, on_error="refuse"), 422)
    uploaded = upload(client, table(compounds), 422, cell_lines=[LINE], on_error="refuse").json()
    for answer in (problem, uploaded):
        assert answer["code"] == "invalid_compound"
        assert [one["pointer"] for one in answer["errors"]] == ["/compounds/broken"]
        assert reason in answer["detail"]


def test_scores_are_aligned_so_none_is_left_out(client):
    compounds = {**GOOD, "broken": "C1CC"}
    assert post(client, pairs_of(compounds, detail="scores"), 422)["code"] == "invalid_compound"
    problem = post(client, pairs_of(compounds, detail="scores", on_error="mark"), 422)
    assert (problem["code"], problem["errors"][0]["pointer"]) == ("invalid_request", "/on_error")


def test_one_compound_alone_is_refused_unless_asked_otherwise(client):
    body = {"pairs": [{"cell_line": LINE, "drug": "JQ1"}], "compounds": {"broken": "C1CC"}}
    assert post(client, body, 422)["code"] == "invalid_compound"
    answer = post(client, {**body, "on_error": "mark"})
    assert names(answer) == ["JQ1"]
    assert [one["name"] for one in answer["refused"]] == ["broken"]


def test_where_nothing_is_left_the_request_is_refused(client):
    compounds = {"a": "C1CC", "b": "Aspirin"}
    for problem in (
        post(client, pairs_of(compounds), 422),
        upload(client, table(compounds), 422).json(),
        upload(client, table(compounds), 422, on_error="mark").json(),
    ):
        assert problem["code"] == "invalid_compound"
        assert [one["pointer"] for one in problem["errors"]] == ["/compounds/a", "/compounds/b"]
    answer = upload(client, table(compounds), cell_lines=[LINE], drugs=["JQ1"]).json()
    assert names(answer) == ["JQ1"]
    assert len(answer["refused"]) == 2


def test_samples_are_marked_too_and_the_rows_of_the_others_stay_theirs(client):
    good = {"mutation": ["KRAS"]}
    samples = {"first": {"mutation": ["NONSENSE"]}, "second": good, "third": {"mutation": ["TP53"]}}
    compounds = {"x": "C1CC", "y": "CCCO", "z": "c1ccccc1O"}
    lines, drugs = zip(*[(line, drug) for line in (*samples, LINE) for drug in (*compounds, "JQ1")], strict=True)
    body = {"cell_lines": lines, "drugs": drugs, "samples": samples, "compounds": compounds}
    answer = post(client, body)
    found = {(one["cell_line"]["name"], one["drug"]["name"]): one for one in answer["predictions"]}
    assert list(found) == [(a, b) for a, b in zip(lines, drugs, strict=True) if a != "first" and b != "x"]
    assert [one["name"] for one in answer["refused"]] == ["first", "x"]
    for (line, drug), one in found.items():
        alone = {"samples": {line: samples[line]}} if line in samples else {}
        alone |= {"compounds": {drug: compounds[drug]}} if drug in compounds else {}
        (same,) = post(client, {"pairs": [{"cell_line": line, "drug": drug}], **alone})["predictions"]
        assert same == one
    explained = post(client, {**body, "detail": "explain"})
    assert [one["score"] for one in explained["predictions"]] == [one["score"] for one in answer["predictions"]]


def test_a_sample_of_a_table_is_marked(client):
    tables = {"mutation": "sample,TP53,KRAS,STK11\none,1,0,1\ntwo,0,1,0\n", "samples": "name,tissue\none,lungs\n"}
    answer = upload(client, tables).json()
    assert [one["cell_line"]["name"] for one in answer["predictions"]] == ["two"] * DRUGS
    (refused,) = answer["refused"]
    assert (refused["kind"], refused["name"], refused["pointer"]) == ("sample", "one", "/samples/one/tissue")


@pytest.mark.parametrize(
    ("text", "named", "reason"),
    [
        ("name,smiles\nA,CCO\nB,\n", "B", "row 3, column smiles: empty"),
        ("name,smiles\nA,CCO\nA,CCN\n", "A", "row 3, column name: empty, too long or there already"),
        ("name,smiles\nA,CCO\n,CCN\n", "row 3", "row 3, column name"),
        ("CCO A\nC1CC B\n", "B", "ring is left open"),
        ("CCO A\nCCN A\n", "A", "row 2, column name"),
        (f"smiles,name\nCCO,A\nCCN,{'x' * 501}\n", "row 3", "row 3, column name"),
    ],
)
def test_a_row_of_a_file_of_compounds_is_marked(client, text, named, reason):
    answer = upload(client, {"compounds": text}, cell_lines=[LINE]).json()
    assert names(answer) == ["A"]
    (refused,) = answer["refused"]
    assert refused["name"] == named
    assert reason in refused["detail"]
    assert upload(client, {"compounds": text}, 422, cell_lines=[LINE], on_error="refuse").json()["detail"]


def test_flat_forms_have_a_row_without_numbers_for_what_is_refused(client):
    tables, asked = table({"A": "CCO", "B": "C1CC"}), {"cell_lines": [LINE]}
    answer = upload(client, tables, **asked).json()
    good, bad = csv.DictReader(io.StringIO(upload(client, tables, accept=CSV, **asked).text))
    reason = f"invalid_compound: {answer['refused'][0]['detail']}"
    assert (good["drug"], good["warnings"]) == ("A", "")
    assert {key: value for key, value in bad.items() if value} == {
        "drug": "B",
        "model": answer["model"],
        "bundle": answer["bundle"],
        "warnings": reason,
    }
    parquet = pq.read_table(io.BytesIO(upload(client, tables, accept=PARQUET, **asked).content))
    assert [(row["drug"], row["score"] is None) for row in parquet.to_pylist()] == [("A", False), ("B", True)]
    assert json.loads(parquet.schema.metadata[b"refused"]) == answer["refused"]
    wide = list(csv.DictReader(io.StringIO(upload(client, tables, accept=CSV, wide="score", **asked).text)))
    assert len(wide) == 1
    assert "/compounds/B: B refused" in wide[0]["warnings"]


@pytest.mark.parametrize("value", ["skip", "", "MARK"])
def test_another_value_is_refused(client, value):
    problem = post(client, pairs_of(GOOD, on_error=value), 422)
    assert (problem["code"], problem["errors"][0]["pointer"]) == ("invalid_request", "/on_error")


@pytest.mark.parametrize(
    "hard",
    [
        lambda i: ladder(140 - i, "C"),
        lambda i: ladder(60 + i),
        lambda i: prism(40 + i, "P"),
        lambda i: sheet(7, 7 + i % 3, "c") + "C" * i,
        lambda i: "C1CC1" * (60 + i),
    ],
    ids=["carbons", "nitrogens", "drums", "graphite", "a chain of rings"],
)
def test_25_ladders_are_refused_before_their_rings_are_perceived(client, hard):
    ladders = {f"c{i}": hard(i) for i in range(25)}
    assert len(set(ladders.values())) == 25
    began = time.perf_counter()
    problem = post(client, {"pairs": [{"cell_line": LINE, "drug": "c0"}], "compounds": ladders}, 422)
    assert time.perf_counter() - began < 1
    assert problem["code"] == "invalid_compound"
    assert "/compounds/c0" in [fault["pointer"] for fault in problem["errors"]]
    assert len(problem["errors"]) == 20
