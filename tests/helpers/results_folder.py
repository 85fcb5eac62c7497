"""A synthetic folder in the form that `drp evaluate` writes: planted responses, scores of known quality."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.metrics import average_precision_score, brier_score_loss, f1_score, matthews_corrcoef, roc_auc_score

CONFIG = json.dumps({"edge_drop": 0.2, "feature_noise": 0.1, "preset": "default"})
METHODS = {  # share of a pair's own response in the score, where the pair's line is known and where it is not
    "hgacl": (1.0, 0.55),
    "dim2": (0.85, 0.5),
    "als_ln_ic50": (0.95, 0.0),
    "kernel_ridge_ln_ic50": (0.5, 0.6),
    "mean_effects": (0.35, 0.0),
    "drug_mean": (0.0, 0.0),
}
WITHOUT_LN_IC50 = {"mean_effects", "drug_mean"}
ABLATIONS = {
    "hgacl_no_fusion": 0.9,
    "hgacl_no_filter": 0.97,
    "hgacl_no_contrast": 1.0,
    "hgacl_no_feature_noise": 0.99,
    "hgacl_no_edge_drop": 0.8,
}
PERTURBED = {f"hgacl_edge_drop_{a}": 1 - abs(a - 0.2) for a in (0.05, 0.1, 0.4)} | {
    f"hgacl_feature_noise_{b}": 1 - abs(b - 0.1) for b in (0.05, 0.2, 0.4)
}
TISSUES = [
    "lung",
    "skin",
    "blood",
    "breast",
    "bone",
    "kidney",
    "liver",
    "ovary",
    "brain",
    "colon",
    "nerve",
    "pancreas",
]


class World:
    """Planted ln IC50 = drug + line + interaction; a tenth of the pairs was not measured."""

    def __init__(self, lines: int, drugs: int, seed: int) -> None:
        rng = self.rng = np.random.default_rng(seed)
        self.lines = np.array([f"L{i:03d}" for i in range(lines)])
        self.drugs = np.array([f"D{i:03d}" for i in range(drugs)])
        self.tissue = np.array(TISSUES)[np.minimum(rng.geometric(0.2, lines) - 1, len(TISSUES) - 1)]
        self.interaction = rng.normal(size=(lines, 4)) @ rng.normal(size=(4, drugs)) / 2
        self.interaction *= rng.uniform(0.4, 1.4, drugs)
        self.mean = rng.normal(0, 1.5, drugs)
        self.ln_ic50 = self.mean + rng.normal(0, 0.5, (lines, 1)) + self.interaction
        self.threshold = self.mean - rng.uniform(0.2, 1.2, drugs)
        self.sensitive = (self.ln_ic50 < self.threshold).astype(np.uint8)
        self.measured = rng.random((lines, drugs)) < 0.9


def write_results(
    folder: Path,
    *,
    lines: int = 60,
    drugs: int = 14,
    folds: int = 3,
    splits: tuple[str, ...] = ("LPO", "LCO"),
    methods: tuple[str, ...] = tuple(METHODS),
    extras: bool = True,
    seed: int = 0,
) -> pd.DataFrame:
    """Write the folder and return the table; `extras` adds variants, shuffles, seeds, other protocols, network."""
    world = World(lines, drugs, seed)
    (folder / "cells").mkdir(parents=True)
    rows: list[dict] = []
    plan = [(m, "none", s, 0, a if s == "LPO" else b) for m, (a, b) in METHODS.items() for s in splits if m in methods]
    if extras:
        plan += [(m, "none", s, 0, q * (1 if s == "LPO" else 0.55)) for m, q in ABLATIONS.items() for s in splits]
        plan += [(m, "none", "LPO", 0, q) for m, q in PERTURBED.items()]
        plan += [("hgacl", what, s, 0, q) for s in splits for what, q in (("lines", 0.4), ("drugs", 0.3))]
        plan += [("hgacl", "none", "LPO", n, 1.0 + 0.02 * n) for n in (1, 2)]
    for method, shuffle, split, method_seed, quality in plan:
        for fold in range(folds):
            rows += _cell(world, folder, "folds", method, shuffle, split, fold, folds, method_seed, quality)
    if extras:
        for method, quality in (("positive_counts", 2.0), ("hgacl", 2.2)):
            rows += _cell(world, folder, "published", method, "none", "hgacl-published", 0, 1, 0, quality)
        rows += _cell(world, folder, "stated", "hgacl", "none", "stated", 0, 1, 0, 1.0)
        for method, quality in (("hgacl", 0.4), ("drug_mean", 0.0)):
            rows += _cell(world, folder, "transfer", method, "none", "GDSC→CCLE", 0, 1, 0, quality)
        _stages(world, folder)
        _attention(folder)
        names = [("drug", i, f"Drug {i[1:]}inib") for i in world.drugs] + [
            ("line", i, f"LINE-{i[1:]}") for i in world.lines
        ]
        pd.DataFrame(names, columns=["kind", "id", "name"]).to_parquet(folder / "names.parquet")
    table = pd.DataFrame(rows)
    table.to_parquet(folder / "results.parquet")
    return table


def _cell(  # noqa: PLR0913 -- what names a cell of the grid
    world, folder, protocol, method, shuffle, split, fold, folds, seed, quality
) -> list[dict]:
    rng = np.random.default_rng([ord(c) for c in f"{protocol}{method}{shuffle}{split}{fold}{seed}"])
    lines, drugs = world.ln_ic50.shape
    parts = np.random.default_rng(5).integers(0, folds, (lines, drugs if split == "LPO" else 1))
    row, column = np.nonzero(world.measured & (parts == fold))
    noise = 0.6 * rng.normal(size=(lines, drugs)) if quality else 0.0
    predicted = (world.mean + quality * world.interaction + noise)[row, column]
    observed, label = world.ln_ic50[row, column], world.sensitive[row, column]
    score = world.threshold[column] - predicted
    probability = 1 / (1 + np.exp(-1.5 * score))
    has = method not in WITHOUT_LN_IC50
    cell = pd.DataFrame(
        {
            "cell_line_id": world.lines[row],
            "drug_id": world.drugs[column],
            "score": score.astype(np.float32),
            "probability": probability,
            "sensitive": label,
            "called": probability >= 0.5,
            "ln_ic50": observed,
            "predicted_ln_ic50": predicted if has else np.nan,
            "lower": predicted - 1.5 if has else np.nan,
            "upper": predicted + 1.5 if has else np.nan,
        }
    )
    name = f"{protocol}-{method}-{shuffle}-{split.replace('→', '_')}-{fold}of{folds}-seed{seed}"
    about = {
        "method": method,
        "split": split,
        "fold": fold,
        "folds": folds,
        "split_seed": 0,
        "seed": seed,
        "shuffle": shuffle,
        "protocol": protocol,
        "dataset": "made up",
    }
    units = {str(unit): (len(part), _unit(part, has)) for unit, part in cell.groupby("drug_id")}
    means = pd.DataFrame([metrics for _, metrics in units.values()]).mean().add_prefix("per_drug_")
    pooled = {**_pooled(cell, has), **means.to_dict(), "seconds": 1.5, "epoch": 3.0}
    content = {"key": {"dataset_hash": "abc"}, "cell": about, "metrics": pooled}
    (folder / "cells" / f"{name}.json").write_text(json.dumps(content))
    cell.to_parquet(folder / "cells" / f"{name}.parquet")
    config = CONFIG if method.startswith(("hgacl", "dim2")) else ""
    base = {**about, "dataset_hash": "abc", "config": config, "pairs": len(cell), "low": np.nan, "high": np.nan}
    out = [base | {"level": "pooled", "unit": "", "metric": m, "value": v} for m, v in pooled.items()]
    for entry in out:
        if entry["metric"].startswith("per_drug_"):
            entry["pairs"] = len(units)  # a mean over drugs
        if entry["metric"] in ("auroc", "auprc", "per_drug_auroc"):
            entry |= {"low": entry["value"] - 0.01, "high": entry["value"] + 0.01}
    for unit, (pairs, metrics) in units.items():
        out += [
            base | {"level": "drug", "unit": unit, "metric": m, "value": v, "pairs": pairs} for m, v in metrics.items()
        ]
    return out


def _pooled(cell: pd.DataFrame, has: bool) -> dict[str, float]:
    label = cell["sensitive"]
    out = {
        "auroc": roc_auc_score(label, cell["score"]),
        "auprc": average_precision_score(label, cell["score"]),
        "f1": f1_score(label, cell["called"]),
        "mcc": matthews_corrcoef(label, cell["called"]),
        "brier": brier_score_loss(label, cell["probability"]),
        "calibration_error": abs(float(label.mean() - cell["probability"].mean())),
    }
    if has:
        error = cell["predicted_ln_ic50"] - cell["ln_ic50"]
        out |= {
            "rmse": float(np.sqrt((error**2).mean())),
            "pearson": cell["predicted_ln_ic50"].corr(cell["ln_ic50"]),
            "interval_coverage": float((error.abs() < 1.5).mean()),
            "interval_width": 3.0,
        }
    return out


def _unit(part: pd.DataFrame, has: bool) -> dict[str, float]:
    out = {}
    if 2 <= part["sensitive"].sum() <= len(part) - 2:
        out["auroc"] = roc_auc_score(part["sensitive"], part["score"])
    if has and len(part) > 3:
        out["pearson"] = part["predicted_ln_ic50"].corr(part["ln_ic50"])
    return out


def _stages(world: World, folder: Path) -> None:
    rng = np.random.default_rng(9)
    places = np.array([TISSUES.index(t) for t in world.tissue])
    (folder / "stages").mkdir()
    stages = {
        name: (strength * np.eye(len(TISSUES))[places] @ rng.normal(size=(len(TISSUES), 30)))
        + rng.normal(size=(len(places), 30))
        for name, strength in (("raw", 0.3), ("fused", 0.8), ("trained", 2.0))
    }
    np.savez(folder / "stages" / "folds-hgacl-none-LPO-0of3-seed0.npz", ids=world.lines, tissue=world.tissue, **stages)


def _attention(folder: Path) -> None:
    rng = np.random.default_rng(10)
    (folder / "attention").mkdir()
    sides = {}
    for side, tokens in (("cell", 69), ("drug", 4)):
        sides[f"{side}_labels"] = np.array(["class token", *(f"number {i} of the {side}" for i in range(1, tokens))])
        sides[f"{side}_mean"] = rng.dirichlet(np.ones(tokens))
        sides[f"{side}_deviation"] = rng.random(tokens) / 100
    np.savez(folder / "attention" / "folds-dim2-none-LPO-1of3-seed0.npz", pairs=np.array(250), **sides)
