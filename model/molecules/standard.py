"""The standard form of a compound, by which names and duplicates go: the salt of a drug is that drug."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from model.molecules.faults import UnparsableSmilesError, chemistry
from model.molecules.reading import molecule

if TYPE_CHECKING:
    from rdkit.Chem import Mol


@dataclass(frozen=True)
class Standard:
    """The form that two spellings and two salts of one compound share."""

    smiles: str  # canonical
    inchikey: str


def standardised(text: str) -> Standard:
    """Largest organic fragment, charges neutralised where hydrogens can do it; the tautomer stays as written.

    Without any carbon (cisplatin) all fragments stay. Where neutralising gives no molecule (ferrocene's rings,
    tropylium), the charges stay. Raises MoleculeError.
    """
    from rdkit.Chem.MolStandardize import rdMolStandardize

    compound = molecule(text)
    with chemistry():
        if any(atom.GetAtomicNum() == 6 for atom in compound.GetAtoms()):
            compound = rdMolStandardize.LargestFragmentChooser(preferOrganic=True).choose(compound)
        neutral = rdMolStandardize.Uncharger().uncharge(compound)
    try:
        return _form(neutral)
    except UnparsableSmilesError:
        return _form(compound)


def as_written(text: str) -> Standard:
    """Canonical SMILES and InChIKey of the compound with all its fragments and charges. Raises MoleculeError."""
    return _form(molecule(text))


def _form(compound: "Mol") -> Standard:
    """Names of a molecule. Raises MoleculeError where its SMILES cannot be read back."""
    from rdkit import Chem

    with chemistry():
        smiles = Chem.MolToSmiles(compound)
        if Chem.MolFromSmiles(smiles) is None:
            raise UnparsableSmilesError("no such molecule: its standard form cannot be")
        return Standard(smiles, Chem.MolToInchiKey(compound))  # type: ignore[no-untyped-call]
