"""From a SMILES to what DiM2-DRP reads of a drug: ECFP4 bits, the 2D graph, and the geometry of several conformers.

Without torch; rdkit takes seconds to import, so each function imports it when it is called. All three views are of the
standard form (largest organic fragment, neutral), with atoms in the order of its canonical SMILES, so that another
spelling or another salt of a drug gives the same arrays. Hydrogens shape the conformers and are then left out.

Geometry (DiM2-DRP's 3D view): atoms with bonds and their lengths, bonds with the angles between them, and pairs of
atoms that are no neighbours with their distances. The index arrays are shared by all conformers.
"""

from dataclasses import dataclass, field, replace
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from model.molecules.fingerprints import morgan_bits
from model.molecules.standard import standardised

if TYPE_CHECKING:
    from rdkit.Chem import Atom, Bond, Mol

CONFORMERS = 5
MOST_ATOMS_3D = 200  # with hydrogens; beyond, embedding takes minutes and one conformer says little
EMBED_ATTEMPTS = 20  # of distance geometry for one conformer; what needs more is left without
RELAXATION_STEPS = 500  # of MMFF94
PAIR_CUTOFF = 5.0  # Å; pairs of atoms farther apart in every conformer are left out

# Codes of an atom's and a bond's properties; the last of each is "anything else".
ELEMENTS = ("C", "N", "O", "F", "P", "S", "Cl", "Br", "I", "B", "Si", "Se", "Pt")
HYBRIDS = ("S", "SP", "SP2", "SP3", "SP3D", "SP3D2")
BONDS = ("SINGLE", "DOUBLE", "TRIPLE", "AROMATIC")
ATOM_SIZES = (len(ELEMENTS) + 1, 7, 5, len(HYBRIDS) + 1, 5, 2, 2, 3)
"""Element, degree 0–6, charge −2–2, hybridisation, hydrogens 0–4, aromatic, in a ring, chirality (none, R, S)."""
BOND_SIZES = (len(BONDS) + 1, 2, 2)
"""Order, conjugated, in a ring."""

Codes = NDArray[np.uint8]
Index = NDArray[np.int32]
Float = NDArray[np.float32]


def _no_index() -> Index:
    return np.zeros((2, 0), np.int32)


def _no_geometry() -> Float:
    return np.zeros((0, 0), np.float32)


@dataclass(frozen=True)
class MoleculeGraph:
    """One molecule of n heavy atoms, e bonds, a angles and p pairs, in k conformers; k is 0 where `fault` says why.

    Shapes: ecfp (1024,) 0/1, atoms (n, 8) codes below ATOM_SIZES, bonds (2, e) atoms i < j, bond_kinds (e, 3) codes
    below BOND_SIZES, lengths (k, e) Å, angle_bonds (2, a) bonds that share an atom, angles (k, a) radians,
    pairs (2, p) atoms i < j without a bond, distances (k, p) Å.
    """

    ecfp: Codes
    atoms: Codes
    bonds: Index
    bond_kinds: Codes
    fault: str = ""
    lengths: Float = field(default_factory=_no_geometry)
    angle_bonds: Index = field(default_factory=_no_index)
    angles: Float = field(default_factory=_no_geometry)
    pairs: Index = field(default_factory=_no_index)
    distances: Float = field(default_factory=_no_geometry)

    @property
    def has_geometry(self) -> bool:
        """Whether there is any conformer."""
        return len(self.lengths) > 0


def molecule_graph(smiles: str, conformers: int = CONFORMERS, seed: int = 0) -> MoleculeGraph:
    """All three views of a compound; without geometry, and with the reason, where no conformer can be had.

    That is so for metals and other atoms that MMFF94 does not know, for molecules of more than MOST_ATOMS_3D atoms,
    and where distance geometry finds no embedding. Raises MoleculeError for a SMILES that is none.
    """
    from rdkit import Chem, rdBase

    with rdBase.BlockLogs():
        molecule = Chem.MolFromSmiles(standardised(smiles).smiles)
        atoms = np.array([_atom_codes(atom) for atom in molecule.GetAtoms()], np.uint8)
        bonds, kinds = _bonds(molecule)
        flat = MoleculeGraph(morgan_bits(molecule), atoms, bonds, kinds)
        if not conformers:
            return replace(flat, fault="no conformer was asked for")
        positions, fault = _conformers(molecule, conformers, seed)
    return replace(flat, fault=fault) if positions is None else _with_geometry(flat, positions)


def _atom_codes(atom: "Atom") -> list[int]:
    chirality = {"CHI_TETRAHEDRAL_CW": 1, "CHI_TETRAHEDRAL_CCW": 2}
    label = atom.GetProp("_CIPCode") if atom.HasProp("_CIPCode") else ""
    handed = {"R": 1, "S": 2}.get(label, chirality.get(atom.GetChiralTag().name, 0))
    return [
        _code(ELEMENTS, atom.GetSymbol()),
        min(atom.GetDegree(), 6),
        min(max(atom.GetFormalCharge(), -2), 2) + 2,
        _code(HYBRIDS, atom.GetHybridization().name),
        min(atom.GetTotalNumHs(), 4),
        int(atom.GetIsAromatic()),
        int(atom.IsInRing()),
        handed,
    ]


def _bonds(molecule: "Mol") -> tuple[Index, Codes]:
    def codes(bond: "Bond") -> list[int]:
        return [_code(BONDS, bond.GetBondType().name), int(bond.GetIsConjugated()), int(bond.IsInRing())]

    bonds = list(molecule.GetBonds())
    ends = [sorted((bond.GetBeginAtomIdx(), bond.GetEndAtomIdx())) for bond in bonds]
    index = np.array(ends, np.int32).reshape(-1, 2).T
    return np.ascontiguousarray(index), np.array([codes(bond) for bond in bonds], np.uint8).reshape(
        -1, len(BOND_SIZES)
    )


def _code(known: tuple[str, ...], name: str) -> int:
    return known.index(name) if name in known else len(known)


def _conformers(molecule: "Mol", count: int, seed: int) -> tuple[Float | None, str]:
    """Heavy atoms' positions in `count` relaxed conformers, (count, n, 3) Å, or None and why not.

    Where some embeddings fail, those found are repeated in order, so that each counts about alike in a mean.
    """
    from rdkit import Chem
    from rdkit.Chem import rdDistGeom, rdForceFieldHelpers

    full = Chem.AddHs(molecule)
    if (atoms := full.GetNumAtoms()) > MOST_ATOMS_3D:
        return None, f"{atoms} atoms with hydrogens, more than {MOST_ATOMS_3D}"
    if not rdForceFieldHelpers.MMFFHasAllMoleculeParams(full):
        return None, "MMFF94 has no parameters for an atom of it"
    settings: Any = rdDistGeom.ETKDGv3()  # RDKit's stubs lack its attributes
    # Conformer i is drawn with seed × (i + 1): from seed 0 all would be one.
    settings.randomSeed, settings.maxIterations, settings.numThreads = seed + 1, EMBED_ATTEMPTS, 1
    found = list(rdDistGeom.EmbedMultipleConfs(full, count, settings))
    if not found:
        settings.useRandomCoords = True
        found = list(rdDistGeom.EmbedMultipleConfs(full, count, settings))
    if not found:
        return None, "no embedding found"
    rdForceFieldHelpers.MMFFOptimizeMoleculeConfs(full, numThreads=1, maxIters=RELAXATION_STEPS)
    heavy = molecule.GetNumAtoms()  # AddHs puts hydrogens after the atoms that were there
    places = np.stack([full.GetConformer(i).GetPositions()[:heavy] for i in found])
    if not np.isfinite(places).all():
        return None, "relaxation gave no finite positions"
    return places[np.arange(count) % len(places)].astype(np.float32), ""


def _with_geometry(flat: MoleculeGraph, positions: Float) -> MoleculeGraph:
    """Add lengths, angles and distances of the conformers. Shape: positions (k, n, 3)."""
    bonds = flat.bonds
    angle_bonds, ends = _bond_angles(bonds)
    first = positions[:, ends[0]] - positions[:, ends[1]]
    second = positions[:, ends[2]] - positions[:, ends[1]]
    cosine = (first * second).sum(-1) / (_length(first) * _length(second)).clip(1e-6)
    pairs = np.array(np.triu_indices(positions.shape[1], 1), np.int32)
    bonded = np.isin(pairs[0].astype(np.int64) * 1000 + pairs[1], bonds[0].astype(np.int64) * 1000 + bonds[1])
    apart = _length(positions[:, pairs[0]] - positions[:, pairs[1]])
    kept = ~bonded & (apart.min(0) < PAIR_CUTOFF)
    return replace(
        flat,
        lengths=_length(positions[:, bonds[0]] - positions[:, bonds[1]]),
        angle_bonds=angle_bonds,
        angles=np.arccos(cosine.clip(-1, 1)),
        pairs=pairs[:, kept],
        distances=apart[:, kept],
    )


def _bond_angles(bonds: Index) -> tuple[Index, Index]:
    """Pairs of bonds that share an atom (2, a), and their three atoms with the shared one in the middle (3, a)."""
    at: dict[int, list[int]] = {}
    for bond, ends in enumerate(bonds.T.tolist()):
        for atom in ends:
            at.setdefault(atom, []).append(bond)
    rows: list[tuple[int, ...]] = []
    for atom, met in sorted(at.items()):
        rows += [
            (one, other, bonds[:, one].sum() - atom, atom, bonds[:, other].sum() - atom)
            for one, other in combinations(met, 2)
        ]
    table = np.array(rows, np.int32).reshape(-1, 5).T
    return np.ascontiguousarray(table[:2]), np.ascontiguousarray(table[2:])


def _length(vectors: Float) -> Float:
    length: Float = np.sqrt((vectors**2).sum(-1))
    return length
