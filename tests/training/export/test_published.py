"""The networks of the papers, exported as a second bundle and asked beside the first."""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from starlette.testclient import TestClient

from service.app import create_app
from service.prediction.predictor import Predictor
from service.settings import Settings
from tests.helpers.commands import drp
from tests.helpers.dim2_arrays import dataset_with_structures, small_dim2
from training.cli.settings import training_request
from training.evaluation.methods import find_method
from training.export.bundle import export, own_methods
from training.export.trained_network import read_trained_network
from training.runs.dim2 import train_dim2_run
from training.runs.folder import read_run
from training.runs.hgacl import train_run

ASPIRIN = "CC(=O)Oc1ccccc1C(=O)O"


@pytest.fixture(scope="module")
def dataset(planted):
    return dataset_with_structures(planted)


@pytest.fixture(scope="module")
def folder(dataset, run_folder, small_paper, tmp_path_factory):
    """Runs of both networks, the bundle `published` of them, and the bundle `main` of a default HGACL-DRP."""
    folder = tmp_path_factory.mktemp("published")
    whole_tables = replace(small_paper, epochs=3, evaluate_every=1, feature_components=2000)
    train_run(dataset, folder / "hgacl_paper", whole_tables, 0)
    train_dim2_run(dataset, folder / "dim2_network", small_dim2(epochs=2, offset=False), 0)
    export(read_run(run_folder), folder / "main", "main", {}, "")
    exported = drp("export", folder / "hgacl_paper", folder / "published", "--also", folder / "dim2_network")
    assert exported.exit_code == 0, exported.output
    return folder


@pytest.fixture(scope="module")
def client(folder):
    settings = Settings(bundle=folder / "main", further_bundle=folder / "published")
    with TestClient(create_app(settings, Predictor.load(settings))) as client:
        yield client


@pytest.fixture(scope="module")
def ids(dataset):
    """Ids of all pairs, line by line."""
    lines, drugs = sorted(dataset.cell_lines["id"]), sorted(dataset.drugs["id"])
    return [line for line in lines for _ in drugs], drugs * len(lines)


def answered(client, path="/predict", **body):
    answer = client.post(path, json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_the_network_of_dim2_answers_with_its_own_ln_ic50(client, folder, dataset, ids):
    network = read_trained_network(dataset, folder / "dim2_network")
    places = {i: row for row, i in enumerate(network.arrays.cell_line_ids)}
    columns = {i: column for column, i in enumerate(network.arrays.drug_ids)}
    answer = answered(client, model="dim2_network", cell_lines=ids[0], drugs=ids[1], detail="full")
    said = np.array([one["ln_ic50"] for one in answer["predictions"]])
    own = [network.ln_ic50[places[c], columns[d]] for c, d in zip(*ids, strict=True)]
    np.testing.assert_allclose(said, own, atol=2e-3)
    low, high = answer["predictions"][0]["ln_ic50_interval"]
    assert low < said[0] < high


def test_the_papers_hgacl_answers_with_correlations_and_without_ln_ic50(client, folder, ids):
    run = read_run(folder / "hgacl_paper")
    np.testing.assert_allclose(np.linalg.norm(run.line_codes, axis=1), 1, atol=1e-5)
    answer = answered(client, model="hgacl_paper", cell_lines=ids[0], drugs=ids[1], detail="full")
    lines, drugs = ({row["id"]: i for i, row in enumerate(rows)} for rows in (run.cell_lines, run.drugs))
    own = [run.line_codes[lines[c]] @ run.drug_codes[drugs[d]] for c, d in zip(*ids, strict=True)]
    np.testing.assert_allclose([one["score"] for one in answer["predictions"]], own, atol=2e-3)
    assert all(one["ln_ic50"] is one["ln_ic50_interval"] is None for one in answer["predictions"])
    problem = client.post("/rank", json={"model": "hgacl_paper", "cell_line": ids[0][0], "order": "ln_ic50"})
    assert "nothing here has a predicted ln IC50" in problem.json()["detail"]


@pytest.mark.parametrize("model", ["hgacl_paper", "dim2_network"])
def test_every_route_answers_for_a_model_of_the_second_bundle(client, ids, model):
    line, drug = ids[0][0], ids[1][0]
    both = answered(client, model=model, cell_lines=[line], drugs=[drug], detail="explain")
    assert both["predictions"][0]["explanation"]["cell_lines"] is None
    assert both["bundle"] == client.get("/models").json()["bundle"]
    assert both["bundle"].startswith("main@")
    assert "+published@" in both["bundle"]
    assert len(client.get(f"/rank/{line}", params={"model": model}).json()["drugs"]) == 10
    assert client.get(f"/drugs/{drug}/cell-lines", params={"model": model}).json()["model"] == model
    card = client.get(f"/models/{model}/card").json()
    assert (card["default"], card["measured_as"]) == (False, model)
    prose = client.get(f"/models/{model}/card", headers={"accept": "text/markdown"}).text
    assert "new samples and compounds are refused" in prose
    for path in ("/map", "/facets", "/metrics"):
        assert client.get(path).status_code == 200
    asked = {"model": model, "cell_lines": [line], "drugs": [drug]}
    table = client.post("/predict", json=asked, headers={"accept": "text/csv"})
    assert (table.status_code, len(table.text.splitlines())) == (200, 2)
    refused = client.post("/predict/table", files={"expression": b"sample,G1\nme,5\n"}, data={"model": model})
    assert refused.json()["code"] == "cannot_place"


@pytest.mark.parametrize("model", ["hgacl_paper", "dim2_network"])
def test_a_new_compound_is_refused_with_the_reason_and_whom_to_ask(client, ids, model):
    body = {"model": model, "cell_lines": [ids[0][0]], "drugs": ["it"], "compounds": {"it": ASPIRIN}}
    answer = client.post("/predict", json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, "cannot_place")
    assert f"{model} knows the lines and drugs of its bundle alone: " in answer.json()["detail"]
    assert answer.json()["detail"].endswith("; ask hgacl")


def test_the_models_of_the_first_bundle_answer_as_they_do_alone(client, folder, ids):
    alone = Settings(bundle=folder / "main")
    with TestClient(create_app(alone, Predictor.load(alone))) as single:
        asked = {"cell_lines": ids[0], "drugs": ids[1], "detail": "scores"}
        assert answered(client, **asked)["scores"] == answered(single, **asked)["scores"]
        assert single.get("/models/hgacl_paper/card").json()["code"] == "unknown_model"


@pytest.mark.parametrize(("model", "trained"), [("hgacl_paper", "hgacl"), ("dim2_network", "dim2")])
def test_make_published_trains_what_drp_evaluate_measures(model, trained):
    makefile = (Path(__file__).parents[3] / "Makefile").read_text(encoding="utf-8")
    (options,) = re.findall(rf"train \$\(DATASET\) \$\(RUNS\)/{model}((?: --.*\\\n)*.*)\n", makefile)
    words = dict.fromkeys(re.findall(r"--set (\S+)", options))
    preset = "paper" if "--preset paper" in options else "default"
    _, measured, *_ = own_methods(model)
    assert training_request(trained, preset, None, list(words)).config.to_json() == find_method(measured).config
    assert measured in makefile
