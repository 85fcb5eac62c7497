"""Which pairs train, validate and test. Folds are fixed by seed and ids, never by row order or by the responses.

    LPO   random pairs out            line and drug are known, the pair is not
    LCO   whole cell lines out        LDO   whole drugs out
    LTO   whole tissues out           LCDO  both unseen: pairs of a left-out line with a left-out drug

Validation is a part of what is not test, left out the same way, so that early stopping, calibration and thresholds
are chosen on the case that the test asks about. Lines of one authority id, drugs of one InChIKey skeleton and hence
their pairs stay together. Further drugs, which a dataset has beside the published ones, are never left out as unseen:
so the folds of the published drugs are the same with and without them. One of a group that is left out trains nothing.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import compress

import numpy as np
from numpy.typing import NDArray

from training.data.arrays import Arrays

Mask = NDArray[np.bool_]
Roles = NDArray[np.int_]
TRAIN, VALIDATION, TEST, MIXED, UNUSED = range(5)
VALIDATION_PARTS = 10  # one tenth of what is not test
VALIDATION_PARTS_OF_BOTH = 7  # LCDO: a seventh of the lines with a seventh of the drugs, or too few pairs are left


class SplitName(StrEnum):
    """Leave pairs, cell lines, drugs, tissues, or cell lines and drugs out."""

    LPO = "LPO"
    LCO = "LCO"
    LDO = "LDO"
    LTO = "LTO"
    LCDO = "LCDO"


@dataclass(frozen=True)
class Split:
    """Masks of measured pairs, each (N, M); train, validation and test are disjoint.

    `development` is everything a method may learn from once its choices are made: train, validation and, where both
    lines and drugs are left out, the pairs of one with the other. It never touches what the test leaves out.
    """

    train: Mask
    validation: Mask
    test: Mask
    development: Mask


def make_split(arrays: Arrays, name: SplitName, fold: int, folds: int = 5, seed: int = 0) -> Split:
    """Fold number `fold` of `folds`. Raises ValueError for a fold that does not exist or has no units."""
    name = SplitName(name)  # a plain text of the same letters is equal to a member and not the same object
    if not 0 <= fold < folds:
        raise ValueError(f"fold {fold}: give a number from 0 to {folds - 1}")
    if name is SplitName.LPO:
        numbers = _pair_numbers(arrays, seed)
        within = (numbers * folds) % 1  # a fresh uniform number inside each fold
        return _split_from_roles(
            arrays, _assign_roles(np.floor(numbers * folds) == fold, within < 1 / VALIDATION_PARTS)
        )

    def role(groups: list[str], salt: str) -> Roles:
        test = _assign_bins(groups, folds, salt) == fold
        return _assign_roles(test, _draw_validation(groups, ~test, name, f"{salt}/{fold}"))

    return _split_by(arrays, name, seed, role)


def training_split(arrays: Arrays, name: SplitName = SplitName.LPO, seed: int = 0) -> Split:
    """Everything trains but a validation part and nothing tests: the split of a model that is going to be served."""
    name = SplitName(name)
    if name is SplitName.LPO:
        held = _pair_numbers(arrays, seed) < 1 / VALIDATION_PARTS
        return _split_from_roles(arrays, _assign_roles(np.zeros_like(held), held))

    def role(groups: list[str], salt: str) -> Roles:
        every = np.ones(len(groups), bool)
        return _assign_roles(~every, _draw_validation(groups, every, name, salt))

    return _split_by(arrays, name, seed, role)


def _split_by(arrays: Arrays, name: SplitName, seed: int, role: Callable[[list[str], str], Roles]) -> Split:
    """Split whose lines, drugs or both have the roles that `role` gives to their groups."""
    groups = merge_groups(arrays.tissue, arrays.line_groups) if name is SplitName.LTO else arrays.line_groups
    lines = role(groups, f"{seed}/{name}/line") if name is not SplitName.LDO else np.zeros(len(groups), int)
    if name in (SplitName.LCO, SplitName.LTO):
        return _split_from_roles(arrays, np.broadcast_to(lines[:, None], arrays.measured.shape))
    published = ~arrays.further
    drugs = np.full(len(published), TRAIN)
    drugs[published] = role(list(compress(arrays.drug_groups, published)), f"{seed}/{name}/drug")
    left_out = {group for group, part in zip(arrays.drug_groups, drugs, strict=True) if part != TRAIN}
    drugs[arrays.further & np.isin(arrays.drug_groups, list(left_out))] = UNUSED
    if name is SplitName.LDO:
        return _split_from_roles(arrays, np.broadcast_to(drugs[None, :], arrays.measured.shape))
    both = np.where(lines[:, None] == drugs[None, :], lines[:, None], MIXED)
    development = (lines[:, None] != TEST) & ~np.isin(drugs, (TEST, UNUSED))[None, :]
    return replace(_split_from_roles(arrays, both), development=arrays.measured & development)


def _assign_roles(test: Mask, held: Mask) -> Roles:
    return np.where(test, TEST, np.where(held, VALIDATION, TRAIN))


def _split_from_roles(arrays: Arrays, role: Roles) -> Split:
    train, validation, test = (arrays.measured & (role == part) for part in (TRAIN, VALIDATION, TEST))
    return Split(train, validation, test, train | validation)


def _draw_validation(groups: list[str], among: Mask, name: SplitName, salt: str) -> Mask:
    """The members of a validation part of `among`, groups whole: the part whose size is nearest to its share."""
    parts = VALIDATION_PARTS_OF_BOTH if name is SplitName.LCDO else VALIDATION_PARTS
    inner = [group for group, inside in zip(groups, among, strict=True) if inside]
    parts = min(parts, len(set(inner)))
    bins = _assign_bins(inner, parts, f"{salt}/validation")
    chosen = int(np.argmin(np.abs(np.bincount(bins, minlength=parts) - len(inner) / parts)))
    held = np.zeros(len(groups), bool)
    held[among] = bins == chosen
    return held


def _assign_bins(groups: list[str], count: int, salt: str) -> Roles:
    """Bin of each member, groups whole and bins of nearly equal size: large groups first, in an order set by `salt`.

    Raises ValueError where there are fewer groups than bins.
    """
    names, member = np.unique(groups, return_inverse=True)
    if len(names) < count:
        few = f"{len(names)} groups ({', '.join(map(str, names[:5]))})"
        raise ValueError(f"{few} cannot fill {count} folds; ask for fewer folds or another split")
    size = np.bincount(member)
    jitter = np.array([_uniform_number(f"{salt}/{name}") for name in names])
    filled, bin_of = np.zeros(count, int), np.zeros(len(names), int)
    for group in np.argsort(-size * (0.5 + jitter), kind="stable"):
        bin_of[group] = np.argmin(filled)
        filled[bin_of[group]] += size[group]
    return bin_of[member]


def merge_groups(first: list[str], second: list[str]) -> list[str]:
    """One name for all members that share a name in either list, directly or through others."""
    out = list(first)
    for name in sorted(set(second)):
        met = {out[i] for i, other in enumerate(second) if other == name}
        if len(met) > 1:
            out = [min(met) if group in met else group for group in out]
    return out


def _pair_numbers(arrays: Arrays, seed: int) -> NDArray[np.float64]:
    """One number in [0, 1) for each pair of groups, (N, M); a pair's number depends on nothing but its own ids."""
    lines = np.array([_hash(f"{seed}/line/{group}") for group in arrays.line_groups], np.uint64)
    drugs = np.array([_hash(f"{seed}/drug/{group}") for group in arrays.drug_groups], np.uint64)
    return (_splitmix64(lines[:, None] + _splitmix64(drugs)[None, :]) >> np.uint64(11)) / 2.0**53


def _splitmix64(x: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Finaliser of splitmix64 (Steele, Lea and Flood 2014): every input bit reaches every output bit."""
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


def _uniform_number(text: str) -> float:
    return _hash(text) / 2.0**64


def _hash(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")
