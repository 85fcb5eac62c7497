"""Blocks of all lines of a dataset, with components, scales and known names of the training lines."""

import numpy as np
import torch

from model.encoder_inputs import LINE_NAMES, MODALITIES
from model.kernel_stack.line_space import Blocks
from training.data.arrays import Arrays, Floats
from training.features.names import known_names, one_hot_of
from training.features.panel import fit_modality, panel_table, presence
from training.features.table_fit import Rows

TABLES = ("expression_array", *MODALITIES)
WHOLE = ("expression_array",)  # all its genes; of the others those of the expression table
GROWTH = "growth"
# Genes whose mutations drive cancers; mutations of the others say less than they hide where a line has no expression.
DRIVERS = tuple(  # gene symbols
    """
    TP53 KRAS NRAS HRAS BRAF PIK3CA PIK3R1 PTEN APC CDKN2A RB1 EGFR ERBB2 NF1 NF2 SMAD4 FBXW7 CTNNB1 VHL IDH1 STK11
    KEAP1 ARID1A ATM BRCA1 BRCA2 NOTCH1 FLT3 JAK2 NPM1 KIT PDGFRA MET ALK EZH2 CREBBP EP300 MSH2 MSH6 MLH1 TSC1 TSC2
    GNAS GNAQ MAP2K1 AKT1 FGFR2 FGFR3 RET SMARCA4 SMARCB1 BAP1 SETD2 PTCH1 CDH1 MYD88 MAP3K1 MAP2K4 PPP2R1A CDKN1B
    """.split()  # noqa: SIM905 -- sixty of them
)
FEWEST_DRIVERS = 10  # with fewer in the table its components are read, as of the other tables
COMPONENTS = 256


def line_blocks(arrays: Arrays, fit: Rows) -> tuple[Blocks, dict[str, Rows]]:
    """Blocks (N, w) with a mean norm of 1 over the lines of `fit` that have them, and which lines have each (N,).

    Names that nobody gives make no block; a line without a name has zeros and counts as having the block.
    """
    blocks: Blocks = {}
    present: dict[str, Rows] = {}
    for name in TABLES:
        has = presence(arrays, name)
        drivers = driver_columns(arrays) if name == "mutation" else []
        if len(drivers) >= FEWEST_DRIVERS:
            blocks[name], present[name] = _drivers(arrays, drivers, has & fit), has
        elif (has & fit).any():
            panel = name not in WHOLE
            table = fit_modality(arrays, fit, name, panel=panel, components=COMPONENTS)
            raw, known = torch.from_numpy(panel_table(arrays, name, panel=panel)), torch.from_numpy(has)
            blocks[name], present[name] = table.block(raw, known, COMPONENTS), has
    for name in LINE_NAMES:
        if known_here := known_names(getattr(arrays, name), fit):
            blocks[name] = one_hot_of(getattr(arrays, name), known_here)
            present[name] = np.ones(len(fit), bool)
    if (presence(arrays, GROWTH) & fit).any():
        blocks[GROWTH], present[GROWTH] = _growth(arrays, fit)
    return blocks, present


def driver_columns(arrays: Arrays) -> list[int]:
    """Columns of the mutation table that hold DRIVERS."""
    names = arrays.feature_names.get("mutation", [])
    return [names.index(gene) for gene in DRIVERS if gene in set(names)]


def _drivers(arrays: Arrays, columns: list[int], rows: Rows) -> Floats:
    """Centred 0/1 columns with a mean norm of 1 over `rows`, zeros where a line lacks the table, (N, drivers)."""
    raw = arrays.features["mutation"][:, columns].astype(float)
    x = raw - raw[rows].mean(0)
    return np.where(np.isnan(x), 0, x / max(float(np.linalg.norm(x[rows], axis=1).mean()), 1e-12))


def _growth(arrays: Arrays, fit: Rows) -> tuple[Floats, Rows]:
    """Growth rate, z-scored and scaled to a mean norm of 1; the mean where it is not known."""
    rate, known = arrays.features[GROWTH][:, :1].astype(float), presence(arrays, GROWTH)
    mean = rate[known & fit].mean()
    scale = max(float(np.abs(rate[known & fit] - mean).mean()), 1e-12)
    return np.where(known[:, None], (rate - mean) / scale, 0.0), np.ones(len(fit), bool)
