import numpy as np
import pytest
from statsmodels.duration.hazard_regression import PHReg

from tests.helpers.cohorts import made_survival
from training.clinical.statistics.cox import Outcome, concordance, fit_cox


def test_all_variables_at_once_are_as_one_by_one_in_statsmodels() -> None:
    outcome, x, covariates = made_survival()
    fits = fit_cox(outcome, x, covariates)
    for column in range(x.shape[1]):
        one = PHReg(outcome.years, np.c_[x[:, column], covariates], outcome.event.astype(int), ties="efron").fit()
        assert fits.log_hr[column] == pytest.approx(one.params[0], abs=1e-6)
        assert fits.se[column] == pytest.approx(one.bse[0], rel=1e-5)
        assert fits.p[column] == pytest.approx(one.pvalues[0], rel=1e-4)


def test_a_hazard_that_changes_its_sign_with_time_is_not_proportional() -> None:
    rng = np.random.default_rng(1)
    x = rng.normal(size=400)
    early = rng.exponential(np.exp(-1.5 * x))
    years = np.where(early < 0.3, early, 0.3 + rng.exponential(np.exp(1.5 * x)))
    fits = fit_cox(Outcome(years, np.ones(400, bool)), np.c_[x, rng.normal(size=400)], np.zeros((400, 0)))
    assert fits.hazards_p[0] < 1e-6 < fits.hazards_p[1]


def test_strong_effects_are_found_where_whole_steps_overshoot() -> None:
    rng = np.random.default_rng(2)
    x = np.c_[np.repeat([-0.4, 2.3], [300, 60]), rng.normal(size=360)]
    years = rng.exponential(np.exp(-2.0 * x[:, 0] - 1.5 * x[:, 1]))
    outcome = Outcome(years, rng.random(360) < 0.9)
    fits = fit_cox(outcome, x[:, :1], x[:, 1:])
    assert fits.log_hr[0] == pytest.approx(2.0, rel=0.2)


def test_without_a_maximum_there_is_no_hazard_ratio() -> None:
    outcome = Outcome(np.arange(1.0, 21), np.arange(20) < 10)
    separated = (np.arange(20) < 10).astype(float)  # all with the event have 1
    fits = fit_cox(outcome, np.c_[separated, np.sin(np.arange(20.0))], np.zeros((20, 0)))
    assert np.isnan(fits.log_hr[0])
    assert np.isfinite(fits.log_hr[1])


def test_a_covariate_given_twice_is_refused() -> None:
    outcome, x, covariates = made_survival()
    with pytest.raises(ValueError, match="depends on the covariates"):
        fit_cox(outcome, x, np.c_[covariates, covariates[:, :1]])


def test_concordance_counts_comparable_pairs() -> None:
    # Pairs that can be compared: the event at 1 with all three, the event at 3 with the censored one at 3.
    outcome = Outcome(np.array([1.0, 2, 3, 3]), np.array([True, False, True, False]))
    risks = np.array([[4.0, 1, 1], [3, 2, 1], [2, 3, 1], [1, 4, 1]])
    assert concordance(outcome, risks) == pytest.approx([1, 0, 0.5])
