"""Mean ln IC50 of a drug without responses: kernel ridge over the known drugs, and its highest tested concentration.

    kernel     the drugs' similarity + a Gaussian of their properties at the median distance
    potency    w · (mean − β c) + β c_new

Properties: model.molecules.fingerprints. w are the ridge's weights of the known drugs, which sum to 1, and c ln
concentrations (µM): of a known drug that has none the mean of the others, of a new one w · c. A screen's highest
concentration is chosen by the potency that is expected of a drug, so that it tells much.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]
RIDGE, CONCENTRATION_WEIGHT = 0.3, 0.85
FARTHEST = 4.0  # standard deviations of a property


@dataclass(frozen=True)
class PropertyKernel:
    """Gaussian of properties, z-scored over the known drugs. Shapes: known (M, p) z-scored, centre and spread (p,)."""

    known: Floats
    centre: Floats
    spread: Floats
    width: float

    def rows(self, properties: Floats) -> Floats:
        """Similarity to the known drugs in [0, 1]. Shape: (m, p) -> (m, M)."""
        scaled = _scaled(properties, self.centre, self.spread)
        found: Floats = np.exp(-_squares(scaled, self.known) / (2 * self.width**2))
        return found


def property_kernel(properties: Floats) -> PropertyKernel:
    """The kernel of the known drugs' properties, (M, p)."""
    centre, spread = properties.mean(0), properties.std(0)
    spread = np.where(spread > 0, spread, 1.0)
    known = _scaled(properties, centre, spread)
    others = _squares(known, known)[np.triu_indices(len(known), 1)]
    width = float(np.sqrt(np.median(others))) if len(others) else 1.0
    return PropertyKernel(known, centre, spread, max(width, 1e-6))


def predicted_potency(weights: Floats, mean: Floats, known: Floats, own: Floats) -> Floats:
    """Mean ln IC50 (µM) of m drugs. Shapes: weights (m, M), mean and ln concentration `known` (M,), `own` (m,).

    `own` is NaN where it is not known.
    """
    expected = weights @ known
    told = np.where(np.isnan(own), expected, own)
    out: Floats = weights @ mean + CONCENTRATION_WEIGHT * (told - expected)
    return out


def _scaled(properties: Floats, centre: Floats, spread: Floats) -> Floats:
    return np.clip((properties - centre) / spread, -FARTHEST, FARTHEST)


def _squares(x: Floats, y: Floats) -> Floats:
    out: Floats = ((x[:, None] - y[None]) ** 2).sum(-1)
    return out
