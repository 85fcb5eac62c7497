"""From a SMILES to what the models read: standard form, InChIKey, PubChem substructure bits, ECFP4 bits.

Without torch; rdkit and scikit-fingerprints take seconds to import, so each function imports them when it is called.

Identity and fingerprint look at different molecules. Names and duplicates go by the standard form (`standardised`):
the salt of a drug is that drug. The bits are those of the compound as written, counter-ions included, because
PubChem's are: on 228 GDSC drugs the mean Jaccard similarity to PubChem's own bits is 0.965 as written and 0.961 for
standard forms (9 salts: 0.960 against 0.857). PubChem does not call lactams and pyridones aromatic, RDKit's default
does; with MMFF94 aromaticity the agreement is 0.965 instead of 0.940.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from rdkit.Chem import Mol

FINGERPRINT_BITS = 881  # PubChem/CACTVS substructure keys
ECFP_BITS = 1024
ECFP_RADIUS = 2  # ECFP4: its 4 is the diameter
LONGEST_SMILES = 2_000  # characters
MOST_ATOMS = 300  # heavy atoms; beyond are peptides and antibodies, for which these bits say nothing
SMILES_CHARACTERS = frozenset("ABCDEFGHIKLMNOPRSTUVWXYZabcdefghiklmnoprstuy0123456789[]()=#$:/\\.+-@%*")

Bits = NDArray[np.uint8]


class MoleculeError(ValueError):
    """A SMILES that gives no fingerprint; the message says why, and repeats no more than one character of it."""


class UnparsableSmilesError(MoleculeError):
    """The text is no SMILES, or one of a molecule that cannot be: unclosed rings, impossible valences."""


class EmptyMoleculeError(MoleculeError):
    """There is no atom."""


class TooLargeMoleculeError(MoleculeError):
    """More characters than LONGEST_SMILES or more heavy atoms than MOST_ATOMS."""


@dataclass(frozen=True)
class Standard:
    """The form that two spellings and two salts of one compound share."""

    smiles: str  # canonical
    inchikey: str


def standardised(smiles: str) -> Standard:
    """Largest organic fragment, charges neutralised where hydrogens can do it; the tautomer stays as written.

    Without any carbon (cisplatin) all fragments stay. Raises MoleculeError.
    """
    from rdkit import rdBase
    from rdkit.Chem.MolStandardize import rdMolStandardize

    molecule = _parsed(smiles)
    with rdBase.BlockLogs():
        if any(atom.GetAtomicNum() == 6 for atom in molecule.GetAtoms()):
            molecule = rdMolStandardize.LargestFragmentChooser(preferOrganic=True).choose(molecule)
        molecule = rdMolStandardize.Uncharger().uncharge(molecule)
    return _named(molecule)


def as_written(smiles: str) -> Standard:
    """Canonical SMILES and InChIKey of the compound with all its fragments and charges. Raises MoleculeError."""
    return _named(_parsed(smiles))


def check(smiles: str) -> None:
    """Raise MoleculeError where `smiles` gives no fingerprint."""
    _parsed(smiles)


def fingerprints(smiles: Sequence[str]) -> Bits:
    """PubChem substructure bits of compounds as written, about 10 ms each.

    Shapes: n SMILES -> (n, 881) in {0, 1}. Raises MoleculeError for the first SMILES that has none.
    """
    molecules = [_pubchem_like(_parsed(text)) for text in smiles]
    if not molecules:
        return np.zeros((0, FINGERPRINT_BITS), np.uint8)
    from rdkit import rdBase
    from skfp.fingerprints import PubChemFingerprint

    with rdBase.BlockLogs():
        bits: Bits = np.asarray(PubChemFingerprint().transform(molecules), np.uint8)
    return bits


def ecfp4(smiles: Sequence[str]) -> Bits:
    """Circular fingerprints of the standard forms (Rogers and Hahn 2010), about 5 ms each the first time.

    Shapes: n SMILES -> (n, 1024) in {0, 1}. Raises MoleculeError for the first SMILES that has none.
    """
    return np.array([_ecfp4(text) for text in smiles], np.uint8).reshape(len(smiles), ECFP_BITS)


@lru_cache(maxsize=4096)
def _ecfp4(smiles: str) -> Bits:
    from rdkit import Chem

    return morgan_bits(Chem.MolFromSmiles(standardised(smiles).smiles))


def morgan_bits(molecule: "Mol") -> Bits:
    """ECFP4 of a molecule as it is, (1024,)."""
    from rdkit.Chem import rdFingerprintGenerator

    generator = rdFingerprintGenerator.GetMorganGenerator(radius=ECFP_RADIUS, fpSize=ECFP_BITS)
    return np.asarray(generator.GetFingerprintAsNumPy(molecule), np.uint8)


def _parsed(smiles: str) -> "Mol":
    """Sanitised RDKit molecule."""
    from rdkit import Chem, rdBase

    text = smiles.strip()
    if not text:
        raise EmptyMoleculeError("the SMILES is empty; give one atom at least")
    if len(text) > LONGEST_SMILES:
        raise TooLargeMoleculeError(f"the SMILES has {len(text):,} characters; at most {LONGEST_SMILES:,} are read")
    with rdBase.BlockLogs():
        molecule = None if _strange(text) else Chem.MolFromSmiles(text, sanitize=False)
        if molecule is None:
            raise UnparsableSmilesError(_syntax_fault(text))
        if any(atom.GetAtomicNum() == 0 for atom in molecule.GetAtoms()):
            raise UnparsableSmilesError("no molecule: it has the placeholder atom '*'; give the atom")
        faults = Chem.DetectChemistryProblems(molecule)
        if faults:
            raise UnparsableSmilesError(f"no such molecule: {faults[0].Message()}")
        molecule = Chem.MolFromSmiles(text)
    if molecule is None:
        raise UnparsableSmilesError("no such molecule: its bonds or stereo marks contradict each other")
    atoms = molecule.GetNumHeavyAtoms()
    if not molecule.GetNumAtoms():
        raise EmptyMoleculeError("the SMILES has no atom; give one at least")
    if atoms > MOST_ATOMS:
        raise TooLargeMoleculeError(f"the molecule has {atoms:,} heavy atoms; at most {MOST_ATOMS} are read")
    return molecule


def _strange(text: str) -> int:
    """Position, from 1, of the first character that no SMILES has, or 0; RDKit would stop reading there in silence."""
    return next((place for place, character in enumerate(text, 1) if character not in SMILES_CHARACTERS), 0)


def _syntax_fault(text: str) -> str:
    """Say what a reader would point at: a strange character, a bracket left open."""
    if place := _strange(text):
        character = text[place - 1]
        shown = "a blank" if character.isspace() else f"character {character!r}"
        return f"not SMILES: {shown} at position {place}; give one SMILES and nothing else"
    for opening, closing in ("()", "[]"):
        if text.count(opening) != text.count(closing):
            return f"not SMILES: {text.count(opening)} {opening!r} but {text.count(closing)} {closing!r}"
    return "not SMILES: a ring is left open, a bond hangs loose, or an atom is unknown"


def _named(molecule: "Mol") -> Standard:
    from rdkit import Chem, rdBase

    with rdBase.BlockLogs():
        return Standard(Chem.MolToSmiles(molecule), Chem.MolToInchiKey(molecule))  # type: ignore[no-untyped-call]


def _pubchem_like(molecule: "Mol") -> "Mol":
    """Copy of the molecule whose aromatic rings are the ones that PubChem's keys count."""
    from rdkit import Chem

    copy = Chem.Mol(molecule)
    Chem.Kekulize(copy, clearAromaticFlags=True)
    Chem.SetAromaticity(copy, Chem.AromaticityModel.AROMATICITY_MMFF94)
    return copy
