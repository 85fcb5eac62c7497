"""A run's folder: whose it is, what it holds, and that it goes on after a kill."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace

import numpy as np
import pytest
from safetensors.numpy import load_file

from training.data.arrays import align
from training.data.folder import read_dataset
from training.features.responses import drug_scale
from training.hgacl.fit import fit, refit
from training.metrics.calibration import calibrate
from training.metrics.metrics import summary
from training.runs.folder import CARD, CHOICE, CODES, REFIT, WEIGHTS, RunError, id_tables, read_run
from training.runs.hgacl import train_run
from training.splits.splits import training_split


def test_a_finished_run_reads_back_whole(run_folder, planted, arrays):
    run = read_run(run_folder)
    assert [row["id"] for row in run.cell_lines] == arrays.cell_line_ids
    assert [row["id"] for row in run.drugs] == arrays.drug_ids
    assert run.line_codes.shape[1] == run.drug_codes.shape[1] == run.margin_codes.shape[1]
    assert run.dataset == planted.info
    split = training_split(arrays)
    training = run.card["training"]
    held = arrays.measured & ~split.train
    assert (training["pairs"], training["pairs_when_chosen"]) == (arrays.measured.sum(), split.train.sum())
    assert training["validation_pairs"] == held.sum() == split.validation.sum()
    assert run.card["regression"].keys() == {"slope", "intercept", "half_width_sd", "coverage"}
    assert not list(run_folder.glob("*.writing"))


def test_all_is_chosen_by_the_first_fit_and_the_codes_are_those_of_one_on_all_pairs(run_folder, arrays, small):
    """Epoch, calibration, threshold and interval come from codes that never saw the validation pairs."""
    run, split, config = read_run(run_folder), training_split(arrays), replace(small, epochs=4, evaluate_every=2)
    first = fit(arrays, split.train, split.validation, config, 0)
    assert run.card["training"]["epoch"] == first.epoch
    assert run.card["training"]["validation"] == summary(first.codes.scores(), arrays.sensitive, split.validation)
    sd = drug_scale(arrays, split.train)[1]
    chosen = calibrate(arrays, first.codes.scores(), first.codes.margins(), split.validation, sd).card()
    assert {key: run.card[key] for key in chosen} == chosen
    final = refit(arrays, arrays.measured, config, first.epoch, 0)
    kept = run.line_codes, run.drug_codes, run.margin_codes
    for stored, codes in zip(kept, vars(final.codes).values(), strict=True):
        np.testing.assert_array_equal(stored, codes)
    sd = drug_scale(arrays, arrays.measured)[1]
    np.testing.assert_array_equal(np.float32([row["ln_ic50_sd"] for row in run.drugs]), sd)


def test_a_run_of_labels_alone_has_no_margin(planted, small_paper, tmp_path):
    card = train_run(planted, tmp_path, replace(small_paper, epochs=2, evaluate_every=1), 0)
    assert card["regression"] is None
    assert read_run(tmp_path).margin_codes is None


def test_id_rows_follow_the_arrays_and_carry_each_drugs_deviation(planted, arrays):
    shuffled = replace(planted, drugs=planted.drugs.sample(frac=1, random_state=0))
    sd = np.arange(12, dtype=np.float32)
    lines, drugs = id_tables(shuffled, arrays, sd)
    assert [(row["id"], row["ln_ic50_sd"]) for row in drugs] == list(zip(arrays.drug_ids, sd.tolist(), strict=True))
    assert lines[0]["name"] == f"LINE{arrays.cell_line_ids[0]}"
    assert lines[0]["depmap_id"] is None
    json.dumps([lines, drugs], allow_nan=False)
    assert {row["threshold_source"] for row in drugs} == {"published"}
    first = replace(planted, info={**planted.info, "rule_thresholds": arrays.drug_ids[:1]})
    assert [row["threshold_source"] for row in id_tables(first, arrays, sd)[1]] == ["rule"] + ["published"] * 11


@pytest.mark.parametrize(("change", "what"), [("seed", "seed"), ("config", "config"), ("dataset", "dataset")])
def test_a_folder_with_a_run_of_other_settings_or_data_is_refused(run_folder, planted, small, tmp_path, change, what):
    run, asked = (
        tmp_path / "run",
        {"dataset": planted, "config": replace(small, epochs=4, evaluate_every=2), "seed": 0},
    )
    shutil.copytree(run_folder, run)
    before = (run / CODES).read_bytes()
    info = {**planted.info, "content_hash": "other"}
    asked |= {change: {"seed": 1, "config": replace(small, epochs=2), "dataset": replace(planted, info=info)}[change]}
    with pytest.raises(RunError, match=f"another {what}; give another folder"):
        train_run(asked["dataset"], run, asked["config"], asked["seed"])
    assert (run / CODES).read_bytes() == before


def test_a_folder_with_other_files_is_refused(planted, small, tmp_path):
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(RunError, match="not empty and not a run"):
        train_run(planted, tmp_path, small, 0)
    with pytest.raises(RunError, match="is a file; give a folder"):
        train_run(planted, tmp_path / "thesis.txt", small, 0)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


@pytest.mark.parametrize("killed", [CHOICE, REFIT])
def test_an_unfinished_run_is_refused(planted, small, tmp_path, killed):
    def kill(stage, epoch, epochs, metrics):
        if stage == killed:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train_run(planted, tmp_path, replace(small, epochs=4, evaluate_every=2), 0, progress=kill)
    assert (tmp_path / "checkpoint.pt").exists()
    assert (tmp_path / "refit.pt").exists() == (killed == REFIT)
    with pytest.raises(RunError, match="no finished run there; let `drp train` end first"):
        read_run(tmp_path)


def test_a_run_on_z_scores_places_no_new_samples(planted, small, tmp_path):
    dataset = replace(planted, info={**planted.info, "expression_platform": "combined_z"})
    card = train_run(dataset, tmp_path, replace(small, epochs=2, evaluate_every=1), 0)
    assert list(card["inductive"]) == ["none"]
    assert "expression_platform 'combined_z'" in card["inductive"]["none"]
    assert "log2(TPM+1) and train again" in card["inductive"]["none"]
    run = read_run(tmp_path)
    assert (run.graphs, run.population) == ({}, {})


@pytest.mark.usefixtures("without_graphs")
def test_a_run_stopped_in_its_second_stage_goes_on_there_to_the_same_weights(planted, small, tmp_path):
    config, stopped, whole, looks = replace(small, epochs=6, evaluate_every=2), tmp_path / "a", tmp_path / "b", []

    def kill(stage, epoch, epochs, metrics):
        if (stage, epoch) == (REFIT, 2):
            raise KeyboardInterrupt

    def look(stage, epoch, epochs, metrics):
        looks.append((stage, epoch, epochs))

    card = train_run(planted, whole, config, 3, progress=look)
    last = card["training"]["epoch"]
    assert looks == [(CHOICE, e, 6) for e in (2, 4, 6)] + [(REFIT, e, last) for e in range(2, last + 1, 2)]
    looks.clear()
    with pytest.raises(KeyboardInterrupt):
        train_run(planted, stopped, config, 3, progress=kill)
    train_run(planted, stopped, config, 3, progress=look)
    assert looks == [(REFIT, e, last) for e in range(4, last + 1, 2)]
    for name in (WEIGHTS, CODES):
        one, two = (load_file(folder / name) for folder in (stopped, whole))
        assert one.keys() == two.keys()
        assert all(np.array_equal(one[key], two[key]) for key in one)


@pytest.mark.usefixtures("without_graphs")
def test_a_process_killed_midway_and_run_again_gives_the_weights_of_one_that_was_not(planted_folder, small, tmp_path):
    config = replace(small, epochs=120, patience=120, evaluate_every=4)
    usual = type(small)()
    settings = [f"--set={k}={v}" for k, v in vars(config).items() if v != getattr(usual, k)]
    killed, whole = tmp_path / "killed", tmp_path / "whole"
    command = [sys.executable, "-m", "training", "train", str(planted_folder), str(killed), *settings, "--seed=3"]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    with subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL) as process:
        limit = time.monotonic() + 300  # importing torch takes long where others use the cores
        while not (killed / "checkpoint.pt").exists() and process.poll() is None and time.monotonic() < limit:
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL
    assert (killed / "checkpoint.pt").exists()
    assert not (killed / CARD).exists()

    dataset, looks = read_dataset(planted_folder), []
    train_run(dataset, killed, config, 3, progress=lambda _stage, epoch, *_: looks.append(epoch))
    train_run(dataset, whole, config, 3)
    assert 4 < looks[0] < 120
    for name in (WEIGHTS, CODES):
        one, two = (load_file(folder / name) for folder in (killed, whole))
        assert one.keys() == two.keys()
        assert all(np.array_equal(one[key], two[key]) for key in one)


@pytest.mark.usefixtures("without_graphs")
def test_a_small_panel_without_per_drug_figures_trains_to_the_end(planted, small, tmp_path):
    few = set(planted.cell_lines["id"][:40])
    kept = {
        "cell_lines": planted.cell_lines[planted.cell_lines["id"].isin(few)],
        "response": planted.response[planted.response["cell_line_id"].isin(few)],
    }
    dataset = replace(planted, **kept)
    assert align(dataset).ln_ic50.shape == (40, 12)
    card = train_run(dataset, tmp_path, replace(small, epochs=2, evaluate_every=1), 0)
    assert card["training"]["validation"].keys() == {"auroc", "auprc"}
    assert read_run(tmp_path).card == json.loads((tmp_path / CARD).read_text())
