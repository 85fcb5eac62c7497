"""From the two predictions of a pair to the log odds that it is sensitive, and to its ln IC50.

    η = w₀ + w₁ p + w₂ logit p + w₃ (z + offset_d)        p = soft_mean_d + soft_sd_d · q
    log odds = η + a_d + b_d (η − η̄)
    ln IC50 = mean_d − sd_d · (α_d + β_d z)

z and q are the predicted z-score and soft label (training.kernel_stack.targets). What a drug has of its own, a and b,
α and β − 1, is shrunk towards what all drugs share.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]
LEAST_PROBABILITY = 0.005  # of a soft label, whose logit is read


@dataclass(frozen=True)
class DrugScales:
    """What undoes the units of the drugs, (M,) each: ln IC50 = mean − sd · z in ln µM, p = soft_mean + soft_sd · q.

    offset is (threshold − mean) / sd.
    """

    mean: Floats
    sd: Floats
    offset: Floats
    soft_mean: Floats
    soft_sd: Floats

    def of(self, drugs: NDArray[np.intp]) -> "DrugScales":
        """Scales of these drugs, one a pair. Shape: drugs (n,)."""
        return DrugScales(*(x[drugs] for x in (self.mean, self.sd, self.offset, self.soft_mean, self.soft_sd)))


@dataclass(frozen=True)
class PairStack:
    """Fitted weights. Shapes: weights (4,) with w₀ first; centre is η̄; the others (M,)."""

    weights: Floats
    centre: float
    intercept: Floats
    slope: Floats
    regression_intercept: Floats
    regression_slope: Floats

    def log_odds(self, z: Floats, q: Floats, scales: DrugScales) -> Floats:
        """Of m lines and all drugs, each the same to the last bit in any company. Shapes: z, q (m, M) -> (m, M)."""
        shared: Floats = (pair_features(z, q, scales) * self.weights[1:]).sum(-1) + self.weights[0]
        return shared + self.intercept + self.slope * (shared - self.centre)

    def ln_ic50(self, z: Floats, scales: DrugScales) -> Floats:
        """In ln µM. Shapes: z (m, M) -> (m, M)."""
        estimate: Floats = scales.mean - scales.sd * (self.regression_intercept + self.regression_slope * z)
        return estimate

    def of(self, drugs: NDArray[np.intp]) -> "PairStack":
        """With the terms of these drugs, one a pair. Shape: drugs (n,)."""
        terms = (self.intercept, self.slope, self.regression_intercept, self.regression_slope)
        return PairStack(self.weights, self.centre, *(x[drugs] for x in terms))

    def calibrated(self, slope: float, intercept: float) -> "PairStack":
        """With log odds slope · η + intercept instead of η."""
        weights = slope * self.weights
        weights[0] += intercept
        centre = slope * self.centre + intercept
        return replace(self, weights=weights, centre=centre, intercept=slope * self.intercept)

    def without_drugs(self) -> "PairStack":
        """What all drugs share, for drugs without responses."""
        none = np.zeros_like(self.intercept)
        return replace(self, intercept=none, slope=none, regression_intercept=none, regression_slope=none + 1)


def pair_features(z: Floats, q: Floats, scales: DrugScales) -> Floats:
    """Soft label, its logit, and margin. Shapes: z, q (m, M) -> (m, M, 3)."""
    p = np.clip(scales.soft_mean + scales.soft_sd * q, LEAST_PROBABILITY, 1 - LEAST_PROBABILITY)
    return np.stack([p, np.log(p / (1 - p)), z + scales.offset], -1)
