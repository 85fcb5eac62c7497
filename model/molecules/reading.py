"""From the text of a compound to a sanitised RDKit molecule, or an error that says what is wrong with it."""

from typing import TYPE_CHECKING

from model.molecules.faults import UnparsableSmilesError, chemistry, reason
from model.molecules.limits import LONGEST_MOLFILE, check_length, check_size
from model.molecules.metals import has_transition_metal, with_dative_bonds
from model.molecules.notation import (
    is_inchi,
    is_molfile,
    refuse_extensions,
    refuse_other_notations,
    states_radicals,
    strange_character,
    syntax_fault,
    without_extensions,
)
from model.molecules.queries import PLACEHOLDER, STABLE_RADICAL, contains, matching_atoms

if TYPE_CHECKING:
    from rdkit.Chem import Mol

# Elements of drugs that have radical electrons only where hydrogens lack: B, C, N, O, Si, P, S, Se.
WITH_HYDROGENS = frozenset((5, 6, 7, 8, 14, 15, 16, 34))


def molecule(text: str) -> "Mol":
    """Sanitised molecule of a SMILES (dative arrows and a CXSMILES tail too), an InChI or a molfile.

    Sizes are checked on the bare graph, before RDKit perceives rings, which may take for ever. Raises MoleculeError.
    """
    if is_molfile(text):
        return _of_molfile(text)
    trimmed = text.strip()
    if is_inchi(trimmed):
        return _of_inchi(trimmed)
    refuse_extensions(trimmed)
    read = _of_smiles(without_extensions(trimmed))
    if states_radicals(trimmed) and not any(atom.GetNumRadicalElectrons() for atom in read.GetAtoms()):
        raise UnparsableSmilesError("radicals, by '^' in its CXSMILES tail; give the SMILES of one molecule")
    return read


def _of_smiles(smiles: str) -> "Mol":
    from rdkit import Chem

    check_length(smiles)
    refuse_other_notations(smiles)
    with chemistry():
        bare = None if strange_character(smiles) else Chem.MolFromSmiles(smiles, sanitize=False)
        if bare is None:
            raise UnparsableSmilesError(syntax_fault(smiles))
        metal = _checked(bare)
        sanitised = Chem.MolFromSmiles(Chem.MolToSmiles(metal) if metal else smiles)
        if sanitised is None:
            raise UnparsableSmilesError("no such molecule: its bonds or stereo marks contradict each other")
        _refuse_radicals(sanitised)
    return sanitised


def _refuse_radicals(sanitised: "Mol") -> None:
    radical = {
        atom.GetIdx()
        for atom in sanitised.GetAtoms()
        if atom.GetAtomicNum() in WITH_HYDROGENS and atom.GetNumRadicalElectrons()
    }
    lacking = radical - matching_atoms(sanitised, STABLE_RADICAL)
    if lacking and not has_transition_metal(sanitised):  # ferrocene's rings may be written as radicals
        raise UnparsableSmilesError(
            f"{len(lacking)} atom{'s' * (len(lacking) > 1)} without hydrogens; is it SMARTS? give SMILES, "
            "in which an atom in brackets states its hydrogens: [CH3]"
        )


def _of_inchi(inchi: str) -> "Mol":
    from rdkit import Chem

    check_length(inchi, "InChI")
    with chemistry():
        bare = Chem.MolFromInchi(inchi, sanitize=False, removeHs=False)  # type: ignore[no-untyped-call]
        if bare is None:
            raise UnparsableSmilesError("not InChI: its layers cannot be read; give the standard InChI as it is")
        _checked(bare)
        sanitised = Chem.MolFromInchi(inchi)  # type: ignore[no-untyped-call]
        if sanitised is None:
            raise UnparsableSmilesError("no such molecule: its layers contradict each other")
    return _of_smiles(Chem.MolToSmiles(sanitised))


def _of_molfile(text: str) -> "Mol":
    from rdkit import Chem

    check_length(text, "molfile", LONGEST_MOLFILE)
    with chemistry():
        bare = Chem.MolFromMolBlock(text, sanitize=False, removeHs=False)
        if bare is None:
            raise UnparsableSmilesError("not a molfile: its table of atoms and bonds cannot be read")
        metal = _checked(bare)
        sanitised = Chem.MolFromSmiles(Chem.MolToSmiles(metal)) if metal else Chem.MolFromMolBlock(text)
        if sanitised is None:
            raise UnparsableSmilesError("no such molecule: its bonds or stereo marks contradict each other")
    return _of_smiles(Chem.MolToSmiles(sanitised))


def _checked(bare: "Mol") -> "Mol | None":
    """Check size and chemistry of an unsanitised molecule; where it has a transition metal, it with dative bonds."""
    from rdkit import Chem

    check_size(bare)
    if contains(bare, PLACEHOLDER):
        raise UnparsableSmilesError("no molecule: it has the placeholder atom '*'; give the atom")
    metal = with_dative_bonds(bare) if has_transition_metal(bare) else None
    if faults := Chem.DetectChemistryProblems(metal or bare):
        raise UnparsableSmilesError(f"no such molecule: {reason(faults[0].Message())}")
    return metal
