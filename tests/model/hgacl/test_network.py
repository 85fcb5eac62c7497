"""The whole network: what it reads, what it scores, and that order does not matter."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch.testing import assert_close

from model.estimators.kernels import fuse
from model.hgacl.attention import NodeAttention
from model.hgacl.graph import Responses
from model.hgacl.network import Hgacl, centred_unit
from model.hgacl.tensors import Population


@pytest.fixture
def both(default, paper, targets):
    """preset -> configuration and targets."""
    return {"default": (default, targets), "paper": (paper, ())}


N = 8
PRESETS = pytest.mark.parametrize("preset", ["default", "paper"])


def permuted(target, p, q):
    """The target with lines in the order `p` and drugs in the order `q`."""
    of_lines, of_drugs = ("line_prior",), ("scale", "offset", "offset_prior", "loadings", "noise", "drug_prior")
    moved = {"value": target.value[p][:, q]}
    moved |= {name: getattr(target, name)[p] for name in of_lines}
    return replace(target, **moved, **{name: getattr(target, name)[q] for name in of_drugs})


def network(population, config, seed=0):
    torch.manual_seed(seed)
    return Hgacl(population, config).eval()


@PRESETS
def test_permuting_lines_and_drugs_permutes_the_codes(both, preset, population, responses):
    config, targets = both[preset]
    p = torch.randperm(8, generator=torch.Generator().manual_seed(1))
    q = torch.randperm(5, generator=torch.Generator().manual_seed(2))
    at = torch.argsort(p), torch.argsort(q)  # where the old rows went
    moved = Population(
        tuple(x[p] for x in population.features),
        population.has[p],
        population.line_kernels[:, p],
        at[0][population.line_sources],
        population.fingerprints[q],
        population.drug_kernel[q],
        at[1][population.drug_sources],
    )
    moved_responses = Responses(*(x[p][:, q] for x in vars(responses).values()))
    moved_targets = tuple(permuted(target, p, q) for target in targets)
    net = network(population, config)
    before = net(population, responses, targets, responses.known)
    after = net(moved, moved_responses, moved_targets, moved_responses.known)
    assert_close(after.lines, before.lines[p], atol=1e-5, rtol=1e-5)
    assert_close(after.drugs, before.drugs[q], atol=1e-5, rtol=1e-5)
    assert_close(after.z, torch.cat([before.z[:8][p], before.z[8:][q]]), atol=1e-5, rtol=1e-5)


def test_the_papers_score_is_the_pearson_correlation_of_the_decoded_vectors(paper, population, responses):
    net = network(population, paper)
    out = net(population, responses, (), responses.known)
    line, drug = net.line_decoder(out.z[:8]).detach().numpy(), net.drug_decoder(out.z[8:]).detach().numpy()
    expected = np.corrcoef(line.astype(float), drug.astype(float))[:8, 8:]
    np.testing.assert_allclose(out.scores().detach(), expected, atol=1e-5)


def with_weights(net):
    """Weights of the codes' parts away from their start, where the network's parts are off."""
    with torch.no_grad():
        for i, parameter in enumerate((net.correlation_weight, net.margin_correlation_weight, net.margin_line_weight)):
            parameter.fill_(0.7 + i)
        net.factor_weight.copy_(torch.tensor([1.3, -0.4]))
        net.margin_factor_weight.copy_(torch.tensor([0.6, 0.2]))
        for i, layer in enumerate((net.line_bias, net.drug_bias, net.margin_drug_bias)):
            layer.weight.copy_(torch.randn(layer.weight.shape, generator=torch.Generator().manual_seed(i)))
            layer.bias.fill_(0.1 + i)
    return net


def test_score_and_margin_are_correlation_plus_factors_offsets_and_biases(default, targets, population, responses):
    net = with_weights(network(population, default))
    out = net(population, responses, targets, responses.known)
    z_line, z_drug = out.z[:N], out.z[N:]
    codes = [net.factor_codes(target, responses.known) for target in targets]
    rho = centred_unit(net.line_decoder(z_line)) @ centred_unit(net.drug_decoder(z_drug)).T
    margin, soft = (f.lines @ f.drugs.T + f.offset for f in codes)
    line_bias = net.line_bias(z_line)
    score = 0.7 * rho + 1.3 * margin - 0.4 * soft + line_bias + net.drug_bias(z_drug).T
    assert_close(out.scores(), score, atol=1e-5, rtol=1e-5)
    estimate = 1.7 * rho + 0.6 * margin + 0.2 * soft + 2.7 * line_bias + net.margin_drug_bias(z_drug).T
    assert_close(out.margins(), estimate, atol=1e-5, rtol=1e-5)


def test_an_untrained_network_estimates_the_margin_by_its_factors_alone(default, targets, population, responses):
    out = network(population, default)(population, responses, targets, responses.known)
    f = network(population, default).factor_codes(targets[0], responses.known)
    assert_close(out.margins(), f.lines @ f.drugs.T + f.offset, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("changes", [{"margin_weight": 0.0}, {"preset": "paper"}])
def test_without_margins_the_score_stands_in_for_them(default, paper, targets, population, responses, changes):
    config, given = (paper, ()) if "preset" in changes else (replace(default, **changes), targets)
    out = network(population, config)(population, responses, given, responses.known)
    assert out.margin_drugs is out.drugs


@pytest.mark.parametrize("changes", [{"factor_rank": 0}, {"node_bias": False}, {"factor_rank": 0, "node_bias": False}])
def test_what_is_left_out_has_no_parameter_and_no_column(default, targets, population, responses, changes):
    """The columns: ρ, the factors of two targets, one of each bias."""
    config = replace(default, **changes)
    net = network(population, config)
    given = targets if config.factor_rank else ()
    out = net(population, responses, given, responses.known)
    assert out.lines.shape[1] == config.decoder_dim + 2 * config.factor_rank + 2
    (out.scores().sum() + out.margins().sum()).backward()
    assert [n for n, p in net.named_parameters() if n.endswith("_weight") and p.grad is None] == []
    assert config.factor_rank or not any("factor" in name for name, _ in net.named_parameters())


def test_a_node_without_visible_responses_has_its_prior_as_factor(default, targets, population, responses):
    net, target = network(population, default), targets[1]
    f = net.factor_codes(target, responses.known)
    new_line, new_drug = 5, 3
    assert_close(f.lines[new_line], target.line_prior[new_line])
    assert_close(f.drugs[new_drug], target.scale[new_drug] * target.drug_prior[new_drug])
    assert torch.equal(f.offset, torch.where(responses.known.any(0), target.offset, target.offset_prior))
    assert not torch.allclose(f.lines[0], target.line_prior[0])


def test_fusion_left_out_weighs_every_modality_of_a_line_alike(default, targets, population, responses):
    net = network(population, replace(default, fusion=False))
    with torch.no_grad():
        net.fusion.static.copy_(torch.tensor([3.0, -1.0, 0.0]))
    shared = net.shared_embedding(population)
    has, sources = population.has, population.line_sources
    kept, _ = net.neighbourhoods(population, shared, net.drug_shared(population.fingerprints))
    fused = fuse(population.line_kernels, has / has.sum(1, keepdim=True), has, has[sources])
    assert_close(kept.values, net.filtered(fused, net.line_attention(shared[sources]), sources).values)


def test_the_neighbour_filter_left_out_keeps_every_node_ungated(default, population):
    similarity, attention = population.line_kernels[0], torch.tensor([0.2, 0.5, 1.0, 1.5, 1.8, 1.0])
    net = network(population, replace(default, filter_neighbours=False))
    kept = net.filtered(similarity, attention, population.line_sources)
    assert kept.columns.sort(1).values.tolist() == [list(range(6))] * N
    values = similarity / similarity.sum(1, keepdim=True)
    assert_close(kept.values, values.gather(1, kept.columns))


def test_the_shared_embedding_is_the_mean_over_the_modalities_a_line_has(default, population):
    net = network(population, default)
    shared = net.shared_embedding(population)
    for line in range(8):
        parts = [net.modality[m](population.features[m][line]) for m in range(3) if population.has[line, m]]
        assert_close(shared[line], torch.stack(parts).mean(0))


def test_fusion_weights_sum_to_one_and_are_zero_for_missing_modalities(default, population):
    net = network(population, default)
    with torch.no_grad():
        net.fusion.static.copy_(torch.tensor([0.3, -1.0, 2.0]))
    weights = net.fusion(net.shared_embedding(population), population.has)
    assert_close(weights.sum(1), torch.ones(8))
    assert not weights[~population.has].any()
    dynamic = torch.softmax(net.fusion.dynamic(net.shared_embedding(population))[0], 0)  # line 0 has all three
    assert_close(weights[0], (dynamic + torch.softmax(net.fusion.static, 0)) / 2)
    assert not torch.allclose(weights[0], weights[4]) or not population.has[4].all()


def test_a_line_with_one_modality_has_codes_and_a_gradient(default, targets, population, responses):
    assert population.has[1].tolist() == [True, False, False]
    net = network(population, default)
    out = net(population, responses, targets, responses.known)
    assert out.lines.isfinite().all()
    out.lines[1].square().sum().backward()
    assert all(p.grad.isfinite().all() for p in net.parameters() if p.grad is not None)
    assert net.modality[0].weight.grad.any()


def test_values_of_a_missing_table_are_never_read(default, targets, population, responses):
    net = network(population, default)
    parts = zip(population.features, population.has.T, strict=True)
    changed = replace(
        population,
        features=tuple(torch.where(has.unsqueeze(1), x, 9.0) for x, has in parts),
        line_kernels=torch.where(population.has.T.unsqueeze(2), population.line_kernels, 7.0),
    )
    codes = [net(p, responses, targets, responses.known).lines for p in (population, changed)]
    assert_close(*codes)


def test_node_attention_has_mean_one_and_is_positive():
    attention = NodeAttention(6)(torch.randn(9, 6, generator=torch.Generator().manual_seed(0)))
    assert attention.mean().item() == pytest.approx(1)
    assert (attention > 0).all()


def test_kept_edges_carry_the_gate_and_rows_sum_to_one(default, paper, population):
    similarity, attention = population.line_kernels[0], torch.tensor([0.2, 0.5, 1.0, 1.5, 1.8, 1.0])
    for config, gated in ((default, True), (paper, False)):
        kept = network(population, config).filtered(similarity, attention, population.line_sources)
        values = similarity.gather(1, kept.columns)
        assert torch.equal(kept.columns, (similarity * attention).topk(3).indices)
        if gated:
            values = values * attention[kept.columns]
            values = values / values.sum(1, keepdim=True)
        assert_close(kept.values, values)


@PRESETS
def test_the_features_of_a_node_outside_the_population_change_no_other_nodes_code(both, preset, population, responses):
    config, targets = both[preset]
    net = network(population, config)
    assert not responses.known[5].any()
    features = tuple(x.clone() for x in population.features)
    kernels, fingerprints = population.line_kernels.clone(), population.fingerprints.clone()
    for x in features:
        x[5] += 3
    kernels[:, 5] += 1
    fingerprints[3] = 1 - fingerprints[3]
    changed = replace(population, features=features, line_kernels=kernels, fingerprints=fingerprints)
    before, after = (net(p, responses, targets, responses.known) for p in (population, changed))
    others = [0, 1, 2, 3, 4, 6, 7]
    assert torch.equal(before.lines[others], after.lines[others])
    assert torch.equal(before.drugs[[0, 1, 2, 4]], after.drugs[[0, 1, 2, 4]])
    assert not torch.equal(before.lines[5], after.lines[5]) or preset == "paper"


@PRESETS
def test_a_hidden_pair_changes_no_code_whatever_its_response(both, preset, population, responses):
    """With the factors held: they are fitted on all training pairs (see tests/training/test_hgacl_trainer.py)."""
    config, targets = both[preset]
    net = network(population, config)
    visible = responses.known.clone()
    hidden = tuple(visible.nonzero()[4])
    visible[hidden] = False
    changed = replace(responses, value=responses.value.clone(), sensitive=responses.sensitive.clone())
    changed.value[hidden] += 4
    changed.sensitive[hidden] ^= True
    before, after = (net(population, r, targets, visible) for r in (responses, changed))
    assert torch.equal(before.lines, after.lines)
    assert torch.equal(before.drugs, after.drugs)
    changed.sensitive[:] = True
    assert not torch.equal(net(population, changed, targets, changed.known).lines, after.lines)


def test_noise_of_the_feature_view_moves_the_embeddings(default, targets, population, responses, generator):
    net = network(population, default)
    noise = torch.randn(8, 6, generator=generator), torch.zeros(5, 6)
    plain, zero, noisy = (
        net(population, responses, targets, responses.known, n)
        for n in (None, (torch.zeros(8, 6), torch.zeros(5, 6)), noise)
    )
    assert torch.equal(plain.z, zero.z)
    assert not torch.allclose(plain.z[:8], noisy.z[:8])
