"""POST /predict/table: tables in, one row a pair out in three forms; what cannot be read is named by row, column."""

import csv
import io

import pyarrow.parquet as pq
import pytest

from model.genes.panel import Panel
from model.genes.table import GeneTable
from service.answers.tables.media_types import CSV, JSON, PARQUET, negotiate
from service.answers.tables.prediction_table import COLUMNS
from service.answers.tables.table_input import TableError, Units, read_compound_file, read_samples
from tests.helpers.demo_bundle import DRUGS, LINES

PATH = "/predict/table"
EXPRESSION = "sample,TP53,KRAS,EGFR,FOO\none,1.5,2,0,3\ntwo,4,,5,1\n"
TURNED = "gene\tone\ttwo\nTP53\t1.5\t4\nKRAS\t2\tNA\nEGFR\t0\t5\nFOO\t3\t1\n"
MUTATION = "sample,TP53,KRAS,STK11\none,1,0,1\n"
MOLFILE = """{}

ethanol
  3  2  0  0  0  0  0  0  0  0999 V2000
    0.0000    0.0000    0.0000 C   0  0  0  0  0  0  0  0  0  0  0  0
    1.2990    0.7500    0.0000 C   0  0  0  0  0  0  0  0  0  0  0  0
    2.5981    0.0000    0.0000 O   0  0  0  0  0  0  0  0  0  0  0  0
  1  2  1  0
  2  3  1  0
M  END
"""
COMPOUNDS = "name,smiles,targets,pathway\nA,CCO,EGFR; BRD4,Other\nB,c1ccccc1,,\n"
GENES = {"expression": ["TP53", "KRAS", "EGFR"], "copy_number": ["MYC"], "mutation": ["TP53", "KRAS", "STK11"]}
PANELS = {table: Panel(genes, GeneTable()) for table, genes in GENES.items()}


def post(client, tables, status=200, accept="*/*", **fields):
    files = {name: (f"{name}.csv", text) for name, text in tables.items()}
    answer = client.post(PATH, files=files or None, data=fields, headers={"accept": accept})
    assert answer.status_code == status, answer.text
    return answer


def test_samples_of_a_table_meet_every_drug_of_the_bundle(client):
    answer = post(client, {"expression": EXPRESSION, "mutation": MUTATION}).json()
    assert len(answer["predictions"]) == 2 * DRUGS
    assert [one["cell_line"]["name"] for one in answer["predictions"]] == ["one"] * DRUGS + ["two"] * DRUGS
    assert answer["samples"]["two"] == {
        "expression": {"known": 2, "unknown": 1, "missing": 3, "unread": [], "notes": []}
    }
    assert any(one.startswith("samples not in every table: mutation lacks two;") for one in answer["warnings"])
    body = {
        "cell_lines": ["one", "two"],
        "drugs": ["JQ1", "JQ1"],
        "samples": {
            "one": {
                "expression": {"TP53": 1.5, "KRAS": 2, "EGFR": 0},
                "mutation": {"TP53": 1, "KRAS": 0, "STK11": 1},
            },
            "two": {"expression": {"TP53": 4, "EGFR": 5}},
        },
    }
    asked = client.post("/predict", json=body).json()["predictions"]
    assert [one for one in answer["predictions"] if one["drug"]["name"] == "JQ1"] == asked


def test_a_table_the_other_way_round_is_turned(client):
    assert post(client, {"expression": TURNED}).json() == post(client, {"expression": EXPRESSION}).json()


def test_compounds_of_a_table_meet_every_line_or_those_that_are_listed(client):
    every = post(client, {"compounds": COMPOUNDS}).json()["predictions"]
    assert len(every) == 2 * LINES
    some = post(client, {"compounds": COMPOUNDS}, cell_lines=["MCF7", "A549"]).json()["predictions"]
    assert [(one["cell_line"]["name"], one["drug"]["name"]) for one in some] == [
        ("MCF7", "A"), ("MCF7", "B"), ("A549", "A"), ("A549", "B"),
    ]  # fmt: skip
    body = {"pairs": [{"cell_line": "A549", "drug": "A"}]}
    body["compounds"] = {"A": {"smiles": "CCO", "targets": ["EGFR", "BRD4"], "pathway": "Other"}}
    assert client.post("/predict", json=body).json()["predictions"] == some[2:3]


def test_both_sides_and_listed_names_are_crossed(client):
    answer = post(client, {"mutation": MUTATION, "compounds": COMPOUNDS}, cell_lines=["TT"], drugs=["JQ1"]).json()
    pairs = [(one["cell_line"]["name"], one["drug"]["name"]) for one in answer["predictions"]]
    assert pairs == [(line, drug) for line in ("one", "TT") for drug in ("A", "B", "JQ1")]
    assert [one["case"] for one in answer["predictions"]] == [
        *("unseen_both", "unseen_both", "unseen_line", "unseen_drug", "unseen_drug", "known"),
    ]


@pytest.mark.parametrize(
    ("text", "fields", "note"),
    [
        ("CCO A\nc1ccccc1 B\n", {}, "read as SMILES and names without a header"),
        ("compound_id,smiles,mw\nA,CCO,46\nB,c1ccccc1,78\n", {}, "columns that are not read: mw"),
        ("name;SMI\nA;CCO\nB;c1ccccc1\n", {"smiles_column": "SMI"}, None),
        (f"{MOLFILE.format('A')}> <MW>\n46\n\n$$$$\n{MOLFILE.format('B')}$$$$\n", {}, "fields that are not read: MW"),
    ],
)
def test_compounds_come_in_any_file_and_what_is_not_read_is_said(client, text, fields, note):
    answer = post(client, {"compounds": text}, cell_lines=["TT"], **fields).json()
    assert [one["drug"]["name"] for one in answer["predictions"]] == ["A", "B"]
    plain = post(client, {"compounds": "name,smiles\nA,CCO\n"}, cell_lines=["TT"]).json()
    assert answer["predictions"][0] == plain["predictions"][0]
    assert answer["warnings"] == ([] if note is None else [f"/compounds: {note}"])


def test_tpm_tissue_and_model_are_read(client):
    tissues = "name,tissue,cancer_type,medium\ntwo,skin,,R\n"
    plain = post(client, {"expression": EXPRESSION}, drugs=["JQ1"]).json()["predictions"]
    named = post(client, {"expression": EXPRESSION, "samples": tissues}, drugs=["JQ1"]).json()["predictions"]
    assert (named[0] == plain[0], named[1] == plain[1]) == (True, False)
    tpm = post(client, {"expression": EXPRESSION}, drugs=["JQ1"], expression_unit="TPM").json()["predictions"]
    assert tpm[0]["score"] != plain[0]["score"]
    refused = post(client, {"expression": EXPRESSION}, status=422, model="other")
    assert refused.json()["code"] == "cannot_place"


def test_csv_and_parquet_hold_what_json_holds(client):
    tables = {"expression": EXPRESSION, "compounds": COMPOUNDS}
    answers = post(client, tables).json()
    (*rows,) = csv.DictReader(io.StringIO(post(client, tables, accept=CSV).text))
    parquet = post(client, tables, accept=PARQUET)
    assert parquet.headers["content-type"] == PARQUET
    table = pq.read_table(io.BytesIO(parquet.content)).to_pylist()
    assert tuple(rows[0]) == tuple(table[0]) == COLUMNS
    for one, row, cells in zip(answers["predictions"], rows, table, strict=True):
        assert cells["score"] == one["score"] == pytest.approx(float(row["score"]), rel=5e-6)
        assert [cells["ln_ic50_low"], cells["ln_ic50_high"]] == one["ln_ic50_interval"]
        assert (row["cell_line_id"], cells["cell_line_id"]) == ("", None)
        assert row["in_domain"] == str(one["in_domain"]).lower()
        assert cells["in_domain"] is one["in_domain"]
        assert cells["nearest_drug"] == one["nearest"]["drug"]["name"] == row["nearest_drug"]
        counted = answers["samples"][one["cell_line"]["name"]]
        assert int(row["expression_missing"]) == cells["expression_missing"] == counted["expression"]["missing"]
        assert (row["mutation_known"], cells["mutation_known"]) == ("", None)
        assert cells["bundle"] == answers["bundle"]


@pytest.mark.parametrize("name", ["=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(A1)"])
def test_a_name_that_a_spreadsheet_would_run_is_text_in_csv_and_itself_in_json(client, name):
    tables = {"compounds": f"name,smiles\n{name},CCO\n"}
    (row,) = csv.DictReader(io.StringIO(post(client, tables, accept="text/csv", cell_lines=["A549"]).text))
    assert row["drug"] == f"'{name}"
    (prediction,) = post(client, tables, cell_lines=["A549"]).json()["predictions"]
    assert prediction["drug"]["name"] == name
    assert not row["score"].startswith("'")


@pytest.mark.parametrize(
    ("accept", "form"),
    [
        ("", JSON),
        ("*/*", JSON),
        ("text/*", CSV),
        ("text/html, text/csv;q=0.2, application/json;q=0.1", CSV),
        (f"{CSV};q=0.5, {PARQUET}", PARQUET),
        ("application/json;q=0", None),
        ("image/png", None),
        ("text/csv;q=much", None),
        (",;=,,", None),
    ],
)
def test_accept_chooses_the_form(accept, form):
    assert negotiate(accept) == form


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("", "is empty"),
        ("a,TP53\n", "a header and one row"),
        ("sample\none\n", "one column only"),
        ("sample,X1,X2\none,1,2\n", "no gene of the model stands in the first row or the first columns"),
        ("sample,TP53,KRAS\none,1\n", "row 2 has 2 cells where the first has 3"),
        ("sample,TP53\none,1\n\ntwo,2,3\n", "row 4 has 3 cells"),
        ("sample,TP53,KRAS\none,1,high\n", "row 2, column 3: not a number"),
        ("sample,TP53,KRAS\none,1,inf\n", "row 2, column 3: not a number"),
        ("gene,one,two\nTP53,1,2\nKRAS,1,x\n", "row 3, column 3: not a number"),
        ("sample,TP53,tp53\none,1,2\n", "1 genes of the model stand twice and differ: TP53"),
        ("gene,one,\nTP53,1,2\n", "row 1, column 3: the sample's name is empty"),
        ("sample,TP53\none,1\none,2\n", "row 3, column 1: the sample's name is empty, too long or stands twice"),
        ("sample,TP53\n,1\n", "row 2, column 1: the sample's name"),
        ('sample,TP53\n"one,1\n', "quotation marks"),
        (b"sample,TP53\n\xff,1\n", "row 2 is no UTF-8"),
    ],
)
def test_a_table_that_cannot_be_read_says_where(table, message):
    content = table if isinstance(table, bytes) else table.encode()
    with pytest.raises(TableError, match=message):
        read_samples({"expression": content}, PANELS, Units("TPM"), 10)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("name,formula\nA,CCO\n", "no column smiles; the first row must name the column of the structures"),
        ("name,structure,Structure\nA,CCO,1\n", "column 2 stands twice"),
        ("name,smiles,smiles\nA,CCO,CCN\n", "column 2 stands twice"),
        ("# nothing\n", "no compound stands in it"),
        ("name smiles\n", "no compound stands in it"),
        ("name,smiles\nA,\n", "row 2, column smiles: empty"),
        ("name,smiles\n,CCO\n", "row 2, column name: empty"),
        ("name,smiles\nA,CCO\nA,CCN\n", "row 3, column name: empty, too long or there already"),
        ("name;smiles\nA;CCO;B\n", "row 2 has 3 cells"),
    ],
)
def test_a_table_of_compounds_that_cannot_be_read_says_where(table, message):
    with pytest.raises(TableError, match=message):
        read_compound_file(table.encode(), 10)


def test_excels_forms_of_csv_are_read():
    text = "\ufeffsample;TP53;KRAS\r\none;1.5;\r\n"
    read = read_samples({"expression": text.encode()}, PANELS, Units("TPM"), 10)
    assert read.samples["one"].expression == {"TP53": 1.5}


@pytest.mark.parametrize(
    ("tables", "fields", "status", "code", "place"),
    [
        ({}, {}, 422, "invalid_request", None),
        ({"samples": "name,tissue\none,lung\n"}, {}, 422, "invalid_request", None),
        ({"expression": "a,b\n1,2\n"}, {}, 422, "invalid_table", "/expression"),
        ({"expression": EXPRESSION, "samples": "name,tissue\nthree,lung\n"}, {}, 422, "invalid_table", "/samples"),
        ({"expression": EXPRESSION, "samples": "name,tissue\none,lungs\n"}, {"on_error": "refuse"}, 422,
         "invalid_sample", "/samples/one/tissue"),
        ({"expression": "s,TP53,KRAS\none,1,99\n"}, {}, 422, "invalid_sample", "/expression/one/KRAS"),
        ({"mutation": "s,TP53\none,1\n"}, {}, 422, "invalid_sample", "/mutation/one"),
        ({"compounds": "name,smiles\nA,C1CC\n"}, {}, 422, "invalid_compound", "/compounds/A"),
        ({"compounds": COMPOUNDS}, {"drugs": ["JQ1", "none"]}, 404, "unknown_drug", "/drugs/1"),
        ({"compounds": COMPOUNDS}, {"cell_lines": ["none"]}, 404, "unknown_cell_line", "/cell_lines/0"),
        ({"compounds": COMPOUNDS}, {"model": "none"}, 422, "unknown_model", "/model"),
        ({"compounds": COMPOUNDS}, {"smiles_column": "SMI"}, 422, "invalid_table", "/smiles_column"),
        ({"expression": EXPRESSION}, {"smiles_column": "SMI"}, 422, "invalid_table", "/smiles_column"),
        ({"compounds": COMPOUNDS}, {"dose": "1"}, 422, "invalid_request", "/dose"),
        ({"compounds": COMPOUNDS}, {"expression_unit": "FPKM"}, 422, "invalid_request", "/expression_unit"),
        ({"compounds": COMPOUNDS}, {"drugs": ["x" * 501]}, 422, "invalid_request", "/drugs/0"),
    ],
)  # fmt: skip
def test_a_wrong_upload_gets_the_stated_answer(client, tables, fields, status, code, place):
    problem = post(client, tables, status=status, **fields).json()
    assert problem["code"] == code
    assert (problem["errors"][0]["pointer"] if problem["errors"] else None) == place


def test_limits_hold_for_tables(client_with):
    client = client_with(max_samples_per_request=1, max_compounds_per_request=1, max_pairs_per_request=10)
    for tables, code in (
        ({"expression": EXPRESSION}, "too_many_new"),
        ({"compounds": COMPOUNDS}, "too_many_new"),
        ({"mutation": MUTATION}, "too_many_pairs"),
    ):
        assert post(client, tables, status=413).json()["code"] == code
    small = client_with(max_body_bytes=100, max_table_bytes=100)
    assert post(small, {"expression": EXPRESSION * 100}, status=413).json()["code"] == "body_too_large"


def test_no_value_of_a_table_comes_back(client):
    for table in ("s,TP53,KRAS\none,1,S3CRET\n", "S3CRET,S3CRET\nS3CRET,S3CRET\n"):
        assert "S3CRET" not in post(client, {"expression": table}, status=422).text
    assert "S3CRET" not in post(client, {"compounds": "name,smiles\nA,S3CRET\n"}, status=422).text


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/json", "multipart/form-data", "multipart/form-data; boundary=x"]
)
def test_another_media_type_is_refused(client, kind):
    answer = client.post(PATH, content=b'{"compounds": "x"}', headers={"content-type": kind})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")


def test_a_drug_of_one_sample_of_a_table_is_explained_as_in_predict(client):
    tables = {"expression": EXPRESSION, "mutation": MUTATION}
    answer = post(client, tables, detail="explain", only="one", drugs="JQ1").json()
    sample = {"expression": {"TP53": 1.5, "KRAS": 2, "EGFR": 0}, "mutation": {"TP53": 1, "KRAS": 0, "STK11": 1}}
    body = {"pairs": [{"cell_line": "one", "drug": "JQ1"}], "samples": {"one": sample}, "detail": "explain"}
    expected = client.post("/predict", json=body).json()
    assert answer["detail"] == "explain"
    assert answer["predictions"] == expected["predictions"]
    assert answer["predictions"][0]["explanation"]["genes"]["top"]
    assert list(answer["samples"]) == ["one"]


@pytest.mark.parametrize(
    ("fields", "status", "code", "detail"),
    [
        ({"only": "three"}, 422, "invalid_request", "1 of its names are of no sample of the tables"),
        ({"detail": "explain", "wide": "score", "drugs": "JQ1"}, 422, "invalid_request", "no place for explanations"),
        ({"detail": "explain"}, 413, "too_many_pairs", f"{2 * DRUGS} pairs to explain"),
        ({"detail": "scores"}, 422, "invalid_request", "detail"),
    ],
)
def test_what_cannot_be_explained_or_is_not_there_is_refused(client, fields, status, code, detail):
    answer = post(client, {"expression": EXPRESSION}, status=status, **fields).json()
    assert answer["code"] == code
    assert detail in str(answer)
