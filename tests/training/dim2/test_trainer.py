"""Training of DiM2-DRP: what learns, what is never read, and that a stopped run ends where a whole one does."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from model.dim2.network import Dim2
from tests.helpers.dim2_arrays import small_dim2, with_structures
from tests.helpers.perturbed_arrays import with_other_features, with_other_values
from training.dim2.fit import fit_dim2
from training.dim2.inputs import inputs_of
from training.dim2.trainer import Dim2Trainer
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


@pytest.fixture
def trainer_of():
    def make(data, train, config, seed=0):
        return Dim2Trainer(inputs_of(data, train, config, seed), train, config, seed)

    return make


def after_an_epoch(trainer):
    """Dropout draws from torch's one generator, which a new trainer seeds: run each before the next is made."""
    trainer.run_epoch()
    return trainer


def same_state(a, b):
    return a.keys() == b.keys() and all(torch.equal(a[name], b[name]) for name in a)


@pytest.mark.parametrize("preset", PRESETS)
def test_every_weight_learns_the_graph_networks_included(data, lpo, trainer_of, preset):
    """Published, the 2D and 3D networks keep their random start."""
    trainer = trainer_of(data, lpo.train, small_dim2(preset))
    before = {name: p.detach().clone() for name, p in trainer.network.named_parameters()}
    trainer.run_epoch()
    assert [n for n, p in trainer.network.named_parameters() if torch.equal(p, before[n])] == []
    moved = [n for n in before if n.startswith(("drugs.two.", "drugs.three."))]
    assert len(moved) > 40


@pytest.mark.parametrize("preset", PRESETS)
def test_no_value_of_a_test_or_validation_pair_reaches_the_weights(data, lpo, trainer_of, preset):
    changed = with_other_values(data, lpo.test | lpo.validation)
    one, two = (after_an_epoch(trainer_of(a, lpo.train, small_dim2(preset))) for a in (data, changed))
    assert same_state(one.network.state_dict(), two.network.state_dict())
    pairs = torch.from_numpy(np.argwhere(lpo.test))
    assert torch.equal(one.predict(pairs), two.predict(pairs))


def test_no_feature_of_an_unseen_line_reaches_the_weights_or_another_lines_prediction(data, lco, trainer_of):
    seen = lco.train.any(1)
    changed = with_other_features(data, ~seen)
    one, two = (after_an_epoch(trainer_of(a, lco.train, small_dim2())) for a in (data, changed))
    assert same_state(one.network.state_dict(), two.network.state_dict())
    every = torch.cartesian_prod(torch.arange(100), torch.arange(12))
    same = (one.predict(every) == two.predict(every)).reshape(100, 12).numpy()
    assert same[seen].all()
    assert not same[~seen].any(1).any()


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
    whole = Dim2(8, 30, 40, 4, 3, 4, small_dim2())  # the widths of the data here
    assert sum(p.numel() for p in fitted.network().parameters()) < sum(p.numel() for p in whole.parameters())


def test_codes_made_every_step_are_plain_training(data, lpo, trainer_of):
    """Gradients through codes made once for all pairs equal those of codes made for every pair."""
    config = small_dim2(codes_every=1, dropout=0.0, conformers=5, contrastive_weight=0.0)
    config = replace(config, target_weight=0, cancer_weight=0, drug_reconstruction=0, mutation_reconstruction=0)
    gathered, plain = trainer_of(data, lpo.train, config), trainer_of(data, lpo.train, config)
    batch = plain.pairs[:50]
    inputs, network = plain.inputs, plain.network
    codes = (network.cells(*inputs.cells), network.drugs(**inputs.drugs.named_tensors()))
    plain.batch_loss(batch, *codes).backward()
    state = gathered.generator.get_state()
    gathered.train_on_codes((batch,))
    assert not torch.equal(state, gathered.generator.get_state())
    for (name, one), (_, other) in zip(network.named_parameters(), gathered.network.named_parameters(), strict=True):
        if one.grad is not None:
            torch.testing.assert_close(one.grad, other.grad, rtol=1e-3, atol=1e-6, msg=name)


def test_the_average_follows_the_weights_and_is_what_predicts(data, lpo, trainer_of):
    trainer = trainer_of(data, lpo.train, small_dim2(ema=0.9995))
    trainer.run_epoch()
    pairs = [(dict(trainer.average.named_parameters())[n], p) for n, p in trainer.network.named_parameters()]
    assert not any(torch.equal(a, b) for a, b in pairs)
    start = Dim2Trainer(trainer.inputs, lpo.train, small_dim2(ema=0.9995), 0).network
    for name, p in start.named_parameters():  # warm-up: it has left the start behind
        if name == "fusion.mlp.0.weight":
            now, mean = trainer.network.get_parameter(name), trainer.average.get_parameter(name)
            assert (mean - now).norm() < (p - now).norm()


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


def test_without_pathway_scores_expression_stands_in(data, lpo):
    features = {name: table for name, table in data.features.items() if name != "pathway_activity"}
    inputs = inputs_of(replace(data, features=features), lpo.train, small_dim2(), 0)
    assert inputs.pathways.shape == (100, 40)  # as many components as 40 genes have
