"""Scores and margins as sums of their terms; what is left out has no parameter."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch.testing import assert_close

from model.hgacl.assembly import build_network
from model.hgacl.decoders import centred_unit

N = 8


def network(population, config):
    torch.manual_seed(0)
    return build_network(population, config).eval()


def test_the_papers_score_is_the_pearson_correlation_of_the_decoded_vectors(paper, population, responses):
    net = network(population, paper)
    out = net(population, responses, (), responses.known)
    line, drug = net.decoder.line(out.z[:N]).detach().numpy(), net.decoder.drug(out.z[N:]).detach().numpy()
    expected = np.corrcoef(line.astype(float), drug.astype(float))[:N, N:]
    np.testing.assert_allclose(out.scores().detach(), expected, atol=1e-5)


def with_weights(net):
    """Weights of the codes' parts away from their start, where the network's parts are off."""
    score, margin = net.decoder.score, net.decoder.margin
    with torch.no_grad():
        for i, parameter in enumerate((score.correlation, margin.correlation, margin.line_bias)):
            parameter.fill_(0.7 + i)
        score.factors.copy_(torch.tensor([1.3, -0.4]))
        margin.factors.copy_(torch.tensor([0.6, 0.2]))
        for i, layer in enumerate((net.decoder.line_bias, score.drug_bias, margin.drug_bias)):
            layer.weight.copy_(torch.randn(layer.weight.shape, generator=torch.Generator().manual_seed(i)))
            layer.bias.fill_(0.1 + i)
    return net


def test_score_and_margin_are_correlation_plus_factors_offsets_and_biases(default, targets, population, responses):
    net = with_weights(network(population, default))
    out = net(population, responses, targets, responses.known)
    z_line, z_drug = out.z[:N], out.z[N:]
    codes, decoder = [net.factor_codes(target, responses.known) for target in targets], net.decoder
    rho = centred_unit(decoder.line(z_line)) @ centred_unit(decoder.drug(z_drug)).T
    margin, soft = (f.lines @ f.drugs.T + f.offset for f in codes)
    line_bias = decoder.line_bias(z_line)
    score = 0.7 * rho + 1.3 * margin - 0.4 * soft + line_bias + decoder.score.drug_bias(z_drug).T
    assert_close(out.scores(), score, atol=1e-5, rtol=1e-5)
    estimate = 1.7 * rho + 0.6 * margin + 0.2 * soft + 2.7 * line_bias + decoder.margin.drug_bias(z_drug).T
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
    assert [n for n, p in net.decoder.named_parameters() if p.grad is None] == []
    names = [name for name, _ in net.named_parameters()]
    assert config.factor_rank or not any("factors" in name for name in names)
    assert config.node_bias or not {"decoder.line_bias.weight", "decoder.score.drug_bias.weight"} & set(names)
