"""Monte Carlo dropout: what a pass draws, and that a seed gives the same passes; attention over pairs and tokens."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from tests.helpers.dim2_arrays import small_dim2, with_structures
from training.dim2.fit import fit_dim2
from training.dim2.inference import mean_attention, monte_carlo_ln_ic50, predict_ln_ic50
from training.dim2.predict import predict_dim2
from training.splits.splits import SplitName, make_split

PAIRS = torch.cartesian_prod(torch.arange(20), torch.arange(12))


@pytest.fixture(scope="module")
def data(arrays, tmp_path_factory):
    return replace(with_structures(arrays), structures=tmp_path_factory.mktemp("structures"))


@pytest.fixture(scope="module")
def lpo(data):
    return make_split(data, SplitName.LPO, 0, 4)


@pytest.fixture(scope="module")
def fit(data, lpo):
    return fit_dim2(data, lpo.train, lpo.validation, small_dim2("paper", epochs=1), 0)


def network_of(fit, **changes):
    """The trained network with other settings; its weights have no dropout in them."""
    return replace(fit, config=replace(fit.config, **changes)).network()


def test_passes_without_dropout_are_the_plain_prediction_without_spread(fit):
    network = network_of(fit, dropout=0.0)
    mean, sd = monte_carlo_ln_ic50(network, fit.inputs, PAIRS, 3, seed=0)
    assert torch.equal(mean, predict_ln_ic50(network, fit.inputs, PAIRS))
    assert not sd.any()


def test_passes_with_dropout_are_those_of_their_seed_and_leave_torchs_generator_alone(fit):
    network, before = fit.network(), torch.get_rng_state()
    one, again, other = (monte_carlo_ln_ic50(network, fit.inputs, PAIRS, 4, seed) for seed in (0, 0, 1))
    assert all(torch.equal(a, b) for a, b in zip(one, again, strict=True))
    assert not any(torch.equal(a, b) for a, b in zip(one, other, strict=True))
    assert (one[1] > 0).all()
    assert torch.equal(before, torch.get_rng_state())
    assert not any(module.training for module in network.modules())


def test_mean_and_spread_are_those_of_the_passes_one_by_one(fit):
    network, seen = fit.network(), []
    network.fusion.register_forward_hook(lambda _module, _given, fused: seen.append(fused.output))
    mean, sd = monte_carlo_ln_ic50(network, fit.inputs, PAIRS, 5, seed=0)
    passes = fit.inputs.offset.mean[0, 0] + fit.inputs.offset.scale[0, 0] * torch.stack(seen)
    torch.testing.assert_close(mean, passes.mean(0))
    torch.testing.assert_close(sd, passes.std(0), rtol=1e-4, atol=1e-6)


def test_in_a_pass_dropout_alone_is_active(fit):
    network, training = fit.network(), set()
    network.fusion.register_forward_pre_hook(
        lambda _module, _given: training.update(type(part).__name__ for part in network.modules() if part.training)
    )
    monte_carlo_ln_ic50(network, fit.inputs, PAIRS, 2, seed=0)
    assert training == {"Dropout"}


def test_one_pass_has_no_spread_and_is_refused(fit):
    with pytest.raises(ValueError, match="1 passes: give at least 2"):
        monte_carlo_ln_ic50(fit.network(), fit.inputs, PAIRS, 1, seed=0)


def test_a_method_measures_the_spread_of_validation_and_test_pairs_and_predicts_as_without(data, lpo):
    config = small_dim2("paper", epochs=1, monte_carlo=3)
    found, without = (predict_dim2(data, lpo, replace(config, monte_carlo=passes), 0) for passes in (3, 0))
    asked = lpo.validation | lpo.test
    for values in (found.monte_carlo.mean, found.monte_carlo.sd):
        np.testing.assert_array_equal(np.isfinite(values), asked)
    np.testing.assert_array_equal(found.ln_ic50, without.ln_ic50)
    assert without.monte_carlo is None
    on_an_offset = predict_dim2(data, lpo, small_dim2(epochs=1, dropout=0.2, monte_carlo=3), 0)
    assert on_an_offset.monte_carlo is None
    pathways = [f"pathway {i}" for i in range(8)]
    mutations = [f"mutation code {i}" for i in range(1, 5)]
    assert found.attention["cell"].labels == ["class token", *pathways, *mutations]
    assert found.attention["drug"].labels[5:8] == ["ECFP code 5", "ECFP code 6", "2D graph code 1"]
    responses = on_an_offset.attention["drug"].labels  # 6 + 2 + 2 numbers of a drug and 3 + 1 of its responses
    assert responses == ["class token", "ECFP code 1–6, 2D graph code 1–2, 3D geometry code 1–2, response code 1–4"]
    for weights in (*found.attention.values(), *on_an_offset.attention.values()):
        assert len(weights.labels) == len(weights.mean) == len(weights.deviation)
        assert weights.mean.sum() == pytest.approx(1)


def test_the_attention_is_the_mean_over_heads_and_pairs_whatever_the_parts(fit, monkeypatch):
    network, seen = fit.network(), []
    hook = network.fusion.register_forward_hook(lambda _module, _given, fused: seen.append(fused))
    whole = mean_attention(network, fit.inputs, PAIRS)
    hook.remove()
    for side, weights in (("cell", seen[0].over_cell), ("drug", seen[0].over_drug)):
        mean, deviation = whole[side]
        torch.testing.assert_close(mean, weights.double().mean((0, 2)))
        torch.testing.assert_close(deviation, weights.double().mean(2).std(0, correction=0))
    monkeypatch.setattr("training.dim2.inference.PAIRS_AT_ONCE", 7)
    torch.testing.assert_close(mean_attention(network, fit.inputs, PAIRS)["cell"][0], whole["cell"][0])


def test_a_network_without_attention_looks_at_nothing(data, lpo):
    found = predict_dim2(data, lpo, small_dim2(epochs=1, attention=False), 0)
    assert found.attention == {}
