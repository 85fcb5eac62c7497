"""POST /predict and the rankings, as a caller sees them."""

import math

import pytest

PAIR = {"cell_line": "A549", "drug": "Erlotinib"}
BATCHES = (1, 2, 3, 7, 64, 228, 1000)


def predict(client, **body):
    answer = client.post("/predict", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_one_pair_answers_with_a_probability(client):
    answer = predict(client, pairs=[{"cell_line": "a-549", "drug": "TARCEVA"}])
    assert answer.keys() == {
        "model",
        "bundle",
        "names",
        "samples",
        "compounds",
        "refused",
        "warnings",
        "detail",
        "predictions",
    }
    assert answer["names"] == {
        "cell_lines": {"a-549": {"id": "SIDM00000", "matched_by": "spelling"}},
        "drugs": {"TARCEVA": {"id": "drug-0", "matched_by": "spelling"}},
    }
    assert answer["samples"] == {}
    assert answer["model"] == "hgacl"
    assert answer["bundle"].startswith("demo@")
    (prediction,) = answer["predictions"]
    assert prediction["cell_line"] == {"id": "SIDM00000", "name": "A549"}
    assert prediction["drug"] == {"id": "drug-0", "name": "Erlotinib"}
    assert prediction["case"] == "known"
    assert 0 <= prediction["probability"] <= 1
    assert 0 <= prediction["percentile"] <= 100
    low, high = prediction["ln_ic50_interval"]
    assert low < prediction["ln_ic50"] < high
    assert (prediction["in_domain"], prediction["nearest"]) == (True, None)
    numbers = {"probability", "score", "ln_ic50", "ln_ic50_interval", "ic50_um", "ic50_um_interval", "percentile"}
    numbers.add("ln_ic50_interval_other_assay")
    assert prediction.keys() == {"cell_line", "drug", "case", "in_domain", "nearest"} | numbers
    assert prediction["ic50_um"] == pytest.approx(math.exp(prediction["ln_ic50"]))
    assert prediction["ic50_um_interval"] == pytest.approx([math.exp(low), math.exp(high)])


def test_a_model_of_labels_alone_answers_ln_ic50_with_null(client):
    answer = predict(client, pairs=[{"cell_line": "a-549", "drug": "TARCEVA"}], model="other")
    assert answer["predictions"][0]["ln_ic50"] is None
    for name in ("ln_ic50_interval", "ic50_um", "ic50_um_interval"):
        assert answer["predictions"][0][name] is None


def test_columns_scores_and_pairs_hold_the_same_numbers_in_the_order_asked(client):
    lines, drugs = ["TT", "A549", "TT", "MCF7"], ["JQ1", "JQ1", "Lapatinib", "JQ1"]
    pairs = [{"cell_line": c, "drug": d} for c, d in zip(lines, drugs, strict=True)]
    as_pairs = predict(client, pairs=pairs)["predictions"]
    assert predict(client, cell_lines=lines, drugs=drugs)["predictions"] == as_pairs
    scores = predict(client, cell_lines=lines, drugs=drugs, detail="scores")
    assert scores.keys() == {
        "model",
        "bundle",
        "names",
        "samples",
        "compounds",
        "refused",
        "warnings",
        "detail",
        "scores",
    }
    assert scores["scores"] == [p["score"] for p in as_pairs]
    assert [p["cell_line"]["name"] for p in as_pairs] == lines


@pytest.mark.parametrize("batch", BATCHES)
def test_predict_and_rank_give_the_same_floats_to_the_last_bit(client, batch):
    ranked = client.get("/rank/MCF7", params={"k": 1000}).json()["drugs"]
    assert len(ranked) == 12
    names = [(("MCF7", p["drug"]["name"]) if i % 3 else ("TT", "JQ1")) for p in ranked for i in range(3)]
    asked = (names * (batch // len(names) + 1))[:batch]
    answers = predict(client, cell_lines=[c for c, _ in asked], drugs=[d for _, d in asked])["predictions"]
    by_drug = {p["drug"]["name"]: p for p in ranked}
    mcf7 = [p for p in answers if p["cell_line"]["name"] == "MCF7"]
    assert all(p == by_drug[p["drug"]["name"]] for p in mcf7)
    assert len(answers) == batch


def test_a_rank_lists_k_drugs_best_first(client):
    answer = client.get("/rank/A549?k=5").json()
    provenance = {"model", "bundle", "names", "samples", "compounds", "refused", "warnings"}
    assert answer.keys() == provenance | {"order", "cell_line", "drugs"}
    scores = [p["score"] for p in answer["drugs"]]
    assert len(scores) == 5
    assert scores == sorted(scores, reverse=True)


def test_ten_is_the_default_and_more_than_there_are_lists_all(client):
    assert len(client.get("/rank/A549").json()["drugs"]) == 10
    assert len(client.get("/rank/A549?k=1000").json()["drugs"]) == 12
    assert len(client.get("/drugs/JQ1/cell-lines?k=1000").json()["cell_lines"]) == 30


@pytest.mark.parametrize("name", ["NCI/ADR-RES", "NCI%2FADR-RES", "nci%20adr%20res", "%CE%B2-TC6"])
def test_any_name_fits_in_a_path(client, name):
    assert client.get(f"/rank/{name}").status_code == 200


def test_the_reverse_rank_holds_the_numbers_of_predict(client):
    answer = client.get("/drugs/(5Z)-7-Oxozeaenol/cell-lines?k=3").json()
    assert answer["drug"]["name"] == "(5Z)-7-Oxozeaenol"
    pairs = [{"cell_line": p["cell_line"]["id"], "drug": p["drug"]["id"]} for p in answer["cell_lines"]]
    assert predict(client, pairs=pairs)["predictions"] == answer["cell_lines"]


@pytest.mark.parametrize(
    ("filters", "names"),
    [
        ({"target": "egfr"}, {"Erlotinib", "Lapatinib"}),
        ({"pathway": "EGFR SIGNALING"}, {"Erlotinib", "Lapatinib"}),
        ({"target": "brd4", "pathway": "other"}, {"JQ1"}),
        ({"target": "EGFR", "pathway": "other"}, set()),
    ],
)
def test_filters_keep_the_drugs_with_the_target_and_the_pathway(client, filters, names):
    answer = client.get("/rank/A549", params=filters).json()
    assert {p["drug"]["name"] for p in answer["drugs"]} == names


def test_a_filter_changes_no_number(client):
    everything = {p["drug"]["id"]: p for p in client.get("/rank/A549?k=99").json()["drugs"]}
    assert all(p == everything[p["drug"]["id"]] for p in client.get("/rank/A549?target=EGFR").json()["drugs"])


def test_the_named_model_answers(client):
    one, other = (predict(client, pairs=[PAIR], model=name) for name in ("hgacl", "other"))
    assert (one["model"], other["model"]) == ("hgacl", "other")
    assert one["predictions"] != other["predictions"]
    assert client.get("/rank/A549?model=other").json()["model"] == "other"


def test_many_pairs_are_answered_off_the_loop_alike(client):
    few = predict(client, pairs=[PAIR])["predictions"][0]
    many = predict(client, cell_lines=["A549"] * 3000, drugs=["Erlotinib"] * 3000)["predictions"]
    assert many == [few] * 3000
