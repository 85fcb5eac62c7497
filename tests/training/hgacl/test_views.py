"""The perturbed views by their formulas: where the noise is added, and which edges are dropped."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch.testing import assert_close

from training.hgacl.trainer import Trainer
from training.hgacl.views import DroppedEdges, EmbeddingNoise, NodeFeatureNoise, Unperturbed, choose_views


def pass_of(trainer):
    """The original pass over all training pairs, all nodes, and the network's encoder for other edges or noise."""
    trainer.network.eval()
    original = trainer._pass(trainer.responses.known)

    def encode(visible, noise=None):
        return trainer.network.encode_again(original, trainer.responses, visible, noise=noise)

    return original, torch.arange(len(original.z)), encode


def test_the_papers_feature_view_is_the_encoders_output_plus_beta_times_normal_noise(arrays, lpo, small_paper):
    trainer = Trainer(arrays, lpo.train, small_paper, 0)
    original, nodes, encode = pass_of(trainer)
    drawn = torch.Generator().manual_seed(5)
    z = trainer.feature_view(original, nodes, trainer.responses.known, encode, torch.Generator().manual_seed(5))
    assert_close(z, original.z + 0.1 * torch.randn(112, 16, generator=drawn))
    assert (z < 0).any()  # behind the ReLU: noise before it could give no negative number
    noise = (z - original.z).detach()
    assert noise.std().item() == pytest.approx(0.1, rel=0.1)
    assert noise.mean().item() == pytest.approx(0, abs=0.01)


def test_the_papers_contrast_reads_this_view(arrays, lpo, small_paper, monkeypatch):
    seen = {}

    def spy(original, feature, structure, *_):
        seen.update(original=original, feature=feature, structure=structure)
        return original.sum()

    monkeypatch.setattr("training.hgacl.trainer.contrast", spy)
    trainer = Trainer(arrays, lpo.train, small_paper, 0)
    state = trainer.generator.get_state()
    trainer.advance()
    trainer.generator.set_state(state)
    trainer.visible_edges()  # drawn before the noise
    noise = 0.1 * torch.randn(112, 16, generator=trainer.generator)
    assert_close(seen["feature"] - seen["original"], noise[trainer.nodes], atol=1e-6, rtol=1e-5)
    assert not torch.equal(seen["structure"], seen["original"])


def test_the_defaults_feature_view_adds_the_noise_before_the_encoder(arrays, lpo, small):
    trainer = Trainer(arrays, lpo.train, replace(small, dropout=0.0), 0)
    original, nodes, encode = pass_of(trainer)
    known, drawn = trainer.responses.known, torch.Generator().manual_seed(5)
    z = NodeFeatureNoise(0.1)(original, nodes, known, encode, torch.Generator().manual_seed(5))
    network, inputs = trainer.network, original.inputs
    x, y = network.node_features(inputs)
    x, y = (features + 0.1 * torch.randn(features.shape, generator=drawn) for features in (x, y))
    expected = network.encoder(x, y, inputs.lines, inputs.drugs, trainer.responses, known)
    assert_close(z, torch.cat(expected))
    assert (z >= 0).all()
    assert not torch.allclose(z, original.z)


def test_the_structural_view_drops_a_share_of_the_response_edges_and_adds_none(arrays, lpo, small):
    trainer = Trainer(arrays, lpo.train, small, 0)
    original, nodes, encode = pass_of(trainer)
    seen = {}

    def watched(visible, noise=None):
        seen.update(visible=visible.numpy(), noise=noise)
        return encode(visible, noise)

    DroppedEdges(0.3)(original, nodes, trainer.responses.known, watched, torch.Generator().manual_seed(0))
    assert not (seen["visible"] & ~lpo.train).any()
    assert np.mean(seen["visible"][lpo.train]) == pytest.approx(0.7, abs=0.05)
    assert seen["noise"] is None


def test_a_configuration_names_its_views(small, small_paper):
    assert choose_views(small) == (NodeFeatureNoise(0.1), DroppedEdges(0.2))
    assert choose_views(small_paper) == (EmbeddingNoise(0.1), DroppedEdges(0.2))
    assert choose_views(replace(small, feature_noise=0.0, edge_drop=0.0)) == (Unperturbed(), Unperturbed())
