"""Presets, their limits, and the way to JSON and back."""

from dataclasses import FrozenInstanceError, fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.hgacl.config import HgaclConfig


@pytest.mark.parametrize("config", [HgaclConfig(), HgaclConfig.paper(), HgaclConfig(epochs=7, encoder="joint")])
def test_json_gives_the_same_configuration_back(config):
    assert HgaclConfig.from_json(config.to_json()) == config


@given(st.floats(0, 0.99), st.integers(1, 500), st.booleans(), st.sampled_from(["default", "paper"]))
def test_any_changed_preset_survives_json(share, count, flag, preset):
    config = HgaclConfig.named(preset, dropout=share, neighbours=count, gate_edges=flag)
    assert HgaclConfig.from_json(config.to_json()) == config


def test_the_paper_preset_has_the_published_constants():
    paper = HgaclConfig.paper()
    assert (paper.gaussian_sigma, paper.polynomial_degree, paper.neighbours) == (2.0, 3, 10)
    assert (paper.edge_drop, paper.feature_noise, paper.decoder_scale) == (0.2, 0.1, 8.70)
    assert (paper.encoder, paper.hidden_dim, paper.decoder_dim, paper.epochs) == ("joint", 192, 64, 500)
    assert (paper.factor_rank, paper.margin_weight, paper.hidden_edges) == (0, 0.0, 0.0)
    assert not any((paper.gate_edges, paper.row_normalise, paper.feature_path, paper.node_bias))


BAD = [
    ("dropout", 1.0),
    ("dropout", -0.1),
    ("hidden_edges", float("nan")),
    ("neighbours", 0),
    ("epochs", 0),
    ("polynomial_degree", 0),
    ("temperature", 0.02),
    ("temperature", float("nan")),
    ("learning_rate", float("inf")),
    ("factor_shrinkage", 0.0),
    ("prior_ridge", -1.0),
    ("factor_rank", -1),
    ("feature_noise", -0.1),
    ("margin_weight", float("nan")),
    ("contrastive_weight", 1.0),
    ("encoder", "gat"),
]


@pytest.mark.parametrize(("name", "value"), BAD)
def test_a_value_out_of_range_is_refused_with_its_name_and_a_remedy(name, value):
    with pytest.raises(ValueError, match=rf"{name} = .*: give "):
        HgaclConfig.named("default", **{name: value})


def test_an_unknown_preset_or_field_is_refused_by_name():
    with pytest.raises(ValueError, match="preset 'best': choose 'default' or 'paper'"):
        HgaclConfig.named("best")
    with pytest.raises(ValueError, match=r"unknown settings \['alpha'\]; the known ones are .*'edge_drop'"):
        HgaclConfig.named("default", alpha=1)
    with pytest.raises(ValueError, match="unknown settings"):
        HgaclConfig.from_json('{"preset": "default", "alpha": 1}')


def test_a_configuration_cannot_be_changed_in_place():
    with pytest.raises(FrozenInstanceError):
        HgaclConfig().epochs = 1
    assert {field.name for field in fields(HgaclConfig)} == vars(HgaclConfig()).keys()
