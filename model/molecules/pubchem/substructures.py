"""PubChem's keys 263 to 880: which of 618 patterns a molecule contains.

A pattern is compiled once, and RDKit searches for it only where each of its atoms has a counterpart with the same
neighbours, two at a time; these facts are looked up in a table of the molecule. A pattern that is no more than one
such fact needs no search, nor do substituents on rings of carbons (model.molecules.pubchem.carbon_rings).
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from model.molecules.pubchem.carbon_rings import carbon_ring_bits
from model.molecules.pubchem.patterns import patterns

if TYPE_CHECKING:
    from rdkit.Chem import Atom, Bond, Mol

ELEMENTS = (3, 5, 6, 7, 8, 9, 11, 12, 13, 14, 15, 16, 17, 19, 33, 34, 35, 53)  # of the patterns
KINDS = {"~": 0, "-,:": 1, "": 1, "=,:": 2, ":": 3, "#": 4}  # of bonds: any, single, double, aromatic, triple
# Rows of a molecule's table: is the element, is it with a hydrogen, is anything, has such a neighbour, has two.
WITH_HYDROGEN = len(ELEMENTS)
ANYTHING = 2 * len(ELEMENTS)
ONE = ANYTHING + 1
TWO = ONE + 5 * len(ELEMENTS)
FIRST_RING = 450
RING_OF_FOUR = "[#7]-,:[#6]1-,:[#6](-,:[Cl])-,:[#6]-,:[#6]-,:1"  # searched for, see model.molecules.pubchem.patterns
PLAIN_ATOM = re.compile(r"\[?(#\d+|[A-Z][a-z]?|[cno])(?P<hydrogen>&!H0)?\]?")

Fact = tuple[int, int, int]  # three rows of the table


@dataclass(frozen=True)
class Screen:
    """The patterns and what each needs.

    Shapes: facts (3, f) rows of the table; needed (618, n) facts, padded; is_fact and on_ring (618,), the patterns
    that are one fact, and those that carbon_ring_bits decides.
    """

    patterns: list[Any]
    facts: NDArray[np.intp]
    needed: NDArray[np.intp]
    is_fact: NDArray[np.bool_]
    on_ring: NDArray[np.bool_]


def substructure_bits(molecule: "Mol", numbers: Sequence[int], hydrogens: Sequence[int]) -> NDArray[np.bool_]:
    """Bits of a molecule whose atoms have these atomic numbers and counts of hydrogens. Shape: (618,)."""
    from rdkit import Chem

    screen = _screen()
    order = np.asarray(Chem.GetAdjacencyMatrix(molecule, useBO=True))
    one, two, three = _table(order, numbers, hydrogens)[screen.facts]
    found: NDArray[np.bool_] = (one & two & three).any(1)[screen.needed].all(1)
    searched = found & ~screen.is_fact
    rings = carbon_ring_bits(molecule, order, numbers)
    if rings is not None:
        found[screen.on_ring] = rings[screen.on_ring[FIRST_RING:]]
        searched &= ~screen.on_ring
    for key in np.flatnonzero(searched).tolist():
        found[key] = molecule.HasSubstructMatch(screen.patterns[key])
    return found


def _table(order: NDArray[Any], numbers: Sequence[int], hydrogens: Sequence[int]) -> NDArray[np.bool_]:
    """What each atom is and has around it. Shapes: order of the bonds (n, n) -> (TWO + 5 elements, n)."""
    aromatic = order == 1.5
    kinds = np.stack([order > 0, (order == 1) | aromatic, (order == 2) | aromatic, aromatic, order == 3])
    element = np.equal.outer(ELEMENTS, numbers)
    around = (element.astype(np.float32) @ kinds.astype(np.float32)).reshape(-1, len(numbers))
    anything = np.ones((1, len(numbers)), bool)
    return np.concatenate([element, element & (np.asarray(hydrogens) > 0), anything, around >= 1, around >= 2])


@cache
def _screen() -> Screen:
    from rdkit import Chem

    texts = patterns()
    compiled = [Chem.MolFromSmarts(text) for text in texts]
    facts: dict[Fact, int] = {}
    needed = [[facts.setdefault(fact, len(facts)) for fact in _facts(pattern)] for pattern in compiled]
    most = max(map(len, needed))
    return Screen(
        compiled,
        np.array(list(facts)).T,
        np.array([row + row[:1] * (most - len(row)) for row in needed]),
        np.array([_is_fact(pattern) for pattern in compiled]),
        np.array([key >= FIRST_RING and text != RING_OF_FOUR for key, text in enumerate(texts)]),
    )


def _facts(pattern: "Mol") -> Iterator[Fact]:
    """For each atom: what it is, and every two of its neighbours."""
    for atom in pattern.GetAtoms():
        rows = sorted(_neighbour(atom, bond) for bond in atom.GetBonds())
        for one, two in list(combinations(rows, 2)) or [((rows or [ANYTHING])[0],) * 2]:
            yield _row(atom), one, two - ONE + TWO if one == two and len(rows) > 1 else two


def _row(atom: "Atom") -> int:
    plain = PLAIN_ATOM.fullmatch(atom.GetSmarts())
    with_hydrogen = plain is None or plain["hydrogen"]  # [#6H3] has some
    return ELEMENTS.index(atom.GetAtomicNum()) + (WITH_HYDROGEN if with_hydrogen else 0)


def _neighbour(atom: "Atom", bond: "Bond") -> int:
    return ONE + KINDS[_smarts(bond)] * len(ELEMENTS) + ELEMENTS.index(bond.GetOtherAtom(atom).GetAtomicNum())


def _smarts(bond: Any) -> str:  # noqa: ANN401 -- a Bond, whose stub asks for itself
    return str(bond.GetSmarts())


def _is_fact(pattern: "Mol") -> bool:
    """Whether the pattern is one atom with at most two neighbours, of whom nothing is asked and that differ."""
    centre, *others = sorted(pattern.GetAtoms(), key=lambda atom: -atom.GetDegree())
    plain = [PLAIN_ATOM.fullmatch(atom.GetSmarts()) for atom in (centre, *others)]
    if centre.GetDegree() != len(others) or len(others) > 2 or not all(plain):
        return False
    alike = len({_neighbour(centre, bond) for bond in centre.GetBonds()}) == 1
    differ = len({atom.GetAtomicNum() for atom in others}) == len(others)
    return (alike or differ) and not any(one["hydrogen"] for one in plain[1:] if one)
