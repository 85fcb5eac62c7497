"""New samples and compounds in /predict and POST /rank, as a caller sees them."""

import math

import numpy as np
import pytest

from model.bundle.reader import read_bundle
from model.bundle.writer import write_bundle
from service.answers.new_entities import PAIRS_OF_A_COMPOUND, PAIRS_OF_A_SAMPLE
from service.prediction.predictor import Predictor
from service.settings import Settings
from tests.helpers.demo_bundle import DRUGS, LINES, build_bundle
from tests.helpers.demo_encoders import GENES

ASPIRIN, ETHANOL = "CC(=O)Oc1ccccc1C(=O)O", "CCO"
SAMPLE = {"expression": {"TP53": 1.5, "kras": 2.0, "EGFR": 0, "FOO": 3}, "mutation": ["KRAS", "BAR"], "tissue": "skin"}
Z90 = 1.6448536


def post(client, path="/predict", status=200, **body):
    answer = client.post(path, json=body)
    assert answer.status_code == status, answer.text
    return answer.json()


def one(client, line, drug, **body):
    (prediction,) = post(client, pairs=[{"cell_line": line, "drug": drug}], **body)["predictions"]
    return prediction


@pytest.fixture(scope="module")
def bare(tmp_path_factory):
    """A predictor of a bundle without encoder graphs."""
    return Predictor.load(Settings(bundle=build_bundle(tmp_path_factory.mktemp("bare") / "b", encoders=False)))


def test_the_four_cases_say_what_is_new_and_what_is_nearest(client, predictor):
    new = {"samples": {"me": SAMPLE}, "compounds": {"it": ASPIRIN}}
    cases = {}
    for line in ("A549", "me"):
        for drug in ("JQ1", "it"):
            answer = one(client, line, drug, **new)
            cases[line, drug] = answer
            assert (answer["cell_line"]["id"] is None) == (line == "me")
            assert (answer["drug"]["id"] is None) == (drug == "it")
            assert (answer["cell_line"]["name"], answer["drug"]["name"]) == (line, drug)
    assert [answer["case"] for answer in cases.values()] == ["known", "unseen_drug", "unseen_line", "unseen_both"]
    assert cases["A549", "JQ1"]["nearest"] is None
    assert cases["A549", "JQ1"]["in_domain"] is True
    both = cases["me", "it"]["nearest"]
    assert cases["me", "JQ1"]["nearest"] == {"cell_line": both["cell_line"], "drug": None}
    assert cases["A549", "it"]["nearest"] == {"cell_line": None, "drug": both["drug"]}
    ids = {row.id for row in predictor.lines.rows[:-1]}, {row.id for row in predictor.drugs.rows[:-1]}
    assert both["cell_line"]["id"] in ids[0]
    assert both["drug"]["id"] in ids[1]
    assert 0 <= both["drug"]["similarity"] <= 1


def test_a_known_pair_keeps_every_number_beside_new_things(client):
    alone = one(client, "A549", "JQ1")
    assert one(client, "A549", "JQ1", samples={"me": SAMPLE}, compounds={"it": ASPIRIN}) == alone


def test_a_new_thing_has_the_same_numbers_in_every_company(client):
    alone = one(client, "me", "it", samples={"me": SAMPLE}, compounds={"it": ASPIRIN})
    others = {"samples": {f"s{i}": {"mutation": ["TP53"]} for i in range(5)} | {"me": SAMPLE}}
    others |= {"compounds": {f"c{i}": "C" * (i + 1) for i in range(5)} | {"it": ASPIRIN}}
    lines, drugs = ["A549", "s1", "me", "me"], ["JQ1", "c2", "it", "c4"]
    answers = post(client, cell_lines=lines, drugs=drugs, **others)["predictions"]
    assert answers[2] == alone
    scores = post(client, cell_lines=lines, drugs=drugs, **others, detail="scores")
    assert scores["scores"] == [answer["score"] for answer in answers]
    assert scores["samples"].keys() == others["samples"].keys()


def test_genes_are_counted_per_table(client):
    answer = post(client, pairs=[{"cell_line": "me", "drug": "JQ1"}], samples={"me": SAMPLE})
    assert answer["samples"] == {
        "me": {
            "expression": {"known": 3, "unknown": 1, "missing": 2, "unread": [], "notes": []},
            "mutation": {"known": 1, "unknown": 1, "missing": 0, "unread": ["BAR"], "notes": []},
        }
    }


def test_tpm_is_read_as_its_logarithm(client):
    logs = {"TP53": 1.5, "KRAS": 2.0, "EGFR": 3.0}
    tpm = {gene: 2**value - 1 for gene, value in logs.items()}
    first = one(client, "me", "JQ1", samples={"me": {"expression": logs}})
    again = one(client, "me", "JQ1", samples={"me": {"expression": tpm, "expression_unit": "TPM"}})
    assert again["score"] == pytest.approx(first["score"])
    wrong = post(client, status=422, pairs=[{"cell_line": "me", "drug": "JQ1"}],
                 samples={"me": {"expression": {**tpm, "TP53": 120.0}}})  # fmt: skip
    assert "or TPM with expression_unit 'TPM'" in wrong["detail"]


def test_the_requests_own_name_goes_before_the_bundles_as_written(client):
    known = one(client, "A549", "JQ1")
    own = one(client, "A549", "JQ1", samples={"A549": SAMPLE}, compounds={"JQ1": ASPIRIN})
    assert own["case"] == "unseen_both"
    assert own["cell_line"] == {"id": None, "name": "A549"}
    # In another spelling it is the bundle's.
    assert one(client, "a-549", "jq1", samples={"A549": SAMPLE}, compounds={"JQ1": ASPIRIN}) == known


def test_percentiles_are_shares_of_the_bundles_lines(client, predictor):
    answers = post(
        client,
        cell_lines=[*(row.id for row in predictor.lines.rows), "me"],
        drugs=["it"] * (LINES + 1),
        samples={"me": SAMPLE},
        compounds={"it": ASPIRIN},
    )["predictions"]
    scores = np.array([answer["score"] for answer in answers[:LINES]])
    for answer in answers:
        assert answer["percentile"] == pytest.approx(100 * (scores < answer["score"]).mean())


def test_an_interval_widens_with_what_is_new(client):
    new = {"samples": {"me": SAMPLE}, "compounds": {"it": ASPIRIN}}
    half = {}
    for line, drug in (("A549", "JQ1"), ("me", "JQ1"), ("A549", "it"), ("me", "it")):
        answer = one(client, line, drug, **new)
        low, high = answer["ln_ic50_interval"]
        assert answer["ic50_um_interval"] == pytest.approx([math.exp(low), math.exp(high)])
        half[line, drug] = (high - low) / 2
    known = 0.8 * 1.4
    assert half["A549", "JQ1"] == pytest.approx(known, rel=1e-6)
    assert half["me", "JQ1"] == pytest.approx(known * 1.2 / 0.8, rel=1e-6)  # RMSE of LCO over that of LPO
    # The new drug's own deviation is below 1, so its threshold's error, 2 ln µM, leads.
    assert Z90 * 2 < half["A549", "it"] < half["me", "it"] < math.hypot(Z90 * 2, 1.4 * 1.5)


def test_a_bundle_that_does_not_say_how_far_off_gives_no_interval(tmp_path, client_with):
    folder = build_bundle(tmp_path / "bundle")
    bundle = read_bundle(folder)
    del bundle.manifest["metrics"]["hgacl"]["LCO"]
    del bundle.models["hgacl"].card["inductive"]["domain"]
    write_bundle(folder, bundle)
    client = client_with()
    client.app.state.service.open(Predictor.load(Settings(bundle=folder)))
    answer = one(client, "me", "JQ1", samples={"me": SAMPLE})
    assert answer["ln_ic50"] is not None
    assert (answer["ln_ic50_interval"], answer["ic50_um_interval"], answer["in_domain"]) == (None, None, None)
    assert one(client, "A549", "it", compounds={"it": ASPIRIN})["ln_ic50_interval"] is not None


def test_outside_of_the_domain_is_said(client):
    """The demo's closeness is a sigmoid of the values: somewhere between these it crosses its limit of 0.6."""
    flags = {
        one(client, "me", "JQ1", samples={"me": {"expression": dict.fromkeys(GENES["expression"], value)}})[
            "in_domain"
        ]
        for value in (0, 0.01, 1, 20)
    }
    assert flags <= {True, False}
    near = one(client, "me", "JQ1", samples={"me": {"mutation": []}})
    limit = near["nearest"]["cell_line"]["similarity"] >= 0.6
    assert near["in_domain"] is limit


def test_a_rank_of_a_sample_holds_the_numbers_of_predict(client):
    ranked = post(client, "/rank", sample=SAMPLE, k=99, compounds={"it": ASPIRIN})
    assert ranked["cell_line"] == {"id": None, "name": "sample"}
    assert ranked["samples"].keys() == {"sample"}
    assert len(ranked["drugs"]) == DRUGS + 1
    assert [p["score"] for p in ranked["drugs"]] == sorted((p["score"] for p in ranked["drugs"]), reverse=True)
    drugs = [p["drug"]["id"] or p["drug"]["name"] for p in ranked["drugs"]]
    again = post(client, cell_lines=["sample"] * len(drugs), drugs=drugs, samples={"sample": SAMPLE},
                 compounds={"it": ASPIRIN})  # fmt: skip
    assert again["predictions"] == ranked["drugs"]


def test_a_rank_of_a_compound_holds_the_numbers_of_predict(client):
    compound = {"smiles": ASPIRIN, "targets": ["EGFR"], "pathway": "Other"}
    ranked = post(client, "/rank", compound=compound, k=99, samples={"me": SAMPLE})
    assert ranked["drug"] == {"id": None, "name": "compound"}
    assert len(ranked["cell_lines"]) == LINES + 1
    lines = [p["cell_line"]["id"] or p["cell_line"]["name"] for p in ranked["cell_lines"]]
    again = post(client, cell_lines=lines, drugs=["compound"] * len(lines), samples={"me": SAMPLE},
                 compounds={"compound": compound})  # fmt: skip
    assert again["predictions"] == ranked["cell_lines"]


def test_a_rank_of_known_things_is_that_of_the_get_routes(client):
    assert post(client, "/rank", cell_line="a549", k=4) == client.get("/rank/a549?k=4").json()
    assert post(client, "/rank", drug="tarceva", k=4) == client.get("/drugs/tarceva/cell-lines?k=4").json()
    filtered = post(client, "/rank", cell_line="A549", target="EGFR", compounds={"it": ASPIRIN})
    assert {p["drug"]["name"] for p in filtered["drugs"]} == {"Erlotinib", "Lapatinib", "it"}


def test_smiles_and_objects_are_the_same_compound(client):
    text = one(client, "A549", "it", compounds={"it": ASPIRIN})
    assert one(client, "A549", "it", compounds={"it": {"smiles": f" {ASPIRIN}\n"}}) == text
    assert one(client, "A549", "it", compounds={"it": {"smiles": ASPIRIN, "targets": ["EGFR"]}}) != text


def test_a_bundle_without_graphs_says_so(client_with, bare):
    client = client_with()
    client.app.state.service.open(bare)
    for body in ({"samples": {"me": SAMPLE}}, {"compounds": {"it": ASPIRIN}}):
        problem = post(client, status=422, pairs=[{"cell_line": "A549", "drug": "JQ1"}], **body)
        assert problem["code"] == "cannot_place"
        assert problem["errors"][0]["pointer"] == f"/{next(iter(body))}"
    assert post(client, "/rank", status=422, sample=SAMPLE)["errors"][0]["pointer"] == "/sample"
    assert one(client, "A549", "JQ1")["case"] == "known"


PROJECTED = {"pathways": 38, "pearson": 0.721, "r2": 0.53, "without_expression": {"pearson": 0.594, "r2": 0.36}}


@pytest.fixture(scope="module")
def projecting(tmp_path_factory):
    """A predictor of a bundle whose model projects pathway scores."""
    return Predictor.load(Settings(bundle=with_entry(tmp_path_factory.mktemp("projecting"), PROJECTED)))


def with_entry(folder, projected):
    bundle = read_bundle(build_bundle(folder / "b"))
    bundle.models["hgacl"].card["inductive"]["projected"] = {"pathway_activity": projected}
    write_bundle(folder / "b", bundle)
    return folder / "b"


BROUGHT = [
    ("/predict", {"cell_lines": ["me"], "drugs": ["JQ1"], "samples": {"me": SAMPLE}, "detail": "full"}),
    ("/predict", {"cell_lines": ["me"], "drugs": ["JQ1"], "samples": {"me": SAMPLE}, "detail": "scores"}),
    ("/predict", {"cell_lines": ["me"], "drugs": ["JQ1"], "samples": {"me": SAMPLE}, "detail": "explain"}),
    ("/rank", {"sample": SAMPLE}),
    ("/rank", {"drug": "JQ1", "samples": {"me": SAMPLE}}),
]


@pytest.mark.parametrize(("path", "body"), BROUGHT)
def test_how_well_pathway_scores_are_projected_is_said_with_every_sample(client, client_with, projecting, path, body):
    told = client_with()
    told.app.state.service.open(projecting)
    (warning,) = post(told, path, **body)["warnings"]
    assert warning.startswith("hgacl reads 38 pathway scores and projects those of a sample")
    assert "by 0.72 on average, without expression by 0.59" in warning
    assert post(client, path, **body)["warnings"] == []


def test_without_a_sample_nothing_is_projected(client_with, projecting):
    told = client_with()
    told.app.state.service.open(projecting)
    known = {"cell_lines": ["A549"], "drugs": ["it"], "compounds": {"it": ASPIRIN}}
    assert post(told, **known)["warnings"] == []
    assert post(told, "/rank", compound=ASPIRIN)["warnings"] == []
    assert told.get("/rank/A549").json()["warnings"] == []
    table = {"expression": ("e.csv", "name,TP53,KRAS,EGFR,MYC,BRAF\nme,1,2,3,4,5\n")}
    (warning,) = told.post("/predict/table", files=table, data={"drugs": ["JQ1"]}).json()["warnings"]
    assert "0.72" in warning


def test_placing_costs_budget(client_with, monkeypatch):
    client = client_with()
    admission, seen, real = client.app.state.service.admission, [], Predictor.predict

    def watching(*arguments):
        seen.append(admission.pairs_in_flight)
        return real(*arguments)

    monkeypatch.setattr(Predictor, "predict", watching)
    one(client, "me", "it", samples={"me": SAMPLE, "you": SAMPLE}, compounds={"it": ASPIRIN})
    assert seen == [1 + 2 * PAIRS_OF_A_SAMPLE + PAIRS_OF_A_COMPOUND]
    post(client, "/rank", sample=SAMPLE, k=1)
    assert seen[-1] == DRUGS + PAIRS_OF_A_SAMPLE
    assert admission.pairs_in_flight == 0


@pytest.mark.parametrize(
    "smiles",
    [
        "[CH-]1C=CC=C1.[CH-]1C=CC=C1.[Fe+2]",
        "[cH-]1cccc1.[cH-]1cccc1.[Fe+2]",
        "c1ccc[cH+]cc1",
        "c1ccc2c(c1)[cH-]c1ccccc12",
    ],
)
def test_ions_that_no_hydrogen_can_neutralise_are_answered(client, smiles):
    assert one(client, "A549", "it", compounds={"it": smiles})["case"] == "unseen_drug"
