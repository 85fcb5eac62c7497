"""POST /rank: of several compounds or samples those that cannot be read are marked, and the others are ranked."""

import pytest

GOOD, BAD = {"A": "CCO", "B": "c1ccccc1"}, {"C": "C1CC", "D": "not a SMILES", "E": "c1ccccc1X"}
SAMPLES = {"one": {"mutation": ["KRAS"]}, "two": {"expression": {"TP53": 1, "KRAS": 2}}}
BAD_SAMPLES = {
    "three": {"expression": {"TP53": 99, "KRAS": 2}},
    "four": {"mutation": ["NONE1"]},
    "five": {"copy_number": {"MYC": 1}},
    "six": {"mutation": ["KRAS"], "tissue": "moon"},
}


def rank(client, status=200, accept="application/json", **body):
    answer = client.post("/rank", json={"k": 100, **body}, headers={"accept": accept})
    assert answer.status_code == status, answer.text
    return answer


@pytest.mark.parametrize("bad", BAD)
@pytest.mark.parametrize("on_error", [{}, {"on_error": "mark"}])
def test_a_bad_compound_is_marked_and_the_others_are_ranked_as_without_it(client, bad, on_error):
    without = rank(client, cell_line="A549", compounds=GOOD).json()
    marked = rank(client, cell_line="A549", compounds={bad: BAD[bad], **GOOD}, **on_error).json()
    (refused,) = marked["refused"]
    assert (refused["name"], refused["pointer"], refused["code"]) == (bad, f"/compounds/{bad}", "invalid_compound")
    assert marked["drugs"] == without["drugs"]
    assert list(marked["compounds"]) == ["A", "B"]


@pytest.mark.parametrize("bad", BAD_SAMPLES)
def test_a_bad_sample_is_marked_and_the_others_are_ranked_as_without_it(client, bad):
    without = rank(client, drug="JQ1", samples=SAMPLES).json()
    marked = rank(client, drug="JQ1", samples={bad: BAD_SAMPLES[bad], **SAMPLES}).json()
    assert [one["name"] for one in marked["refused"]] == [bad]
    assert marked["cell_lines"] == without["cell_lines"]


@pytest.mark.parametrize("bad", BAD)
@pytest.mark.parametrize(
    ("others", "on_error"), [({}, {}), (GOOD, {"on_error": "refuse"}), ({}, {"on_error": "refuse"})]
)
def test_one_compound_alone_or_on_request_the_whole_is_refused(client, bad, others, on_error):
    problem = rank(client, 422, cell_line="A549", compounds={bad: BAD[bad], **others}, **on_error).json()
    assert problem["errors"][0]["pointer"] == f"/compounds/{bad}"


def test_where_all_are_bad_the_bundles_drugs_are_ranked_and_csv_has_a_row_for_each(client):
    marked = rank(client, cell_line="A549", compounds=BAD).json()
    assert [one["name"] for one in marked["refused"]] == list(BAD)
    assert marked["drugs"] == rank(client, cell_line="A549").json()["drugs"]
    lines = rank(client, cell_line="A549", compounds=BAD, accept="text/csv").text.splitlines()
    assert [line.split(",")[3] for line in lines[-3:]] == list(BAD)


@pytest.mark.parametrize("subject", [{"compound": BAD["C"]}, {"sample": BAD_SAMPLES["three"]}])
def test_a_subject_that_cannot_be_read_is_refused_always(client, subject):
    assert rank(client, 422, **subject, on_error="mark").json()["code"].startswith("invalid_")
