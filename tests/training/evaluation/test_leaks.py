"""No leak, and proof that each check would find one: the same check on a method or split with the leak planted."""

from collections import deque
from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import training.evaluation.cell
import training.evaluation.methods
import training.evaluation.prediction_table
import training.features.line_fit
import training.features.panel
import training.metrics.bootstrap
from model.hgacl.config import HgaclConfig
from tests.helpers.leaks import crossings, leaks, shared_units
from tests.helpers.perturbed_arrays import with_other_values
from training.baselines.registry import BASELINES
from training.evaluation.cell import Cell, evaluate_cell, hide_test_responses
from training.evaluation.methods import COUNTING, Method, find_method
from training.evaluation.prediction_table import prediction_table
from training.features.table_fit import LEAST_VARIANCE, fit_table, principal_axes
from training.hgacl.fit import predict
from training.metrics.prediction import Prediction
from training.splits.splits import Split, SplitName, make_split
from training.splits.stored_folds import FoldsError, load_or_make_folds

NETWORKS = ["hgacl_epochs_2", "hgacl_paper_epochs_2"]
# LCDO leaves out responses, lines and drugs at once; what costs seconds is tried there and on random pairs
SLOW = ["matrix_factorisation", "lightgbm_ln_ic50", "two_tower", "nihgcn", "mofgcn", "graphcdr"]
FAST = [(m, s) for m in (*BASELINES, *COUNTING) for s in SplitName if m not in SLOW]
FAST += [(m, s) for m in (*SLOW, "kernel_stack", *NETWORKS) for s in (SplitName.LPO, SplitName.LCDO)]
RESPONSES = "responses outside development"


@pytest.fixture(scope="module", autouse=True)
def little_work():
    """A factor for every second drug of the planted twelve, and few epochs: what is read shows in the first ones."""
    with pytest.MonkeyPatch.context() as patch:
        for one in ("two_tower", "nihgcn", "mofgcn", "graphcdr"):
            patch.setattr(f"training.baselines.networks.{one}.EPOCHS", 10)
        patch.setitem(training.evaluation.methods.NETWORKS, "hgacl", HgaclConfig(factor_rank=6))
        yield


def split_of(arrays, name, fold=0):
    return make_split(arrays, SplitName(name), fold, 4)


@pytest.mark.parametrize(("name", "split"), FAST)
def test_no_method_says_anything_else_when_what_the_test_leaves_out_changes(arrays, name, split):
    assert leaks(find_method(name).predict, arrays, split_of(arrays, split)) == []


def reads_a_test_response(arrays, split, _seed):
    return Prediction(np.where(split.test, arrays.sensitive, 0.0))


def takes_means_over_all_pairs(arrays, split, seed):
    every = replace(split, train=arrays.measured, development=arrays.measured)
    return BASELINES["mean_effects"](arrays, every, seed)


@pytest.mark.parametrize("leaky", [reads_a_test_response, takes_means_over_all_pairs])
@pytest.mark.parametrize("split", list(SplitName))
def test_a_method_that_reads_test_responses_is_found(arrays, leaky, split):
    assert leaks(leaky, arrays, split_of(arrays, split)) == [RESPONSES]


def test_a_setting_chosen_on_the_test_is_found(arrays):
    """Half the methods choose a ridge or a rank: with the test in the place of validation the choice moves."""
    split = split_of(arrays, "LCO")

    def leaky(arrays, split, seed):
        return find_method("kernel_ridge_ln_ic50").predict(arrays, replace(split, validation=split.test), seed)

    assert leaks(find_method("kernel_ridge_ln_ic50").predict, arrays, split) == []
    assert RESPONSES in leaks(leaky, arrays, split)


def test_an_epoch_chosen_on_the_test_is_found(arrays, small):
    split, config = split_of(arrays, "LPO"), replace(small, epochs=12, evaluate_every=2)

    def honest(arrays, split, seed):
        return predict(arrays, split, config, seed)

    def leaky(arrays, split, seed):
        return predict(arrays, replace(split, validation=split.test), config, seed)

    assert leaks(honest, arrays, split) == []
    assert leaks(leaky, arrays, split) == [RESPONSES]


# features: statistics of unseen lines and drugs


def refitted(monkeypatch, change):
    """Tables of lines fitted as always and then changed by `change(fit, raw, present)`."""

    def fit(raw, rows, **options):
        present = ~raw.isnan().any(1)
        return change(fit_table(raw, rows, **options), raw, present)

    monkeypatch.setattr(training.features.panel, "fit_table", fit)
    monkeypatch.setattr(training.features.line_fit, "_recent", deque(maxlen=2))  # fits of before


def over_all_lines(fit, raw, present):
    return replace(fit, mean=raw[present][:, fit.kept].mean(0))


@pytest.mark.parametrize("name", ["kernel_ridge_ln_ic50", "hgacl_epochs_2", "hgacl_paper_epochs_2"])
@pytest.mark.parametrize("split", ["LCO", "LCDO"])
def test_standardisation_over_test_lines_is_found(arrays, name, split, monkeypatch):
    refitted(monkeypatch, over_all_lines)
    assert leaks(find_method(name).predict, arrays, split_of(arrays, split)) == ["features of unseen lines"]


def test_components_over_test_lines_are_found(arrays, monkeypatch):
    def three(fit, _raw, _present):
        return replace(fit, axes=fit.axes[:, :3], width=min(3, fit.width))

    def three_of_all(fit, raw, present):
        every = fit.standardise(raw, present)[present].double()
        return replace(fit, axes=principal_axes(every, 3, LEAST_VARIANCE), width=min(3, fit.width))

    for change, found in ((three, []), (three_of_all, ["features of unseen lines"])):
        refitted(monkeypatch, change)
        assert leaks(find_method("kernel_ridge_ln_ic50").predict, arrays, split_of(arrays, "LCO")) == found


def test_features_of_unseen_drugs_that_reach_the_others_are_found(arrays):
    def leaky(arrays, split, _seed):
        return Prediction((arrays.fingerprints - arrays.fingerprints.mean(0)).sum(1)[None, :] + 0 * split.train)

    assert leaks(leaky, arrays, split_of(arrays, "LDO")) == ["features of unseen drugs"]


# the grid: what it shows to a method, and what calibration reads


def through_the_grid(of, monkeypatch):
    """A cell of the grid run with the method `of`, in the form of a method."""
    monkeypatch.setattr(training.evaluation.cell, "find_method", lambda name: Method(of))
    monkeypatch.setattr(training.metrics.bootstrap, "RESAMPLES", 2)  # nothing here reads the intervals of figures

    def run(arrays, split, _seed):
        table = evaluate_cell(arrays, Cell("planted", "LDO", 0, 4), split).predictions
        said = ["score", "probability", "predicted_ln_ic50", "lower", "upper"]
        matrix = np.zeros((len(said), *split.test.shape))
        matrix[:, split.test] = table[said].to_numpy().T
        return Prediction(matrix[0], matrix[2], matrix[1], matrix[3] + 1e3 * matrix[4])

    return run


def greedy(arrays, split, _seed):
    """Takes every response and every threshold that it is shown."""
    score = arrays.threshold - np.nan_to_num(arrays.ln_ic50, nan=1.0)
    return Prediction(score.astype(np.float32))


@pytest.mark.parametrize("split", ["LPO", "LCO", "LDO", "LCDO"])
def test_the_grid_shows_a_method_nothing_of_the_test_even_if_it_would_read_it(arrays, split, monkeypatch):
    chosen = split_of(arrays, split)
    assert leaks(through_the_grid(greedy, monkeypatch), arrays, chosen) == []
    monkeypatch.setattr(training.evaluation.cell, "hide_test_responses", lambda arrays, split: arrays)
    assert RESPONSES in leaks(through_the_grid(greedy, monkeypatch), arrays, chosen)


def test_thresholds_of_unseen_drugs_shown_to_a_method_are_found(arrays, monkeypatch):
    def only_responses(arrays, split):
        return replace(hide_test_responses(arrays, split), threshold=arrays.threshold)

    chosen = split_of(arrays, "LDO")
    assert leaks(through_the_grid(greedy, monkeypatch), arrays, chosen) == []
    monkeypatch.setattr(training.evaluation.cell, "hide_test_responses", only_responses)
    assert leaks(through_the_grid(greedy, monkeypatch), arrays, chosen) == ["thresholds of unseen drugs"]


def test_thresholds_of_unseen_drugs_in_the_way_to_ln_ic50_are_found(arrays, monkeypatch):
    chosen = split_of(arrays, "LDO")
    honest = through_the_grid(find_method("positive_counts").predict, monkeypatch)
    assert leaks(honest, arrays, chosen) == []
    monkeypatch.setattr(
        training.evaluation.prediction_table, "known_thresholds", lambda arrays, train: arrays.threshold
    )
    assert leaks(honest, arrays, chosen) == ["thresholds of unseen drugs"]


def fitted_on(part):
    """What measure calibrates, with the pairs of `part` in the place of the validation pairs."""

    def fit(arrays, scores, margins, validation, sd):
        return honest(arrays, scores, margins, part, sd)

    honest = training.evaluation.prediction_table.calibrate
    return fit


def judged(arrays, split, said):
    """Decision threshold, probabilities and intervals of the test pairs, truth left out."""
    return prediction_table(arrays, split, said)[["probability", "called", "predicted_ln_ic50", "lower", "upper"]]


@pytest.mark.parametrize("own_ln_ic50", [False, True])
def test_a_decision_threshold_or_calibration_from_the_test_is_found(arrays, own_ln_ic50, monkeypatch):
    split = split_of(arrays, "LPO")
    score = BASELINES["als_ln_ic50"](arrays, split, 0).score
    said = Prediction(score, -score if own_ln_ic50 else None)
    other = with_other_values(arrays, split.test)
    assert judged(arrays, split, said).equals(judged(other, split, said))
    monkeypatch.setattr(training.evaluation.prediction_table, "calibrate", fitted_on(split.test))
    assert not judged(arrays, split, said).equals(judged(other, split, said))


def test_a_scale_of_drugs_from_the_test_is_found(arrays, monkeypatch):
    split = split_of(arrays, "LPO")
    said = Prediction(BASELINES["als_ln_ic50"](arrays, split, 0).score)
    other = with_other_values(arrays, split.test)
    scale = training.evaluation.prediction_table.drug_scale
    monkeypatch.setattr(
        training.evaluation.prediction_table, "drug_scale", lambda arrays, _train: scale(arrays, arrays.measured)
    )
    assert not judged(arrays, split, said).equals(judged(other, split, said))


# splits: pairs, lines, drugs and their duplicates


@pytest.mark.parametrize("name", list(SplitName))
@pytest.mark.parametrize("part", ["train", "validation", "development"])
def test_test_pairs_in_what_is_learnt_from_are_found(arrays, name, part):
    split = split_of(arrays, name, 1)
    assert crossings(arrays, split) == []
    one = np.zeros_like(split.test)
    one[tuple(np.argwhere(split.test)[3])] = True
    assert "test pairs" in crossings(arrays, replace(split, **{part: getattr(split, part) | one}))


@pytest.mark.parametrize(
    ("name", "axis"), [("LCO", 1), ("LTO", 1), ("LCDO", 1), ("LDO", 0), ("LCDO", 0)], ids=lambda value: str(value)
)
def test_one_pair_of_a_left_out_line_or_drug_in_training_is_found(arrays, name, axis):
    split = split_of(arrays, name)
    groups = arrays.line_groups if axis == 1 else arrays.drug_groups
    assert shared_units(split, groups, axis) == []
    i, j = np.argwhere(split.test)[0]
    moved = np.zeros_like(split.test)
    moved[i, j] = True
    planted = Split(split.train | moved, split.validation, split.test & ~moved, split.development | moved)
    assert crossings(arrays, planted) == []  # no pair stands in both: only the unit tells
    assert shared_units(planted, groups, axis) == [groups[i if axis == 1 else j]]


@pytest.mark.parametrize(("name", "field", "axis"), [("LCO", "line_groups", 1), ("LDO", "drug_groups", 0)])
def test_duplicates_that_cross_are_found(arrays, name, field, axis):
    """Every second line (drug) is another's second entry, by authority id (InChIKey skeleton)."""
    groups = [group for group in getattr(arrays, field)[::2] for _ in (0, 1)]
    doubled = replace(arrays, **{field: groups})
    for fold in range(4):
        assert shared_units(split_of(doubled, name, fold), groups, axis) == []
    apart = [f"row {i}" for i in range(len(groups))]  # as a split by rows would see them
    planted = split_of(replace(doubled, **{field: apart}), name)
    assert shared_units(planted, groups, axis)


def test_random_pairs_of_duplicates_that_cross_are_found(arrays):
    groups = [group for group in arrays.line_groups[::2] for _ in (0, 1)]
    doubled = replace(arrays, line_groups=groups)
    assert crossings(doubled, split_of(doubled, "LPO")) == []
    assert crossings(doubled, split_of(arrays, "LPO")) == ["duplicates of test pairs"]


def test_stored_folds_have_none_of_these_and_cannot_be_made_to_train_and_test_a_pair(arrays, tmp_path):
    for name, axes in (("LPO", []), ("LCO", [1]), ("LDO", [0]), ("LTO", [1]), ("LCDO", [0, 1])):
        for split in load_or_make_folds(arrays, SplitName(name), 4, 0, tmp_path):
            assert crossings(arrays, split) == []
            assert not any(shared_units(split, (arrays.drug_groups, arrays.line_groups)[a], a) for a in axes)
    path = tmp_path / "LPO-4-seed0.parquet"
    about, table = pq.read_schema(path).metadata, pd.read_parquet(path).astype(str)
    twice = pd.concat([table, table[table["fold_0"] == "test"].assign(fold_0="train")])
    pq.write_table(pa.Table.from_pandas(twice, preserve_index=False).replace_schema_metadata(about), path)
    with pytest.raises(FoldsError, match="stands more than once"):
        load_or_make_folds(arrays, SplitName.LPO, 4, 0, tmp_path)


# the published protocol is one leak more, and is found like the others


def test_the_published_protocol_chooses_on_its_test_pairs(arrays):
    split = training.evaluation.cell.paper_protocols.hgacl_splits(arrays, 4, 0)[0]
    assert crossings(arrays, split) == ["test pairs"]
    assert np.array_equal(split.validation, split.test)
    score = Prediction(BASELINES["als_ln_ic50"](arrays, split_of(arrays, "LPO"), 0).score)
    assert not judged(arrays, split, score).equals(judged(with_other_values(arrays, split.test), split, score))
