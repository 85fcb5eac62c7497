"""Signals of lines: derivatives of a model that is linear, planted correlations, and what chance gives."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from tests.helpers.cohorts import GENES, SETS
from tests.helpers.linear_model import LinearModel
from training.clinical.scores import gene_table, usable_sets
from training.clinical.signals import (
    Lines,
    ModelLines,
    line_genes,
    lines_of,
    measured_signals,
    model_lines,
    model_signals,
    null_signals,
    permuted_within,
    signal_table,
)
from training.clinical.statistics.correlation import within
from training.clinical.tables import ClinicalError

COUNT = 240
TISSUES = np.arange(COUNT) % 4


@pytest.fixture(scope="module")
def expression() -> np.ndarray:
    rng = np.random.default_rng(0)
    values = 5 + rng.normal(size=(COUNT, len(GENES))) + 3 * rng.normal(size=(4, 1))[TISSUES]
    values[:, :15] += 1.5 * rng.normal(size=(COUNT, 1))
    return values


@pytest.fixture(scope="module")
def lines(expression) -> Lines:
    """Drug d0 works on lines in which `deadly` is active, d1 follows nothing, d2 the tissue; some are missing."""
    rng = np.random.default_rng(1)
    genes = gene_table(pd.DataFrame(expression, [f"l{i}" for i in range(COUNT)], GENES))
    sets = usable_sets(SETS, GENES, 0.5)
    activity = pd.DataFrame(genes.scores(genes.members(sets)), genes.z.index, list(sets))
    response = rng.normal(size=(COUNT, 3))
    response[:, 0] += within(activity[["deadly"]].to_numpy(), TISSUES)[:, 0]
    response[:, 2] += 5 * TISSUES
    response[rng.random(response.shape) < 0.2] = np.nan
    return Lines(list(activity.index), activity, TISSUES, response, ["d0", "d1", "d2"])


def test_the_planted_signal_is_found_and_no_other(lines) -> None:
    table = measured_signals(lines, 0).set_index(["drug", "pathway"])
    planted = table.loc["d0", "deadly"]
    assert planted["r"] > 0.5
    assert planted["low"] < planted["r"] < planted["high"]
    assert planted["q"] < 1e-6
    assert planted["stability"] == 1
    others = table.drop(index=("d0", "deadly"))
    assert others["q"].min() > 0.01
    assert others["r"].abs().max() < 0.3  # d2 follows the tissue, which is taken out


def test_the_same_seed_gives_the_same_signals(lines) -> None:
    pd.testing.assert_frame_equal(measured_signals(lines, 3), measured_signals(lines, 3))


def test_the_derivative_of_a_linear_model_is_its_slope(lines, expression) -> None:
    weights = np.zeros((len(GENES), 3))
    weights[:15, 0], weights[20:40, 1] = 0.1, 0.2
    model = LinearModel(GENES, weights, ("a", "b", "c", "d"))
    own = ModelLines(np.arange(COUNT), expression.astype(np.float32), [model.tissues[t] for t in TISSUES])
    table = model_signals(lines, own, model, 0).set_index(["drug", "pathway"])
    a = within(lines.activity.to_numpy(), TISSUES)
    a = within(
        (lines.activity.to_numpy() - lines.activity.to_numpy().mean(0)) / lines.activity.to_numpy().std(0), TISSUES
    )
    for column, pathway in enumerate(lines.activity):
        genes = within(expression, TISSUES)
        slope = (
            (a[:, column] @ genes) / (a[:, column] @ a[:, column]) * a[:, column].std() @ weights / 2
        )  # sd of a drug
        assert table["slope"].xs(pathway, level="pathway").to_numpy() == pytest.approx(slope, abs=1e-4)
    assert table.loc[("d0", "deadly"), "slope_stability"] == 1
    assert table.loc[("d0", "deadly"), "predicted_r"] > 0.8


def test_both_signals_side_by_side(lines, expression) -> None:
    weights = np.zeros((len(GENES), 3))
    weights[:15, 0] = 0.1
    model = LinearModel(GENES, weights, ("a", "b", "c", "d"))
    own = ModelLines(np.arange(COUNT), expression.astype(np.float32), [model.tissues[t] for t in TISSUES])
    table = signal_table(measured_signals(lines, 0), model_signals(lines, own, model, 0), {"d0": "Drug"}.get)
    assert table.loc[0, ["drug", "name", "pathway"]].tolist() == ["d0", "Drug", "deadly"]
    assert table.loc[0, "stable"]
    assert table.loc[0, "same_sign"]
    assert len(table) == 3 * lines.activity.shape[1]


def test_random_sets_and_permuted_lines_find_less(lines, expression) -> None:
    genes = gene_table(pd.DataFrame(expression, lines.ids, GENES))
    sets = {"deadly": SETS["deadly"], "third": SETS["third"]}
    table = null_signals(lines, genes, sets, 0).groupby("sets")["share_significant"].mean()
    assert table["pathways"] == pytest.approx(1 / 6)
    assert table["permuted lines"] <= 0.05
    assert table["random sets"] <= table["pathways"]


def test_permutations_stay_within_their_group() -> None:
    groups = np.array([0, 1, 0, 1, 0, 2])
    drawn = [permuted_within(groups, np.random.default_rng(seed)) for seed in range(20)]
    assert all((groups[one] == groups).all() and sorted(one) == list(range(6)) for one in drawn)
    assert len({tuple(one) for one in drawn}) > 5


def test_datasets_that_cannot_be_asked(planted) -> None:
    activity = pd.DataFrame({"x": [1.0, 2.0]}, planted.cell_lines["id"].iloc[:2])
    with pytest.raises(ClinicalError, match="lines have pathway scores, a tissue and responses; 30 are needed"):
        lines_of(planted, activity)
    with pytest.raises(ClinicalError, match="no expression; import it"):
        line_genes(replace(planted, expression=None))
    every = pd.DataFrame({"x": range(len(planted.cell_lines))}, planted.cell_lines["id"])
    model = LinearModel(["NOTHING"], np.ones((1, 1)))
    with pytest.raises(ClinicalError, match="none of the genes"):
        model_lines(planted, lines_of(planted, every), model)
