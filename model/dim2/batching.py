"""Molecules laid side by side as arrays, in numpy alone: what the drug encoder and its exported graph read."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.molecule_graphs import MoleculeGraph


def side_by_side(graphs: Sequence[MoleculeGraph]) -> dict[str, NDArray[Any]]:
    """The fields of model.dim2.drug_batch.DrugBatch by name, in its order: float32, int64, and one boolean.

    Raises ValueError where there is no molecule, or where two differ in their conformers.
    """
    if not graphs:
        raise ValueError("no molecule: give one at least")
    counts = {len(graph.lengths) for graph in graphs if graph.has_geometry}
    if len(counts) > 1:
        raise ValueError(f"molecules in {sorted(counts)} conformers: make all with the same number")
    k = counts.pop() if counts else 1
    atoms = np.cumsum([0, *(len(graph.atoms) for graph in graphs)])
    bonds = np.cumsum([0, *(graph.bonds.shape[1] for graph in graphs)])

    def index(arrays: list[NDArray[np.int32]], starts: NDArray[np.int64]) -> NDArray[np.int64]:
        shifted = [array + start for array, start in zip(arrays, starts, strict=False)]
        return np.concatenate(shifted, 1).astype(np.int64)

    def per_conformer(arrays: list[NDArray[np.float32]], widths: list[int]) -> NDArray[np.float32]:
        pairs = zip(arrays, widths, strict=True)
        rows = [array if len(array) else np.zeros((k, width), np.float32) for array, width in pairs]
        return np.concatenate(rows, 1).astype(np.float32)

    return {
        "ecfp": np.stack([graph.ecfp for graph in graphs]).astype(np.float32),
        "atoms": np.concatenate([graph.atoms for graph in graphs]).astype(np.int64),
        "atom_drug": np.repeat(np.arange(len(graphs)), np.diff(atoms)),
        "bonds": index([graph.bonds for graph in graphs], atoms),
        "bond_kinds": np.concatenate([graph.bond_kinds for graph in graphs]).astype(np.int64),
        "lengths": per_conformer([graph.lengths for graph in graphs], [graph.bonds.shape[1] for graph in graphs]),
        "angle_bonds": index([graph.angle_bonds for graph in graphs], bonds),
        "angles": per_conformer([graph.angles for graph in graphs], [graph.angle_bonds.shape[1] for graph in graphs]),
        "pairs": index([graph.pairs for graph in graphs], atoms),
        "distances": per_conformer([graph.distances for graph in graphs], [graph.pairs.shape[1] for graph in graphs]),
        "has_geometry": np.array([graph.has_geometry for graph in graphs]),
    }
