"""Gaussian kernel ridge on ln IC50 z-scored per drug: one regression per drug, on the lines measured with it.

Each of the three methods is a function from the responses in some unit, and the lines' profiles, to predicted
responses by setting. Their variants `_soft` (training.evaluation.soft_baselines) run it on a second unit too, with the
tables that the kernel stack reads.
"""

from collections.abc import Callable
from functools import cache
from itertools import product

import numpy as np
import torch
from scipy.linalg import solve

from model.estimators.kernel_ridge import kernel_ridge_prior
from training.baselines.drug_units import DrugUnits, drug_units, fill_unseen_drugs
from training.baselines.factors import ALS_RANK, low_rank_factors
from training.baselines.model_selection import Estimate, select_and_refit
from training.data.arrays import Arrays, Floats
from training.features.drug_views import drug_kernel
from training.features.line_fit import line_blocks
from training.features.line_kernel import gaussian_kernel, profiles
from training.metrics.prediction import Prediction
from training.splits.splits import Mask, Split

RIDGES = (0.25, 0.5, 1.0)
ALS_RIDGE = 10.0
PRIOR_RIDGE = 0.5
FACTOR_WEIGHT = 1.5  # of the ALS block in the line kernel
LINE_RIDGES = (0.25, 1.0)
DRUG_RIDGES = (0.1, 0.3, 1.0)
MEAN_RIDGE = 1.0
TWO_STEP_RIDGES = tuple(product(LINE_RIDGES, DRUG_RIDGES))


def kernel_ridge_ln_ic50(arrays: Arrays, split: Split, _seed: int) -> Prediction:
    """From expression, copy number, mutation, tissue and cancer type; ridge by validation."""

    def fit(pairs: Mask) -> Callable[[float], Estimate]:
        units = drug_units(arrays, pairs)
        at_ridge = ridge_on_profiles(units, _profiles(arrays, units))
        return lambda ridge: units.estimate(at_ridge(ridge))

    return select_and_refit(arrays, split, fit, RIDGES)


def als_kernel_ridge_ln_ic50(arrays: Arrays, split: Split, seed: int) -> Prediction:
    """The same with a line's ALS factors as one more block, averaged with ALS; ridge by validation."""

    def fit(pairs: Mask) -> Callable[[float], Estimate]:
        units = drug_units(arrays, pairs)
        at_ridge = ridge_with_factors(units, _profiles(arrays, units), seed)
        return lambda ridge: units.estimate(fill_unseen_drugs(units, at_ridge(ridge)))

    return select_and_refit(arrays, split, fit, RIDGES)


def two_step_kernel_ridge_ln_ic50(arrays: Arrays, split: Split, seed: int) -> Prediction:
    """Line kernel of step 1 × drug kernel of fingerprint, target and pathway; both ridges by validation."""
    between_drugs = drug_kernel(arrays)

    def fit(pairs: Mask) -> Callable[[tuple[float, float]], Estimate]:
        units = drug_units(arrays, pairs)
        at_ridges = two_steps(units, _profiles(arrays, units), between_drugs, seed)
        mean = mean_of_unseen(units, between_drugs)
        return lambda ridges: units.estimate(at_ridges(ridges), mean)

    return select_and_refit(arrays, split, fit, TWO_STEP_RIDGES)


def _profiles(arrays: Arrays, units: DrugUnits) -> Floats:
    return profiles(line_blocks(arrays, units.lines))


def ridge_on_profiles(units: DrugUnits, lines: Floats) -> Callable[[float], Floats]:
    """Function of the ridge: kernel ridge on the lines' profiles (N, p), (N, M), the others' mean for unseen drugs."""
    kernel = gaussian_kernel(lines, units.lines)
    return lambda ridge: fill_unseen_drugs(units, kernel @ dual_weights(kernel, units, ridge))


def ridge_with_factors(units: DrugUnits, lines: Floats, seed: int) -> Callable[[float], Floats]:
    """Function of the ridge: (kernel ridge on profiles (N, p) and ALS factors + ALS) / 2, (N, M), 0 for unseen drugs.

    An unseen line has the factors that kernel ridge predicts from its profile.
    """
    factors, drugs = low_rank_factors(units.value, units.pairs, ALS_RANK, ALS_RIDGE, seed)
    if not units.lines.all():
        sources = torch.from_numpy(np.flatnonzero(units.lines))
        to_known = torch.from_numpy(gaussian_kernel(lines, units.lines)[:, units.lines])
        prior = kernel_ridge_prior(to_known, sources, torch.from_numpy(factors)[sources], PRIOR_RIDGE).numpy()
        factors = np.where(units.lines[:, None], factors, prior)
    block = factors / max(float(np.linalg.norm(factors[units.lines], axis=1).mean()), 1e-12)
    kernel = gaussian_kernel(np.hstack([lines, block * FACTOR_WEIGHT]), units.lines)
    return lambda ridge: (kernel @ dual_weights(kernel, units, ridge) + factors @ drugs.T) / 2


def two_steps(
    units: DrugUnits, lines: Floats, between_drugs: Floats, seed: int
) -> Callable[[tuple[float, float]], Floats]:
    """Function of both ridges: `ridge_with_factors` for the known drugs, carried over to all, (N, M)."""
    first_step = cache(ridge_with_factors(units, lines, seed))
    return lambda ridges: ridge_over_drugs(
        between_drugs, units.drugs, first_step(ridges[0])[:, units.drugs], ridges[1]
    )


def mean_of_unseen(units: DrugUnits, between_drugs: Floats) -> Floats:
    """Mean ln IC50 (µM) of each drug, (M,): of one without pairs by the drugs like it."""
    mean = ridge_over_drugs(between_drugs, units.drugs, units.mean[None, units.drugs], MEAN_RIDGE)[0]
    return np.where(units.drugs, units.mean, mean)


def dual_weights(kernel: Floats, units: DrugUnits, ridge: float) -> Floats:
    """Weights A (N, M) with predictions K A: column d solves (K_dd + ridge I) a = y on the lines measured with d."""
    out = np.zeros(units.pairs.shape)
    for drug in np.flatnonzero(units.drugs):
        rows = np.flatnonzero(units.pairs[:, drug])
        system = kernel[np.ix_(rows, rows)]
        system[np.diag_indices_from(system)] += ridge
        out[rows, drug] = solve(system, units.value[rows, drug], assume_a="pos", check_finite=False, overwrite_a=True)
    return out


def ridge_over_drugs(kernel: Floats, known: Mask, values: Floats, ridge: float) -> Floats:
    """Kernel ridge over drugs around each row's mean. Shapes: kernel (M, M), values (n, known drugs) -> (n, M)."""
    centre = values.mean(1, keepdims=True)
    system = kernel[np.ix_(known, known)] + ridge * np.eye(int(known.sum()))
    estimate: Floats = centre + (values - centre) @ np.linalg.solve(system, kernel[known])
    return estimate
