"""PubChem's keys 0 to 262: how many atoms of each element, and how many rings of each size and kind.

Two of its ways follow scikit-fingerprints, with whose bits the bundles were trained: a ring has a heteroatom where one
of its bonds begins at a carbon, and an aromatic ring counts once for each threshold of its size.
"""

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from rdkit.Chem import Mol

# Elements and the counts from which a bit is set.
ELEMENTS = """
H 4 8 16 32 Li 1 2 B 1 2 4 C 2 4 8 16 32 N 1 2 4 8 O 1 2 4 8 16 F 1 2 4 Na 1 2 Si 1 2 P 1 2 4 S 1 2 4 8 Cl 1 2 4 8
K 1 2 Br 1 2 4 I 1 2 4 Be 1 Mg 1 Al 1 Ca 1 Sc 1 Ti 1 V 1 Cr 1 Mn 1 Fe 1 Co 1 Ni 1 Cu 1 Zn 1 Ga 1 Ge 1 As 1 Se 1 Kr
1 Rb 1 Sr 1 Y 1 Zr 1 Nb 1 Mo 1 Ru 1 Rh 1 Pd 1 Ag 1 Cd 1 In 1 Sn 1 Sb 1 Te 1 Xe 1 Cs 1 Ba 1 Lu 1 Hf 1 Ta 1 W 1 Re 1
Os 1 Ir 1 Pt 1 Au 1 Hg 1 Tl 1 Pb 1 Bi 1 La 1 Ce 1 Pr 1 Nd 1 Pm 1 Sm 1 Eu 1 Gd 1 Tb 1 Dy 1 Ho 1 Er 1 Tm 1 Yb 1 Tc 1
U 1
"""
THRESHOLDS_OF_SIZE = {3: 2, 4: 2, 5: 5, 6: 5, 7: 2, 8: 2, 9: 1, 10: 1}  # at least 1, 2, … rings
ANY, CARBON, NITROGEN, HETERO, UNSATURATED = 0, 1, 2, 3, 3  # kinds of rings; the last is added to those before it
KINDS = 7
AROMATIC_THRESHOLDS = 4


class Ring(NamedTuple):
    """What is counted of one ring."""

    size: int
    kinds: Sequence[int]
    aromatic: bool
    carbon: bool


def element_thresholds() -> list[tuple[int, int]]:
    """Atomic number and least count of each of the bits 0 to 114."""
    from rdkit.Chem import GetPeriodicTable

    table, number, out = GetPeriodicTable(), 0, []
    for word in ELEMENTS.split():
        if word.isdecimal():
            out.append((number, int(word)))
        else:
            number = table.GetAtomicNumber(word)
    return out


def ring_bits(molecule: "Mol", numbers: Sequence[int]) -> list[bool]:
    """Bits 115 to 262 of a molecule whose atoms have these atomic numbers."""
    info = molecule.GetRingInfo()
    rings = [
        _ring(molecule, [numbers[atom] for atom in atoms], bonds, numbers)
        for atoms, bonds in zip(info.AtomRings(), info.BondRings(), strict=True)
    ]
    count = Counter((ring.size, kind) for ring in rings for kind in ring.kinds)
    sizes = [
        count[size, kind] >= least
        for size, thresholds in THRESHOLDS_OF_SIZE.items()
        for least in range(1, thresholds + 1)
        for kind in range(KINDS)
    ]
    aromatic = [(THRESHOLDS_OF_SIZE.get(ring.size, 0), ring.carbon) for ring in rings if ring.aromatic]
    every, hetero = sum(times for times, _ in aromatic), sum(times for times, carbon in aromatic if not carbon)
    return sizes + [number >= least for least in range(1, AROMATIC_THRESHOLDS + 1) for number in (every, hetero)]


def _ring(molecule: "Mol", members: Sequence[int], bonds: Sequence[int], numbers: Sequence[int]) -> Ring:
    """Kinds of a ring by its atoms' numbers and its bonds: by elements, and saturated, unsaturated or neither."""
    single = aromatic = 0
    begins_at_carbon = False
    for place in bonds:
        bond = molecule.GetBondWithIdx(place)
        begins_at_carbon = begins_at_carbon or numbers[bond.GetBeginAtomIdx()] == 6
        if bond.GetIsAromatic():
            aromatic += 1
        elif bond.GetBondType().name == "SINGLE":
            single += 1
    carbon = all(number == 6 for number in members)
    elements = [
        kind
        for kind, there in ((CARBON, carbon), (NITROGEN, 7 in members), (HETERO, begins_at_carbon or 1 in members))
        if there
    ]
    kinds = [ANY]
    if single + aromatic == len(bonds):
        kinds += elements
    elif single + aromatic == 0:
        kinds += [kind + UNSATURATED for kind in elements]
    return Ring(len(bonds), kinds, aromatic == len(bonds), carbon)
