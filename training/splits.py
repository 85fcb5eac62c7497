"""Which pairs train, validate and test. Folds are fixed by seed and ids, never by row order.

LPO leaves random pairs out, LCO whole cell lines. Validation is a tenth of what is not test, left out the same way,
so that early stopping, calibration and thresholds are chosen on the case that the test asks about.
"""

import hashlib
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from training.dataset import Arrays

Mask = NDArray[np.bool_]
VALIDATION_SHARE = 0.1


class SplitName(StrEnum):
    """The splits there are so far."""

    LPO = "LPO"
    LCO = "LCO"


@dataclass(frozen=True)
class Split:
    """Disjoint masks of measured pairs, each (N, M)."""

    train: Mask
    validation: Mask
    test: Mask


def make_split(arrays: Arrays, name: SplitName, fold: int, folds: int = 5, seed: int = 0) -> Split:
    """Fold number `fold` of `folds`. Raises ValueError for a fold that does not exist."""
    if not 0 <= fold < folds:
        raise ValueError(f"fold {fold}: give a number from 0 to {folds - 1}")
    measured = arrays.measured
    units = _unit_numbers(arrays, name, seed)  # (N, M) in [0, 1): pairs that go together share a number
    test = measured & (np.floor(units * folds).astype(int) == fold)
    within = (units * folds) % 1  # a fresh uniform number inside each fold
    validation = measured & ~test & (within < VALIDATION_SHARE)
    return Split(measured & ~test & ~validation, validation, test)


def training_split(arrays: Arrays, name: SplitName = SplitName.LPO, seed: int = 0) -> Split:
    """Everything trains but the validation tenth: the split of a model that is going to be served."""
    measured = arrays.measured
    validation = measured & (_unit_numbers(arrays, name, seed) < VALIDATION_SHARE)
    return Split(measured & ~validation, validation, np.zeros_like(measured))


def _unit_numbers(arrays: Arrays, name: SplitName, seed: int) -> NDArray[np.float64]:
    lines = np.array([_uniform(f"{seed}/line/{i}") for i in arrays.cell_line_ids])
    if name is SplitName.LCO:
        return np.repeat(_ranked(lines)[:, None], len(arrays.drug_ids), axis=1)
    drugs = [np.random.default_rng(int(_uniform(f"{seed}/drug/{i}") * 2**53)) for i in arrays.drug_ids]
    order = np.argsort(lines)  # a pair's number follows its ids, whatever the order of the rows
    pairs = np.empty((len(lines), len(drugs)))
    for column, generator in enumerate(drugs):
        pairs[order, column] = generator.random(len(lines))
    return pairs


def _ranked(numbers: NDArray[np.float64]) -> NDArray[np.float64]:
    """Ranks spread evenly over [0, 1), so that folds of few units are equally large."""
    ranks = np.empty(len(numbers))
    ranks[np.argsort(numbers)] = np.arange(len(numbers))
    return ranks / len(numbers)


def _uniform(text: str) -> float:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:6], "big") / 2**48
