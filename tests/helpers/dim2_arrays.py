"""Planted responses with structures, for what trains DiM2-DRP."""

from dataclasses import replace

import numpy as np
import pandas as pd

from model.dim2.config import Dim2Config

# One metal without geometry, one single atom, pairs of alike molecules; two targets.
SMILES = (
    "CC(=O)OC1=CC=CC=C1C(=O)O", "CC(=O)NC1=CC=C(O)C=C1", "N.N.Cl[Pt]Cl", "CN1C=NC2=C1C(=O)N(C)C(=O)N2C", "CCO", "CCCO",
    "C1=CC=CC=C1O", "C1=CC=CC=C1N", "CC(C)CC1=CC=C(C=C1)C(C)C(=O)O", "C[C@H](N)C(=O)O", "C[C@@H](N)C(=O)O", "C",
)  # fmt: skip
SMALL = {
    "mutation_code": 4, "ecfp_code": 6, "graph_code": 2, "graph_width": 8, "graph_layers": 2, "offset_rank": 3,
    "offset_folds": 3, "offset_sweeps": 3, "width": 16, "heads": 2, "head": 16, "projection": 8, "queue": 64,
    "batch": 128, "epochs": 4, "codes_every": 2, "graphs_every": 4, "contrast_every": 2,
    "ema": 0.9, "learning_rate": 5e-3,
}  # fmt: skip


def small_dim2(preset="default", **changes) -> Dim2Config:
    """A preset, narrow and short."""
    sizes = {k: v for k, v in SMALL.items() if preset == "default" or not k.endswith("_every")}
    return Dim2Config.named(preset, **{**sizes, **changes})


def dataset_with_structures(planted):
    """`planted` with SMILES, targets and four pathway scores, for a run."""
    drugs = planted.drugs.assign(smiles=list(SMILES), targets=[["EGFR"], ["BRAF"]] * 6, pathway=["RTK", "MAPK"] * 6)
    scores = pd.DataFrame({f"pathway {i}": planted.expression.iloc[:, i::4].mean(axis=1) for i in range(4)})
    return replace(planted, drugs=drugs, pathway_activity=scores.astype(np.float32))


def with_structures(arrays):
    """`arrays` with SMILES, targets, cancer types and a table of pathway scores that carries the planted signal."""
    expression = np.nan_to_num(arrays.features["expression"], nan=6.0)
    scores = np.stack([expression[:, i::8].mean(1) for i in range(8)], 1)
    loading = np.sign(np.corrcoef(expression[:, :20].T)[0])
    scores[:, 0] = (expression[:, :20] * loading).mean(1)
    return replace(
        arrays,
        smiles=list(SMILES),
        targets=[["EGFR"], ["BRAF"]] * 6,
        drug_pathway=["RTK", "MAPK"] * 6,
        cancer_type=[f"type {i % 3}" for i in range(len(arrays.cell_line_ids))],
        medium=["RD"[i % 2] for i in range(len(arrays.cell_line_ids))],
        features={**arrays.features, "pathway_activity": scores.astype(np.float32)},
        feature_names={**arrays.feature_names, "pathway_activity": [f"pathway {i}" for i in range(8)]},
        present={**arrays.present, "pathway_activity": arrays.present["expression"]},
    )
