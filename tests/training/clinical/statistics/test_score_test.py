import numpy as np
import pytest

from tests.helpers.cohorts import made_survival
from training.clinical.statistics.cox import Outcome, fit_cox
from training.clinical.statistics.score_test import ScoreTest


def test_it_agrees_with_wald_where_effects_are_small() -> None:
    outcome, x, covariates = made_survival(patients=600)
    fits = fit_cox(outcome, x[:, 1:], covariates)
    z = ScoreTest.of(outcome, covariates).score(x[:, 1:]).z
    assert z == pytest.approx(fits.log_hr / fits.se, abs=0.05)
    assert ScoreTest.of(outcome, covariates).score(x[:, :1]).z[0] > 8  # the one that matters


def test_what_the_covariates_explain_is_taken_out() -> None:
    outcome, _, covariates = made_survival(patients=400)
    rng = np.random.default_rng(3)
    copy = covariates[:, 1:] + 0.3 * rng.normal(size=(400, 1))
    assert abs(ScoreTest.of(outcome, covariates).score(copy).z[0]) < 2.5
    assert ScoreTest.of(outcome, covariates[:, :0]).score(copy).z[0] > 3


def test_z_of_noise_is_standard_normal() -> None:
    outcome, _, covariates = made_survival(seed=4, patients=120)
    z = ScoreTest.of(outcome, covariates).score(np.random.default_rng(5).normal(size=(120, 4000))).z
    assert z.mean() == pytest.approx(0, abs=0.1)
    assert z.std() == pytest.approx(1, abs=0.05)


def test_units_and_signs_of_a_variable() -> None:
    outcome, x, covariates = made_survival()
    test = ScoreTest.of(outcome, covariates)
    assert test.score(-7 * x + 3).z == pytest.approx(-test.score(x).z)
    months = Outcome(12 * outcome.years, outcome.event)
    assert ScoreTest.of(months, covariates).score(x).z == pytest.approx(test.score(x).z)
