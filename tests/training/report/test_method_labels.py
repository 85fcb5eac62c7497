"""Names of methods on the report's page, and what variants are compared with."""

import pandas as pd

from tests.helpers.results_folder import ABLATIONS
from training.evaluation.methods import SENSITIVITY
from training.evaluation.plans import LONGER, LOOSER, PAPER
from training.report.figures.variants import ablations
from training.report.method_labels import (
    PERTURBATIONS,
    Perturbed,
    ablation_of,
    default_reference,
    is_variant,
    label,
    perturbed,
)
from training.report.results_folder import read_results
from training.report.study import studies


def test_names_of_variants():
    assert perturbed("hgacl_edge_drop_0.1") == Perturbed("hgacl", "edge_drop", 0.1)
    assert perturbed("hgacl_paper_edge_drop_0") == Perturbed("hgacl_paper", "edge_drop", 0.0)
    assert perturbed("hgacl_feature_noise_0.05") == Perturbed("hgacl", "feature_noise", 0.05)
    assert perturbed(f"{PAPER}_feature_noise_0.5") == Perturbed(PAPER, "feature_noise", 0.5)
    assert ablation_of("hgacl_no_edge_drop") == "hgacl"
    assert ablation_of(f"{PAPER}_no_fusion") == PAPER
    assert ablation_of(f"{LOOSER}_no_3d") == LOOSER
    assert is_variant("hgacl_no_filter")
    for method in (
        f"{PAPER}_epochs_1500",
        "dim2_alone_token_size_1",
        LONGER,
        f"{LOOSER}_free_codes_32",
        "dim2_offset+dim2_alone",
    ):
        assert not is_variant(method)
    for name in ("hgacl", "hgacl_paper", PAPER, LOOSER, "dim2_alone", "als_ln_ic50", "kernel_ridge_ln_ic50"):
        assert not is_variant(name)
    assert label("als_ln_ic50") == "low-rank ALS on ln IC50"
    assert label("some_new_method") == "some new method"
    assert label("hgacl_edge_drop_0.1") == "HGACL-DRP, edge drop 0.1"
    assert label(LONGER) == "DiM2-DRP's network alone, dropout 0, head 256, epochs 60"
    assert label("kernel_stack+dim2_alone") == "kernel stack + DiM2-DRP's network alone"


def test_perturbations_are_those_of_the_plan():
    assert set(PERTURBATIONS) == set(SENSITIVITY)


def test_an_ablation_is_compared_with_the_seed_that_it_has(results):
    study = studies(read_results(results), None, ())[0]
    rows = study.folds("LPO")
    rows = rows[(rows["level"] == "pooled") & (rows["metric"] == "auroc")].set_index(["method", "seed", "fold"])
    value = rows["value"].sort_index()
    (drawing,) = ablations(study, "LPO")
    shown = {text.get_text() for axes in drawing.figure.axes for text in axes.texts}
    assert value["hgacl"].index.get_level_values("seed").nunique() == 3
    for variant in ABLATIONS:
        assert f"{(value[variant, 0] - value['hgacl', 0]).mean():+.3f}" in shown


def test_the_reference_is_the_best_network_even_behind_a_baseline():
    rows = pd.DataFrame(
        [("als_ln_ic50", 0.9), ("hgacl", 0.7), ("dim2", 0.8), ("drug_mean", 0.5)], columns=["method", "value"]
    ).assign(level="pooled", metric="per_drug_auroc", split="LPO")
    assert default_reference(rows) == "dim2"
    assert default_reference(rows[~rows["method"].isin(["hgacl", "dim2"])]) == "als_ln_ic50"
