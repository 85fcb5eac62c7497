"""ln IC50 z-scored per drug, in which drugs can be learned together, and the way back to scores and to ln IC50."""

from dataclasses import dataclass

import numpy as np

from training.baselines.model_selection import Estimate
from training.data.arrays import Arrays, Floats
from training.features.responses import drug_scale, responses_of
from training.splits.splits import Mask


@dataclass(frozen=True)
class DrugUnits:
    """Responses of the fitted pairs as (mean − ln IC50) / sd of their drug: larger is more sensitive.

    A drug without fitted pairs has the mean of the others' offset, mean and sd: its own threshold is never read.
    """

    pairs: Mask  # (N, M) what is learned from
    value: Floats  # (N, M) 0 where not learned from
    offset: Floats  # (M,) (threshold − mean) / sd
    mean: Floats  # (M,) ln µM
    sd: Floats  # (M,)

    @property
    def lines(self) -> Mask:
        """Lines with a fitted pair, (N,)."""
        lines: Mask = np.any(self.pairs, axis=1)
        return lines

    @property
    def drugs(self) -> Mask:
        """Drugs with a fitted pair, (M,)."""
        drugs: Mask = np.any(self.pairs, axis=0)
        return drugs

    def estimate(self, value: Floats, mean: Floats | None = None) -> Estimate:
        """Score = (threshold − predicted ln IC50) / sd, and that ln IC50, from a predicted `value` (N, M).

        `mean` (M,) replaces the drugs' means where a method knows better.
        """
        return Estimate(value + self.offset, (self.mean if mean is None else mean) - self.sd * value)


def drug_units(arrays: Arrays, pairs: Mask) -> DrugUnits:
    """Responses of `pairs` in the units of their drugs, clipped to five standard deviations."""
    responses, offset = responses_of(arrays, pairs)
    mean, sd = drug_scale(arrays, pairs)
    return DrugUnits(pairs, responses.value.numpy(), offset.numpy(), mean, sd)


def fill_unseen_drugs(units: DrugUnits, value: Floats) -> Floats:
    """`value` (N, M) where each drug without fitted pairs gets the mean of the others: how sensitive a line is."""
    return np.where(units.drugs, value, value[:, units.drugs].mean(1, keepdims=True))
