"""`drp train`, `evaluate` and `export` as a person types them."""

import json
import re
import shutil
from types import SimpleNamespace

import pandas as pd
import pytest

import training.evaluation.cell_files
from model.bundle.reader import read_bundle
from model.dim2.config import Dim2Config
from model.hgacl.config import HgaclConfig
from tests.helpers.commands import drp, refusal
from training.cli.export import _command

REFUSED = [
    (["--set", "epoch=3"], "--set epoch=3: unknown setting 'epoch'; the known ones are .*'epochs'"),
    (["--set", "epochs=many"], "--set epochs=many: 'many' is not a whole number"),
    (["--set", "epochs"], "--set epochs: '' is not a whole number"),
    (["--set", "gate_edges=flase"], "--set gate_edges=flase: 'flase' is not true or false"),
    (["--set", "dropout=1.5"], "dropout = 1.5: give a share from 0 up to, but not including, 1"),
    (["--set", "factor_rank=-1"], "factor_rank = -1: give a number of at least 0"),
    (["--set", "preset=paper"], "--set preset=paper: unknown setting 'preset'"),
    (["--preset", "best"], "preset 'best': choose 'default' or 'paper'"),
    (["--device", "gpu"], "--device gpu: choose cpu or cuda"),
    (["--model", "gcn"], "--model gcn: choose hgacl or dim2"),
    (["--config", "no/such.json"], "no/such.json: No such file or directory"),
]


@pytest.mark.parametrize(("options", "says"), REFUSED)
def test_train_refuses_a_bad_option_in_one_line_with_the_remedy(planted_folder, tmp_path, options, says):
    assert re.match(says, refusal("train", planted_folder, tmp_path / "run", *options))
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("command", ["train", "evaluate"])
def test_a_missing_dataset_folder_is_named(tmp_path, command):
    line = refusal(command, tmp_path / "nowhere", tmp_path / "out")
    assert str(tmp_path / "nowhere") in line
    assert "is this a dataset?" in line


def test_train_refuses_a_folder_that_is_no_run(planted_folder, tmp_path):
    (tmp_path / "thesis.txt").write_text("mine")
    result = drp("train", planted_folder, tmp_path)
    assert result.exit_code == 2
    assert "not empty and not a run; give another folder" in result.stderr.splitlines()[-1]
    assert "Traceback" not in result.output


def test_export_refuses_an_unfinished_run_and_results_that_are_not_there(run_folder, tmp_path):
    assert "no finished run there; let `drp train` end first" in refusal("export", tmp_path, tmp_path / "bundle")
    line = refusal("export", run_folder, tmp_path / "bundle", "--results", tmp_path)
    assert "run `drp evaluate DATASET" in line
    assert not (tmp_path / "bundle").exists()


def test_export_refuses_results_of_another_dataset(run_folder, tmp_path):
    row = {"method": "hgacl", "split": "LPO", "metric": "auroc", "value": 1.0, "dataset_hash": "f" * 64}
    pd.DataFrame([row]).to_parquet(tmp_path / training.evaluation.cell_files.RESULTS)
    line = refusal("export", run_folder, tmp_path / "bundle", "--results", tmp_path)
    assert "measured on another dataset (ffffffffffff)" in line


def test_export_refuses_results_measured_with_other_settings_than_the_run(run_folder, tmp_path):
    hash_ = json.loads((run_folder / "run.json").read_text())["dataset"]["content_hash"]
    config = json.dumps({**json.loads((run_folder / "card.json").read_text())["config"], "epochs": 12345})
    row = {"method": "hgacl", "split": "LPO", "metric": "auroc", "value": 1.0, "dataset_hash": hash_, "config": config}
    pd.DataFrame([row]).to_parquet(tmp_path / training.evaluation.cell_files.RESULTS)
    line = refusal("export", run_folder, tmp_path / "bundle", "--results", tmp_path)
    assert "measured with other settings than this run's" in line
    assert not (tmp_path / "bundle").exists()


@pytest.mark.usefixtures("without_graphs")
def test_train_evaluate_and_export_end_in_a_bundle_with_the_measured_metrics(planted_folder, tmp_path):
    run, results, bundle = (tmp_path / name for name in ("run", "results", "bundle"))
    sizes = ["--set", "hidden_dim=8", "--set", "epochs=2", "--set", "gate_edges=no", "--set", "feature_components=8"]
    trained = drp("train", planted_folder, run, *sizes, "--seed", 4)
    assert trained.exit_code == 0, trained.output
    assert "Best epoch 2 of 2" in trained.stderr
    measured = drp("evaluate", planted_folder, results, "--models", "drug_mean", "--splits", "LPO", "--only", "0,1")
    assert measured.exit_code == 0, measured.output
    exported = drp("export", run, bundle, "--results", results)
    assert exported.exit_code == 0, exported.output
    manifest = read_bundle(bundle).manifest
    assert manifest["metrics"]["baselines"]["drug_mean"]["LPO"]["auroc"]["folds"] == 2
    command = manifest["models"]["hgacl"]["training"]["command"]
    changed = "--set hidden_dim=8 --set feature_components=8 --set gate_edges=False --set epochs=2"
    assert command == f"drp train DATASET RUN --preset default {changed} --seed 4"


@pytest.mark.usefixtures("without_graphs")
def test_the_file_that_a_run_saves_trains_the_same_run_again(planted_folder, tmp_path):
    first, again = tmp_path / "first", tmp_path / "again"
    sizes = ["--set", "hidden_dim=8", "--set", "epochs=1", "--set", "feature_components=8"]
    assert drp("train", planted_folder, first, *sizes, "--seed", 4).exit_code == 0
    repeated = drp("train", planted_folder, again, "--config", first / "run.json")
    assert repeated.exit_code == 0, repeated.output
    assert (first / "run.json").read_bytes() == (again / "run.json").read_bytes()
    assert (first / "codes.safetensors").read_bytes() == (again / "codes.safetensors").read_bytes()


def test_settings_are_listed_without_a_dataset():
    listed = drp("train", "--list-settings")
    assert listed.exit_code == 0
    header, *rows = [line.split("\t") for line in listed.stdout.splitlines()]
    assert header == ["model", "setting", "default", "paper", "what it sets"]
    assert ["hgacl", "epochs", "200", "500", "Most epochs to train for."] in rows
    assert {row[0] for row in rows} == {"hgacl", "dim2", "kernel_stack"}


def test_export_says_why_a_bundle_takes_no_new_samples(run_folder, tmp_path):
    shutil.copytree(run_folder, tmp_path / "run")
    asked = json.loads((tmp_path / "run" / "run.json").read_text())
    asked["dataset"]["expression_platform"] = "combined_z"
    (tmp_path / "run" / "run.json").write_text(json.dumps(asked))
    (tmp_path / "lines.csv").write_text("cell_line\nKMH-2\n")
    for run, said in ((run_folder, False), (tmp_path / "run", True)):
        exported = drp("export", run, tmp_path / "bundle", "--known-names", tmp_path / "lines.csv")
        assert exported.exit_code == 0, exported.output
        text = " ".join(exported.output.split())
        assert ("hgacl: no new samples or compounds: expression_platform 'combined_z'" in text) == said
        bundle = read_bundle(tmp_path / "bundle")
        assert {"name": "KMH-2", "ids": [], "synonyms": []} in bundle.identifiers["cell_line_names"]
        assert bundle.manifest["annotations"][0] == "names of 1 registered cell lines from lines.csv"
    other = tmp_path / "other.csv"
    other.write_text("x\n1\n")
    assert "no column of names" in refusal("export", run_folder, tmp_path / "b2", "--known-names", other)
    assert not (tmp_path / "b2").exists()


def test_the_recorded_command_of_an_unchanged_preset_has_no_settings():
    for model, config, named in (("hgacl", HgaclConfig, ""), ("dim2", Dim2Config, " --model dim2")):
        for preset in ("default", "paper"):
            card = {"config": json.loads(config.named(preset).to_json()), "training": {"seed": 0}}
            run = SimpleNamespace(model=model, card=card)
            assert _command(run) == f"drp train DATASET RUN{named} --preset {preset} --seed 0"
