"""A sample or compound that may not mean what its writer thinks is answered with a warning that names it."""

import pytest

SAMPLE = {"mutation": {"TP53": 1, "KRAS": 0, "STK11": 1}}


def warnings(client, cell_lines, drugs, samples=(), compounds=(), columns=False):
    pairs = {"pairs": [{"cell_line": c, "drug": d} for c, d in zip(cell_lines, drugs, strict=True)]}
    body = {"cell_lines": cell_lines, "drugs": drugs} if columns else pairs
    body |= {"samples": dict.fromkeys(samples, SAMPLE), "compounds": dict.fromkeys(compounds, "CCO")}
    answer = client.post("/predict", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()["warnings"]


@pytest.mark.parametrize(
    ("samples", "compounds", "expected"),
    [
        (["mine"], [], ["/samples/mine: no pair uses this sample"]),
        ([], ["it"], ["/compounds/it: no pair uses this compound"]),
        (["a", "b"], [], ["/samples/a: no pair uses this sample", "/samples/b: no pair uses this sample"]),
        (["a/b~c"], [], ["/samples/a~1b~0c: no pair uses this sample"]),
    ],
)
def test_what_no_pair_uses_is_said(client, samples, compounds, expected):
    assert warnings(client, ["A549"], ["JQ1"], samples, compounds) == expected


@pytest.mark.parametrize("columns", [False, True])
@pytest.mark.parametrize(
    ("sample", "written", "ref"),
    [
        ("HT29", "HT-29", "HT-29"),
        ("HT-29 ", "ht29", "HT-29"),
        ("colo-205", "COLO 205", "COLO 205"),
        ("A-549", "A549", "A549"),
    ],
)
def test_a_line_of_the_bundle_that_is_spelled_as_a_sample_is_said(client, sample, written, ref, columns):
    (warning,) = [one for one in warnings(client, [sample, written], ["JQ1", "JQ1"], [sample], columns=columns)
                  if "read as" in one]  # fmt: skip
    place = "/cell_lines/1" if columns else "/pairs/1/cell_line"
    assert warning.startswith(f"{place}: read as the bundle's {ref} (")
    assert warning.endswith("not as the sample of this request, which is spelled otherwise")


def test_a_drug_of_the_bundle_that_is_spelled_as_a_compound_is_said(client):
    (_, warning) = warnings(client, ["A549"], ["jq-1"], compounds=["JQ1"])
    assert warning.startswith("/pairs/0/drug: read as the bundle's JQ1 (")


@pytest.mark.parametrize(("samples", "line"), [(["A549"], "A549"), (["MCF7", "A549"], "MCF7")])
def test_a_sample_with_the_name_of_a_line_is_said(client, samples, line):
    found = warnings(client, samples, ["JQ1"] * len(samples), samples)
    assert len(found) == len(samples)
    assert found[0].startswith(f"/samples/{line}: pairs with this name mean the sample, not the bundle's {line} (")


def test_names_that_cannot_be_confused_are_answered_without_a_word(client):
    assert warnings(client, ["mine", "A549"], ["JQ1", "it"], ["mine"], ["it"]) == []


def test_at_most_twenty_are_said(client):
    assert len(warnings(client, ["A549"], ["JQ1"], [f"s{i}" for i in range(50)])) == 20


@pytest.mark.parametrize(("sample", "written"), [("Patient-7", "patient 7"), ("My sample", "my-sample")])
def test_an_unknown_line_that_is_spelled_as_a_sample_gets_the_remedy(client, sample, written):
    body = {"pairs": [{"cell_line": written, "drug": "JQ1"}], "samples": {sample: SAMPLE}}
    answer = client.post("/predict", json=body)
    assert answer.status_code == 404
    assert "the sample of this request is spelled otherwise, so write both alike" in answer.json()["detail"]


SAID = "/compounds/JQ1: means the compound, not the bundle's JQ1 (drug-4)"


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("JQ1,CCO", [SAID]),
        ("drug-4,CCO", [SAID.replace("/JQ1", "/drug-4")]),
        ("jq-1 of mine,CCO", []),
        ("mine,CCO", []),
    ],
)
def test_a_compound_of_a_table_or_a_ranking_with_the_name_of_a_drug_is_said(client, row, said):
    name, smiles = row.split(",")
    files = {"compounds": ("table", f"name,smiles\n{row}\n")}
    table = client.post("/predict/table", files=files, data={"cell_lines": "A549"}).json()["warnings"]
    ranked = client.post("/rank", json={"cell_line": "A549", "compounds": {name: smiles}, "k": 1}).json()["warnings"]
    assert [[one for one in warnings if "means" in one] for warnings in (table, ranked)] == [said, said]


def test_a_compound_that_is_the_drug_of_its_name_is_no_question(client):
    (drug,) = [one for one in client.get("/drugs?q=JQ1").json()["drugs"] if one["name"] == "JQ1"]
    files = {"compounds": ("table", f"name,smiles\nJQ1,{drug['smiles']}\n")}
    answer = client.post("/predict/table", files=files, data={"cell_lines": "A549"}).json()
    assert answer["compounds"]["JQ1"]["drug"]["name"] == "JQ1"
    assert not [one for one in answer["warnings"] if "means the compound" in one]
