"""Against published results of classic data sets.

Remission of leukaemia in weeks, 6-MP against placebo (Freireich 1963; table 1.1 of Cox and Oakes 1984). Ovarian cancer
(Edmonson 1979), as in R's survival; its cox.zph before version 3 printed the statistics that are compared here.
"""

import numpy as np
import pytest

from training.clinical.statistics.cox import Outcome, fit_cox
from training.clinical.statistics.curves import kaplan_meier, log_rank, of_group
from training.clinical.statistics.score_test import ScoreTest

MP6 = [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35]
MP6_RELAPSED = [1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0]
PLACEBO = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23]
OVARIAN = np.array([
    (59, 1, 72.3315, 1), (115, 1, 74.4932, 1), (156, 1, 66.4658, 2), (421, 0, 53.3644, 1), (431, 1, 50.3397, 1),
    (448, 0, 56.4301, 2), (464, 1, 56.937, 2), (475, 1, 59.8548, 2), (477, 0, 64.1753, 1), (563, 1, 55.1781, 2),
    (638, 1, 56.7562, 2), (744, 0, 50.1096, 1), (769, 0, 59.6301, 2), (770, 0, 57.0521, 1), (803, 0, 39.2712, 1),
    (855, 0, 43.1233, 2), (1040, 0, 38.8932, 2), (1106, 0, 44.6, 1), (1129, 0, 53.9068, 1), (1206, 0, 44.2055, 1),
    (1227, 0, 59.589, 2), (268, 1, 74.5041, 2), (329, 1, 43.137, 1), (353, 1, 63.2192, 2), (365, 1, 64.4247, 1),
    (377, 0, 58.3096, 1),
])  # fmt: skip
# days, death, age, ECOG performance


@pytest.fixture(scope="module")
def leukaemia() -> tuple[Outcome, np.ndarray]:
    outcome = Outcome(np.array(MP6 + PLACEBO, float), np.array(MP6_RELAPSED + [1] * len(PLACEBO), bool))
    return outcome, np.repeat([0, 1], [len(MP6), len(PLACEBO)])


def test_hazard_ratio_of_placebo_in_the_leukaemia_trial(leukaemia) -> None:
    outcome, placebo = leukaemia
    fit = fit_cox(outcome, placebo[:, None].astype(float), np.zeros((42, 0)))
    assert fit.log_hr[0] == pytest.approx(1.5721, abs=1e-4)  # coxph, ties after Efron
    assert fit.se[0] == pytest.approx(0.4124, abs=1e-4)
    assert fit.concordance[0] == pytest.approx(0.690, abs=1e-3)


def test_log_rank_of_the_leukaemia_trial(leukaemia) -> None:
    outcome, placebo = leukaemia
    assert log_rank(outcome, placebo) == pytest.approx(4.17e-5, rel=0.01)  # χ² 16.79
    # Without ties the score test is the log-rank test; Efron's ties make it a little larger.
    assert ScoreTest.of(outcome, np.zeros((42, 0))).score(placebo[:, None].astype(float)).z[0] ** 2 == pytest.approx(
        16.8, abs=0.6
    )


def test_survival_curves_of_the_leukaemia_trial(leukaemia) -> None:
    outcome, placebo = leukaemia
    treated, control = (kaplan_meier(of_group(outcome, placebo == group)) for group in (0, 1))
    assert (treated.median, control.median) == (23, 8)
    assert treated.at(np.array([0, 6, 7, 10, 13, 16, 22, 23])) == pytest.approx(
        [1, 0.857, 0.807, 0.753, 0.690, 0.627, 0.538, 0.448], abs=5e-4
    )
    assert (treated.patients, treated.events) == (21, 9)


def test_proportional_hazards_in_the_ovarian_trial() -> None:
    days, death, age, performance = OVARIAN.T
    outcome = Outcome(days / 365.25, death == 1)
    of_age = fit_cox(outcome, age[:, None], performance[:, None])
    of_performance = fit_cox(outcome, performance[:, None], age[:, None])
    assert of_age.hazards_p[0] == pytest.approx(0.355, abs=1e-3)
    assert of_performance.hazards_p[0] == pytest.approx(0.111, abs=1e-3)
    assert of_age.concordance == of_performance.concordance
