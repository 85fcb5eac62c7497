"""Molecules laid side by side: the tensors that the drug encoder reads."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from model.molecule_graphs import MoleculeGraph


@dataclass(frozen=True)
class DrugBatch:
    """m molecules as one disconnected graph of V atoms, E bonds, A angles and P pairs, in K conformers.

    Shapes: ecfp (m, 1024) 0/1, atoms (V, 8), atom_drug (V,), bonds (2, E), bond_kinds (E, 3), lengths (K, E) Å,
    angle_bonds (2, A), angles (K, A) radians, pairs (2, P), distances (K, P) Å, has_geometry (m,) boolean. Molecules
    without geometry have lengths of 0 and neither angles nor pairs; their code does not read them.
    """

    ecfp: Tensor
    atoms: Tensor
    atom_drug: Tensor
    bonds: Tensor
    bond_kinds: Tensor
    lengths: Tensor
    angle_bonds: Tensor
    angles: Tensor
    pairs: Tensor
    distances: Tensor
    has_geometry: Tensor

    def tensors(self) -> tuple[Tensor, ...]:
        """All of them, in the order of the fields, which is the order of the encoder's arguments."""
        return tuple(vars(self).values())

    def to(self, device: torch.device | str) -> "DrugBatch":
        """The same on another device."""
        return DrugBatch(*(part.to(device) for part in self.tensors()))

    def drawn(self, conformers: int, generator: torch.Generator) -> "DrugBatch":
        """The same molecules in `conformers` of their conformers, drawn for each molecule by itself."""
        most, m = len(self.lengths), len(self.ecfp)
        if conformers >= most:
            return self
        choice = torch.rand(m, most, generator=generator).argsort(1)[:, :conformers].T.to(self.lengths.device)

        def of(values: Tensor, atom: Tensor) -> Tensor:
            return values.gather(0, choice[:, self.atom_drug[atom]])

        changed = {
            "lengths": of(self.lengths, self.bonds[0]),
            "angles": of(self.angles, self.bonds[0][self.angle_bonds[0]]),
            "distances": of(self.distances, self.pairs[0]),
        }
        return DrugBatch(**{**vars(self), **changed})


def drug_batch(graphs: Sequence[MoleculeGraph]) -> DrugBatch:
    """Lay molecules side by side. Raises ValueError where there is none, or where two differ in their conformers."""
    if not graphs:
        raise ValueError("no molecule: give one at least")
    counts = {len(graph.lengths) for graph in graphs if graph.has_geometry}
    if len(counts) > 1:
        raise ValueError(f"molecules in {sorted(counts)} conformers: make all with the same number")
    k = counts.pop() if counts else 1
    atoms = np.cumsum([0, *(len(graph.atoms) for graph in graphs)])
    bonds = np.cumsum([0, *(graph.bonds.shape[1] for graph in graphs)])

    def index(arrays: list[NDArray[np.int32]], starts: NDArray[np.int64]) -> Tensor:
        shifted = [array + start for array, start in zip(arrays, starts, strict=False)]
        return torch.from_numpy(np.concatenate(shifted, 1).astype(np.int64))

    def per_conformer(arrays: list[NDArray[np.float32]], widths: list[int]) -> Tensor:
        pairs = zip(arrays, widths, strict=True)
        rows = [array if len(array) else np.zeros((k, width), np.float32) for array, width in pairs]
        return torch.from_numpy(np.concatenate(rows, 1).astype(np.float32))

    return DrugBatch(
        torch.from_numpy(np.stack([graph.ecfp for graph in graphs]).astype(np.float32)),
        torch.from_numpy(np.concatenate([graph.atoms for graph in graphs]).astype(np.int64)),
        torch.from_numpy(np.repeat(np.arange(len(graphs)), np.diff(atoms))),
        index([graph.bonds for graph in graphs], atoms),
        torch.from_numpy(np.concatenate([graph.bond_kinds for graph in graphs]).astype(np.int64)),
        per_conformer([graph.lengths for graph in graphs], [graph.bonds.shape[1] for graph in graphs]),
        index([graph.angle_bonds for graph in graphs], bonds),
        per_conformer([graph.angles for graph in graphs], [graph.angle_bonds.shape[1] for graph in graphs]),
        index([graph.pairs for graph in graphs], atoms),
        per_conformer([graph.distances for graph in graphs], [graph.pairs.shape[1] for graph in graphs]),
        torch.tensor([graph.has_geometry for graph in graphs]),
    )
