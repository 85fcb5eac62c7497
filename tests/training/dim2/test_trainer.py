"""Training steps of DiM2-DRP: what learns, what is never read, and which weights predict."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from tests.helpers.dim2_arrays import small_dim2, with_structures
from tests.helpers.perturbed_arrays import with_other_features, with_other_values
from training.dim2.inputs import inputs_of
from training.dim2.trainer import Dim2Trainer
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


def still(data, train, trainer_of, **changes):
    """A trainer of the plain pair loss without chance, whose steps leave the weights as they are."""
    off = ("contrastive_weight", "target_weight", "cancer_weight", "drug_reconstruction", "mutation_reconstruction")
    config = small_dim2(dropout=0.0, conformers=5, schedule="plateau", **dict.fromkeys(off, 0.0), **changes)
    trainer = trainer_of(data, train, config)
    trainer.optimiser.param_groups[0]["lr"] = 0.0
    return trainer


def mean_gradients(trainer, batches):
    """Gradients of plain training, with codes of each batch's own, by name: their mean over the batches."""
    inputs, network = trainer.inputs, trainer.network
    network.zero_grad()
    for batch in batches:
        codes = (network.cells(*inputs.cells), network.drugs(**inputs.drugs.named_tensors()))
        (trainer.batch_loss(batch, *codes) / len(batches)).backward()
    return {name: p.grad.clone() for name, p in network.named_parameters() if p.grad is not None}


def check_gradients(trainer, expected, part):
    found = {name: p.grad for name, p in trainer.network.named_parameters() if name.startswith(part)}
    assert found
    for name, gradient in found.items():
        if name in expected:
            torch.testing.assert_close(gradient, expected[name], rtol=1e-3, atol=1e-6, msg=name)


def test_codes_made_every_step_are_plain_training(data, lpo, trainer_of):
    """Gradients through codes made once for all pairs equal those of codes made for every pair."""
    trainer = still(data, lpo.train, trainer_of, codes_every=1, graphs_every=1)
    batch, state = trainer.pairs[:50], trainer.generator.get_state()
    expected = mean_gradients(trainer, [batch])
    trainer.generator.set_state(state)
    trainer.train_on_graphs((batch,))
    assert not torch.equal(state, trainer.generator.get_state())
    check_gradients(trainer, expected, "")


def test_held_codes_get_the_mean_gradient_of_the_steps_that_read_them(data, lpo, trainer_of):
    trainer = still(data, lpo.train, trainer_of, codes_every=2, graphs_every=6, unseen_lines=0.0, unseen_drugs=0.0)
    batches = trainer.pairs[:300].split(50)
    graphs, others, last = (mean_gradients(trainer, batches[start:]) for start in (0, 4, 5))
    trainer.train_on_graphs(batches)
    for part in ("drugs.two.", "drugs.three."):
        check_gradients(trainer, graphs, part)
    for part in ("cells.", "drugs.ecfp."):
        check_gradients(trainer, others, part)
    check_gradients(trainer, last, "fusion.")


def test_only_every_so_many_steps_contrast(data, lpo, trainer_of):
    trainer = trainer_of(data, lpo.train, small_dim2(contrast_every=3, queue=2_000))
    trainer.run_epoch()
    assert trainer.steps == 7
    assert (trainer.network.contrast.cell_queue.cells >= 0).sum() == 128 + 128 + len(trainer.pairs) - 6 * 128


def test_the_learning_rate_rises_then_falls_to_nothing(data, lpo, trainer_of):
    trainer = trainer_of(data, lpo.train, small_dim2(learning_rate=0.01))
    rates = []
    for _ in range(4):
        rates.append(trainer.optimiser.param_groups[0]["lr"])
        trainer.run_epoch()
    assert 0 < rates[0] < rates[1]
    assert rates[1] > rates[2] > rates[3] > trainer.optimiser.param_groups[0]["lr"]
    assert trainer.optimiser.param_groups[0]["lr"] == pytest.approx(0, abs=1e-8)


def test_of_the_mutations_the_panels_genes_are_read(data, lpo):
    names = [*data.feature_names["mutation"]]
    names[:3] = data.feature_names["expression"][:3]
    data = replace(data, feature_names={**data.feature_names, "mutation": names})
    read, whole = (inputs_of(data, lpo.train, small_dim2(panel_genes=x), 0).mutations for x in (True, False))
    assert whole.shape == (100, 30)
    np.testing.assert_array_equal(read, whole[:, [name in data.feature_names["expression"] for name in names]])


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


def test_without_pathway_scores_expression_stands_in(data, lpo):
    features = {name: table for name, table in data.features.items() if name != "pathway_activity"}
    inputs = inputs_of(replace(data, features=features), lpo.train, small_dim2(), 0)
    assert inputs.pathways.shape == (100, 40)  # as many components as 40 genes have
