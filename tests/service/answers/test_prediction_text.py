"""The JSON of predictions: that of their schema, and one pair's the same whatever else is asked with it."""

import math

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.answers.prediction_text import to_json_text, to_predictions, to_um
from service.schemas.explanations import ExplainedPredictions
from service.schemas.responses import Predictions

COMPOUNDS = {'"Ä", a compound': "CCO", "aspirin": "CC(=O)Oc1ccccc1C(=O)O", "a drug": "c1ccccc1C"}
number = st.floats(-3, 3, width=32)
sample = st.fixed_dictionaries(
    {"expression": st.dictionaries(st.sampled_from(["TP53", "KRAS", "EGFR"]), number.map(abs), min_size=2)},
    optional={"mutation": st.lists(st.sampled_from(["TP53", "KRAS"]), unique=True), "tissue": st.just("skin")},
)


def test_a_huge_ln_ic50_does_not_overflow():
    ((high, low, one, unknown),) = to_um(np.array([[1e6, -1e6, 1.0, np.nan]]))
    assert math.isfinite(high)
    assert low > 0
    assert one == math.e
    assert math.isnan(unknown)


@pytest.mark.parametrize(("detail", "model"), [("full", Predictions), ("explain", ExplainedPredictions)])
@pytest.mark.parametrize("name", ["hgacl", "other"])  # the second predicts labels alone
def test_the_text_is_what_the_schema_writes(client, name, detail, model):
    new = {"samples": {"mine": {"expression": {"TP53": 1.5}}}, "compounds": COMPOUNDS} if name == "hgacl" else {}
    lines, drugs = ["A549", *new.get("samples", {})], ["JQ1", *new.get("compounds", {})]
    pairs = [{"cell_line": line, "drug": drug} for line in lines for drug in drugs]
    answer = client.post("/predict", json={"pairs": pairs, "detail": detail, "model": name, **new})
    assert answer.status_code == 200, answer.text
    assert model.model_validate_json(answer.text).model_dump_json() == answer.text


def test_another_assay_has_a_wider_interval_around_the_same_ln_ic50(client):
    body = {"pairs": [{"cell_line": "A549", "drug": "JQ1"}], "model": "hgacl"}
    (one,) = client.post("/predict", json=body).json()["predictions"]
    low, high = one["ln_ic50_interval_other_assay"]
    repeat = one["ln_ic50_interval"][1] - one["ln_ic50"]
    assert high - one["ln_ic50"] == pytest.approx(math.hypot(repeat, 2.5))
    assert low == pytest.approx(2 * one["ln_ic50"] - high)
    (labels_alone,) = client.post("/predict", json={**body, "model": "other"}).json()["predictions"]
    assert labels_alone["ln_ic50_interval_other_assay"] is None


def test_an_answer_without_predictions_has_an_empty_list():
    answer = Predictions(model="m", bundle="b@1", predictions=[])
    assert to_json_text(answer, "") == answer.model_dump_json()
    assert to_predictions([]) == []


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(mine=sample, data=st.data())
def test_predict_and_rank_give_the_same_digits(client, mine, data):
    names = [one["name"] for one in client.get("/cell-lines").json()["cell_lines"]]
    drugs = [one["name"] for one in client.get("/drugs").json()["drugs"]]
    order = data.draw(st.sampled_from(["score", "probability", "percentile", "ln_ic50"]))
    new = {"samples": {"mine": mine}, "compounds": COMPOUNDS}
    drug = data.draw(st.sampled_from(drugs))
    compound = data.draw(st.sampled_from(list(COMPOUNDS)))
    line = data.draw(st.sampled_from(names))
    asked = [
        ("drugs", {"sample": mine, "compounds": COMPOUNDS}, lambda one: ("mine", one["drug"]["name"])),
        ("drugs", {"cell_line": line, "compounds": COMPOUNDS}, lambda one: (line, one["drug"]["name"])),
        ("cell_lines", {"drug": drug, "samples": new["samples"]}, lambda one: (one["cell_line"]["name"], drug)),
        (
            "cell_lines",
            {"compound": COMPOUNDS[compound], "samples": new["samples"]},
            lambda one: (one["cell_line"]["name"], compound),
        ),
    ]
    for field, body, pair_of in asked:
        ranked = client.post("/rank", json={**body, "k": 100, "order": order}).json()[field]
        chosen = data.draw(st.lists(st.sampled_from(ranked), min_size=1, max_size=8))
        pairs = [pair_of(one) for one in chosen]
        body = {"cell_lines": [a for a, _ in pairs], "drugs": [b for _, b in pairs], **new}
        answered = client.post("/predict", json=body).json()["predictions"]
        for one, again in zip(chosen, answered, strict=True):
            named = {"cell_line": again["cell_line"], "drug": again["drug"]}  # a single sample has no name of its own
            assert {**one, **named} == again
