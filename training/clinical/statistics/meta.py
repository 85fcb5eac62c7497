"""Random-effects mean of log hazard ratios over cohorts (DerSimonian and Laird 1986), of many variables at once."""

from typing import NamedTuple

import numpy as np
from scipy.stats import chi2, norm

from training.clinical.statistics.cox import Floats

FEWEST_COHORTS = 2


class Pooled(NamedTuple):
    """Mean log hazard ratios with errors and two-sided p; I² and the p of Cochran's Q say how cohorts differ. (m,)."""

    log_hr: Floats
    se: Floats
    p: Floats
    i2: Floats
    heterogeneity_p: Floats
    cohorts: Floats


def pool(effects: Floats, errors: Floats) -> Pooled:
    """Pool c cohorts; those without a figure are left out. NaN with fewer than two. Shapes: (c, m) -> (m,)."""
    known = np.isfinite(effects) & np.isfinite(errors)
    count = known.sum(0)
    effect, fixed = np.where(known, effects, 0.0), np.where(known, 1 / np.where(known, errors, 1.0) ** 2, 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        total = fixed.sum(0)
        mean = (fixed * effect).sum(0) / total
        q = (fixed * (effect - mean) ** 2).sum(0)
        between = np.maximum(q - (count - 1), 0) / (total - (fixed**2).sum(0) / total)
        weight = np.where(known, 1 / (1 / np.where(known, fixed, 1.0) + between), 0.0)
        pooled, error = (weight * effect).sum(0) / weight.sum(0), weight.sum(0) ** -0.5
        i2 = np.where(q > 0, np.maximum(1 - (count - 1) / q, 0), 0.0)
    figures = (pooled, error, 2 * norm.sf(np.abs(pooled / error)), i2, chi2.sf(q, np.maximum(count - 1, 1)))
    log_hr, se, p, i2, heterogeneity_p = (np.where(count >= FEWEST_COHORTS, one, np.nan) for one in figures)
    return Pooled(log_hr, se, p, i2, heterogeneity_p, count.astype(float))
