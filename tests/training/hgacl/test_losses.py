"""Losses by hand."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.testing import assert_close

from model.hgacl.config import LEAST_TEMPERATURE, HgaclConfig
from model.hgacl.graph import Neighbourhood, Responses
from training.hgacl.losses import (
    LabelAndMarginLoss,
    LabelLoss,
    choose_loss,
    contrast,
    info_nce,
    neighbour_mask,
    partner_mask,
    rescaled_sigmoid,
)


def mask(*rows):
    return torch.tensor(rows).bool()


X = torch.tensor([[2.0, 0], [0, 3], [-1, 0]])  # cosines: 0–0 1, 0–1 0, 0–2 −1, 1–2 0
NONE = torch.zeros(3, 3).bool()


def test_info_nce_of_three_nodes_by_hand():
    e = math.exp(1 / 0.5)
    # anchor 0: itself against 1 and 2; anchor 1: itself; anchor 2: itself
    expected = (math.log((e + 1 + 1 / e) / e) * 2 + math.log((e + 2) / e)) / 3
    assert info_nce(X, X, torch.eye(3).bool(), NONE, 0.5).item() == pytest.approx(expected, rel=1e-6)


def test_several_positives_are_summed_inside_the_logarithm():
    positive = mask([1, 1, 0], [0, 0, 0], [0, 0, 0])
    e = math.exp(1 / 0.5)
    expected = -math.log((e + 1) / (e + 1 + 1 / e))
    assert info_nce(X, X, positive, NONE, 0.5).item() == pytest.approx(expected, rel=1e-5)


def test_neutral_pairs_are_left_out_of_both_sums():
    positive, neutral = mask([1, 0, 0], [0, 0, 0], [0, 0, 0]), mask([0, 1, 0], [0, 0, 0], [0, 0, 0])
    e = math.exp(1 / 0.5)
    assert info_nce(X, X, positive, neutral, 0.5).item() == pytest.approx(math.log((e + 1 / e) / e), rel=1e-4)
    moved = torch.tensor([[2.0, 0], [-5, 1], [-1, 0]])
    before, after = (info_nce(X[:1], others, positive[:1], neutral[:1], 0.5) for others in (X, moved))
    assert_close(before, after)


def test_a_pair_that_is_neutral_and_positive_is_positive():
    positive = torch.eye(3).bool()
    assert_close(info_nce(X, X, positive, positive, 0.5), info_nce(X, X, positive, NONE, 0.5))


def test_the_least_temperature_tells_opposite_directions_apart():
    x = X.clone().requires_grad_()
    loss = info_nce(x, -X, torch.eye(3).bool(), NONE, LEAST_TEMPERATURE)
    # anchors 0 and 2: the other of them against itself, cosines 1 and −1; anchor 1: cosines 0, 0 and −1
    expected = (2 * 2 + 1) / LEAST_TEMPERATURE / 3 + math.log(2) / 3
    assert loss.item() == pytest.approx(expected, rel=1e-5)
    loss.backward()
    assert x.grad.isfinite().all()


def test_anchors_without_a_positive_are_left_out_of_the_mean():
    one, all_three = mask([1, 0, 0], [0, 0, 0], [0, 0, 0]), mask([1, 0, 0])
    assert_close(info_nce(X, X, one, NONE, 0.5), info_nce(X[:1], X, all_three, NONE[:1], 0.5))


@given(st.integers(0, 100), st.floats(0.1, 10))
def test_info_nce_is_positive_and_knows_only_directions(seed, scale):
    generator = torch.Generator().manual_seed(seed)
    a, b = torch.randn(4, 3, generator=generator), torch.randn(4, 3, generator=generator)
    loss = info_nce(a, b, torch.eye(4).bool(), torch.zeros(4, 4).bool(), 0.2)
    assert loss > 0
    assert_close(loss, info_nce(a * scale, b, torch.eye(4).bool(), torch.zeros(4, 4).bool(), 0.2))


def test_contrast_is_the_mean_over_three_pairs_of_views():
    feature, structure = X + 0.3, X - 0.2
    partners, neutral = mask([0, 1, 0], [1, 0, 0], [0, 0, 0]), mask([0, 0, 1], [0, 0, 0], [1, 0, 0])
    itself = torch.eye(3).bool()
    parts = [
        info_nce(X, feature, partners | itself, neutral, 0.2),
        info_nce(X, structure, partners | itself, neutral, 0.2),
        info_nce(X, X, partners, neutral | itself, 0.2),
    ]
    assert_close(contrast(X, feature, structure, partners, neutral, 0.2), sum(parts) / 3)


def test_partners_and_neighbours_are_symmetric_and_drugs_come_after_lines():
    nodes = torch.arange(4)
    partners = partner_mask(nodes, mask([1, 0], [0, 0]))
    assert torch.equal(partners, mask([0, 0, 1, 0], [0, 0, 0, 0], [1, 0, 0, 0], [0, 0, 0, 0]))
    one = torch.ones(2, 1)
    lines = Neighbourhood(torch.tensor([[1], [1]]), one, torch.tensor([0, 1]))
    drugs = Neighbourhood(torch.tensor([[0], [0]]), one, torch.tensor([1]))  # the one reference is drug 1
    near = neighbour_mask(nodes, lines, drugs)
    expected = mask([0, 1, 0, 0], [1, 1, 0, 0], [0, 0, 0, 1], [0, 0, 1, 1])
    assert torch.equal(near, expected)
    for some in ([0, 2, 3], [1, 2], [0, 1]):
        some = torch.tensor(some)
        assert torch.equal(neighbour_mask(some, lines, drugs), expected[some][:, some])
        assert torch.equal(partner_mask(some, mask([1, 0], [0, 0])), partners[some][:, some])


def test_the_rescaled_sigmoid_is_zero_half_and_one_at_its_ends_and_middle():
    assert_close(rescaled_sigmoid(torch.tensor([-1.0, 0, 1]), 8.7), torch.tensor([0, 0.5, 1]), atol=1e-6, rtol=0)
    rho = torch.linspace(-1, 1, 50)
    assert (rescaled_sigmoid(rho, 8.7).diff() > 0).all()


def one_pair(label, margin):
    known = mask([1, 1])
    margins = torch.tensor([[margin, 99.0]])
    return Responses(known, mask([label, 1]), margins, margins), mask([1, 0])


def test_the_supervised_loss_by_hand_reads_the_supervised_pairs_alone():
    loss = choose_loss(HgaclConfig(margin_weight=0.5))
    assert isinstance(loss, LabelAndMarginLoss)
    s, m = torch.tensor([[0.4, 50.0]]), torch.tensor([[0.9, -50.0]])
    labels = math.log(1 + math.exp(-(1.5 * 0.4 - 1.5)))
    assert loss(s, m, *one_pair(1, 1.4)).item() == pytest.approx(labels + 0.5 * 0.25, rel=1e-5)


@pytest.mark.parametrize(("label", "rho"), [(1, 0.3), (0, 0.3), (0, -1.0), (1, 1.0)])
def test_the_papers_loss_is_the_cross_entropy_of_the_rescaled_sigmoid(label, rho):
    loss = choose_loss(HgaclConfig.paper())
    assert isinstance(loss, LabelLoss)
    assert list(loss.parameters()) == []
    sigma = [1 / (1 + math.exp(-8.7 * x)) for x in (rho, -1, 1)]
    p = (sigma[0] - sigma[1]) / (sigma[2] - sigma[1])
    expected = -math.log(p if label else 1 - p)
    s, m = torch.tensor([[rho, 0.0]]), torch.tensor([[9.0, 9.0]])  # margins are not read
    assert loss(s, m, *one_pair(label, 0.0)).item() == pytest.approx(expected, abs=1e-5)
