"""The grid: cells that are there are taken, others run; tables and summaries by hand."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import training.evaluate
from training.evaluate import RESULTS, Cell, evaluate_cell, measured, methods, run_grid, summarise
from training.splits import SplitName, make_split

CELLS = [Cell("drug_mean", SplitName.LPO, fold, 5, 0) for fold in (0, 1)]


def ignore(cell, metrics):
    pass


@pytest.fixture
def ran(monkeypatch):
    """The cells that were really run."""
    cells = []

    def run(arrays, cell):
        cells.append(cell)
        return {"auroc": 0.25 * cell.fold}

    monkeypatch.setattr(training.evaluate, "evaluate_cell", run)
    return cells


def test_a_grid_goes_on_where_it_was_stopped(arrays, tmp_path, ran):
    def stop(cell, metrics):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_grid(arrays, CELLS, tmp_path, stop)
    assert ran == CELLS[:1]
    table = run_grid(arrays, CELLS, tmp_path, ignore)
    assert ran == CELLS
    assert table.query("metric == 'auroc'")["value"].tolist() == [0, 0.25]
    run_grid(arrays, CELLS, tmp_path, ignore)
    assert ran == CELLS


def test_a_cell_of_other_data_or_another_configuration_is_run_again(arrays, tmp_path, ran, monkeypatch):
    cells = [Cell("hgacl", SplitName.LCO, 0, 5, 0)]
    run_grid(arrays, cells, tmp_path, ignore)
    run_grid(replace(arrays, dataset_hash="other"), cells, tmp_path, ignore)
    assert len(ran) == 2
    monkeypatch.setattr(training.evaluate, "methods", lambda: {"hgacl": replace(methods()["hgacl"], epochs=7)})
    table = run_grid(replace(arrays, dataset_hash="other"), cells, tmp_path, ignore)
    assert len(ran) == 3
    assert set(table["dataset_hash"]) == {"other"}


def test_the_table_holds_what_earlier_calls_measured_too(arrays, tmp_path, ran):
    run_grid(arrays, CELLS[:1], tmp_path, ignore)
    table = run_grid(arrays, CELLS[1:], tmp_path, ignore)
    assert sorted(table["fold"].unique()) == sorted(cell.fold for cell in CELLS)


def test_cells_that_differ_in_anything_have_different_files():
    cell = CELLS[0]
    other = {"method": "als", "split": SplitName.LCO, "fold": 1, "folds": 4, "seed": 1}
    names = {cell.name(), *(replace(cell, **{key: value}).name() for key, value in other.items())}
    assert len(names) == 6


def test_the_table_is_tidy_and_on_disk(arrays, tmp_path, ran):
    table = run_grid(arrays, CELLS, tmp_path, ignore)
    columns = ["method", "split", "fold", "folds", "seed", "dataset_hash", "config", "metric", "value"]
    assert table.columns.tolist() == columns
    assert set(table["metric"]) == {"auroc", "seconds"}
    assert len(table) == 4
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / RESULTS), table, check_dtype=False)
    assert not list(tmp_path.rglob("*.writing"))
    assert json.loads((tmp_path / "cells" / CELLS[0].name()).read_text())["key"]["dataset_hash"] == arrays.dataset_hash


def test_mean_deviation_and_interval_over_folds_by_hand():
    rows = [("a", "LPO", "auroc", v) for v in (1.0, 2.0, 3.0)] + [("a", "LCO", "auroc", 5.0)]
    out = summarise(pd.DataFrame(rows, columns=["method", "split", "metric", "value"]))
    half = 4.302653 / 3**0.5  # Student's t of two degrees of freedom at 97.5 %
    assert out["a"]["LPO"]["auroc"]["ci"] == pytest.approx([2 - half, 2 + half], rel=1e-6)
    assert {k: v for k, v in out["a"]["LPO"]["auroc"].items() if k != "ci"} == {"mean": 2.0, "sd": 1.0, "folds": 3}
    assert out["a"]["LCO"]["auroc"] == {"mean": 5.0, "sd": None, "ci": None, "folds": 1}


def test_a_baseline_and_a_network_are_measured_on_the_test_pairs(arrays, small, monkeypatch):
    monkeypatch.setattr(training.evaluate, "methods", lambda: {"drug_mean": None, "hgacl": replace(small, epochs=2)})
    assert evaluate_cell(arrays, CELLS[0]).keys() == {"auroc", "auprc", "per_drug_auroc"}
    network = evaluate_cell(arrays, replace(CELLS[0], method="hgacl"))
    assert network.keys() >= {"auroc", "f1", "mcc", "brier", "calibration_error", "rmse", "interval_coverage", "epoch"}
    assert all(np.isfinite(list(network.values())))


def test_perfect_scores_have_perfect_metrics(arrays):
    split = make_split(arrays, SplitName.LPO, 0)
    noise = 0.3 * np.random.default_rng(0).normal(size=arrays.ln_ic50.shape)
    scores = (arrays.threshold - arrays.ln_ic50 + np.where(split.validation, noise, 0)).astype(np.float32)
    metrics = measured(arrays, split, scores, with_ln_ic50=True)
    assert (metrics["auroc"], metrics["per_drug_auroc"]) == (1, 1)
    assert metrics["f1"] > 0.8  # the threshold comes from the noisy validation scores
    assert metrics["per_drug_pearson"] == pytest.approx(1, abs=1e-5)
    assert "rmse" not in measured(arrays, split, scores, with_ln_ic50=False)
