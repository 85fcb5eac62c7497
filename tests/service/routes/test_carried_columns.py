"""POST /predict/table: columns of a table of compounds that the model does not read come back beside the answer."""

import csv
import io

import pyarrow.parquet as pq
import pytest

from service.answers.tables.media_types import CSV, PARQUET
from tests.service.routes.test_tables import MOLFILE, post

SDF = f"{MOLFILE.format('A')}> <MW>\n46\n\n$$$$\n{MOLFILE.format('B')}> <vendor>\nacme\n\n$$$$\n"


def in_csv(client, table, **fields):
    text = post(client, {"compounds": table}, accept=CSV, cell_lines=["TT"], **fields).text
    return list(csv.DictReader(io.StringIO(text)))


@pytest.mark.parametrize(
    ("table", "carried"),
    [
        ("name,smiles,MW\nA,CCO,46.07\nB,CCN,007\n", [{"MW": "46.07"}, {"MW": "007"}]),
        ("MW;name;SMILES;vendor\n46,07;A;CCO;acme\n;B;CCN;\n", [
            {"MW": "46,07", "vendor": "acme"}, {"MW": "", "vendor": ""},
        ]),
        ("name\tsmiles\tscore\tdrug_id\nA\tCCO\t1\tX\nB\tCCN\t2\tY\n", [
            {"score": "1", "drug_id": "X"}, {"score": "2", "drug_id": "Y"},
        ]),
        ("name,smiles,note,note\nA,CCO,x,y\nB,CCN,z,\n", [
            {"note (3)": "x", "note (4)": "y"}, {"note (3)": "z", "note (4)": ""},
        ]),
        ("smiles,name\nCCO,A\nCCN,B\n", [{}, {}]),
        (SDF, [{"MW": "46"}, {"vendor": "acme"}]),
    ],
)  # fmt: skip
def test_each_row_has_the_other_columns_of_its_compound_as_texts(client, table, carried):
    answer = post(client, {"compounds": table}, cell_lines=["TT"]).json()
    assert [answer["compounds"][name]["columns"] for name in "AB"] == carried
    rows = in_csv(client, table)
    parquet = post(client, {"compounds": table}, accept=PARQUET, cell_lines=["TT"]).content
    cells = pq.read_table(io.BytesIO(parquet)).to_pylist()
    for row, cell, columns in zip(rows, cells, carried, strict=True):
        for name, text in columns.items():
            behind = f"{name} (input)" if name in ("score", "drug_id") else name
            assert (row[behind], cell[behind]) == (text, text)


def test_a_compound_that_is_refused_keeps_its_columns(client):
    table = "name,smiles,plate\nA,CCO,P1\nB,C1CC,P2\n,CCN,P3\n"
    refused = post(client, {"compounds": table}, cell_lines=["TT"]).json()["refused"]
    assert {one["name"]: one["columns"] for one in refused} == {"row 4": {"plate": "P3"}, "B": {"plate": "P2"}}
    rows = in_csv(client, table)
    assert [(row["drug"], row["plate"]) for row in rows] == [("A", "P1"), ("row 4", "P3"), ("B", "P2")]


def test_a_drug_of_the_bundle_has_no_columns_and_a_compound_that_is_one_has_its_own(client):
    table = "name,smiles,plate\nJQ1,CCO,P1\nmine,CCCCCCS,P2\n"  # the second is drug-5
    rows = in_csv(client, table, drugs=["JQ1", "Erlotinib"])
    assert [(row["drug_id"], row["drug"], row["plate"]) for row in rows] == [
        ("", "JQ1", "P1"), ("drug-5", "mine", "P2"), ("drug-4", "JQ1", ""), ("drug-0", "Erlotinib", ""),
    ]  # fmt: skip


def test_columns_that_would_swell_the_answer_are_left_out_and_named(client):
    names = [f"c{i}" for i in range(30)]
    table = f"name,smiles,long,{','.join(names)}\nA,CCO,{'x' * 200},{','.join(names)}\n"
    answer = post(client, {"compounds": table}, cell_lines=["TT"]).json()
    assert list(answer["compounds"]["A"]["columns"]) == names[:20]
    assert any("do not come back: long, c20, c21" in warning for warning in answer["warnings"])


@pytest.mark.parametrize("cell", ["=1+1", "+cmd", "-2", "@x"])
def test_no_cell_of_a_caller_becomes_a_formula(client, cell):
    (row,) = in_csv(client, f"name,smiles,{cell}\nA,CCO,{cell}\n")
    assert row[f"'{cell}"] == f"'{cell}"
