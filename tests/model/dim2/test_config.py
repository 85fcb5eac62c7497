"""Settings of DiM2-DRP: refused with name, value and remedy; the same after a trip through JSON."""

import pytest

from model.dim2.config import Dim2Config


@pytest.mark.parametrize("preset", ["default", "paper"])
def test_a_configuration_survives_json(preset):
    config = Dim2Config.named(preset, width=32, dropout=0.1)
    assert Dim2Config.from_json(config.to_json()) == config


def test_the_papers_constants():
    """Codes 20 + 5 + 5 and 30, width 64, 4 heads, 2 layers, MLP 98, τ .1, queue 4,096, batch 1,024, Adam 1e-3."""
    paper = Dim2Config.paper()
    assert paper.ecfp_code + 2 * paper.graph_code == 30
    assert 38 + paper.mutation_code + 30 == paper.head == 98
    assert (paper.width, paper.heads, paper.layers, paper.token_size) == (64, 4, 2, 1)
    assert (paper.projection, paper.temperature, paper.queue, paper.contrastive_weight) == (128, 0.1, 4096, 0.05)
    assert (paper.target_weight, paper.label_smoothing, paper.cancer_weight) == (0.4, 0.05, 0.1)
    assert (paper.drug_reconstruction, paper.mutation_reconstruction) == (0.05, 0.10)
    assert (paper.codes_every, paper.graphs_every, paper.contrast_every, paper.schedule) == (1, 1, 1, "plateau")
    assert (paper.learning_rate, paper.batch, paper.ema, paper.offset) == (1e-3, 1024, 0.9995, False)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"dropout": 1.0}, "dropout = 1.0: give a share"),
        ({"width": 0}, "width = 0: give a whole number"),
        ({"temperature": 0.0}, "temperature = 0.0: give a number above 0"),
        ({"cancer_weight": -1.0}, "cancer_weight = -1.0: give a number of at least 0"),
        ({"width": 30}, "width = 30: give a multiple of heads = 4"),
        ({"monte_carlo": 1}, "monte_carlo = 1: give at least 2 passes, or 0"),
        ({"monte_carlo": -2}, "monte_carlo = -2: give at least 2 passes, or 0"),
        ({"offset_folds": 1}, "offset_folds = 1"),
        ({"pathways": False, "mutations": False, "expression": False, "tissue": False}, "are all off"),
        ({"schedule": "linear"}, "schedule = 'linear': give one of cosine, plateau"),
        ({"graphs_every": 6, "codes_every": 4}, "graphs_every = 6: give a multiple of codes_every, 4"),
        ({"no_such": 1}, "unknown settings"),
    ],
)
def test_a_bad_setting_is_named(changes, message):
    with pytest.raises(ValueError, match=message):
        Dim2Config.named("default", **changes)


def test_an_unknown_preset_is_named():
    with pytest.raises(ValueError, match="preset 'best': choose"):
        Dim2Config.named("best")
