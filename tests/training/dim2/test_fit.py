"""Fits of DiM2-DRP: what is learned, which parts can be left out, and that a stopped run ends like a whole one."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from model.dim2.network import Dim2
from tests.helpers.dim2_arrays import small_dim2, with_structures
from training.dim2.fit import fit_dim2
from training.metrics.metrics import per_drug_pearson
from training.splits.splits import SplitName, make_split

PRESETS = ("default", "paper")


@pytest.fixture(scope="module")
def data(arrays, tmp_path_factory):
    return replace(with_structures(arrays), structures=tmp_path_factory.mktemp("structures"))


@pytest.fixture(scope="module")
def lpo(data):
    return make_split(data, SplitName.LPO, 0)


@pytest.fixture(scope="module")
def lco(data):
    return make_split(data, SplitName.LCO, 0)


def same_state(a, b):
    return a.keys() == b.keys() and all(torch.equal(a[name], b[name]) for name in a)


def test_where_training_only_harms_the_offset_alone_is_kept(data, lpo):
    config = small_dim2(epochs=2, patience=2, learning_rate=1e4)
    fitted = fit_dim2(data, lpo.train, lpo.validation, config, 0)
    assert fitted.epoch == 0
    assert fitted.history[0]["epoch"] == 0


@pytest.mark.parametrize("preset", PRESETS)
def test_a_stopped_run_gives_the_weights_of_one_that_was_not(data, lpo, tmp_path, preset):
    class Stopped(Exception):  # noqa: N818
        pass

    def stop(epoch, _):
        if epoch == 2:
            raise Stopped

    config = small_dim2(preset, epochs=4)
    arguments = (data, lpo.train, lpo.validation, config, 3)
    whole = fit_dim2(*arguments)
    path = tmp_path / "checkpoint.pt"
    with pytest.raises(Stopped):
        fit_dim2(*arguments, checkpoint=path, progress=stop)
    resumed = fit_dim2(*arguments, checkpoint=path)
    assert same_state(whole.state, resumed.state)
    assert whole.history == resumed.history
    np.testing.assert_array_equal(whole.ln_ic50, resumed.ln_ic50)
    assert list(tmp_path.glob("*.writing")) == []


def test_another_seed_gives_other_weights(data, lpo):
    one, two = (fit_dim2(data, lpo.train, lpo.validation, small_dim2(epochs=1), seed) for seed in (0, 1))
    assert not np.array_equal(one.ln_ic50, two.ln_ic50)


def learned(data, split, config):
    fitted = fit_dim2(data, split.train, split.validation, config, 0)
    return np.nanmean(per_drug_pearson(fitted.ln_ic50, data.ln_ic50, split.test))


def test_unseen_lines_are_told_apart_by_their_features_and_not_when_these_are_shuffled(data, lco):
    config = small_dim2(epochs=25, patience=25, contrastive_weight=0.0, drug_3d=False, dropout=0.0)
    order = np.random.default_rng(0).permutation(100)
    shuffled = replace(
        data,
        features={name: table[order] for name, table in data.features.items()},
        present={name: has[order] for name, has in data.present.items()},
        tissue=[data.tissue[i] for i in order],
        cancer_type=[data.cancer_type[i] for i in order],
        medium=[data.medium[i] for i in order],
    )
    assert learned(data, lco, config) > 0.6
    assert learned(shuffled, lco, config) < 0.35


@pytest.mark.parametrize(
    "off",
    [
        {"pathways": False},
        {"mutations": False},
        {"expression": False},
        {"drug_2d": False},
        {"drug_3d": False},
        {"attention": False},
        {"contrastive_weight": 0.0},
        {"target_weight": 0.0, "cancer_weight": 0.0, "drug_reconstruction": 0.0, "mutation_reconstruction": 0.0},
        {"offset": False},
        {"tissue": False},
    ],
)
def test_each_part_can_be_left_out(data, lpo, off):
    config = small_dim2(epochs=1, **off)
    fitted = fit_dim2(data, lpo.train, lpo.validation, config, 0)
    assert np.isfinite(fitted.ln_ic50).all()
    whole = Dim2(8, 30, 40, 4, 3, 4, (1, 1), small_dim2())  # the widths of the data here
    assert sum(p.numel() for p in fitted.network().parameters()) < sum(p.numel() for p in whole.parameters())


def test_missing_tables_pairs_and_smiles_are_named(data, lpo):
    config = small_dim2()
    empty = np.zeros_like(lpo.train)
    with pytest.raises(ValueError, match="no training pair"):
        fit_dim2(data, empty, lpo.validation, config)
    with pytest.raises(ValueError, match="no validation pair"):
        fit_dim2(data, lpo.train, empty, config)
    without = replace(data, features={"mutation": data.features["mutation"]})
    with pytest.raises(ValueError, match="neither pathway_activity nor expression"):
        fit_dim2(without, lpo.train, lpo.validation, config)
    without = replace(data, features={"expression": data.features["expression"]})
    with pytest.raises(ValueError, match="no mutation table"):
        fit_dim2(without, lpo.train, lpo.validation, config)
    without = replace(data, smiles=[*data.smiles[:4], " ", *data.smiles[5:]])
    with pytest.raises(ValueError, match=r"drugs without SMILES: \['14'\]"):
        fit_dim2(without, lpo.train, lpo.validation, config)


def test_free_codes_know_a_measured_line_and_drug_and_nothing_of_others(data, lpo):
    fitted = [
        fit_dim2(data, lpo.train, lpo.validation, small_dim2(offset=False, epochs=n, free_codes=8), 0) for n in (1, 2)
    ]
    once, network = (fit.network() for fit in fitted)
    assert not torch.equal(once.free_drugs.codes.weight, network.free_drugs.codes.weight)
    rows, yes, no = torch.tensor([0, 1]), torch.tensor([True, True]), torch.tensor([False, False])
    seen, unseen = network.free_lines(rows, no), network.free_lines(rows, yes)
    assert seen.shape == (2, 9)
    assert not torch.equal(seen[0], seen[1])
    assert unseen.tolist() == [[0.0] * 8 + [1.0]] * 2
