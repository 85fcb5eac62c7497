"""Fits of HGACL-DRP: what is never read, and that a killed run gives the weights of one that was not."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from tests.helpers.perturbed_arrays import with_other_features, with_other_values
from training.baselines.registry import BASELINES
from training.features.responses import drug_scale
from training.hgacl.fit import fit, predict, refit
from training.metrics.metrics import summary
from training.splits.splits import SplitName, make_split


def same_codes(a, b):
    return all(np.array_equal(x, y) for x, y in zip(vars(a.codes).values(), vars(b.codes).values(), strict=True))


def same_state(a, b):
    return a.keys() == b.keys() and all(torch.equal(a[name], b[name]) for name in a)


@pytest.mark.parametrize("preset", ["small", "small_paper"])
def test_no_value_of_a_test_or_validation_pair_reaches_the_weights(arrays, lpo, preset, request):
    """One look at the end: validation may choose the epoch, and nothing else."""
    config = replace(request.getfixturevalue(preset), epochs=3, evaluate_every=3)
    changed = with_other_values(arrays, lpo.test | lpo.validation)
    one, two = (fit(a, lpo.train, lpo.validation, config, 0) for a in (arrays, changed))
    assert same_state(one.state, two.state)
    np.testing.assert_array_equal(one.codes.scores(), two.codes.scores())


def test_no_feature_of_an_unseen_line_reaches_the_weights_or_another_lines_code(arrays, lco, small):
    config = replace(small, epochs=3, evaluate_every=3)
    seen = lco.train.any(1)
    changed = with_other_features(arrays, ~seen)
    one, two = (fit(a, lco.train, lco.validation, config, 0) for a in (arrays, changed))
    assert same_state(one.state, two.state)
    np.testing.assert_array_equal(one.codes.lines[seen], two.codes.lines[seen])
    np.testing.assert_array_equal(one.codes.drugs, two.codes.drugs)
    assert (one.codes.lines[~seen] != two.codes.lines[~seen]).any(1).all()


def test_random_responses_are_predicted_at_chance(arrays, small):
    """Independent ln IC50 with the threshold at the median: neither lines nor drugs nor features know anything."""
    ln_ic50 = np.random.default_rng(5).normal(size=arrays.ln_ic50.shape).astype(np.float32)
    ln_ic50[~arrays.measured] = np.nan
    label = np.where(np.isnan(ln_ic50), np.nan, ln_ic50 < 0).astype(np.float32)
    noise = replace(arrays, ln_ic50=ln_ic50, sensitive=label, threshold=np.zeros(12, np.float32))
    auroc = []
    for fold in range(3):
        split = make_split(noise, SplitName.LPO, fold)
        scores = fit(noise, split.train, split.validation, small, 0).codes.scores()
        auroc.append(summary(scores, label, split.test)["auroc"])
    assert np.mean(auroc) == pytest.approx(0.5, abs=0.07)


def test_unseen_lines_are_ranked_by_their_features_and_not_when_these_are_shuffled(arrays, lco, small):
    order = np.random.default_rng(0).permutation(100)
    features = {name: table[order] for name, table in arrays.features.items()}
    present = {name: has[order] for name, has in arrays.present.items()}
    shuffled = replace(arrays, features=features, present=present, tissue=[arrays.tissue[i] for i in order])
    scores = {
        "network": fit(arrays, lco.train, lco.validation, small, 0).codes.scores(),
        "shuffled": fit(shuffled, lco.train, lco.validation, small, 0).codes.scores(),
        "mean effects": BASELINES["mean_effects"](arrays, lco, 0).score,
    }
    auroc = {name: summary(s, arrays.sensitive, lco.test)["per_drug_auroc"] for name, s in scores.items()}
    assert auroc["network"] > 0.85
    assert auroc["mean effects"] == 0.5
    assert auroc["shuffled"] < 0.65


class KilledError(Exception):
    pass


@pytest.mark.parametrize("look", [1, 2, 3, 4])
def test_a_run_killed_at_any_look_gives_the_weights_of_one_that_was_not(arrays, lpo, small, tmp_path, look):
    config, looks = replace(small, epochs=8, evaluate_every=2), []

    def kill(epoch, _):
        looks.append(epoch)
        if len(looks) == look:
            raise KilledError

    path = tmp_path / "checkpoint.pt"
    with pytest.raises(KilledError):
        fit(arrays, lpo.train, lpo.validation, config, 1, checkpoint=path, progress=kill)
    torch.rand(100)  # whatever else drew random numbers since
    resumed = fit(arrays, lpo.train, lpo.validation, config, 1, checkpoint=path, progress=lambda e, _: looks.append(e))
    whole = fit(arrays, lpo.train, lpo.validation, config, 1)
    assert looks == [2, 4, 6, 8]
    assert same_state(resumed.state, whole.state)
    assert same_codes(resumed, whole)
    assert (resumed.epoch, resumed.history) == (whole.epoch, whole.history)


@pytest.mark.parametrize("killed_at", [2, 4, 6, 10])
def test_a_run_killed_in_the_middle_of_a_draw_goes_on_with_that_draw(arrays, lpo, small, tmp_path, killed_at):
    """Hidden edges last five epochs and a checkpoint is written every two."""
    config, path = replace(small, evaluate_every=2, redraw_every=5), tmp_path / "checkpoint.pt"

    def kill(epoch, _):
        if epoch == killed_at:
            raise KilledError

    with pytest.raises(KilledError):
        refit(arrays, lpo.train, config, 12, 1, checkpoint=path, progress=kill)
    torch.rand(7)
    looks = []
    resumed = refit(arrays, lpo.train, config, 12, 1, checkpoint=path, progress=lambda e, _: looks.append(e))
    whole = refit(arrays, lpo.train, config, 12, 1)
    assert looks == list(range(killed_at + 2, 13, 2))
    assert same_state(resumed.state, whole.state)
    assert same_codes(resumed, whole)


def test_a_refit_trains_for_the_epochs_it_is_told_and_looks_at_nothing(arrays, lpo, small):
    config = replace(small, epochs=6, evaluate_every=2)
    first = fit(arrays, lpo.train, lpo.validation, config, 0)
    again = refit(arrays, lpo.train, config, first.epoch, 0)
    assert same_state(first.state, again.state)
    assert same_codes(first, again)
    assert (again.epoch, again.history) == (first.epoch, [])
    odd = refit(arrays, lpo.train, replace(config, epochs=2, patience=1), 5, 0)
    assert odd.epoch == 5
    more = refit(arrays, lpo.development, config, first.epoch, 0)
    assert not same_state(more.state, again.state)


def test_predict_calibrates_on_the_first_fit_and_scores_with_the_second(arrays, lpo, small):
    config = replace(small, epochs=6, evaluate_every=2)
    said = predict(arrays, lpo, config, 0)
    first = fit(arrays, lpo.train, lpo.validation, config, 0)
    again = refit(arrays, lpo.development, config, first.epoch, 0)
    np.testing.assert_array_equal(said.held_out_score, first.codes.scores())
    np.testing.assert_array_equal(said.score, again.codes.scores())
    _, sd = drug_scale(arrays, lpo.development)
    np.testing.assert_allclose((arrays.threshold - said.ln_ic50) / sd, again.codes.margins(), atol=1e-4)
    assert said.notes["epoch"] == first.epoch
    paper = predict(arrays, lpo, replace(config, margin_weight=0.0), 0)
    assert (paper.ln_ic50, paper.held_out_ln_ic50) == (None, None)


def test_margins_estimate_the_planted_ln_ic50(arrays, lpo, small):
    said = predict(arrays, lpo, small, 0)
    truth, drug_mean = arrays.ln_ic50, np.nanmean(np.where(lpo.development, arrays.ln_ic50, np.nan), 0)
    error, of_means = ((x - truth)[lpo.test] ** 2 for x in (said.ln_ic50, np.broadcast_to(drug_mean, truth.shape)))
    assert error.mean() < 0.4 * of_means.mean()


def test_the_same_seed_gives_the_same_weights_and_another_one_others(arrays, lpo, small):
    config = replace(small, epochs=2, evaluate_every=2)
    one, same, other = (fit(arrays, lpo.train, lpo.validation, config, seed).state for seed in (0, 0, 1))
    assert same_state(one, same)
    assert not same_state(one, other)


def test_the_best_validation_epoch_is_returned_and_patience_ends_the_run(arrays, lpo, small):
    config = replace(small, epochs=400, patience=30, evaluate_every=10)
    result = fit(arrays, lpo.train, lpo.validation, config, 0)
    by_epoch = {look["epoch"]: look["auprc"] + look.get("per_drug_auroc", 0) for look in result.history}
    assert result.epoch == max(by_epoch, key=by_epoch.get)
    assert result.history[-1]["epoch"] == result.epoch + 30 < 400
    again = summary(result.codes.scores(), arrays.sensitive, lpo.validation)
    assert again == {k: v for k, v in result.history[result.epoch // 10 - 1].items() if k != "epoch"}


def test_validation_pairs_of_one_class_are_refused(arrays, lpo, small):
    resistant = lpo.validation & (arrays.sensitive == 0)
    with pytest.raises(ValueError, match="not both sensitive and resistant: give more data"):
        fit(arrays, lpo.train, resistant, small)
