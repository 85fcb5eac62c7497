"""Low-rank methods: no features at all, so an unseen line or drug gets no more than the mean of the others."""

from functools import partial
from itertools import product

import numpy as np
import torch

from model.estimators.kernel_ridge import alternating_least_squares
from training.baselines.drug_units import DrugUnits, drug_units, fill_unseen_drugs
from training.baselines.means import additive_effects
from training.baselines.model_selection import Estimate, select_and_refit
from training.data.arrays import Arrays, Floats
from training.metrics.prediction import Prediction
from training.splits.splits import Mask, Split

ALS_RANK = 30
ALS_RIDGES = (3.0, 10.0, 30.0)


def matrix_factorisation(arrays: Arrays, split: Split, seed: int) -> Prediction:
    """Mean effects + low-rank factors of the label's residual; rank and ridge by validation."""

    def fit(pairs: Mask, setting: tuple[int, float]) -> Estimate:
        effects = additive_effects(arrays.sensitive, pairs)
        residual = np.where(pairs, arrays.sensitive - effects, 0).astype(np.float32)
        lines, drugs = low_rank_factors(residual, pairs, *setting, seed)
        return Estimate(effects + lines @ drugs.T)

    return select_and_refit(arrays, split, lambda pairs: partial(fit, pairs), product((5, 10, 20), (1.0, 3.0, 10.0)))


def als_ln_ic50(arrays: Arrays, split: Split, seed: int) -> Prediction:
    """Low-rank ALS on ln IC50 z-scored per drug, compared with the drug's threshold; ridge by validation."""

    def fit(units: DrugUnits, ridge: float) -> Estimate:
        lines, drugs = low_rank_factors(units.value, units.pairs, ALS_RANK, ridge, seed)
        return units.estimate(fill_unseen_drugs(units, lines @ drugs.T))

    return select_and_refit(arrays, split, lambda pairs: partial(fit, drug_units(arrays, pairs)), ALS_RIDGES)


def low_rank_factors(values: Floats, pairs: Mask, rank: int, ridge: float, seed: int) -> tuple[Floats, Floats]:
    """Factors of lines (N, rank) and drugs (M, rank) by ALS over `pairs`; those without a pair get zeros."""
    generator = torch.Generator().manual_seed(seed)
    known = torch.from_numpy(pairs)
    lines, drugs = alternating_least_squares(torch.from_numpy(values), known, rank, ridge, generator)
    return lines.numpy(), drugs.numpy()
