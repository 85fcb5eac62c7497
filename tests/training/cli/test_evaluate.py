"""`drp evaluate` as a person types it: every option, every refusal."""

import re
import sys
from dataclasses import replace

import pandas as pd
import pytest

import training.metrics.bootstrap
from tests.helpers.commands import drp, refusal
from training.cli.evaluate import GROUPS, SPLITS
from training.data.folder import write_dataset
from training.evaluation import executors, methods, plans
from training.evaluation.executors import run_sequentially
from training.splits.splits import SplitName


@pytest.fixture(autouse=True)
def few_resamples(monkeypatch):
    monkeypatch.setattr(training.metrics.bootstrap, "RESAMPLES", 10)  # intervals have their own tests


def test_help_names_every_group_and_every_split():
    """The command has them written out: the modules that define them load torch."""
    assert GROUPS.split(", ") == list(methods.GROUPS)
    assert SPLITS.split(",") == list(SplitName)


REFUSED = [
    (["--models", "gnn"], "method 'gnn': choose of baselines, .*drug_mean, .*hgacl"),
    (["--models", ","], "--models: empty; give at least one"),
    (["--models", "hgacl_epochs_0"], "method 'hgacl_epochs_0': epochs cannot be '0'"),
    (["--splits", "XYZ"], "--splits: 'XYZ' is not one of LPO, LCO, LDO, LTO, LCDO"),
    (["--splits", ""], "--splits: empty; give at least one"),
    (["--splits", "LTO"], r"split LTO: 4 groups \(tissue 0, .*\) cannot fill 5 folds; ask for fewer folds or another"),
    (["--only", "5"], "--only: '5' is not one of 0, 1, 2, 3, 4"),
    (["--only", "a"], "--only: 'a' is not one of 0, 1, 2, 3, 4"),
    (["--only", ","], "--only: empty; give at least one"),
    (["--seeds", "-1"], "--seeds: '-1' is no whole number of at least 0"),
    (["--seeds", "1.5"], "--seeds: '1.5' is no whole number of at least 0"),
    (["--seeds", ","], "--seeds: empty; give at least one"),
    (["--shuffles", "genes"], "--shuffles: 'genes' is not one of none, lines, drugs"),
    (["--protocol", "paper"], "--protocol: 'paper' is not one of folds, stated, published"),
    (["--protocol", "folds,published"], "--protocol: 'folds,published' is not one of folds, stated, published"),
    (["--plan", "paper,dim2"], "--plan: 'paper,dim2' is not one of paper, dim2"),
    (["--drug-groups", "scaffold,cluster"], "--drug-groups: 'scaffold,cluster' is not one of connectivity"),
    (["--engine", "dask"], "--engine: 'dask' is not one of local, ray"),
    (["--protocol", "published", "--transfer", "x"], "--protocol published: goes without --transfer"),
]


@pytest.mark.parametrize(("options", "says"), REFUSED, ids=[" ".join(options) for options, _ in REFUSED])
def test_a_bad_option_is_refused_in_one_line_with_the_remedy(planted_folder, tmp_path, options, says):
    assert re.match(says, refusal("evaluate", planted_folder, tmp_path / "out", *options))
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("options", [["--folds", "1"], ["--folds", "x"], ["--jobs", "0"], ["--split-seed", "x"]])
def test_a_number_out_of_range_is_refused(planted_folder, tmp_path, options):
    result = drp("evaluate", planted_folder, tmp_path / "out", *options)
    assert result.exit_code == 2
    assert options[0] in result.stderr
    assert "Traceback" not in result.output


def test_ray_that_is_not_installed_is_refused_with_the_extra(planted_folder, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    line = refusal("evaluate", planted_folder, tmp_path / "out", "--engine", "ray")
    assert line == "--engine ray: ray is not installed; pip install 'drug-response[scale]'"


def test_a_second_study_that_is_not_there_or_shares_nothing_is_refused(planted, planted_folder, tmp_path):
    nowhere = refusal("evaluate", planted_folder, tmp_path / "out", "--transfer", tmp_path / "nowhere")
    assert "is this a dataset?" in nowhere
    strangers = planted.drugs.assign(inchikey=[f"{a * 14}-Y-N" for a in "MNOPQRSTUVWX"])
    write_dataset(replace(planted, drugs=strangers), tmp_path / "other")
    line = refusal("evaluate", planted_folder, tmp_path / "out", "--transfer", tmp_path / "other")
    assert line.startswith("transfer: the two datasets share no drug")


def evaluated(*words):
    result = drp("evaluate", *words)
    assert result.exit_code == 0, result.output
    return pd.read_parquet(words[1] / "results.parquet"), result.stderr


def test_a_grid_of_seeds_shuffles_and_splits_has_each_cell_once_and_goes_on(planted_folder, tmp_path):
    out = tmp_path / "out"
    words = [planted_folder, out, "--models", "drug_mean,mean_effects,drug_mean", "--splits", "LPO, LCDO,LPO"]
    words += ["--only", "0,2,2", "--folds", 4, "--seeds", "0,7,7", "--shuffles", "none,drugs", "--split-seed", 3]
    table, shown = evaluated(*words)
    cells = table[["method", "split", "fold", "folds", "seed", "shuffle", "split_seed", "dataset", "protocol"]]
    assert len(cells.drop_duplicates()) == 2 * 2 * 2 * 2 * 2
    assert {name: set(cells[name]) for name in ("fold", "folds", "seed", "split_seed", "dataset", "protocol")} == {
        "fold": {0, 2},
        "folds": {4},
        "seed": {0, 7},
        "split_seed": {3},
        "dataset": {"planted"},
        "protocol": {"folds"},
    }
    assert sorted(path.name for path in (out / "folds").iterdir()) == ["LCDO-4-seed3.parquet", "LPO-4-seed3.parquet"]
    assert len(list((out / "cells").glob("*.json"))) == len(list((out / "cells").glob("*.parquet"))) == 32
    assert set(pd.read_parquet(out / "names.parquet")["kind"]) == {"line", "drug"}
    assert "mean_effects" in shown
    written = {path: path.stat().st_mtime_ns for path in (out / "cells").iterdir()}
    again, _ = evaluated(*words)
    pd.testing.assert_frame_equal(again, table)
    assert {path: path.stat().st_mtime_ns for path in (out / "cells").iterdir()} == written


@pytest.mark.parametrize(("jobs", "asked"), [(1, []), (3, [3])])
def test_jobs_says_how_many_processes_run_the_cells(planted_folder, tmp_path, monkeypatch, jobs, asked):
    """What processes bring is tested beside them; here only that they are asked."""
    numbers = []
    monkeypatch.setattr(executors, "process_executor", lambda count: numbers.append(count) or run_sequentially)
    table, _ = evaluated(
        planted_folder, tmp_path / "out", "--models", "drug_mean", "--splits", "LPO", "--only", 0, "--jobs", jobs
    )
    assert numbers == asked
    assert len(table)


def test_the_terminal_shows_the_grid_that_was_asked_for_and_no_older_one(planted_folder, tmp_path, monkeypatch):
    monkeypatch.setattr("training.cli.evaluate.SHOWN", ("auroc",))  # so that the table is narrow
    words = [planted_folder, tmp_path, "--splits", "LPO", "--only", "0"]
    evaluated(*words, "--models", "drug_mean")
    table, shown = evaluated(*words, "--models", "mean_effects", "--folds", "10", "--split-seed", "1")
    rows = table.query("folds == 10 and level == 'pooled' and metric == 'auroc'")
    assert set(table["folds"]) == {5, 10}
    assert re.search(rf"mean_effects\W+LPO\W+{rows['value'].item():.3f}", shown)
    assert "drug_mean" not in shown


def test_a_plan_runs_its_grids_and_goes_on_where_it_was(planted_folder, tmp_path, monkeypatch):
    few = (plans.Grid("drug_mean,mean_effects", "LPO,LCO", "0"), plans.Grid("row_number", protocol="published"))
    monkeypatch.setitem(plans.PLANS, "paper", few)
    first = drp("evaluate", planted_folder, tmp_path, "--plan", "paper")
    assert first.exit_code == 0, first.output
    cells = {path: path.stat().st_mtime_ns for path in (tmp_path / "cells").iterdir()}
    table = pd.read_parquet(tmp_path / "results.parquet")
    asked = {("folds", m, s) for m in ("drug_mean", "mean_effects") for s in ("LPO", "LCO")}
    found = set(table[["protocol", "method", "split"]].itertuples(index=False, name=None))
    assert {row for row in found if row[0] == "folds"} == asked
    assert {row[:2] for row in found} - {row[:2] for row in asked} == {("published", "row_number")}
    assert drp("evaluate", planted_folder, tmp_path, "--plan", "paper").exit_code == 0
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "cells").iterdir()} == cells


def test_a_plan_leaves_out_parts_that_the_data_were_not_published_in(planted_folder, tmp_path, monkeypatch):
    grids = (plans.Grid("drug_mean", "LPO", "0"), plans.Grid("drug_mean", protocol="stated"), plans.Grid("line_mean"))
    monkeypatch.setitem(plans.PLANS, "dim2", grids)
    result = drp("evaluate", planted_folder, tmp_path, "--plan", "dim2")
    assert result.exit_code == 0, result.output
    assert "--plan dim2: without --protocol stated" in result.output
    table = pd.read_parquet(tmp_path / "results.parquet")
    assert set(table["method"]) == {"drug_mean", "line_mean"}
    assert set(table["protocol"]) == {"folds"}


def test_a_cell_whose_predictions_are_lost_is_made_again(planted_folder, tmp_path):
    words = [planted_folder, tmp_path, "--models", "drug_mean", "--splits", "LPO", "--only", 0]
    evaluated(*words)
    (lost,) = (tmp_path / "cells").glob("*.parquet")
    lost.unlink()
    evaluated(*words)
    assert lost.exists()


def test_a_plan_that_there_is_not_is_refused(planted_folder, tmp_path):
    assert "--plan: 'nature' is not one of paper" in refusal("evaluate", planted_folder, tmp_path, "--plan", "nature")


def test_the_published_protocol_has_its_own_splits_and_a_table_of_its_own(planted_folder, tmp_path):
    table, shown = evaluated(planted_folder, tmp_path / "out", "--protocol", "published", "--models", "counting")
    assert set(table["protocol"]) == {"published"}
    assert set(table["split"]) == {"hgacl-published", "dim2-published"}
    assert set(table["method"]) == {"positive_counts", "row_number"}
    assert table["fold"].nunique() == 5
    assert "published" in shown
    assert not (tmp_path / "out" / "folds").exists()


def test_transfer_trains_on_one_study_and_tests_another(planted, planted_folder, tmp_path):
    lines = {i: f"x{i}" for i in planted.cell_lines["id"]}
    omics = {t: getattr(planted, t).rename(index=lines) for t in ("expression", "copy_number", "mutation")}
    cells = planted.cell_lines.assign(id=planted.cell_lines["id"].map(lines), cosmic_id=None)
    response = planted.response.assign(cell_line_id=planted.response["cell_line_id"].map(lines))
    there = replace(planted, cell_lines=cells, response=response, **omics, info={**planted.info, "name": "a/b"})
    write_dataset(there, tmp_path / "there")
    words = ["--transfer", tmp_path / "there", "--models", "drug_mean,kernel_ridge_ln_ic50"]
    table, shown = evaluated(planted_folder, tmp_path / "out", *words)
    assert set(table["split"]) == {"planted→a/b all-lines", "planted→a/b new-lines"}
    assert set(table["protocol"]) == {"transfer"}
    assert "12 drugs in both; features of both: expression, copy_number, mutation" in shown
    figures = table.query("method == 'kernel_ridge_ln_ic50' and metric == 'per_drug_auroc'")["value"]
    assert (figures > 0.8).all()
