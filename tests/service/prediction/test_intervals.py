"""Half-widths of the interval of ln IC50 by case."""

import numpy as np
import pytest

from service.prediction.intervals import IntervalWidths, other_assay

REGRESSION = {"regression": {"half_width_sd": 1.5, "coverage": 0.9}}
METRICS = {"LPO": {"rmse": {"mean": 0.8}}, "LCO": {"rmse": {"mean": 1.2}}}
SD = np.float32([2, 2, 2, 2])
LINE, DRUG = np.array([0, 1, 0, 1]), np.array([0, 0, 1, 1])


def test_new_lines_widen_by_what_was_measured_and_new_drugs_by_their_threshold():
    interval_widths = IntervalWidths.from_card(REGRESSION | {"inductive": {"threshold_sd_ln_um": 2.0}}, METRICS)
    drug = 1.6448536 * 2
    expected = [3, 4.5, np.hypot(3, drug), np.hypot(4.5, drug)]
    np.testing.assert_allclose(interval_widths.half_width(SD, LINE, DRUG), expected, rtol=1e-6)


def test_a_model_that_measured_each_case_is_taken_at_its_word():
    own = {"known": 1.0, "new_line": 1.5, "new_drug": 4.0, "both": None}
    half = IntervalWidths.from_card(REGRESSION | {"half_widths_sd": own}, METRICS).half_width(SD, LINE, DRUG)
    assert half[:3].tolist() == [2, 3, 8]
    assert np.isnan(half[3])


def test_a_known_drug_with_widths_of_its_own_has_these_and_a_new_one_its_cases():
    own = {"known": 1.0, "new_line": 1.5, "new_drug": 4.0, "both": 5.0}
    by_drug = {"known": [0.5, 0.75], "new_line": [1.25, 2.0]}
    card = REGRESSION | {"half_widths_sd": own, "half_widths_by_drug_sd": by_drug}
    half = IntervalWidths.from_card(card, METRICS).half_width(SD, LINE, DRUG, np.array([1, 0, 2, 3]))
    assert half.tolist() == [1.5, 2.5, 8, 10]


def test_another_assay_widens_in_quadrature_and_is_not_known_where_the_bundle_is_silent():
    assert other_assay(np.array([3.0]), 4.0).tolist() == [5]
    assert np.isnan(other_assay(np.array([3.0]), None)).all()


@pytest.mark.parametrize(("metrics", "inductive", "known"), [({}, {}, [0]), (METRICS, {}, [0, 1])])
def test_what_the_bundle_does_not_say_has_no_interval(metrics, inductive, known):
    half = IntervalWidths.from_card(REGRESSION | {"inductive": inductive}, metrics).half_width(SD, LINE, DRUG)
    assert np.flatnonzero(np.isfinite(half)).tolist() == known
