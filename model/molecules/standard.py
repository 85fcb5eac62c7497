"""The standard form of a compound is its parent: names, duplicates and fingerprints go by it."""

from dataclasses import dataclass, replace
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING

from model.molecules.faults import UnparsableSmilesError, chemistry
from model.molecules.metals import metal_geometry
from model.molecules.parent import parent
from model.molecules.reading import molecule

if TYPE_CHECKING:
    from rdkit.Chem import Mol


SKELETON = 14  # characters of an InChIKey that stand for atoms and bonds alone


@dataclass(frozen=True)
class Standard:
    """The form that two spellings and two salts of one compound share."""

    smiles: str  # canonical
    inchikey: str
    geometry: str = ""  # where it is stated around a metal, which the other two cannot: model.molecules.metals

    @property
    def key(self) -> str:
        """27 characters that tell compounds apart: the InChIKey, its end a digest where a geometry is stated."""
        digest = sha256(self.geometry.encode()).hexdigest()
        return self.inchikey[:SKELETON] + digest[: len(self.inchikey) - SKELETON] if self.geometry else self.inchikey


@lru_cache(maxsize=4096)
def standardised(text: str) -> Standard:
    """Names of the compound's parent (model.molecules.parent). Raises MoleculeError, for a mixture MixtureError."""
    compound = molecule(text)
    return replace(_form(parent(compound)), geometry=metal_geometry(compound))


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
