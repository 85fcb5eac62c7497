"""Names of methods: how they are written in a table, and which are variants of another one."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

LABELS = {
    "hgacl": "HGACL-DRP",
    "hgacl_paper": "HGACL-DRP as published",
    "hgacl_paper_feature_components_2000": "HGACL-DRP as published, by components",
    "dim2": "DiM2-DRP",
    "dim2_offset": "DiM2-DRP's offset, no network",
    "dim2_offset_projected": "DiM2-DRP's offset, projected pathways",
    "dim2_offset_no_pathways": "DiM2-DRP's offset, no pathways",
    "dim2_paper": "DiM2-DRP as published",
    "dim2_alone": "DiM2-DRP's network alone",
    "dim2_alone_dropout_0_head_256_epochs_12": "DiM2-DRP's network alone, looser",
    "kernel_stack": "kernel stack",
    "kernel_stack_rnaseq": "kernel stack, no array",
    "kernel_stack_rnaseq_tissue": "kernel stack, RNA-seq and tissue",
    "kernel_stack_mutation_tissue": "kernel stack, mutations and tissue",
    "kernel_stack_tissue": "kernel stack, tissue",
    "kernel_stack_concentration": "kernel stack, concentrations",
    "kernel_ridge_soft": "kernel ridge per drug, soft label",
    "als_kernel_ridge_soft": "ALS + kernel ridge, soft label",
    "two_step_kernel_ridge_soft": "two-step kernel ridge, soft label",
    "als_ln_ic50": "low-rank ALS on ln IC50",
    "kernel_ridge_ln_ic50": "kernel ridge per drug",
    "als_kernel_ridge_ln_ic50": "ALS + kernel ridge",
    "two_step_kernel_ridge_ln_ic50": "two-step kernel ridge",
    "elastic_net_ln_ic50": "elastic net per drug",
    "logistic_regression": "logistic regression",
    "lightgbm_ln_ic50": "LightGBM",
    "two_tower": "two-tower network",
    "nihgcn": "NIHGCN-style network",
    "mofgcn": "MOFGCN",
    "graphcdr": "GraphCDR",
    "matrix_factorisation": "matrix factorisation",
    "mean_effects": "drug + line means",
    "drug_mean": "drug mean",
    "line_mean": "line mean",
    "global_mean": "global mean",
    "tissue_drug_mean": "tissue–drug mean",
    "positive_counts": "counting training positives",
    "row_number": "row number",
}
COUNTING = "positive_counts"
FLOOR = "drug_mean"  # knows nothing of the line: the least that a method must beat
NETWORKS = ("hgacl", "dim2")
# What variants are variants of, as training.evaluation.plans calls them; not read from there, which loads torch.
BASES = (
    "hgacl_paper_feature_components_2000",
    "dim2_alone_dropout_0_head_256_epochs_12",
    "hgacl_paper",
    "dim2_paper",
    "dim2_alone",
    *NETWORKS,
)
PERTURBATIONS = ("edge_drop", "feature_noise")  # α and β of HGACL-DRP's fig. 7
_SETTING = re.compile(r"(?P<setting>[a-z][a-z_]*?)_(?P<value>\d+(?:\.\d+)?)(?=_|$)")


@dataclass(frozen=True)
class Perturbed:
    """A method that differs from `base` in the value of one setting."""

    base: str
    setting: str
    value: float


def label(method: str) -> str:
    """How a method is called on the page."""
    if base := ablation_of(method):
        return "no " + method.removeprefix(f"{base}_no_").replace("_", " ")
    if "+" in method:
        return " + ".join(map(label, method.split("+")))
    base, settings = _changed(method)
    if base:
        return ", ".join([label(base), *(f"{name.replace('_', ' ')} {value:g}" for name, value in settings)])
    return LABELS.get(method, method.replace("_", " "))


def ablation_of(method: str) -> str | None:
    """The network of which `method` is an ablation: `hgacl_no_fusion` is one of `hgacl`."""
    return next((base for base in BASES if method.startswith(f"{base}_no_")), None)


def perturbed(method: str) -> Perturbed | None:
    """What `hgacl_edge_drop_0.1` differs in; None for a method that differs in something else."""
    base, settings = _changed(method)
    if base and len(settings) == 1 and settings[0][0] in PERTURBATIONS:
        return Perturbed(base, *settings[0])
    return None


def _changed(method: str) -> tuple[str, list[tuple[str, float]]]:
    """The network that `method` is and its changed settings with their values; ("", []) for a name of another form."""
    base = "" if method in LABELS else next((base for base in BASES if method.startswith(f"{base}_")), "")
    rest = method.removeprefix(f"{base}_")
    found = list(_SETTING.finditer(rest))
    if not base or "_".join(one[0] for one in found) != rest:
        return "", []
    return base, [(one["setting"], float(one["value"])) for one in found]


def is_variant(method: str) -> bool:
    """Ablations and perturbations: they have their own sections and stay out of the main tables."""
    return ablation_of(method) is not None or perturbed(method) is not None


def best_first(rows: pd.DataFrame) -> list[str]:
    """Methods by the mean over splits of per-drug AUROC (where nobody has one: pooled AUROC), best first.

    Only splits that all methods with the metric share would be fair to a method that ran the hard splits alone; a
    method is therefore compared by the splits' ranks, not by raw means.
    """
    pooled = rows[rows["level"] == "pooled"]
    for metric in ("per_drug_auroc", "auroc"):
        values = pooled[pooled["metric"] == metric]
        if not values.empty:
            means = values.groupby(["split", "method"])["value"].mean()
            ranks = means.groupby("split").rank(ascending=False, pct=True).groupby("method").mean()
            order = pd.DataFrame({"rank": ranks, "mean": -means.groupby("method").mean()}).sort_values(
                ["rank", "mean"]
            )
            found = [str(method) for method in order.index]
            return found + sorted(set(pooled["method"]) - set(found))
    return sorted(set(pooled["method"]))


def default_reference(rows: pd.DataFrame) -> str:
    """The best network among the rows, or the best method where no network was run."""
    order = best_first(rows)
    return next((method for method in order if method in NETWORKS), order[0])


def setting(configs: Iterable[str], name: str) -> float | None:
    """Value of a setting in the first configuration text that has it as a number."""
    for text in configs:
        value = json.loads(text).get(name) if text else None
        if isinstance(value, int | float):
            return float(value)
    return None
