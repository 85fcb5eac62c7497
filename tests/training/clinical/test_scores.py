import numpy as np
import pandas as pd
import pytest

from tests.helpers.cohorts import SETS, made_tumours
from training.clinical.scores import coverage, gene_table


def test_scores_follow_the_axis_of_the_set() -> None:
    tumours = made_tumours(cohorts=("AAA",))
    genes = gene_table(tumours)
    scores = genes.scores(genes.members({"deadly": SETS["deadly"]}))[:, 0]
    assert np.corrcoef(scores, tumours.attrs["danger"])[0, 1] > 0.85
    assert scores.std() == pytest.approx(1)


def test_scores_do_not_depend_on_the_unit_of_a_gene() -> None:
    tumours = made_tumours(cohorts=("AAA",))
    moved = tumours * np.linspace(0.5, 3, tumours.shape[1]) + np.arange(tumours.shape[1])
    one, two = gene_table(tumours), gene_table(moved)
    np.testing.assert_allclose(one.scores(one.members(SETS)), two.scores(two.members(SETS)))


def test_genes_without_variance_or_mostly_unknown_are_left_out_and_gaps_are_the_mean() -> None:
    table = pd.DataFrame(np.random.default_rng(0).normal(size=(10, 4)), columns=list("abcd"))
    table["b"] = 3.0
    table.loc[:4, "c"] = np.nan
    table.loc[0, "d"] = np.nan
    genes = gene_table(table)
    assert genes.z.columns.tolist() == ["a", "d"]
    assert genes.z.loc[0, "d"] == 0


def test_coverage_says_what_is_scored() -> None:
    table = coverage(SETS, list(made_tumours().columns), 0.25)
    assert table.loc["deadly"].tolist() == [15, 15, 1.0, True]
    assert table.loc["unknown", ["genes", "measured", "scored"]].tolist() == [70, 10, False]
    assert table.loc["unknown", "share"] == pytest.approx(1 / 7)
    assert coverage(SETS, list(made_tumours().columns), 0.1).loc["unknown", "scored"]


def test_random_sets_are_as_large_and_share_genes_alike() -> None:
    genes = gene_table(made_tumours(cohorts=("AAA",)))
    members, rng = genes.members(SETS), np.random.default_rng(0)
    scores = genes.random_scores(np.concatenate([members, members], 1), rng)
    np.testing.assert_allclose(scores[:, :5], scores[:, 5:])
    assert not np.allclose(scores[:, :5], genes.scores(members))
