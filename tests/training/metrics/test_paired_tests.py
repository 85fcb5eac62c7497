"""The statistics of a comparison against SciPy, published values and sums done by hand."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import friedmanchisquare, ttest_1samp, wilcoxon
from statsmodels.stats.multitest import multipletests

from training.metrics.paired_tests import (
    compare_over_folds,
    compare_over_units,
    corrected_resampled_t,
    holm_correction,
    metric_by_fold,
    metric_by_unit,
    rank_methods,
)


def tidy(values: dict[str, np.ndarray], level: str, metric: str) -> pd.DataFrame:
    """One row a value; values[method] has shape (units, folds), or (folds,) for pooled."""
    rows = []
    for method, array in values.items():
        for unit, numbers in enumerate(np.atleast_2d(array)):
            name = f"u{unit}" if level != "pooled" else ""
            rows += [
                {"method": method, "unit": name, "split_seed": 0, "seed": 0, "fold": fold, "value": value}
                for fold, value in enumerate(numbers)
            ]
    return pd.DataFrame(rows).assign(level=level, metric=metric)


RNG = np.random.default_rng(3)
DRUGS = {
    "net": RNG.normal(0.8, 0.05, (30, 5)),
    "ridge": RNG.normal(0.77, 0.05, (30, 5)),
    "mean": np.full((30, 5), 0.5),
}


def test_over_units_is_wilcoxon_of_the_means_over_folds():
    found = compare_over_units(metric_by_unit(tidy(DRUGS, "drug", "auroc"), "auroc"), "net", "auroc").set_index(
        "method"
    )
    gain = DRUGS["net"].mean(axis=1) - DRUGS["ridge"].mean(axis=1)
    ridge = found.loc["ridge"]
    assert ridge["units"] == 30
    assert ridge["median_difference"] == pytest.approx(np.median(gain))
    assert ridge["won"] == pytest.approx(np.mean(gain > 0))
    assert ridge["p"] == pytest.approx(wilcoxon(gain, method="asymptotic").pvalue)
    assert list(found["p_holm"]) == pytest.approx(list(holm_correction(found["p"])))


def test_a_lower_rmse_is_a_gain():
    errors = {"net": np.full((6, 2), 1.0), "ridge": np.full((6, 2), 1.5)}
    found = compare_over_units(metric_by_unit(tidy(errors, "drug", "rmse"), "rmse"), "net", "rmse").iloc[0]
    assert (found["median_difference"], found["won"]) == (0.5, 1.0)


def test_a_fold_that_one_method_lacks_is_left_out_of_its_pair_only():
    values = {name: array.copy() for name, array in DRUGS.items()}
    values["ridge"][0, 1:] = np.nan
    found = compare_over_units(metric_by_unit(tidy(values, "drug", "auroc"), "auroc"), "net", "auroc").set_index(
        "method"
    )
    gain = DRUGS["net"].mean(axis=1) - DRUGS["ridge"].mean(axis=1)
    gain[0] = DRUGS["net"][0, 0] - DRUGS["ridge"][0, 0]
    assert found.loc["ridge", "mean_difference"] == pytest.approx(gain.mean())
    assert found.loc["mean", "mean_difference"] == pytest.approx(DRUGS["net"].mean() - 0.5)


def test_seeds_are_averaged_before_folds_are_compared():
    one = tidy({"net": np.array([0.8, 0.9]), "ridge": np.array([0.7, 0.8])}, "pooled", "auprc")
    two = tidy({"net": np.array([0.6, 0.7])}, "pooled", "auprc").assign(seed=1)
    wide = metric_by_fold(pd.concat([one, two]), "auprc")
    assert wide["net"].to_list() == pytest.approx([0.7, 0.8])
    assert compare_over_folds(wide, "net", "auprc", 2).iloc[0]["mean_difference"] == pytest.approx(0.0)


def test_five_folds_that_all_win_reach_one_sixteenth_and_no_less():
    values = {"net": np.array([0.9, 0.91, 0.92, 0.93, 0.94]), "ridge": np.array([0.8, 0.8, 0.8, 0.8, 0.8])}
    found = compare_over_folds(metric_by_fold(tidy(values, "pooled", "auroc"), "auroc"), "net", "auroc", 5).iloc[0]
    assert found["p_wilcoxon"] == pytest.approx(1 / 16)
    assert found["p_sign"] == pytest.approx(1 / 16)
    assert found["smallest_p"] == pytest.approx(1 / 16)
    assert found["p_t"] < 0.01


def test_methods_that_tie_everywhere_do_not_differ():
    same = {"net": np.full(5, 0.8), "ridge": np.full(5, 0.8)}
    found = compare_over_folds(metric_by_fold(tidy(same, "pooled", "auroc"), "auroc"), "net", "auroc", 5).iloc[0]
    assert (found["p_wilcoxon"], found["p_sign"], found["won"]) == (1.0, 1.0, 0.5)
    assert np.isnan(found["p_t"])


def test_the_corrected_t_is_the_plain_t_when_nothing_is_shared_and_smaller_otherwise():
    differences = np.array([0.01, 0.03, 0.02, 0.00, 0.04])
    plain = ttest_1samp(differences, 0)
    assert corrected_resampled_t(differences, 0.0) == pytest.approx((plain.statistic, plain.pvalue))
    # by hand: mean .02, variance .00025, (1/5 + 1/4) · .00025 = .0001125
    assert corrected_resampled_t(differences, 0.25)[0] == pytest.approx(0.02 / 0.0001125**0.5)
    assert np.isnan(corrected_resampled_t(np.array([0.1]), 0.25)).all()


@pytest.mark.parametrize("tests", [1, 2, 7])
def test_holm_is_that_of_statsmodels(tests):
    p = np.random.default_rng(tests).uniform(0, 0.3, tests).round(1)  # with ties
    assert holm_correction(p) == pytest.approx(multipletests(p, method="holm")[1])


def test_holm_by_hand_and_around_a_missing_value():
    assert holm_correction([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    with_missing = holm_correction([0.01, np.nan, 0.03])
    assert with_missing[[0, 2]] == pytest.approx([0.02, 0.03])
    assert np.isnan(with_missing[1])


def test_ranks_by_hand_and_the_critical_difference_that_demsar_prints():
    """Four methods on 14 sets: CD = 2.569·√(4·5/(6·14)) = 1.25 (Demšar 2006, sec. 3.2.2)."""
    table = np.tile([0.6, 0.9, 0.8, 0.7], (14, 1))
    table[0] = [0.7, 0.9, 0.7, 0.7]  # the last three share the ranks 2, 3 and 4
    values = {name: table[:, [place]] for place, name in enumerate("abcd")}
    found = rank_methods(metric_by_unit(tidy(values, "drug", "auroc"), "auroc"), "auroc")
    assert found.blocks == 14
    assert found.critical_difference == pytest.approx(2.569 * (20 / 84) ** 0.5, abs=5e-4)
    assert list(found.mean.index) == ["b", "c", "d", "a"]
    assert found.mean.to_dict() == pytest.approx({"b": 1.0, "c": 29 / 14, "d": 3.0, "a": 55 / 14})
    assert found.statistic == pytest.approx(friedmanchisquare(*table.T).statistic)


def test_ranks_turn_round_for_errors_and_need_three_methods():
    errors = {"a": np.array([[1.0], [1.0]]), "b": np.array([[2.0], [2.0]]), "c": np.array([[3.0], [3.0]])}
    wide = metric_by_unit(tidy(errors, "drug", "rmse"), "rmse")
    assert rank_methods(wide, "rmse").mean.to_dict() == {"a": 1.0, "b": 2.0, "c": 3.0}
    with pytest.raises(ValueError, match="2 methods on 2 common units; ranks need at least 3"):
        rank_methods(wide[["a", "b"]], "rmse")


def test_an_unknown_reference_is_named_with_the_choices():
    wide = metric_by_fold(tidy({"net": np.array([0.8, 0.9])}, "pooled", "auroc"), "auroc")
    with pytest.raises(ValueError, match="'nets' has no values here; choose one of net"):
        compare_over_folds(wide, "nets", "auroc", 2)
