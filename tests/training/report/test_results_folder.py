"""`drp report` on a folder it cannot read: the message names the file or option and what to do."""

import shutil

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from training.cli.main import app
from training.report.results_folder import ResultsError, read_attention, read_results, read_stages

RUN = CliRunner()


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--reference", "nobody"], "--reference nobody: the results have als_ln_ic50"),
        (["--splits", "LPO,LXO"], "--splits LXO: the results have LCO, LPO"),
    ],
)
def test_unknown_choices_are_named(results, tmp_path, options, says):
    done = RUN.invoke(app, ["report", str(results), str(tmp_path / "out"), *options])
    assert done.exit_code == 2
    assert says in done.output
    assert not (tmp_path / "out").exists()


def test_a_missing_folder_and_a_missing_table_are_named(tmp_path):
    done = RUN.invoke(app, ["report", str(tmp_path / "none"), str(tmp_path / "out")])
    assert done.exit_code == 2
    assert "none: no such folder; run `drp evaluate" in done.output
    with pytest.raises(ResultsError, match=r"results\.parquet: not found; run `drp evaluate"):
        read_results(tmp_path)


def test_a_table_of_another_form_is_named(results, tmp_path):
    path = tmp_path / "results.parquet"
    table = pd.read_parquet(results / "results.parquet")
    table.drop(columns=["level", "unit"]).to_parquet(path)
    with pytest.raises(ResultsError, match=r"lacks the columns level, unit: a table of another version"):
        read_results(tmp_path)
    table.assign(value="high").to_parquet(path)
    with pytest.raises(ResultsError, match="column 'value' holds str, not numbers"):
        read_results(tmp_path)
    table.head(0).to_parquet(path)
    with pytest.raises(ResultsError, match="no rows"):
        read_results(tmp_path)
    path.write_bytes(b"no parquet")
    with pytest.raises(ResultsError, match="no readable Parquet file"):
        read_results(tmp_path)


def test_broken_cells_and_stages_are_named(results, tmp_path):
    shutil.copy(results / "results.parquet", tmp_path)
    (tmp_path / "cells").mkdir()
    (tmp_path / "cells" / "x.json").write_text("{}")
    with pytest.raises(ResultsError, match=r"x\.json: not a cell of `drp evaluate`"):
        read_results(tmp_path)
    (tmp_path / "cells" / "x.json").unlink()
    (tmp_path / "stages").mkdir()
    np.savez(tmp_path / "stages" / "s.npz", tissue=np.array(["lung"] * 3), raw=np.zeros((2, 2)))
    with pytest.raises(ResultsError, match=r"s\.npz: lacks fused, trained"):
        read_stages(tmp_path / "stages" / "s.npz")
    sides = {f"{side}_{field}": np.ones(3) for side in ("cell", "drug") for field in ("labels", "mean", "deviation")}
    np.savez(tmp_path / "a.npz", **sides)
    with pytest.raises(ResultsError, match=r"a\.npz: lacks pairs; delete .*cells/a\.json and evaluate again"):
        read_attention(tmp_path / "a.npz")
    np.savez(tmp_path / "a.npz", pairs=np.array(9), **(sides | {"drug_mean": np.ones(2)}))
    with pytest.raises(ResultsError, match=r"a\.npz: .*same length; delete .*cells/a\.json"):
        read_attention(tmp_path / "a.npz")
