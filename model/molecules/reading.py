"""From the text of a compound to a sanitised RDKit molecule, or an error that says what is wrong with it."""

from typing import TYPE_CHECKING

from model.molecules.faults import UnparsableSmilesError, chemistry, reason
from model.molecules.limits import check_length, check_size
from model.molecules.metals import has_transition_metal, with_dative_bonds

if TYPE_CHECKING:
    from rdkit.Chem import Mol

SMILES_CHARACTERS = frozenset("ABCDEFGHIKLMNOPRSTUVWXYZabcdefghiklmnoprstuy0123456789[]()=#$:/\\.+-@%*<>")


def molecule(text: str) -> "Mol":
    """Sanitised molecule of a SMILES. Raises MoleculeError.

    Sizes are checked on the bare graph, before RDKit perceives rings, which may take for ever.
    """
    from rdkit import Chem

    smiles = text.strip()
    check_length(smiles)
    with chemistry():
        bare = None if _strange(smiles) else Chem.MolFromSmiles(smiles, sanitize=False)
        if bare is None:
            raise UnparsableSmilesError(_syntax_fault(smiles))
        check_size(bare)
        if any(atom.GetAtomicNum() == 0 for atom in bare.GetAtoms()):
            raise UnparsableSmilesError("no molecule: it has the placeholder atom '*'; give the atom")
        if metal := has_transition_metal(bare):
            bare = with_dative_bonds(bare)
        if faults := Chem.DetectChemistryProblems(bare):
            raise UnparsableSmilesError(f"no such molecule: {reason(faults[0].Message())}")
        sanitised = Chem.MolFromSmiles(Chem.MolToSmiles(bare) if metal else smiles)
        if sanitised is None:
            raise UnparsableSmilesError("no such molecule: its bonds or stereo marks contradict each other")
    return sanitised


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
