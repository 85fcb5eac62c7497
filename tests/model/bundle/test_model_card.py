"""A card in prose says what the bundle holds, and that the rest is not in it."""

from dataclasses import replace
from pathlib import Path

import pytest

from model.bundle.model_card import model_card_text
from model.bundle.reader import read_bundle
from model.bundle.writer import MODEL_CARD

BUNDLED = Path(__file__).parents[3] / "bundles" / "gdsc"
HEADINGS = ["Use", "Limits", "Training data and terms", "Evaluation", "Bias", "Environmental cost"]


@pytest.fixture(scope="module")
def bundled():
    return read_bundle(BUNDLED)


@pytest.fixture(scope="module")
def demo(bundle_folder):
    return read_bundle(bundle_folder)


def with_card(bundle, **changes):
    part = bundle.models["hgacl"]
    return replace(bundle, models={**bundle.models, "hgacl": replace(part, card={**part.card, **changes})})


def test_the_card_beside_a_bundle_is_that_of_its_default_model(bundled, demo, bundle_folder):
    assert (BUNDLED / MODEL_CARD).read_text(encoding="utf-8") == model_card_text(bundled, "kernel_stack")
    assert (bundle_folder / MODEL_CARD).read_text(encoding="utf-8") == model_card_text(demo, "hgacl")
    assert MODEL_CARD not in demo.manifest["files"]


def test_it_has_the_headings_and_the_manifests_figures(bundled):
    text = model_card_text(bundled, "kernel_stack")
    assert [line[3:] for line in text.splitlines() if line.startswith("## ")] == HEADINGS
    metrics, counts = (bundled.manifest[key] for key in ("metrics", "dataset"))
    lco = metrics["kernel_stack"]["LCO"]["per_drug_auroc"]
    assert f"| new line | {metrics['kernel_stack']['LCO']['auroc']['mean']:.3f} ±" in text
    assert f"{lco['mean']:.3f} ± {lco['sd']:.3f}" in text
    assert f"measured {counts['counts']['measured']:,}" in text
    assert all(f"- {term}" in text for term in counts["terms"])
    assert "Tissues with fewer than 30 lines: neuroblastoma 29, lung 22," in text
    assert "neither ancestry nor sex nor age" in text


def test_it_says_whose_figures_stand_for_a_model(bundled):
    assert "those of dim2 offset, which stands for this model" in model_card_text(bundled, "dim2")


def test_a_model_of_labels_alone_has_no_figures_of_ln_ic50(bundled):
    part = bundled.models["hgacl"]
    labels = replace(part, card={**part.card, "regression": None})
    figures = {split: {"auroc": one["auroc"]} for split, one in bundled.manifest["metrics"]["hgacl"].items()}
    manifest = {**bundled.manifest, "metrics": {"hgacl": figures}}
    text = model_card_text(replace(bundled, manifest=manifest, models={**bundled.models, "hgacl": labels}), "hgacl")
    assert "| case | AUROC |\n" in text
    for words in ("RMSE", "For another assay"):
        assert words in model_card_text(bundled, "hgacl")
        assert words not in text


def test_it_says_of_a_papers_network_that_it_is_there_to_be_compared_with(bundled):
    for name, config, says in (
        ("hgacl", {"preset": "paper"}, "Its settings are those of its paper"),
        ("dim2", {"preset": "default", "offset": False}, "DiM2-DRP's network without the response offset"),
    ):
        part = replace(bundled.models[name], card={**bundled.models[name].card, "config": config})
        text = model_card_text(replace(bundled, models={**bundled.models, name: part}), name)
        assert says in text
        assert says not in model_card_text(bundled, name)
        assert "kernel_stack answers where none is named" in text


def test_it_says_how_little_of_dim2_is_its_network(bundled):
    share = bundled.models["dim2"].card["training"]["network_share"]
    assert f"network adds to known pairs alone, weighted {share:.2f}" in model_card_text(bundled, "dim2")
    assert "network adds" not in model_card_text(bundled, "hgacl")


def test_what_is_not_in_the_bundle_is_said_to_be_missing(demo):
    text = model_card_text(demo, "other")
    assert "new samples and compounds are refused: the bundle has no encoder for them" in text
    assert "Figures by tissue are not in this bundle" in text
    assert "does not say how long the training took" in text
    bare = replace(demo, manifest={**demo.manifest, "metrics": {}})
    assert "This bundle holds no measured figures" in model_card_text(bare, "other")


def test_tissues_stand_with_the_least_well_predicted_first(demo):
    figures = {"LCO": {"skin": {"auroc": 0.81, "folds": 3}, "soft_tissue": {"auroc": 0.7, "folds": 2}}}
    text = model_card_text(with_card(demo, tissues=figures), "hgacl")
    assert "By tissue, new line" in text
    assert "| soft tissue | 0.700 | 2 |\n| skin | 0.810 | 3 |" in text
    assert "not in this bundle" not in text


def test_what_the_bundle_records_of_donors_is_not_said_to_be_missing(demo):
    recorded = replace(demo, cell_lines=[{**row, "ancestry": "European"} for row in demo.cell_lines])
    assert "neither ancestry" not in model_card_text(recorded, "hgacl")
