"""The fast bootstrap against one that copies the rows of each drawn line, and against weights in scikit-learn."""

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, roc_auc_score

from training.metrics import bootstrap
from training.metrics.bootstrap import bootstrap_intervals, bootstrap_mean_interval


@pytest.fixture
def pairs():
    """Label, score with many ties, truth, guess, line of 300 pairs of 25 lines of unequal size."""
    rng = np.random.default_rng(3)
    line = rng.choice(25, 300, p=rng.dirichlet(np.ones(25)))
    own = rng.normal(size=25)[line]
    truth = own + rng.normal(size=300)
    guess = truth + rng.normal(size=300)
    return truth > 0.5, guess.round(0), truth, guess, line * 7


def of_rows(rows, label, score, truth, guess, **weight):
    label, score, error = label[rows], score[rows], (guess - truth)[rows]
    return {
        "auroc": roc_auc_score(label, score, **weight),
        "auprc": average_precision_score(label, score, **weight),
        "rmse": float(np.sqrt(np.average(error**2, weights=weight.get("sample_weight")))),
    }


@pytest.mark.parametrize("seed", range(8))
def test_one_resample_is_the_rows_of_the_drawn_lines_and_weights_in_scikit_learn(pairs, monkeypatch, seed):
    monkeypatch.setattr(bootstrap, "RESAMPLES", 1)
    found = bootstrap_intervals(*pairs, seed)
    *values, line = pairs
    lines = np.unique(line)
    drawn = np.random.default_rng(seed).multinomial(len(lines), np.full(len(lines), 1 / len(lines)))
    times = drawn[np.searchsorted(lines, line)]
    copied = of_rows(np.repeat(np.arange(300), times), *values)
    weighted = of_rows(np.arange(300), *values, sample_weight=times.astype(float))
    for metric, (low, high) in found.items():
        assert low == high == pytest.approx(copied[metric], rel=1e-9)
        assert weighted[metric] == pytest.approx(copied[metric], rel=1e-9)


def test_the_interval_is_that_of_a_slow_bootstrap_over_lines(pairs):
    found = bootstrap_intervals(*pairs, 0)
    *values, line = pairs
    members = [np.flatnonzero(line == name) for name in np.unique(line)]
    draws = np.random.default_rng(99).integers(len(members), size=(500, len(members)))
    slow = [of_rows(np.concatenate([members[i] for i in drawn]), *values) for drawn in draws]
    for metric, (low, high) in found.items():
        expected = np.percentile([s[metric] for s in slow], (2.5, 97.5))
        np.testing.assert_allclose((low, high), expected, atol=0.15 * np.ptp(expected))
        assert low < of_rows(np.arange(300), *values)[metric] < high


def test_pairs_of_one_line_count_as_one_not_as_many(pairs):
    """Ten copies of each pair in its own line say nothing new; taken for lines of their own they would."""
    tenfold = [np.tile(part, 10) for part in pairs]
    once, copies = bootstrap_intervals(*pairs, 0), bootstrap_intervals(*tenfold, 0)
    assert copies["auroc"] == pytest.approx(once["auroc"])
    apart = bootstrap_intervals(*tenfold[:4], np.arange(3000), 0)
    assert np.ptp(apart["auroc"]) < 0.6 * np.ptp(once["auroc"])


def test_one_class_alone_has_no_interval_but_an_error_has(pairs):
    found = bootstrap_intervals(np.ones(300, bool), *pairs[1:], 0)
    assert np.isnan([*found["auroc"], *found["auprc"]]).all()
    assert np.isfinite(found["rmse"]).all()


def test_the_interval_of_a_mean_by_its_standard_error():
    values = np.random.default_rng(0).normal(size=400)
    low, high = bootstrap_mean_interval(values, 0)
    half = 1.96 * values.std() / 20
    np.testing.assert_allclose((low, high), (values.mean() - half, values.mean() + half), atol=0.02)
    assert bootstrap_mean_interval(np.array([3.0]), 0) == (3, 3)
    assert bootstrap_mean_interval(values, 0) == (low, high)
