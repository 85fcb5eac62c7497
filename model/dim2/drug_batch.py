"""Molecules laid side by side: the tensors that the drug encoder reads."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import torch
from torch import Tensor

from model.dim2.batching import side_by_side
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

    def named_tensors(self) -> dict[str, Tensor]:
        """The fields by name, which are the arguments of the drug encoder."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    def to(self, device: torch.device | str) -> "DrugBatch":
        """The same on another device."""
        return DrugBatch(**{name: tensor.to(device) for name, tensor in self.named_tensors().items()})

    def sample_conformers(self, conformers: int, generator: torch.Generator) -> "DrugBatch":
        """The same molecules in `conformers` random conformers each, independently of one another."""
        most, m = len(self.lengths), len(self.ecfp)
        if conformers >= most:
            return self
        choice = torch.rand(m, most, generator=generator).argsort(1)[:, :conformers].T.to(self.lengths.device)

        def sample(values: Tensor, atom: Tensor) -> Tensor:
            return values.gather(0, choice[:, self.atom_drug[atom]])

        changed = {
            "lengths": sample(self.lengths, self.bonds[0]),
            "angles": sample(self.angles, self.bonds[0][self.angle_bonds[0]]),
            "distances": sample(self.distances, self.pairs[0]),
        }
        return replace(self, **changed)


def drug_batch(graphs: Sequence[MoleculeGraph]) -> DrugBatch:
    """Lay molecules side by side. Raises ValueError where there is none, or where two differ in their conformers."""
    return DrugBatch(**{name: torch.from_numpy(array) for name, array in side_by_side(graphs).items()})
