"""A run of DiM2-DRP: chosen on a tenth, fitted on all pairs, exported beside HGACL-DRP's in one bundle."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from safetensors.numpy import save_file

from client.bundle import open_bundle
from model.bundle.fixed_point import round_codes
from model.bundle.reader import read_bundle
from model.dim2.config import Dim2Config
from model.scoring import ln_ic50
from tests.helpers.commands import drp
from tests.helpers.dim2_arrays import dataset_with_structures, small_dim2
from training.data.arrays import align
from training.evaluation.cell_files import RESULTS
from training.evaluation.methods import PROJECTED
from training.export.bundle import export
from training.export.trained_network import read_trained_network
from training.features.responses import drug_scale
from training.metrics.metrics import per_drug_pearson
from training.runs.dim2 import train_dim2_run
from training.runs.folder import CODES, RunError, read_run
from training.splits.splits import training_split


@pytest.fixture(scope="module")
def dataset(planted):
    return dataset_with_structures(planted)


@pytest.fixture(scope="module")
def folder(dataset, tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "dim2"
    train_dim2_run(dataset, folder, small_dim2(epochs=2), 0)
    return folder


@pytest.fixture(scope="module")
def run(folder):
    return read_run(folder)


def test_a_run_holds_codes_graphs_and_what_was_chosen(run, dataset):
    assert run.model == "dim2"
    assert run.margin_codes is None
    assert set(run.graphs) == {"line_encoder", "drug_encoder"}
    card = run.card
    assert Dim2Config(**card["config"]) == small_dim2(epochs=2)
    assert card["training"]["pairs"] > card["training"]["pairs_when_chosen"]
    assert 0 <= card["training"]["network_share"] <= 1
    assert set(card["half_widths_sd"]) == {"known", "new_line", "new_drug", "both"}
    assert card["half_widths_sd"]["known"] == card["regression"]["half_width_sd"] > 0
    assert set(card["inductive"]["domain"]) == {"cell_line", "drug", "drug_structure"}
    assert set(run.population) >= {"line_nearest", "drug_nearest", "line_weights"}
    assert card["inductive"]["projected"]["pathway_activity"]["pathways"] == 4


def test_codes_and_card_give_ln_ic50_of_known_pairs(run, dataset):
    arrays = align(dataset)
    margins = run.line_codes @ run.drug_codes.T
    sd = np.array([row["ln_ic50_sd"] for row in run.drugs], np.float32)
    way = run.card["regression"]
    said = ln_ic50(margins, way["slope"], way["intercept"], arrays.threshold, sd)
    assert np.nanmean(per_drug_pearson(said, arrays.ln_ic50, arrays.measured)) > 0.8


def test_both_models_stand_in_one_bundle(run, run_folder, dataset, tmp_path):
    hgacl = read_run(run_folder)
    together = replace(run, dataset=hgacl.dataset)  # the planted dataset, with structures besides
    measured = {"dim2_offset": {"LPO": {"rmse": {"mean": 0.8}}}, "drug_mean": {}}
    export(hgacl, tmp_path / "both", "both", measured, "drp train", [(together, "drp train --model dim2")])
    bundle = read_bundle(tmp_path / "both")
    assert bundle.default_model == "hgacl"
    assert set(bundle.models) == {"hgacl", "dim2"}
    # of the two, only the offset was measured: it stands for the model
    assert bundle.manifest["metrics"] == {"hgacl": {}, "dim2": measured["dim2_offset"], "baselines": {"drug_mean": {}}}
    assert bundle.models["dim2"].card["measured_as"] == "dim2_offset"
    assert bundle.models["hgacl"].card["measured_as"] == "hgacl"
    width = run.line_codes.shape[1]
    np.testing.assert_array_equal(bundle.models["dim2"].cell[:, :width], round_codes(run.line_codes))
    assert set(bundle.models["dim2"].graphs) == {"line_encoder", "drug_encoder"}
    sample = {"expression": dataset.expression.iloc[0].to_dict()}
    projected = run.card["inductive"]["projected"]["pathway_activity"]
    with open_bundle(tmp_path / "both") as service:
        (warning,) = service.scores([("me", "10")], "dim2", samples={"me": sample}).warnings
        assert f"{projected['pearson']:.2f} on average" in warning
        assert service.scores([("me", "10")], "hgacl", samples={"me": sample}).warnings == []


def test_figures_of_projected_scores_stand_for_the_model_before_those_of_true_ones(run, tmp_path):
    measured = {name: {"LCO": {"rmse": {"mean": 0.1 * i}}} for i, name in enumerate(("dim2_offset", PROJECTED), 1)}
    export(run, tmp_path / "bundle", "one", measured, "")
    metrics = read_bundle(tmp_path / "bundle").manifest["metrics"]
    assert metrics == {"dim2": measured[PROJECTED], "baselines": {"dim2_offset": measured["dim2_offset"]}}


def test_figures_of_an_offset_with_other_settings_do_not_stand_for_the_model(folder, run, tmp_path):
    common = {
        "split": "LPO",
        "level": "pooled",
        "unit": "",
        "protocol": "folds",
        "shuffle": "none",
        "fold": 0,
        "folds": 5,
    }
    configs = {
        "dim2_offset": {**run.card["config"], "line_ridge": 50.0},
        PROJECTED: {**run.card["config"], "epochs": 9},
    }
    rows = [
        {
            **common,
            "method": method,
            "config": json.dumps(config),
            "metric": "rmse",
            "value": 0.8,
            "seed": 0,
            "split_seed": 0,
            "dataset": "planted",
            "dataset_hash": run.dataset["content_hash"],
            "low": 0.7,
            "high": 0.9,
            "pairs": 9,
        }
        for method, config in configs.items()
    ]
    for kept, said in (([PROJECTED], False), (["dim2_offset"], True)):
        pd.DataFrame([row for row in rows if row["method"] in kept]).to_parquet(tmp_path / RESULTS)
        exported = drp("export", folder, tmp_path / "bundle", "--results", tmp_path)
        assert exported.exit_code == 0, exported.output
        assert ("dim2_offset has other settings than dim2: left off its card" in exported.stderr) is said
        measured = read_bundle(tmp_path / "bundle").manifest["metrics"]["dim2"]
        assert measured == {} if said else measured["LPO"]["rmse"]["mean"] == 0.8


def test_a_run_on_z_scores_places_no_new_samples(dataset, tmp_path):
    other = replace(dataset, info={**dataset.info, "expression_platform": "array_z"})
    train_dim2_run(other, tmp_path, small_dim2(epochs=1), 0)
    run = read_run(tmp_path)
    assert (run.graphs, run.population) == ({}, {})
    assert "expression_platform 'array_z'" in run.card["inductive"]["none"]


def test_runs_that_do_not_go_together_are_refused(run, tmp_path):
    other = replace(run, model="hgacl", dataset={**run.dataset, "content_hash": "other"})
    with pytest.raises(RunError, match="dim2: trained on another dataset than hgacl"):
        export(other, tmp_path / "none", "none", {}, "", [(run, "")])
    with pytest.raises(RunError, match="two runs of one model"):
        export(run, tmp_path / "none", "none", {}, "", [(run, "")])
    assert not (tmp_path / "none").exists()


def test_without_an_offset_the_codes_are_the_answers_of_the_network(dataset, tmp_path):
    card = train_dim2_run(dataset, tmp_path / "run", small_dim2("paper", epochs=1), 0)
    assert card["training"]["pairs"] == card["training"]["pairs_when_chosen"]
    run, arrays = read_run(tmp_path / "run"), align(dataset)
    assert (run.name, run.graphs, run.population) == ("dim2_network", {}, {})
    sd = np.array([row["ln_ic50_sd"] for row in run.drugs], np.float32)
    np.testing.assert_array_equal(sd, drug_scale(arrays, arrays.measured)[1])
    said = ln_ic50(run.line_codes @ run.margin_codes.T, 1.0, 0.0, arrays.threshold, sd)
    network = read_trained_network(dataset, tmp_path / "run").ln_ic50
    np.testing.assert_allclose(said, network, atol=1e-4)
    held = training_split(arrays).validation
    within = (
        np.abs(network - arrays.ln_ic50)[held]
        <= card["regression"]["half_width_sd"] * np.broadcast_to(sd, held.shape)[held]
    )
    assert 0.89 < within.mean() < 0.93


def test_a_run_of_the_version_that_kept_the_network_alone_is_refused(dataset, tmp_path):
    train_dim2_run(dataset, tmp_path / "run", small_dim2(offset=False, epochs=1), 0)
    save_file({}, tmp_path / "run" / CODES)
    with pytest.raises(RunError, match="of a version without codes of it; train again into another folder"):
        read_run(tmp_path / "run")
