"""A training step of HGACL-DRP: what learns, what is seen and supervised, which views are made, how it starts."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import torch

from model.hgacl.config import HgaclConfig
from tests.helpers.perturbed_arrays import with_other_values
from training.hgacl.trainer import Trainer


def parameters(trainer):
    return dict(trainer.network.named_parameters()) | dict(trainer.supervision.named_parameters())


@pytest.mark.parametrize("changes", [{}, {"factor_rank": 0}, {"contrastive_weight": 0.0}])
def test_every_parameter_of_the_default_preset_learns_in_two_steps(arrays, lpo, changes):
    """The weight of ρ starts at 0, so in the first step no gradient passes it."""
    trainer = Trainer(arrays, lpo.train, HgaclConfig.named("default", **changes), 0)
    before = {name: p.detach().clone() for name, p in parameters(trainer).items()}
    trainer.advance()
    trainer.advance()
    assert [n for n, p in parameters(trainer).items() if p.grad is None or not p.grad.any()] == []
    assert [n for n, p in parameters(trainer).items() if torch.equal(p, before[n])] == []


def test_the_weights_that_answer_are_the_mean_over_all_epochs_and_the_start(arrays, lpo, small):
    trainer = Trainer(arrays, lpo.train, small, 0)
    seen = [{name: p.detach().clone() for name, p in trainer.network.named_parameters()}]
    for _ in range(4):
        trainer.advance()
        seen.append({name: p.detach().clone() for name, p in trainer.network.named_parameters()})
    for name, mean in trainer.average.named_parameters():
        torch.testing.assert_close(mean, torch.stack([state[name] for state in seen]).mean(0))
    last = Trainer(arrays, lpo.train, replace(small, average_weights=False), 0)
    assert last.average is last.network


def test_the_papers_neighbour_filter_gets_no_gradient_and_all_else_does(arrays, lpo):
    """Hard top-k over unweighted values: node attention and the drug embedding, which it alone reads, never learn."""
    trainer = Trainer(arrays, lpo.train, HgaclConfig.paper(), 0)
    before = {name: p.detach().clone() for name, p in parameters(trainer).items()}
    trainer.advance()
    without = [n for n, p in parameters(trainer).items() if p.grad is None or not p.grad.any()]
    attention = [f"mlp.{layer}.{kind}" for layer in (0, 2) for kind in ("weight", "bias")]
    expected = ["embedding.drug.weight", "embedding.drug.bias"]
    expected += [f"{side}_attention.{name}" for side in ("line", "drug") for name in attention]
    assert without == expected
    assert [n for n, p in parameters(trainer).items() if torch.equal(p, before[n])] == expected


def test_a_step_hides_a_share_of_the_training_pairs_and_supervises_exactly_those(arrays, lpo, small, monkeypatch):
    trainer = Trainer(arrays, lpo.train, replace(small, masked_lines=0.0, masked_drugs=0.0, contrastive_weight=0.0), 0)
    seen = {}

    def supervision(scores, margins, responses, supervised):
        seen["supervised"] = supervised
        return scores[supervised].sum() + margins[supervised].sum()

    def one_pass(visible, inputs):
        seen["visible"] = visible
        return Trainer._pass(trainer, visible, inputs)

    monkeypatch.setattr(trainer, "supervision", supervision)
    monkeypatch.setattr(trainer, "_pass", one_pass)
    trainer.advance()
    visible, supervised = seen["visible"].numpy(), seen["supervised"].numpy()
    assert not (visible & supervised).any()
    np.testing.assert_array_equal(visible | supervised, lpo.train)
    assert supervised.sum() / lpo.train.sum() == pytest.approx(0.2, abs=0.05)


def test_nodes_are_masked_whole_and_only_for_the_steps_of_one_draw(arrays, lpo, small):
    config = replace(small, masked_lines=0.3, masked_drugs=0.3, hidden_edges=0.2, redraw_every=3)
    trainer, drawn = Trainer(arrays, lpo.train, config, 0), []
    for _ in range(7):
        trainer.advance()
        drawn.append(trainer._visible.numpy())
    assert [np.array_equal(a, b) for a, b in pairwise(drawn)] == [True, True, False] * 2
    for axis, n in ((1, 100), (0, 12)):
        bare = sum((~visible.any(axis) & lpo.train.any(axis)).sum() for visible in drawn[::3])
        assert 0.15 < bare / (3 * n) < 0.45
    assert not any((visible & ~lpo.train).any() for visible in drawn)


def test_without_hidden_edges_and_masks_every_training_pair_is_seen_and_supervised(arrays, lpo, small):
    trainer = Trainer(arrays, lpo.train, replace(small, hidden_edges=0.0, masked_lines=0.0, masked_drugs=0.0), 0)
    assert np.array_equal(trainer.visible_edges().numpy(), lpo.train)


ABLATIONS = {  # changes; noisy views, views with fewer edges
    "feature_noise": ({"feature_noise": 0.0}, 0, 1),
    "edge_drop": ({"edge_drop": 0.0}, 1, 0),
    "contrast": ({"contrastive_weight": 0.0}, 0, 0),
    "nothing": ({}, 1, 1),
}


@pytest.mark.parametrize("left_out", list(ABLATIONS))
def test_a_view_that_is_left_out_is_never_computed(arrays, lpo, small, left_out, monkeypatch):
    changes, with_noise, with_fewer = ABLATIONS[left_out]
    trainer, seen = Trainer(arrays, lpo.train, replace(small, **changes), 0), []

    encode = trainer.network.encode_again

    def view(original, responses, visible, rows, noise):
        seen.append((visible, noise))
        return encode(original, responses, visible, rows, noise)

    monkeypatch.setattr(trainer.network, "encode_again", view)
    trainer.advance()
    original, views = trainer._visible, seen
    noisy = [noise for _, noise in views if noise is not None]
    fewer = [visible for visible, noise in views if noise is None and visible.sum() < original.sum()]
    assert (len(noisy), len(fewer), len(views)) == (with_noise, with_fewer, with_noise + with_fewer)
    assert all(x.any() for noise in noisy for x in noise)


def test_the_label_starts_from_the_calibrated_scores_of_hidden_pairs(arrays, lpo, small):
    """A start that is right on average: the mean probability is the share of sensitive pairs."""
    config = replace(small, dropout=0.0)
    trainer = Trainer(arrays, lpo.train, config, 0)
    visible = trainer.visible_edges()  # the constructor drew these, and put the generator back
    hidden = trainer.responses.known & ~visible
    with torch.no_grad():
        logits = trainer.supervision.slope * trainer._pass(visible).scores()[hidden] + trainer.supervision.intercept
    share = trainer.responses.sensitive[hidden].float().mean().item()
    assert torch.sigmoid(logits).mean().item() == pytest.approx(share, abs=0.01)
    assert trainer.supervision.slope > 0


def test_a_hidden_pair_reads_its_own_label_by_no_message_and_by_the_analysis_alone(arrays, lpo, small):
    """The second-order path that remains: loadings, noise, drug means and scales are fitted on all training pairs.

    With these held, changing a hidden pair's response changes no code; the analysis repeated on it does.
    """
    trainer = Trainer(arrays, lpo.train, replace(small, dropout=0.0), 0)
    visible = trainer.visible_edges()
    hidden = tuple((trainer.responses.known & ~visible).nonzero()[0])
    before = trainer._pass(visible)
    trainer.responses.value[hidden] += 3
    trainer.responses.sensitive[hidden] ^= True
    for target in trainer.targets:
        target.value[hidden] += 3
    after = trainer._pass(visible)
    for name in ("lines", "drugs", "margin_drugs"):
        assert torch.equal(getattr(before, name), getattr(after, name))

    pair = np.zeros_like(lpo.train)
    pair[hidden] = True
    refitted = Trainer(with_other_values(arrays, pair), lpo.train, replace(small, dropout=0.0), 0)
    assert not torch.equal(refitted._pass(visible).drugs, before.drugs)


def test_a_step_contrasts_as_many_random_nodes_as_the_configuration_says(arrays, lpo, small, monkeypatch):
    seen = []
    monkeypatch.setattr(
        "training.hgacl.trainer.contrast",
        lambda *views_and_masks: seen.append(views_and_masks) or views_and_masks[0].sum(),
    )
    trainer = Trainer(arrays, lpo.train, replace(small, contrast_nodes=20), 0)
    trainer.advance()
    trainer.advance()
    assert [[len(part) for part in step[:5]] for step in seen] == [[20] * 5] * 2
    assert not torch.equal(seen[0][3], seen[1][3])
    assert {len(trainer._draw_nodes()) for _ in range(3)} == {20}
    every = Trainer(arrays, lpo.train, replace(small, contrast_nodes=0), 0)._draw_nodes()
    assert torch.equal(every, trainer.nodes)


def test_neighbours_are_chosen_anew_with_the_hidden_edges(arrays, lpo, small):
    trainer = Trainer(arrays, lpo.train, replace(small, redraw_every=2), 0)
    chosen = []
    for _ in range(4):
        trainer.advance()
        chosen.append(trainer._nearest)
    assert chosen[0][0] is chosen[1][0]
    assert chosen[1][0] is not chosen[2][0]
    assert chosen[2][0] is chosen[3][0]
