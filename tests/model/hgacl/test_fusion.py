"""Weights of the modalities in the fused kernel."""

import torch
from torch.testing import assert_close

from model.hgacl.fusion import AttentionFusion, EqualFusion


def test_weights_sum_to_one_and_are_zero_for_missing_modalities(population, generator):
    fusion, shared = AttentionFusion(6, 3), torch.randn(8, 6, generator=generator)
    with torch.no_grad():
        fusion.static.copy_(torch.tensor([0.3, -1.0, 2.0]))
    weights = fusion(shared, population.has)
    assert_close(weights.sum(1), torch.ones(8))
    assert not weights[~population.has].any()
    dynamic = torch.softmax(fusion.dynamic(shared)[0], 0)  # line 0 has all three
    assert_close(weights[0], (dynamic + torch.softmax(fusion.static, 0)) / 2)
    assert not torch.allclose(fusion.dynamic(shared)[0], fusion.dynamic(shared)[4])  # dynamic: each line its own


def test_without_attention_every_modality_of_a_line_counts_alike():
    has = torch.tensor([[True, True, True], [True, False, True], [False, True, False]])
    expected = torch.tensor([[1 / 3, 1 / 3, 1 / 3], [0.5, 0, 0.5], [0, 1, 0]])
    assert_close(EqualFusion()(torch.randn(3, 6), has), expected)
    assert list(EqualFusion().parameters()) == []
