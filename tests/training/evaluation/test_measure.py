"""Every measure by hand or against a slow second way, and what of a split each may read."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import pearsonr, spearmanr
from sklearn.metrics import roc_auc_score

from training.evaluation.measure import measure
from training.evaluation.prediction_table import prediction_table
from training.metrics.prediction import MonteCarlo, Prediction
from training.splits.splits import Split, SplitName, make_split

CALLED = [1, 1, 1, 0, 0]  # validation calls a score of 2 and above sensitive


@pytest.fixture
def fifteen(arrays):
    """One drug, 15 lines: six validate, five test, four train with a deviation of 2; and a method's word on all."""
    ln_ic50 = np.float32([0, 1, 2, 3, 4, 5, 1, 2, 3, 4, 5, 0, 4, 0, 4])[:, None]
    sensitive = np.float32([0, 0, 1, 0, 1, 1, 1, 1, 0, 1, 0, 1, 0, 1, 0])[:, None]
    score = np.float32([0, 1, 2, 3, 4, 5, 5, 3, 2, 1, 0, 9, 9, 9, 9])[:, None]
    guess = ln_ic50 + np.float32([0.1, -0.2, 0.3, -0.4, 0.5, -0.6, 0.5, 0, -1, 0.5, 0, 7, 7, 7, 7])[:, None]
    row = np.arange(15)[:, None]
    validation, test, train = row < 6, (row >= 6) & (row < 11), row >= 11
    few = replace(
        arrays,
        cell_line_ids=[f"L{i}" for i in range(15)],
        drug_ids=["D"],
        ln_ic50=ln_ic50,
        sensitive=sensitive,
        threshold=np.float32([2]),
        tissue=[""] * 15,
        medium=[""] * 15,
    )
    return few, Split(train, validation, test, train | validation), Prediction(score, guess)


def pooled(figures):
    return {f.metric: f.value for f in figures if f.level == "pooled"}


def test_pooled_figures_by_hand(fifteen):
    figures, table = measure(*fifteen, seed=0)
    found = pooled(figures)
    assert table["called"].tolist() == [bool(c) for c in CALLED]
    assert found["auroc"] == pytest.approx(5 / 6)  # of 3 × 2 pairs only the score 1 stands below a resistant 2
    assert found["auprc"] == pytest.approx((1 + 1 + 3 / 4) / 3)
    assert found["f1"] == pytest.approx(4 / 6)  # 2 called right, 1 called wrong, 1 missed
    assert found["mcc"] == pytest.approx((2 * 1 - 1 * 1) / (3 * 3 * 2 * 2) ** 0.5)
    assert found["rmse"] == pytest.approx(0.3**0.5)
    assert found["r2"] == pytest.approx(1 - 1.5 / 10)
    assert found["pearson"] == pytest.approx(9.5 / (10.5 * 10) ** 0.5)
    assert found["spearman"] == pytest.approx(9.5 / (9.5 * 10) ** 0.5)
    assert found["brier"] == pytest.approx(((table["probability"] - table["sensitive"]) ** 2).mean())


def test_the_interval_by_hand_is_the_largest_of_six_validation_errors(fifteen):
    figures, table = measure(*fifteen, seed=0)
    found = pooled(figures)
    assert found["interval_width"] == pytest.approx(2 * 0.6, rel=1e-5)
    assert found["interval_coverage"] == pytest.approx(4 / 5)  # the error of 1 lies outside
    np.testing.assert_allclose(table["upper"] - table["predicted_ln_ic50"], 0.6, rtol=1e-5)


def test_the_intervals_of_passes_with_dropout_by_hand(fifteen):
    arrays, split, said = fifteen
    sd = np.float32([0.1, 0.1, 0.2, 0.2, 0.2, 0.2, 0.2, 0.1, 0.4, 0.3, 0.05, 0, 0, 0, 0])[:, None]
    passes = MonteCarlo(np.where(split.train, np.nan, said.ln_ic50 + 0.25), np.where(split.train, np.nan, sd))
    figures, table = measure(arrays, split, replace(said, monte_carlo=passes), seed=0)
    found = pooled(figures)
    # Errors of the mean are .75, .25, −.75, .75, .25; 1.645 sd are .33, .16, .66, .49, .08.
    assert found["monte_carlo_interval_coverage"] == 0
    assert found["monte_carlo_interval_width"] == pytest.approx(2 * 1.645 * 1.05 / 5)
    assert found["monte_carlo_rmse"] == pytest.approx(((3 * 0.75**2 + 2 * 0.25**2) / 5) ** 0.5, rel=1e-5)
    # |error| / sd on validation: 1, 2, 1.5, 2, 2.5, 3, whose conformal quantile of six is the largest.
    assert found["scaled_interval_width"] == pytest.approx(2 * 3 * 1.05 / 5, rel=1e-5)
    assert found["scaled_interval_coverage"] == 1  # errors .5, 0, 1, .5, 0 in half-widths .6, .3, 1.2, .9, .15
    assert found["monte_carlo_sd_spearman"] == pytest.approx(spearmanr(sd[6:11, 0], [0.5, 0, 1, 0.5, 0]).statistic)
    plain = pooled(measure(arrays, split, said, seed=0)[0])
    assert plain == {name: found[name] for name in plain}
    np.testing.assert_allclose(table["monte_carlo_sd"], sd[6:11, 0])


def test_a_spread_that_is_the_error_covers_nine_tenths_by_either_interval(arrays, lpo):
    rng = np.random.default_rng(0)
    sd = rng.uniform(0.1, 2, lpo.test.shape)
    guess = np.where(arrays.measured, arrays.ln_ic50, 0) + sd * rng.normal(size=sd.shape)
    said = Prediction(arrays.threshold - guess, guess, monte_carlo=MonteCarlo(guess, sd))
    found = pooled(measure(arrays, lpo, said, 0)[0])
    assert found["monte_carlo_interval_coverage"] == pytest.approx(0.9, abs=0.06)
    assert found["scaled_interval_coverage"] == pytest.approx(0.9, abs=0.06)
    assert found["scaled_interval_width"] < found["interval_width"]
    assert found["monte_carlo_rmse"] == pytest.approx(found["rmse"])
    assert found["monte_carlo_sd_spearman"] > 0.3


def test_values_from_before_the_second_fit_calibrate_and_those_after_it_are_measured(fifteen):
    arrays, split, said = fifteen
    own = Prediction(said.score, said.ln_ic50)
    exact = np.where(split.validation, arrays.ln_ic50, said.ln_ic50)  # fitted on validation: no error there
    again = Prediction(np.where(split.validation, arrays.sensitive, said.score), exact, own.score, own.ln_ic50)
    honest, refitted = (prediction_table(arrays, split, p) for p in (own, again))
    assert honest.equals(refitted)
    leaky = prediction_table(arrays, split, Prediction(again.score, again.ln_ic50))
    assert leaky["upper"].sub(leaky["lower"]).max() == 0  # what the held-out values keep from happening


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"held_out_ln_ic50": 1}, "held_out_ln_ic50: given without ln_ic50"),
        ({"ln_ic50": 1, "held_out_score": 1}, "one is missing; a method fitted again gives both"),
        ({"ln_ic50": 1, "held_out_ln_ic50": 1}, "one is missing; a method fitted again gives both"),
    ],
)
def test_held_out_values_of_one_kind_alone_are_refused(given, says):
    with pytest.raises(ValueError, match=says):
        Prediction(np.zeros((2, 2)), **{name: np.zeros((2, 2)) for name in given})


@pytest.mark.parametrize("name", ["score", "ln_ic50"])
def test_a_prediction_that_is_not_finite_is_refused_with_its_count(fifteen, name):
    arrays, split, said = fifteen
    with pytest.raises(ValueError, match=f"{name}: not finite on 5 test pairs"):
        measure(arrays, split, replace(said, **{name: np.where(split.test, np.nan, 1.0)}), 0)


def test_a_fold_without_a_test_pair_is_refused(fifteen):
    arrays, split, said = fifteen
    with pytest.raises(ValueError, match="no test pair; ask for fewer folds"):
        measure(arrays, replace(split, test=np.zeros_like(split.test)), said, 0)


def test_one_class_alone_in_the_test_has_no_label_figures_and_keeps_the_others(fifteen):
    arrays, split, said = fifteen
    found = pooled(measure(replace(arrays, sensitive=np.where(split.test, 1, arrays.sensitive)), split, said, 0)[0])
    assert all(np.isnan(found[name]) for name in ("auroc", "auprc", "f1", "mcc", "brier"))
    assert found["rmse"] == pytest.approx(0.3**0.5)


@pytest.fixture(scope="module")
def said(arrays):
    rng = np.random.default_rng(0)
    truth = np.where(arrays.measured, arrays.ln_ic50, 0)
    guess = truth + rng.normal(size=truth.shape)
    return Prediction((arrays.threshold - guess).round(1), guess)  # rounded, so that there are ties


def means(arrays, learnt):
    """Drug mean, then mean of what is left in each line: pair by pair."""
    out = np.zeros(learnt.shape)
    for j in range(learnt.shape[1]):
        out[:, j] = arrays.ln_ic50[learnt[:, j], j].mean()
    for i in range(learnt.shape[0]):
        rest = [arrays.ln_ic50[i, j] - out[i, j] for j in np.flatnonzero(learnt[i])]
        out[i] += np.mean(rest) if rest else 0
    return out


def test_correlation_beyond_means_is_that_of_what_training_means_leave(arrays, lpo, said):
    found = pooled(measure(arrays, lpo, said, 0)[0])
    shift, test = means(arrays, lpo.development), lpo.test
    x, y = (said.ln_ic50 - shift)[test], (arrays.ln_ic50 - shift)[test]
    assert found["pearson_beyond_means"] == pytest.approx(pearsonr(x, y).statistic, rel=1e-4)
    assert found["spearman_beyond_means"] == pytest.approx(spearmanr(x, y).statistic, rel=1e-4)


def test_who_says_the_means_alone_has_nothing_beyond_them(arrays, lpo, said):
    shift = means(arrays, lpo.development)
    figures, _ = measure(arrays, lpo, Prediction(said.score, shift.astype(np.float32)), 0)
    found = pooled(figures)
    assert found["pearson"] > 0.5
    assert np.isnan(found["pearson_beyond_means"])
    assert not [f for f in figures if f.level == "line" and f.metric == "pearson"]


def test_figures_of_each_drug_line_and_tissue_pair_by_pair(arrays, lpo, said):
    figures, _ = measure(arrays, lpo, said, 0)
    found = {(f.level, f.unit, f.metric): f for f in figures}
    shift, tissue = means(arrays, lpo.development), np.array(arrays.tissue)
    every = np.zeros(lpo.test.shape, bool)
    units = [("drug", name, every | (np.arange(12) == j), 5, 0) for j, name in enumerate(arrays.drug_ids)]
    units += [
        ("line", name, every | (np.arange(100) == i)[:, None], 3, shift) for i, name in enumerate(arrays.cell_line_ids)
    ]
    units += [("tissue", name, every | (tissue == name)[:, None], 5, shift) for name in set(arrays.tissue)]
    expected = {}
    for level, unit, members, fewest, off in units:
        rows = members & lpo.test
        label = arrays.sensitive[rows]
        if fewest <= label.sum() <= len(label) - fewest:
            expected[level, unit, "auroc"] = roc_auc_score(label, said.score[rows])
        if len(label) >= 2 * fewest:
            x, y = (said.ln_ic50 - off)[rows], (arrays.ln_ic50 - off)[rows]
            expected[level, unit, "pearson"] = pearsonr(x, y).statistic
            expected[level, unit, "spearman"] = spearmanr(x, y).statistic
            expected[level, unit, "rmse"] = float(np.sqrt(((x - y) ** 2).mean()))
    assert {level for level, _, _ in expected} == {"drug", "line", "tissue"}
    assert {key for key in found if key[0] != "pooled"} == expected.keys()
    for key, value in expected.items():
        assert found[key].value == pytest.approx(value, rel=1e-4, abs=1e-6), key
    for level in ("drug", "line", "tissue"):
        values = [v for key, v in expected.items() if key[0] == level and key[2] == "pearson"]
        mean = found["pooled", "", f"per_{level}_pearson"]
        assert (mean.value, mean.pairs) == (pytest.approx(np.mean(values), rel=1e-4), len(values))
        assert mean.low <= mean.value <= mean.high


def test_lines_of_no_known_tissue_are_no_tissue(arrays, lpo, said):
    nowhere = replace(arrays, tissue=["" if t == "tissue 1" else t for t in arrays.tissue])
    figures, _ = measure(nowhere, lpo, said, 0)
    assert {f.unit for f in figures if f.level == "tissue"} == {"tissue 0", "tissue 2", "tissue 3"}


def test_nine_tenths_of_the_test_pairs_lie_in_their_interval_and_probabilities_fit(arrays, said):
    found = [pooled(measure(arrays, make_split(arrays, SplitName.LPO, k), said, 0)[0]) for k in range(5)]
    assert np.mean([f["interval_coverage"] for f in found]) == pytest.approx(0.9, abs=0.03)
    assert np.mean([f["calibration_error"] for f in found]) < 0.08


def test_the_table_names_each_test_pair_with_its_own_truth(arrays, lpo, said):
    table = prediction_table(arrays, lpo, said)
    assert len(table) == lpo.test.sum()
    for row in table.iloc[::17].itertuples():
        i, j = arrays.cell_line_ids.index(row.cell_line_id), arrays.drug_ids.index(row.drug_id)
        assert lpo.test[i, j]
        assert (row.ln_ic50, row.sensitive) == (arrays.ln_ic50[i, j], arrays.sensitive[i, j] == 1)
        assert row.score == np.float32(said.score[i, j])
        assert row.predicted_ln_ic50 == np.float32(said.ln_ic50[i, j])


def test_the_same_seed_gives_the_same_intervals_and_another_others(arrays, lpo, said):
    def intervals(seed):
        figures, _ = measure(arrays, lpo, said, seed)
        return [(f.low, f.high) for f in figures if f.level == "pooled" and not np.isnan(f.low)]

    assert intervals(0) == intervals(0)
    assert sum(a != b for a, b in zip(intervals(0), intervals(1), strict=True)) > 5


def test_further_drugs_have_figures_of_their_own_and_change_none_of_the_others(arrays, lpo, said):
    more = replace(arrays, further_drug_ids=frozenset(arrays.drug_ids[::3]))
    figures, table = measure(more, lpo, said, seed=0)
    assert len(table) == lpo.test.sum()
    for figure_level, drugs in (("pooled", ~more.further), ("further", more.further)):
        chosen = lpo.test & drugs
        found = {f.metric: f.value for f in figures if f.level == figure_level}
        assert found["auroc"] == pytest.approx(roc_auc_score(arrays.sensitive[chosen], said.score[chosen]))
        error = said.ln_ic50[chosen] - arrays.ln_ic50[chosen]
        assert found["rmse"] == pytest.approx(np.sqrt(np.mean(error**2)), rel=1e-5)
        in_it = table["drug_id"].isin([drug for drug, kept in zip(arrays.drug_ids, drugs, strict=True) if kept])
        lower, upper, true = (table.loc[in_it, name] for name in ("lower", "upper", "ln_ic50"))
        assert found["interval_coverage"] == pytest.approx(((lower <= true) & (true <= upper)).mean())
    assert not {f.unit for f in figures if f.level == "drug"} & more.further_drug_ids


def test_unseen_drugs_have_figures_by_their_likeness_to_the_nearest_drug_of_development(arrays, said):
    chain = ["CCN(CC)CC", "CCN(CC)CCC", "c1ccccc1", "O=C(O)CCl"]
    drugs = replace(arrays, smiles=[chain[i % 4] for i in range(len(arrays.drug_ids))])
    split = make_split(drugs, SplitName.LDO, 0, 4)
    figures, _ = measure(drugs, split, said, seed=0)
    by_likeness = [f for f in figures if f.level == "similarity" and f.metric == "per_drug_auroc"]
    pooled_mean = pooled(figures)["per_drug_auroc"]
    assert sum(f.pairs * f.value for f in by_likeness) == pytest.approx(3 * pooled_mean)
    assert {f.unit for f in by_likeness} <= {"0 to 0.35", "0.35 to 0.5", "0.5 to 1"}
    known = measure(drugs, make_split(drugs, SplitName.LCO, 0, 4), said, seed=0)[0]
    assert not [f for f in known if f.level == "similarity"]
