"""`detail: explain`: neighbours, modality weights and genes that can be checked against /predict itself."""

import pytest

from service.answers.new_entities import PAIRS_OF_A_SAMPLE, PAIRS_OF_AN_OCCLUSION
from service.prediction.predictor import Predictor
from service.settings import Settings
from tests.helpers.demo_bundle import build_bundle

SAMPLE = {
    "expression": {"TP53": 1.5, "KRAS": 2.0, "EGFR": 0.0, "MYC": 7.5},
    "mutation": {"KRAS": 1, "TP53": 0, "STK11": 1},
    "tissue": "skin",
}
TWO_GENES = {"mutation": ["KRAS", "TP53"], "tissue": "lung_NSCLC"}


def predictions(client, **body):
    answer = client.post("/predict", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()["predictions"]


def explained(client, line, drug, **body):
    (one,) = predictions(client, pairs=[{"cell_line": line, "drug": drug}], detail="explain", **body)
    return one


def test_it_is_the_prediction_and_its_explanation(client):
    pairs = [{"cell_line": "me", "drug": "JQ1"}, {"cell_line": "A549", "drug": "it"}]
    body = {"pairs": pairs, "samples": {"me": SAMPLE}, "compounds": {"it": "CCO"}}
    plain, told = predictions(client, **body), predictions(client, **body, detail="explain")
    assert [{key: value for key, value in one.items() if key != "explanation"} for one in told] == plain


@pytest.mark.parametrize(("line", "drug"), [("A549", "JQ1"), ("me", "it")])
def test_neighbours_have_shares_that_sum_to_one_nearest_first(client, line, drug):
    one = explained(client, line, drug, samples={"me": SAMPLE}, compounds={"it": "CCO"})
    for listed in (one["explanation"]["cell_lines"], one["explanation"]["drugs"]):
        similarities = [near["similarity"] for near in listed]
        assert similarities == sorted(similarities, reverse=True)
        assert sum(near["share"] for near in listed) == pytest.approx(1)
    if line == "me":
        first = {key: value for key, value in one["explanation"]["cell_lines"][0].items() if key != "share"}
        assert first == one["nearest"]["cell_line"]


def test_known_lines_have_the_bundles_weights_and_no_genes(client, predictor):
    why = explained(client, "A549", "JQ1")["explanation"]
    told = predictor.bundle.models["hgacl"].population
    assert list(why["modality_weights"].values()) == told["line_weights"][0].tolist()
    assert [near["id"] for near in why["cell_lines"]] == [predictor.lines.rows[i].id for i in told["line_nearest"][0]]
    assert why["genes"] is None


def test_a_table_that_a_sample_lacks_has_no_weight(client):
    why = explained(client, "me", "JQ1", samples={"me": {"mutation": ["KRAS"]}})["explanation"]
    assert why["modality_weights"] == {"expression": 0, "copy_number": 0, "mutation": 1}


def test_a_genes_change_is_what_leaving_it_out_of_the_sample_changes(client):
    """Exactly occlusion: a sample sent without the gene has the score less the change."""
    one = explained(client, "me", "JQ1", samples={"me": SAMPLE})
    genes = one["explanation"]["genes"]
    # EGFR and TP53 have the training mean here, 0, and are not tried.
    assert genes["tried"] == {"expression": 3, "copy_number": 0, "mutation": 2}
    assert genes["method"] == "occlusion"
    assert len(genes["top"]) == 5
    sizes = [abs(gene["score"]) for gene in genes["top"]]
    assert sizes == sorted(sizes, reverse=True)
    for gene in genes["top"]:
        less = {name: values for name, values in SAMPLE[gene["table"]].items() if name != gene["gene"]}
        (without,) = predictions(client, pairs=[{"cell_line": "me", "drug": "JQ1"}],
                                 samples={"me": SAMPLE | {gene["table"]: less}})  # fmt: skip
        assert one["score"] - without["score"] == pytest.approx(gene["score"], abs=1e-5)
        assert one["probability"] - without["probability"] == pytest.approx(gene["probability"], abs=1e-5)


def test_pairs_of_one_sample_are_occluded_once_and_explained_for_each_drug(client):
    pairs = [{"cell_line": "me", "drug": drug} for drug in ("JQ1", "Lapatinib", "it")]
    told = predictions(client, pairs=pairs, samples={"me": SAMPLE}, compounds={"it": "CCO"}, detail="explain")
    assert len({one["explanation"]["genes"]["top"][0]["score"] for one in told}) == 3
    assert told[1] == explained(client, "me", "Lapatinib", samples={"me": SAMPLE})


def test_it_costs_budget(client_with, monkeypatch):
    client, seen, real = client_with(), [], Predictor.predict
    admission = client.app.state.service.admission

    def watching(*arguments):
        seen.append(admission.pairs_in_flight)
        return real(*arguments)

    monkeypatch.setattr(Predictor, "predict", watching)
    explained(client, "me", "JQ1", samples={"me": SAMPLE})
    assert seen == [1 + PAIRS_OF_A_SAMPLE + PAIRS_OF_AN_OCCLUSION]


def test_a_bundle_that_holds_no_neighbours_says_null(tmp_path, client_with):
    client = client_with()
    folder = build_bundle(tmp_path / "bundle", encoders=False)
    client.app.state.service.open(Predictor.load(Settings(bundle=folder)))
    why = explained(client, "A549", "JQ1")["explanation"]
    assert why == {"cell_lines": None, "drugs": None, "modality_weights": None, "genes": None}


def test_a_kras_mutation_leads_for_a_mek_inhibitor(bundled):
    why = explained(bundled, "me", "Trametinib", samples={"me": TWO_GENES})["explanation"]
    first = why["genes"]["top"][0]
    assert (first["gene"], first["table"]) == ("KRAS", "mutation")
    assert first["score"] > 0
    assert {near["name"] for near in why["drugs"]} & {"PD0325901", "Selumetinib", "Refametinib"}
