"""Drugs that a split by drugs keeps together although they differ: those of one scaffold, or alike in structure."""

from collections.abc import Callable
from dataclasses import replace
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from model.molecules.faults import MoleculeError
from model.molecules.fingerprints import ecfp4
from model.molecules.standard import standardised
from training.data.arrays import Arrays
from training.splits.splits import merge_groups

ALIKE = 0.3  # Tanimoto similarity of ECFP4 to a cluster's centre from which a drug belongs to it


class DrugGroups(StrEnum):
    """By connectivity alone, by Bemis–Murcko scaffold, or by Butina clusters of ECFP4."""

    CONNECTIVITY = "connectivity"
    SCAFFOLD = "scaffold"
    CLUSTER = "cluster"


def regrouped(arrays: Arrays, groups: DrugGroups) -> Arrays:
    """The arrays with drugs in larger groups; a drug without a SMILES that can be read stays where it is."""
    ways: dict[DrugGroups, Callable[[list[str]], list[str]]] = {
        DrugGroups.SCAFFOLD: _scaffolds,
        DrugGroups.CLUSTER: _clusters,
    }
    if groups not in ways:
        return arrays
    parents = [_parent(text) for text in arrays.smiles]
    found = ways[groups](parents)
    named = [name or f"alone:{drug}" for name, drug in zip(found, arrays.drug_ids, strict=True)]
    return replace(arrays, drug_groups=merge_groups(arrays.drug_groups, named))


def similarity(one: NDArray[np.floating], other: NDArray[np.floating]) -> NDArray[np.floating]:
    """Tanimoto similarity of bits, 0 where neither has any. Shapes: (n, p), (m, p) -> (n, m)."""
    shared = one @ other.T
    either = one.sum(1)[:, None] + other.sum(1) - shared
    out: NDArray[np.floating] = shared / np.maximum(either, 1)
    return out


def _parent(smiles: str) -> str:
    try:
        return standardised(smiles).smiles if smiles else ""
    except MoleculeError:
        return ""


def _scaffolds(parents: list[str]) -> list[str]:
    """Scaffold of each parent; "" without a ring."""
    from rdkit.Chem.Scaffolds.MurckoScaffold import MurckoScaffoldSmiles

    return [MurckoScaffoldSmiles(smiles=text) if text else "" for text in parents]  # type: ignore[no-untyped-call]


def _clusters(parents: list[str]) -> list[str]:
    from rdkit.ML.Cluster.Butina import ClusterData

    rows = [row for row, text in enumerate(parents) if text]
    bits = ecfp4([parents[row] for row in rows]).astype(float)
    distance = 1 - similarity(bits, bits)
    lower = distance[np.tril_indices(len(rows), -1)]
    out = [""] * len(parents)
    found = ClusterData(lower, len(rows), 1 - ALIKE, isDistData=True)  # type: ignore[no-untyped-call]
    for number, members in enumerate(found):
        for member in members:
            out[rows[member]] = f"cluster:{number}"
    return out
