import numpy as np
import pytest
from statsmodels.stats.meta_analysis import combine_effects

from training.clinical.statistics.meta import pool


def test_equal_studies_by_hand() -> None:
    # Q = Σ (θ − 0.2)² / 0.01 = 2 = its degrees of freedom: τ² and I² are 0, the error is 0.1 / √3.
    found = pool(np.array([[0.1], [0.2], [0.3]]), np.full((3, 1), 0.1))
    assert found.log_hr == pytest.approx(0.2)
    assert found.se == pytest.approx(0.1 / np.sqrt(3))
    assert found.i2 == pytest.approx(0)
    assert found.heterogeneity_p == pytest.approx(np.exp(-1))  # χ² with two degrees


def test_studies_that_disagree_widen_the_interval() -> None:
    # Q = 2 (0.5 / 0.1)² = 50 with 1 degree: τ² = 49 / 100 = 0.49, the error √((0.01 + 0.49) / 2) = 0.5.
    found = pool(np.array([[-0.5], [0.5]]), np.full((2, 1), 0.1))
    assert found.se == pytest.approx(0.5)
    assert found.i2 == pytest.approx(0.98)


def test_many_variables_are_as_one_by_one_in_statsmodels() -> None:
    rng = np.random.default_rng(0)
    effects, errors = rng.normal(size=(7, 4)), rng.uniform(0.1, 0.6, size=(7, 4))
    effects[2, 1] = np.nan
    found = pool(effects, errors)
    for column in range(4):
        known = np.isfinite(effects[:, column])
        one = combine_effects(effects[known, column], errors[known, column] ** 2, method_re="dl")
        assert found.log_hr[column] == pytest.approx(one.mean_effect_re)
        assert found.se[column] == pytest.approx(one.sd_eff_w_re)
        assert found.i2[column] == pytest.approx(max(one.i2, 0))
    assert found.cohorts.tolist() == [7, 6, 7, 7]


def test_one_cohort_is_not_pooled() -> None:
    found = pool(np.array([[0.1], [np.nan]]), np.array([[0.1], [0.1]]))
    assert np.isnan(found.log_hr).all()
    assert found.cohorts.tolist() == [1]
