"""The kernel ridges with what the kernel stack has besides its own ridge: soft label, drug-wise calibration, tables.

Each learns the z-scored ln IC50 and the soft label σ(z + offset), from the kernel stack's blocks of the lines (array
expression and growth rate among them, gaps imputed). Ridges are chosen on validation by the soft label, and a stack of
it with each drug's own intercept and slope (training.kernel_stack.stack) is fitted there: so probability and interval,
which validation pairs calibrate, are a little too sure.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TypeVar

import numpy as np

from model.kernel_stack.line_space import LineSpace, weighted
from model.kernel_stack.pair_stack import DrugScales
from training.baselines.drug_units import DrugUnits, drug_units, fill_unseen_drugs
from training.baselines.kernel_ridge import (
    RIDGES,
    TWO_STEP_RIDGES,
    mean_of_unseen,
    ridge_on_profiles,
    ridge_with_factors,
    two_steps,
)
from training.baselines.model_selection import Estimate, validation_value
from training.data.arrays import Arrays, Floats
from training.features.drug_views import drug_kernel
from training.kernel_stack.line_blocks import line_blocks
from training.kernel_stack.stack import SOFT_LABEL, fit_stack
from training.metrics.prediction import Prediction
from training.splits.splits import Mask, Split

Setting = TypeVar("Setting")
Method = Callable[[DrugUnits, Floats], Callable[[Setting], Floats]]  # units, profiles -> setting -> values (N, M)


def kernel_ridge_soft(arrays: Arrays, split: Split, _seed: int) -> Prediction:
    """Kernel ridge per drug."""
    return _softened(arrays, split, ridge_on_profiles, RIDGES)


def als_kernel_ridge_soft(arrays: Arrays, split: Split, seed: int) -> Prediction:
    """The same with ALS factors as one more block, averaged with ALS."""

    def method(units: DrugUnits, lines: Floats) -> Callable[[float], Floats]:
        at_ridge = ridge_with_factors(units, lines, seed)
        return lambda ridge: fill_unseen_drugs(units, at_ridge(ridge))

    return _softened(arrays, split, method, RIDGES)


def two_step_kernel_ridge_soft(arrays: Arrays, split: Split, seed: int) -> Prediction:
    """That carried over to all drugs by the drug kernel; so is the mean ln IC50 of unseen drugs."""
    between_drugs = drug_kernel(arrays)
    return _softened(
        arrays,
        split,
        lambda units, lines: two_steps(units, lines, between_drugs, seed),
        TWO_STEP_RIDGES,
        lambda units: mean_of_unseen(units, between_drugs),
    )


def _softened(
    arrays: Arrays,
    split: Split,
    method: Method[Setting],
    settings: Iterable[Setting],
    mean: Callable[[DrugUnits], Floats] = lambda units: units.mean,
) -> Prediction:
    """Choose among `settings` on validation, fit the stack there, then fit the development pairs."""

    def fit(pairs: Mask) -> tuple[Callable[[Setting], tuple[Floats, Floats]], DrugScales, DrugUnits]:
        units = drug_units(arrays, pairs)
        soft, centre, spread = _soft_units(units)
        lines = _profiles(arrays, units.lines)
        z, q = method(units, lines), method(soft, lines)
        scales = DrugScales(mean(units), units.sd, units.offset, centre, spread)
        return lambda setting: (z(setting), q(setting)), scales, units

    at, scales, units = fit(split.train)
    tried = {setting: at(setting) for setting in settings}
    probability = {s: Estimate(scales.soft_mean + scales.soft_sd * q) for s, (_, q) in tried.items()}
    best = max(tried, key=lambda s: validation_value(arrays, split, probability[s]))
    values = (units.mean - arrays.ln_ic50) / units.sd
    stack = fit_stack(*tried[best], scales, split.validation, arrays.sensitive, values, SOFT_LABEL)
    at_last, last_scales, _ = fit(split.development)
    z, q = at_last(best)
    return Prediction(
        stack.log_odds(z, q, last_scales),
        stack.ln_ic50(z, last_scales),
        stack.log_odds(*tried[best], scales),
        stack.ln_ic50(tried[best][0], scales),
    )


def _soft_units(units: DrugUnits) -> tuple[DrugUnits, Floats, Floats]:
    """Units whose values are soft labels z-scored per drug, and their mean and deviation, (M,) each."""
    pairs, count = units.pairs, units.pairs.sum(0).clip(1)
    soft = np.where(pairs, 1 / (1 + np.exp(-(units.value + units.offset))), 0.0)
    mean = soft.sum(0) / count
    sd = np.sqrt(np.where(pairs, (soft - mean) ** 2, 0.0).sum(0) / count).clip(1e-3)
    mean, sd = (np.where(units.drugs, x, x[units.drugs].mean()) for x in (mean, sd))
    value = np.where(pairs, (soft - mean) / sd, 0.0).astype(np.float32)
    return replace(units, value=value), mean, sd


def _profiles(arrays: Arrays, fit: Mask) -> Floats:
    """The kernel stack's blocks of all lines side by side, with the gaps imputed, (N, p)."""
    blocks, present = line_blocks(arrays, fit)
    return weighted(LineSpace(blocks, present).of(fit).complete(blocks, present))


SOFT_BASELINES: dict[str, Callable[[Arrays, Split, int], Prediction]] = {
    method.__name__: method for method in (kernel_ridge_soft, als_kernel_ridge_soft, two_step_kernel_ridge_soft)
}
