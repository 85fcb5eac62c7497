import numpy as np
import pytest

from training.clinical.statistics.cox import Outcome
from training.clinical.statistics.curves import equal_groups, kaplan_meier, log_rank


def test_groups_at_the_median_and_at_the_tertiles() -> None:
    score = np.array([6.0, 1, 5, 2, 4, 3])
    assert equal_groups(score, 2).tolist() == [1, 0, 1, 0, 1, 0]
    assert equal_groups(score, 3).tolist() == [2, 0, 2, 0, 1, 1]


def test_a_curve_by_hand() -> None:
    # 4 at risk at 1: 3/4; 3 at risk at 2 of whom one is censored there: 2/3 of that; the last is censored.
    curve = kaplan_meier(Outcome(np.array([1.0, 2, 2, 3]), np.array([True, True, False, False])))
    assert curve.share == pytest.approx([0.75, 0.5])
    assert curve.years.tolist() == [1, 2]
    assert curve.censored.tolist() == [2, 3]
    assert curve.median == 2
    assert ((curve.low < curve.share) & (curve.share < curve.high)).all()


def test_no_median_where_more_than_half_live() -> None:
    assert np.isnan(kaplan_meier(Outcome(np.array([1.0, 2, 3]), np.array([True, False, False]))).median)


def test_one_group_has_no_log_rank_test() -> None:
    assert np.isnan(log_rank(Outcome(np.arange(1.0, 9), np.ones(8, bool)), np.zeros(8, int)))
