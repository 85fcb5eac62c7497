"""Which lines and which drugs are alike: the kernels behind DiM2-DRP's response offset."""

from dataclasses import replace

import numpy as np
import torch

from model.dim2.config import Dim2Config
from model.estimators import kernels
from training.data.arrays import Arrays, Floats
from training.features.drug_views import drug_views
from training.features.line_fit import line_blocks
from training.features.line_kernel import gaussian_kernel
from training.features.table_fit import Rows, fit_table

COMPONENTS = 96  # of each omics table; 256 predict no better and a bundle holds fewer
WEIGHTS = {"expression": 3.0, "copy_number": 0.5, "mutation": 0.5}  # of a block; the others 1
PATHWAY_WEIGHT = 0.5  # of two drugs' sharing a pathway, where structure and targets count 1


def line_similarity(arrays: Arrays, fit: Rows, config: Dim2Config) -> Floats:
    """Gaussian kernel of all lines with those of `fit`, (N, n), over every block that `line_features` gives."""
    return gaussian_kernel(np.hstack(list(line_features(arrays, fit, config).values())), fit)[:, fit]


def line_features(arrays: Arrays, fit: Rows, config: Dim2Config) -> dict[str, Floats]:
    """Weighted blocks (N, width) that the configuration reads: omics, tissue, cancer type, medium, pathways.

    Scales, components and imputations are fitted on `fit`. Raises ValueError where no block is left.
    """
    unread = {"mutation"} if not config.mutations else set()
    unread |= {"expression"} if not config.expression else set()
    readable = arrays
    if unread:
        readable = replace(readable, features={name: x for name, x in arrays.features.items() if name not in unread})
    if not config.tissue:
        unknown = [""] * len(fit)
        readable = replace(readable, tissue=unknown, cancer_type=unknown, medium=unknown)
    blocks = {name: WEIGHTS.get(name, 1.0) * x for name, x in line_blocks(readable, fit, COMPONENTS).items()}
    if config.pathways and "pathway_activity" in arrays.features:
        blocks["pathways"] = pathway_block(arrays, fit)
    blocks = {name: x for name, x in blocks.items() if x.any()}
    if not blocks:
        raise ValueError("lines have no table that the offset could read: add one, or set offset=false")
    return blocks


def pathway_block(arrays: Arrays, fit: Rows) -> Floats:
    """Pathway scores z-scored on `fit`, scaled to a mean norm of 1 there, (N, p); lines without are zeros."""
    present = arrays.present["pathway_activity"]
    known = torch.from_numpy(present)
    raw = torch.from_numpy(arrays.features["pathway_activity"])
    scores = fit_table(raw, known & torch.from_numpy(fit), scale=True, components=0)
    x = scores.standardise(raw, known).double().numpy()
    return x / max(float(np.linalg.norm(x[fit & present], axis=1).mean()), 1e-12) if (fit & present).any() else 0 * x


def drug_similarity(arrays: Arrays) -> Floats:
    """Weighted mean of structure, targets and pathway, (M, M) in [0, 1] (model.estimators.kernels.drug_similarity)."""
    views = drug_views(arrays)
    return kernels.drug_similarity(views, views, PATHWAY_WEIGHT).double().numpy()
