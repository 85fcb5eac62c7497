"""Bundles: one model in three forms that agree, or nothing is written."""

from dataclasses import replace

import numpy as np
import onnxruntime as ort
import pytest
import torch

from client.bundle import open_bundle
from client.errors import RefusedError
from model.bundle.fixed_point import round_codes
from model.bundle.reader import read_bundle
from model.scoring import VECTOR, calibrated, pair_scores
from training.export.bundle import Decoder, check_parity, decoder_onnx, export
from training.inductive.onnx_graph import ParityError
from training.runs.folder import read_run


@pytest.fixture(scope="module")
def run(run_folder):
    return read_run(run_folder)


@pytest.fixture(scope="module")
def metrics():
    row = {"mean": 0.8, "sd": None, "ci": None, "folds": 1}
    return {"hgacl": {"LPO": {"auroc": row}}, "drug_mean": {"LPO": {"auroc": row}}}


CURVE = {"LPO": [{"predicted": 0.2, "observed": 0.25, "pairs": 12}]}


@pytest.fixture(scope="module")
def bundle_folder(run, metrics, tmp_path_factory):
    folder = tmp_path_factory.mktemp("bundles") / "planted"
    export(run, folder, "planted", metrics, "drp train DATASET RUN", reliability={"hgacl": CURVE})
    return folder


@pytest.fixture(scope="module")
def bundle(bundle_folder):
    return read_bundle(bundle_folder)


@pytest.fixture(scope="module")
def graph():
    return decoder_onnx(Decoder(1.7, -0.4), 32)


def test_an_exported_bundle_loads_with_the_codes_and_metrics_of_the_run(run, bundle, metrics):
    part = bundle.models["hgacl"]
    width = run.line_codes.shape[1]
    np.testing.assert_array_equal(part.cell[:, :width], round_codes(run.line_codes))
    np.testing.assert_array_equal(part.drug[:, :width], round_codes(run.drug_codes))
    np.testing.assert_array_equal(part.drug_margin[:, :width], round_codes(run.margin_codes))
    assert bundle.cell_lines == run.cell_lines
    others = {"drug_mean": metrics["drug_mean"]}
    assert bundle.manifest["metrics"] == {"hgacl": metrics["hgacl"], "baselines": others}
    assert bundle.manifest["dataset"]["content_hash"] == run.dataset["content_hash"]
    assert part.card["training"]["command"] == "drp train DATASET RUN"
    assert part.card["reliability"] == CURVE


def test_the_bundles_codes_are_padded_to_a_multiple_of_sixteen_with_zeros(run, bundle):
    part, width = bundle.models["hgacl"], run.line_codes.shape[1]
    assert width % VECTOR
    assert part.cell.shape[1] == part.drug.shape[1] == part.drug_margin.shape[1] == width + -width % 16
    assert not any(codes[:, width:].any() for codes in (part.cell, part.drug, part.drug_margin))


def test_torch_onnx_and_numpy_agree_over_every_pair(bundle):
    part = bundle.models["hgacl"]
    gaps = check_parity(part.decoder, Decoder(*part.calibration), part.cell, part.drug, part.drug_margin)
    assert gaps.keys() == {"score", "probability", "margin"}
    assert max(gaps.values()) <= 1e-6
    assert part.card["parity"] == gaps


@pytest.mark.parametrize("n", [1, 2, 1000])
def test_the_graph_scores_any_number_of_pairs(graph, n):
    rng = np.random.default_rng(n)
    cell, drug = (rng.normal(size=(n, 32)).astype(np.float32) for _ in range(2))
    session = ort.InferenceSession(graph, providers=["CPUExecutionProvider"])
    score, probability = session.run(["score", "probability"], {"cell": cell, "drug": drug})
    assert score.shape == probability.shape == (n,)
    np.testing.assert_allclose(score, pair_scores(cell, drug), atol=1e-6)
    np.testing.assert_allclose(probability, calibrated(pair_scores(cell, drug), 1.7, -0.4), atol=1e-6)


@pytest.mark.parametrize(("slope", "intercept"), [(1.7001, -0.4), (1.7, -0.3999)])
def test_a_graph_with_another_calibration_is_refused(graph, slope, intercept):
    codes = np.random.default_rng(0).normal(size=(5, 32)).astype(np.float32)
    with pytest.raises(ParityError, match="probability: torch, ONNX Runtime and numpy differ by"):
        check_parity(graph, Decoder(slope, intercept), codes, codes, None)


def test_a_decoder_that_differs_writes_nothing(run, tmp_path, monkeypatch):
    forward = Decoder.forward

    def off(self, cell, drug):
        score, probability = forward(self, cell, drug)
        return score + 1e-4, probability

    monkeypatch.setattr(Decoder, "forward", off)
    with pytest.raises(ParityError, match=r"score: torch, ONNX Runtime and numpy differ by 0\.0001"):
        export(run, tmp_path / "bundle", "planted", {}, "")
    assert not list(tmp_path.iterdir())


def test_codes_that_are_not_finite_are_refused_and_the_old_bundle_stays(run, tmp_path):
    target = tmp_path / "bundle"
    export(run, target, "planted", {}, "")
    before = {path: path.read_bytes() for path in target.rglob("*") if path.is_file()}
    codes = run.line_codes.copy()
    codes[3, 0] = np.nan
    with pytest.raises(ParityError, match="differ by nan"):
        export(replace(run, line_codes=codes), target, "planted", {}, "")
    assert {path: path.read_bytes() for path in target.rglob("*") if path.is_file()} == before


def test_the_self_test_names_pairs_of_the_tables_with_their_scores(run, bundle):
    lines = {row["id"]: i for i, row in enumerate(run.cell_lines)}
    drugs = {row["id"]: i for i, row in enumerate(run.drugs)}
    tests = bundle.models["hgacl"].card["self_test"]
    assert len({(t["cell_line"], t["drug"]) for t in tests}) == 16
    of_lines, of_drugs, margins = (
        round_codes(x).astype(float) for x in (run.line_codes, run.drug_codes, run.margin_codes)
    )
    for t in tests:
        line, drug = lines[t["cell_line"]], drugs[t["drug"]]
        assert t["score"] == pytest.approx(of_lines[line] @ of_drugs[drug], abs=1e-6)
        assert t["margin"] == pytest.approx(of_lines[line] @ margins[drug], abs=1e-6)


def test_a_margin_code_that_is_not_finite_is_refused(run, tmp_path):
    codes = run.margin_codes.copy()
    codes[2, 1] = np.nan
    with pytest.raises(ParityError, match="margin: torch, ONNX Runtime and numpy differ by nan"):
        export(replace(run, margin_codes=codes), tmp_path / "bundle", "planted", {}, "")
    assert not list(tmp_path.iterdir())


def test_a_run_of_labels_alone_exports_a_bundle_without_margin_codes(run, tmp_path):
    card = {**run.card, "regression": None}
    metrics = {"hgacl": {"LPO": {"auroc": {"mean": 0.8}, "rmse": {"mean": 1.0}}}}
    export(replace(run, margin_codes=None, card=card), tmp_path / "bundle", "planted", metrics, "")
    bundle = read_bundle(tmp_path / "bundle")
    part = bundle.models["hgacl"]
    assert bundle.manifest["metrics"]["hgacl"] == {"LPO": {"auroc": {"mean": 0.8}}}
    assert part.drug_margin is None
    assert part.card["parity"].keys() == {"score", "probability"}


def test_further_graphs_travel_with_the_bundle(run, graph, tmp_path):
    export(replace(run, graphs={"encoder": graph}), tmp_path / "bundle", "planted", {}, "")
    assert read_bundle(tmp_path / "bundle").models["hgacl"].graphs == {"encoder": graph}


def test_the_decoder_is_an_inner_product_and_a_logistic():
    score, probability = Decoder(2.0, -1.0)(torch.tensor([[1.0, 2]]), torch.tensor([[3.0, -1]]))
    assert score.item() == 1
    assert probability.item() == pytest.approx(1 / (1 + np.exp(-1)))


def test_the_graph_carries_no_path_of_the_machine_that_exported_it(graph):
    assert b"/" not in graph
    assert b".py" not in graph


@pytest.mark.parametrize("platform", ["array_z", "combined_z"])
def test_graphs_that_a_run_on_z_scores_has_are_left_out(run, tmp_path, platform):
    older = replace(run, dataset={**run.dataset, "expression_platform": platform})
    assert older.graphs
    export(older, tmp_path / "bundle", "planted", {}, "")
    part = read_bundle(tmp_path / "bundle").models["hgacl"]
    assert (part.graphs, part.population) == ({}, {})
    assert f"expression_platform '{platform}'" in part.card["inductive"]["none"]
    sample = {"expression": {"G1": 5.0}}
    with open_bundle(tmp_path / "bundle") as service:
        assert len(service.scores([("900", "10")]).scores) == 1
        with pytest.raises(RefusedError, match=r"RNA-seq expression as log2\(TPM\+1\)"):
            service.scores([("me", "10")], samples={"me": sample})
