"""The grid and its files: cells that are there are taken, others run."""

import json
import os
from dataclasses import asdict, replace

import numpy as np
import pandas as pd
import pytest

import training.evaluation.cell_files
import training.evaluation.grid
from training.evaluation.cell import Cell, CellResult
from training.evaluation.cell_files import COLUMNS, RESULTS, write_names
from training.evaluation.grid import run_grid
from training.evaluation.measure import Measurement
from training.metrics.prediction import TokenWeights
from training.report.results_folder import read_attention
from training.splits.splits import SplitName, make_split

CELLS = [Cell("drug_mean", "LPO", fold, 5) for fold in (0, 1)]


def ignore(cell, metrics):
    pass


@pytest.fixture(scope="module")
def splits(arrays):
    return {name: [make_split(arrays, SplitName(name), fold) for fold in range(5)] for name in ("LPO", "LCO")}


@pytest.fixture
def ran(monkeypatch):
    """The cells that were really run."""
    cells = []

    def run(arrays, cell, split):
        cells.append(cell)
        measurements = [
            Measurement("pooled", "", "auroc", 0.25 * cell.fold, 9, 0.1, 0.9),
            Measurement("drug", "D1", "rmse", 2, 4),
        ]
        return CellResult(measurements, *[pd.DataFrame({"score": [1.0 * cell.fold]})] * 2, {})

    monkeypatch.setattr(training.evaluation.grid, "evaluate_cell", run)
    return cells


def test_a_grid_goes_on_where_it_was_stopped(arrays, splits, tmp_path, ran):
    def stop(cell, metrics):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_grid(arrays, CELLS, splits, tmp_path, stop)
    assert ran == CELLS[:1]
    table = run_grid(arrays, CELLS, splits, tmp_path, ignore)
    assert ran == CELLS
    assert table.query("metric == 'auroc'")["value"].tolist() == [0, 0.25]
    shown = {}
    run_grid(arrays, CELLS, splits, tmp_path, lambda cell, found: shown.update({cell: found}))
    assert ran == CELLS
    assert shown == {CELLS[0]: {"auroc": 0.0}, CELLS[1]: {"auroc": 0.25}}


def test_a_cell_of_other_data_or_another_configuration_is_run_again(arrays, splits, tmp_path, ran, monkeypatch):
    cells = [Cell("hgacl", "LCO", 0, 5)]
    run_grid(arrays, cells, splits, tmp_path, ignore)
    other = replace(arrays, dataset_hash="other")
    run_grid(other, cells, splits, tmp_path, ignore)
    assert len(ran) == 2
    monkeypatch.setattr(training.evaluation.cell_files, "_config", lambda name: "another")
    table = run_grid(other, cells, splits, tmp_path, ignore)
    assert len(ran) == 3
    assert set(table["dataset_hash"]) == {"other"}
    assert set(table["config"]) == {"another"}


@pytest.mark.parametrize("part", ["train", "validation", "test", "development"])
def test_a_cell_whose_fold_was_changed_by_hand_is_run_again(arrays, splits, tmp_path, ran, part):
    run_grid(arrays, CELLS, splits, tmp_path, ignore)
    fold = splits["LPO"][1]
    fewer = getattr(fold, part).copy()
    fewer[tuple(np.argwhere(fewer)[0])] = False
    run_grid(arrays, CELLS, {"LPO": [splits["LPO"][0], replace(fold, **{part: fewer})]}, tmp_path, ignore)
    assert ran == [*CELLS, CELLS[1]]


def test_the_table_has_one_set_of_pairs_a_fold_and_no_cell_of_older_ones(arrays, splits, tmp_path, ran):
    one, other = CELLS[0], replace(CELLS[0], method="mean_effects")
    run_grid(arrays, [one, other], splits, tmp_path, ignore)
    before = tmp_path / "cells" / f"{other.name()}.json"
    os.utime(before, (0, 0))
    changed = {**splits, "LPO": splits["LPO"][1:]}
    assert set(run_grid(arrays, [one], changed, tmp_path, ignore)["method"]) == {"drug_mean"}
    later = run_grid(arrays, [Cell("drug_mean", "LCO", 0, 5)], changed, tmp_path, ignore)
    assert set(later["split"]) == {"LPO", "LCO"}
    assert set(later["method"]) == {"drug_mean"}
    back = run_grid(arrays, [other], splits, tmp_path, ignore)  # the older folds again: its cell is taken as it is
    assert set(back.loc[back["split"] == "LPO", "method"]) == {"mean_effects"}
    assert len(ran) == 4


def test_a_cell_killed_between_its_two_files_is_not_taken_for_whole(arrays, splits, tmp_path, ran, monkeypatch):
    def killed(figure):
        raise KeyboardInterrupt

    monkeypatch.setattr(training.evaluation.cell_files, "asdict", killed)  # the JSON is being made
    with pytest.raises(KeyboardInterrupt):
        run_grid(arrays, CELLS[:1], splits, tmp_path, ignore)
    assert (tmp_path / "cells" / f"{CELLS[0].name()}.parquet").exists()
    assert not (tmp_path / "cells" / f"{CELLS[0].name()}.json").exists()
    monkeypatch.undo()
    result = run_grid(arrays, CELLS[:1], splits, tmp_path, ignore)
    assert result.query("metric == 'auroc' and level == 'pooled'")["value"].between(0.3, 1).all()  # really run now


def test_the_table_holds_what_earlier_calls_measured_too(arrays, splits, tmp_path, ran):
    run_grid(arrays, CELLS[:1], splits, tmp_path, ignore)
    table = run_grid(arrays, CELLS[1:], splits, tmp_path, ignore)
    assert sorted(table["fold"].unique()) == [0, 1]


def test_a_cell_of_a_method_that_is_no_more_known_stays_out_of_the_table(arrays, splits, tmp_path, ran):
    run_grid(arrays, CELLS, splits, tmp_path, ignore)
    path = tmp_path / "cells" / f"{CELLS[0].name()}.json"
    content = json.loads(path.read_text())
    content["cell"]["method"] = "of_yesterday"
    path.with_name("of_yesterday.json").write_text(json.dumps(content))
    assert set(run_grid(arrays, CELLS, splits, tmp_path, ignore)["method"]) == {"drug_mean"}


def test_the_table_is_tidy_and_on_disk(arrays, splits, tmp_path, ran):
    cell = Cell("drug_mean", "LCO", 2, 5, 0, 7, "drugs", "folds", "planted")
    table = run_grid(arrays, [cell], splits, tmp_path, ignore)
    assert table.columns.tolist() == COLUMNS
    first = {"level": "pooled", "unit": "", "metric": "auroc", "value": 0.5, "low": 0.1, "high": 0.9, "pairs": 9}
    row = {**asdict(cell), "dataset_hash": arrays.dataset_hash, "config": "", **first}
    assert table.iloc[0].to_dict() == row
    assert table.iloc[1][["level", "unit", "metric", "value"]].tolist() == ["drug", "D1", "rmse", 2]
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / RESULTS), table, check_dtype=False)
    assert not list(tmp_path.rglob("*.writing*"))
    assert pd.read_parquet(tmp_path / "cells" / f"{cell.name()}.parquet")["score"].tolist() == [2.0]


def test_line_embeddings_of_a_network_are_kept_with_the_lines_they_belong_to(arrays, splits, tmp_path, monkeypatch):
    stage = np.arange(200.0).reshape(100, 2)
    table = pd.DataFrame({"score": [1.0]})
    result = CellResult([Measurement("pooled", "", "auroc", 0.5, 1)], table, table, {"fused": stage})
    monkeypatch.setattr(training.evaluation.grid, "evaluate_cell", lambda arrays, cell, split: result)
    run_grid(arrays, CELLS[:1], splits, tmp_path, ignore)
    with np.load(tmp_path / "stages" / f"{CELLS[0].name()}.npz") as stored:
        assert stored["ids"].tolist() == arrays.cell_line_ids
        assert stored["tissue"].tolist() == arrays.tissue
        np.testing.assert_array_equal(stored["fused"], stage)


def test_attention_of_a_network_is_kept_as_the_report_reads_it(arrays, splits, tmp_path, monkeypatch):
    table = pd.DataFrame({"score": [1.0] * 3})
    sides = {
        "cell": TokenWeights(["class token", "WNT"], np.array([0.25, 0.75]), np.array([0.1, 0.2])),
        "drug": TokenWeights(["class token"], np.array([1.0]), np.array([0.0])),
    }
    result = CellResult([Measurement("pooled", "", "auroc", 0.5, 1)], table, table, {}, sides)
    monkeypatch.setattr(training.evaluation.grid, "evaluate_cell", lambda arrays, cell, split: result)
    run_grid(arrays, CELLS[:1], splits, tmp_path, ignore)
    found = read_attention(tmp_path / "attention" / f"{CELLS[0].name()}.npz")
    assert found.pairs == 3
    assert found.tokens["cell"].to_dict("list") == {
        "label": ["class token", "WNT"],
        "mean": [0.25, 0.75],
        "deviation": [0.1, 0.2],
    }
    assert not (tmp_path / "stages").exists()


def test_names_of_lines_and_drugs_are_written_for_the_report(planted, tmp_path):
    write_names(planted.cell_lines, planted.drugs, tmp_path / "new")
    names = pd.read_parquet(tmp_path / "new" / "names.parquet")
    assert names.columns.tolist() == ["kind", "id", "name"]
    assert names.iloc[0].tolist() == ["line", "900", "LINE900"]
    assert names.iloc[-1].tolist() == ["drug", "21", "Drug21"]
    assert len(names) == 112
