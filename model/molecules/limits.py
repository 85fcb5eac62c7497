"""How large a compound may be: limits that are checked before rings are perceived.

RDKit's perception of aromatic rings takes exponential time in the number of rings that share bonds: a ladder of 60
nitrogen rings holds the interpreter for minutes. The number of independent rings (bonds - atoms + fragments) is known
from the bare graph. Measured on random lattices, ladders and cages: 24 rings in one ring system take 0.1 s at most,
35 take a second, 48 do not end.
"""

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from model.molecules.faults import EmptyMoleculeError, TooLargeMoleculeError

if TYPE_CHECKING:
    from rdkit.Chem import Mol

LONGEST_SMILES = 2_000  # characters of a SMILES or an InChI
LONGEST_MOLFILE = 100_000  # characters
MOST_ATOMS = 300  # heavy atoms; beyond are peptides and antibodies, for which the fingerprints say nothing
MOST_RINGS = 40  # independent rings of the whole compound
MOST_FUSED_RINGS = 24  # independent rings of one ring system


def check_length(text: str, what: str = "SMILES", most: int = LONGEST_SMILES) -> None:
    """Raise EmptyMoleculeError for an empty text, TooLargeMoleculeError for one of more than `most` characters."""
    if not text:
        raise EmptyMoleculeError(f"the {what} is empty; give one atom at least")
    if len(text) > most:
        raise TooLargeMoleculeError(f"the {what} has {len(text):,} characters; at most {most:,} are read")


def check_size(molecule: "Mol") -> None:
    """Raise EmptyMoleculeError or TooLargeMoleculeError for a molecule, which need not be sanitised."""
    if not molecule.GetNumAtoms():
        raise EmptyMoleculeError("the compound has no atom; give one at least")
    if (atoms := molecule.GetNumHeavyAtoms()) > MOST_ATOMS:
        raise TooLargeMoleculeError(f"the molecule has {atoms:,} heavy atoms; at most {MOST_ATOMS} are read")
    if (rings := independent_rings(molecule)) > MOST_RINGS:
        raise TooLargeMoleculeError(f"the molecule has {rings} independent rings; at most {MOST_RINGS} are read")
    if rings > MOST_FUSED_RINGS and (fused := largest_ring_system(molecule)) > MOST_FUSED_RINGS:
        raise TooLargeMoleculeError(f"the molecule has {fused} fused rings; at most {MOST_FUSED_RINGS} are read")


def independent_rings(molecule: "Mol") -> int:
    """Bonds - atoms + fragments, the cyclomatic number of the graph."""
    from rdkit import Chem

    return molecule.GetNumBonds() - molecule.GetNumAtoms() + len(Chem.GetMolFrags(molecule))


def largest_ring_system(molecule: "Mol") -> int:
    """Independent rings of the ring system that has most; spiro rings count as one system.

    For molecules of at most MOST_RINGS rings: time grows with atoms times rings.
    """
    from rdkit import Chem

    Chem.FastFindRings(molecule)  # marks the bonds in rings, without choosing a smallest set
    bonds = [(b.GetBeginAtomIdx(), b.GetEndAtomIdx()) for b in molecule.GetBonds() if b.IsInRing()]
    system_of = _components(bonds)
    edges = Counter(system_of[one] for one, _ in bonds)
    atoms = Counter(system_of.values())
    return max((edges[system] - atoms[system] + 1 for system in edges), default=0)


def _components(bonds: list[tuple[int, int]]) -> dict[int, int]:
    """Connected component of each atom of the bonds, named by one of its atoms."""
    neighbours = defaultdict(list)
    for one, other in bonds:
        neighbours[one].append(other)
        neighbours[other].append(one)
    found: dict[int, int] = {}
    for start in neighbours:
        waiting = [] if start in found else [start]
        while waiting:
            atom = waiting.pop()
            if atom not in found:
                found[atom] = start
                waiting += neighbours[atom]
    return found
