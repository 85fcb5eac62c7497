"""PubChem's keys for two substituents on a ring of six or five carbons, read off the rings of a molecule."""

from collections.abc import Iterator, Sequence
from functools import cache
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from model.molecules.pubchem.patterns import SUBSTITUENTS

if TYPE_CHECKING:
    from rdkit.Chem import Mol

NUMBERS = (6, 8, 16, 7, 17, 35)  # of SUBSTITUENTS
PAIRS = len(SUBSTITUENTS) * (len(SUBSTITUENTS) + 1) // 2
# Place of a family of pairs among the keys, by size of the ring and distance of the two; benzene's come first.
FAMILIES = {(6, 3): 3, (6, 2): 4, (6, 1): 5, (5, 2): 6, (5, 1): 7}
BENZENE = -3  # from the family of any ring of six to that of benzenes
RINGS = ("[#6]1-,:[#6]-,:[#6]-,:[#6]-,:[#6]-,:[#6]-,:1", "[#6]1-,:[#6]-,:[#6]-,:[#6]-,:[#6]-,:1")


def carbon_ring_bits(molecule: "Mol", order: NDArray[Any], numbers: Sequence[int]) -> NDArray[np.bool_] | None:
    """Bits of all pairs on all rings, None where a ring has bonds across and could be gone round in several ways.

    Shapes: order of the bonds (n, n), atomic numbers (n,) -> (168,), in the order of the keys.
    """
    found = np.zeros((len(FAMILIES) - BENZENE, PAIRS), bool)
    near = (order == 1) | (order == 1.5)
    for query in _queries():
        for ring in molecule.GetSubstructMatches(query):
            size = len(ring)
            if np.count_nonzero(order[np.ix_(ring, ring)]) != 2 * size:
                return None
            benzene = size == 6 and all(molecule.GetAtomWithIdx(atom).GetIsAromatic() for atom in ring)
            outside = [[n for n in np.flatnonzero(near[atom]).tolist() if n not in ring] for atom in ring]
            for distance, pair in _pairs(outside, numbers):
                family = FAMILIES[size, min(distance, size - distance)]
                found[family, pair] = True
                if benzene:
                    found[family + BENZENE, pair] = True
    return found.reshape(-1)


def _pairs(outside: Sequence[Sequence[int]], numbers: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Distance along the ring and pair of elements of every two substituents that are two atoms."""
    hanging = [(place, atom) for place, atoms in enumerate(outside) for atom in atoms if numbers[atom] in NUMBERS]
    for (place, one), (other_place, other) in combinations(hanging, 2):
        if place != other_place and one != other:
            yield other_place - place, _pair_of()[numbers[one], numbers[other]]


@cache
def _pair_of() -> dict[tuple[int, int], int]:
    places: dict[tuple[int, int], int] = {}
    for i, one in enumerate(NUMBERS):
        for other in NUMBERS[i:]:
            places[one, other] = places[other, one] = len(set(places.values()))
    return places


@cache
def _queries() -> list[Any]:
    from rdkit import Chem

    return [Chem.MolFromSmarts(ring) for ring in RINGS]
