"""The whole network: what it reads, what it scores, and that order does not matter."""

from dataclasses import replace

import pytest
import torch
from torch.testing import assert_close

from model.hgacl.assembly import build_network
from model.hgacl.graph import Responses
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
    return build_network(population, config).eval()


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
    moved_responses = Responses(**{name: x[p][:, q] for name, x in vars(responses).items()})
    moved_targets = tuple(permuted(target, p, q) for target in targets)
    net = network(population, config)
    before = net(population, responses, targets, responses.known)
    after = net(moved, moved_responses, moved_targets, moved_responses.known)
    assert_close(after.lines, before.lines[p], atol=1e-5, rtol=1e-5)
    assert_close(after.drugs, before.drugs[q], atol=1e-5, rtol=1e-5)
    assert_close(after.z, torch.cat([before.z[:8][p], before.z[8:][q]]), atol=1e-5, rtol=1e-5)


def test_a_node_without_visible_responses_has_its_prior_as_factor(default, targets, population, responses):
    net, target = network(population, default), targets[1]
    f = net.factor_codes(target, responses.known)
    new_line, new_drug = 5, 3
    assert_close(f.lines[new_line], target.line_prior[new_line])
    assert_close(f.drugs[new_drug], target.scale[new_drug] * target.drug_prior[new_drug])
    assert torch.equal(f.offset, torch.where(responses.known.any(0), target.offset, target.offset_prior))
    assert not torch.allclose(f.lines[0], target.line_prior[0])


def test_a_line_with_one_modality_has_codes_and_a_gradient(default, targets, population, responses):
    assert population.has[1].tolist() == [True, False, False]
    net = network(population, default)
    out = net(population, responses, targets, responses.known)
    assert out.lines.isfinite().all()
    out.lines[1, 0].backward()
    assert all(p.grad.isfinite().all() for p in net.parameters() if p.grad is not None)
    assert net.embedding.modality[0].weight.grad.any()


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
    plain = net(population, responses, targets, responses.known)
    again, zero, noisy = (
        net.encode_again(plain, responses, responses.known, noise=n)
        for n in (None, (torch.zeros(8, 6), torch.zeros(5, 6)), noise)
    )
    assert torch.equal(plain.z, again)
    assert torch.equal(plain.z, zero)
    assert not torch.allclose(plain.z[:8], noisy[:8])
