"""Bonds between ligands and transition metals, as people draw them, made the same for all spellings."""

from typing import TYPE_CHECKING

from model.molecules.queries import contains

if TYPE_CHECKING:
    from rdkit.Chem import Atom, Mol

TRANSITION_METALS = frozenset((*range(21, 31), *range(39, 49), *range(57, 81), *range(89, 113)))
ANY_OF_THEM = f"[{','.join(f'#{number}' for number in sorted(TRANSITION_METALS))}]"
DONORS = frozenset((7, 15))  # nitrogen, phosphorus
HYDROGENS = 3  # of a donor, with its other substituents


def has_transition_metal(molecule: "Mol") -> bool:
    """Whether any atom is a transition metal, a lanthanide or an actinide."""
    return contains(molecule, ANY_OF_THEM)


def metal_geometry(molecule: "Mol") -> str:
    """Canonical SMILES of the parts that state how ligands lie around a transition metal; "" where none does."""
    from rdkit import Chem

    parts = Chem.GetMolFrags(molecule, asMols=True)
    return ".".join(sorted(Chem.MolToSmiles(part) for part in parts if _states_geometry(part)))


def _states_geometry(part: "Mol") -> bool:
    marked = (atom.GetAtomicNum() for atom in part.GetAtoms() if atom.GetChiralTag().name != "CHI_UNSPECIFIED")
    return not TRANSITION_METALS.isdisjoint(marked)


def with_dative_bonds(bare: "Mol") -> "Mol":
    """Copy of an unsanitised molecule in which amines and phosphines are bound to metals by dative bonds.

    N[Pt], [NH2][Pt] and [NH3][Pt] all mean ammonia: the bond takes none of the donor's three valences.
    """
    from rdkit import Chem

    editable = Chem.RWMol(bare)
    for bond in list(editable.GetBonds()):
        ends = bond.GetBeginAtom(), bond.GetEndAtom()
        donor, metal = sorted(ends, key=lambda atom: atom.GetAtomicNum() in TRANSITION_METALS)
        if metal.GetAtomicNum() not in TRANSITION_METALS or not _donates(donor, bond.GetBondType().name):
            continue
        if donor.GetNoImplicit():
            donor.SetNumExplicitHs(max(donor.GetNumExplicitHs(), HYDROGENS - (donor.GetDegree() - 1)))
        editable.RemoveBond(donor.GetIdx(), metal.GetIdx())
        editable.AddBond(donor.GetIdx(), metal.GetIdx(), Chem.BondType.DATIVE)
    editable.UpdatePropertyCache(strict=False)
    return editable.GetMol()


def _donates(donor: "Atom", bond: str) -> bool:
    """Whether a neutral nitrogen or phosphorus with single bonds alone holds on to the metal by a covalent bond."""
    singles = all(one.GetBondType().name in ("SINGLE", "DATIVE") for one in donor.GetBonds())
    neutral = donor.GetFormalCharge() == 0 and not donor.GetIsAromatic()
    return bond == "SINGLE" and singles and neutral and donor.GetAtomicNum() in DONORS
