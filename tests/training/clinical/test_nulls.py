"""Chance: permuted patients find nothing, random sets find what every set finds."""

import numpy as np
import pandas as pd
import pytest

from tests.helpers.cohorts import SETS, made_clinical, made_tumours
from tests.helpers.linear_model import LinearModel
from training.clinical.associations import cox_table, designs, variables_of
from training.clinical.clinical_table import endpoints_of, read_clinical
from training.clinical.cohort import CohortFolder, CohortSettings, read_cohort, write_cohort
from training.clinical.nulls import beyond_random, chance_table, null_counts


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> CohortFolder:
    path = tmp_path_factory.mktemp("cohort")
    tumours = made_tumours()
    made_clinical(tumours).to_csv(path / "clinical.csv", index=False)
    genes = list(tumours.columns)
    weights = np.zeros((len(genes), 3))
    weights[:15, 0] = 1.0  # the first drug reads the deadly pathway
    weights[60:, 1:] = np.random.default_rng(0).normal(size=(len(genes) - 60, 2))
    clinical = read_clinical(path / "clinical.csv", {}, "days")
    write_cohort(tumours, clinical, SETS, path / "out", CohortSettings(model=LinearModel(genes, weights)))
    return read_cohort(path / "out")


@pytest.fixture(scope="module")
def tested(folder):
    plans, _ = designs(folder.clinical, endpoints_of(folder.clinical))
    counts, spread = null_counts(folder, plans, 30, 0)
    return plans, counts, spread


def test_the_deadly_pathway_is_found_in_both_cohorts_and_beyond_random_sets(folder, tested) -> None:
    plans, _, spread = tested
    found = beyond_random(cox_table(plans, variables_of(folder)), spread).set_index(["variable", "cohort"])
    assert (found.loc["deadly", "q_over"] < 1e-4).all()
    assert (found.loc["deadly", "hr"] > 1.5).all()
    assert (found.loc["deadly", "q_random"] < 0.05).all()
    assert (found.loc[["neutral", "third", "fourth"], "q_random"] > 0.05).all()
    assert (found["z_random"].abs() <= found["z"].abs() + 1e-12).all()


def test_counts_of_chance(tested) -> None:
    _, counts, _ = tested
    table = chance_table(counts)
    over = table[(table["figure"] == "all over") & (table["kind"] == "pathway")].set_index("null")
    assert over.loc["permuted patients", "observed"] >= 2
    assert over.loc["permuted patients", "mean"] < 0.5
    assert over.loc["permuted patients", "p"] < 0.1
    drugs = table[(table["figure"] == "all over") & (table["kind"] == "drug")].set_index("null")
    assert set(drugs.index) == {"shuffled genes", "permuted patients"}
    assert (drugs["observed"] >= 2).all()
    assert set(counts["endpoint"]) == {"OS"}  # PFI has too few events


def test_the_same_seed_gives_the_same_counts(folder, tested) -> None:
    plans, counts, spread = tested
    again, spread_again = null_counts(folder, plans, 30, 0)
    pd.testing.assert_frame_equal(counts, again)
    pd.testing.assert_frame_equal(spread, spread_again)
