"""Tokens, attention and its confidence: each fault of the published code has a property that it fails and we hold."""

import math
from dataclasses import replace

import pytest
import torch
from torch import nn

from model.dim2.config import Dim2Config
from model.dim2.fusion import Attention, Fusion, Side, Tokens, attention_confidence

CONFIG = replace(Dim2Config(), offset=False, dropout=0.0)


class PublishedTokens(nn.Module):
    """One number a token, normalised over itself before it is embedded."""

    def __init__(self, code: int) -> None:
        super().__init__()
        self.norm, self.embed = nn.LayerNorm(1), nn.Linear(1, 64)
        self.position = nn.Parameter(torch.randn(code, 64))

    def forward(self, code: torch.Tensor) -> torch.Tensor:
        return self.embed(self.norm(code.unsqueeze(2))) + self.position


def carries_its_values(tokens: nn.Module) -> bool:
    one, other = torch.randn(2, 1, 12, generator=torch.Generator().manual_seed(0)).unbind(0)
    return not torch.allclose(tokens(one), tokens(other))


@pytest.mark.parametrize("size", [1, 5, 12, 40])
def test_tokens_carry_their_values_and_published_ones_do_not(size):
    assert carries_its_values(Tokens(12, size, 64))
    assert not carries_its_values(PublishedTokens(12))


def test_a_number_changes_its_own_token_alone():
    tokens = Tokens(12, 5, 8)
    code = torch.randn(1, 12)
    changed = code.clone()
    changed[0, 6] += 1
    differs = (tokens(code) != tokens(changed)).any(2)[0]
    assert differs.tolist() == [False, False, True, False]  # class token, numbers 0–4, 5–9, 10–11


def test_the_answer_depends_on_drug_and_cell_through_attention_alone():
    """With the direct path cut (codes replaced by zeros in the sum) the class tokens still tell pairs apart."""
    fusion = Fusion(68, 30, CONFIG).eval()
    cells, drugs = torch.randn(2, 68), torch.randn(2, 30)
    cell_side, drug_side, *_ = fusion.cross(cells[[0, 0]], drugs)
    assert not torch.allclose(cell_side[0], cell_side[1])  # one cell, two drugs
    cell_side, drug_side, *_ = fusion.cross(cells, drugs[[0, 0]])
    assert not torch.allclose(drug_side[0], drug_side[1])  # two cells, one drug


def test_attention_is_torchs():
    ours = Attention(8, 2)
    theirs = nn.MultiheadAttention(8, 2, batch_first=True)
    with torch.no_grad():
        theirs.in_proj_weight.copy_(torch.cat([ours.query.weight, ours.key_value.weight]))
        theirs.in_proj_bias.copy_(torch.cat([ours.query.bias, ours.key_value.bias]))
        theirs.out_proj.weight.copy_(ours.out.weight)
        theirs.out_proj.bias.copy_(ours.out.bias)
    x, y = torch.randn(3, 4, 8), torch.randn(3, 5, 8)
    expected, weights = theirs(x, y, y, average_attn_weights=False)
    torch.testing.assert_close(ours(x, y), expected, rtol=1e-5, atol=1e-6)
    one, of_one = ours.of_one(x[:, :1], y)
    torch.testing.assert_close(one, expected[:, :1], rtol=1e-5, atol=1e-6)
    torch.testing.assert_close(of_one, weights[:, :, 0].transpose(1, 2), rtol=1e-5, atol=1e-6)


def test_only_class_tokens_in_the_last_layer_is_what_all_tokens_would_give():
    fusion = Fusion(68, 30, CONFIG).eval()
    cell, drug = torch.randn(4, 68), torch.randn(4, 30)
    x, y = fusion.cell_tokens(cell), fusion.drug_tokens(drug)
    for cell_layer, drug_layer in zip(fusion.cell_layers, fusion.drug_layers, strict=True):
        x, y = cell_layer(x, y), drug_layer(y, x)
    cell_side, drug_side, *_ = fusion.cross(cell, drug)
    torch.testing.assert_close(cell_side, x[:, 0], rtol=1e-5, atol=1e-5)
    torch.testing.assert_close(drug_side, y[:, 0], rtol=1e-5, atol=1e-5)


def test_confidence_by_hand():
    even = torch.full((1, 4, 1), 0.25)
    one = torch.tensor([0.0, 1.0, 0.0, 0.0]).reshape(1, 4, 1)
    two = torch.tensor([0.5, 0.5, 0.0, 0.0]).reshape(1, 4, 1)
    assert attention_confidence(even).item() == pytest.approx(0.0, abs=1e-6)
    assert attention_confidence(one).item() == pytest.approx(1.0, abs=1e-6)
    assert attention_confidence(two).item() == pytest.approx(1 - math.log(2) / math.log(4), abs=1e-6)


def test_contrastive_weights_differ_between_samples_and_published_ones_do_not():
    fusion = Fusion(68, 30, CONFIG).eval()
    cell, drug = 3 * torch.randn(50, 68), 3 * torch.randn(50, 30)
    confidence = fusion(cell, drug).confidence
    assert confidence.std() / confidence.mean() > 0.1
    assert ((confidence >= 0) & (confidence <= 1)).all()
    side: Side = fusion.cell_layers[0]
    weights = side.of_one(fusion.cell_tokens(cell)[:, :1], fusion.drug_tokens(drug))[1]
    published = weights.mean((1, 2)).clamp(max=0.5)
    assert published.std() < 1e-6  # 1 / tokens for every sample


def test_without_attention_the_codes_go_straight_to_the_mlp():
    fusion = Fusion(10, 6, replace(CONFIG, attention=False)).eval()
    assert not any("token" in name or "layers" in name for name, _ in fusion.named_parameters())
    fused = fusion(torch.randn(3, 10), torch.randn(3, 6))
    assert fused.output.shape == (3,)
    assert fused.confidence.tolist() == [1, 1, 1]
    assert fused.over_cell is fused.over_drug is None


def test_the_weights_of_a_class_token_are_over_the_other_sides_tokens_and_sum_to_one():
    fusion = Fusion(68, 30, replace(CONFIG, token_size=10, layers=1)).eval()
    cell, drug = torch.randn(4, 68), torch.randn(4, 30)
    fused = fusion(cell, drug)
    assert fused.over_cell.shape == (4, 1 + 7, 4)
    assert fused.over_drug.shape == (4, 1 + 3, 4)
    for weights in (fused.over_cell, fused.over_drug):
        torch.testing.assert_close(weights.sum(1), torch.ones(4, 4))
    changed = fusion(cell, drug + 5 * (torch.arange(30) >= 20))
    torch.testing.assert_close(changed.over_cell, fused.over_cell)  # the drug's class token is where it was
    ratio = changed.over_drug / fused.over_drug
    torch.testing.assert_close(ratio[:, 1:3], ratio[:, :1].expand(4, 2, 4))  # the others share what is left
    assert not torch.allclose(ratio[:, 3], ratio[:, 0])


def test_with_an_offset_the_output_starts_at_it():
    fusion = Fusion(10, 6, replace(CONFIG, offset=True)).eval()
    output = fusion(torch.randn(5, 10), torch.randn(5, 6)).output
    assert (output == output[0]).all()
    assert output.abs().max() < 0.2
