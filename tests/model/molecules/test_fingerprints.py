"""SMILES become standard forms and PubChem's bits, or say what is wrong with them."""

import subprocess
import sys

import numpy as np
import pytest

from model.molecules.faults import EmptyMoleculeError, MoleculeError, TooLargeMoleculeError, UnparsableSmilesError
from model.molecules.fingerprints import ecfp4, fingerprints
from model.molecules.limits import LONGEST_SMILES, MOST_ATOMS
from model.molecules.standard import as_written, standardised

ASPIRIN = "CC(=O)OC1=CC=CC=C1C(=O)O"


def test_importing_the_room_imports_no_chemistry_and_no_torch():
    code = "import sys, model.molecules; print(sorted({'rdkit', 'skfp', 'torch', 'pandas'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("smiles", "standard"),
    [
        ("OC(=O)c1ccccc1OC(C)=O", "CC(=O)Oc1ccccc1C(=O)O"),  # another spelling
        (f" {ASPIRIN}\n", "CC(=O)Oc1ccccc1C(=O)O"),
        ("[Na+].CC(=O)Oc1ccccc1C(=O)[O-]", "CC(=O)Oc1ccccc1C(=O)O"),  # a salt
        ("CC(=O)Oc1ccccc1C(=O)O.Cl.Cl", "CC(=O)Oc1ccccc1C(=O)O"),
        ("C[NH3+].[Cl-]", "CN"),
        ("C[N+](C)(C)C.[Br-]", "C[N+](C)(C)C"),  # a charge that no hydrogen can mend stays
        ("CC(=O)CC(C)=O", "CC(=O)CC(C)=O"),  # keto and enol
        ("CC(O)=CC(C)=O", "CC(=O)C=C(C)O"),  # stay two tautomers
        ("N.N.Cl[Pt]Cl", "Cl.Cl.N.N.[Pt]"),  # cisplatin has no organic fragment
    ],
)
def test_standard_form_by_hand(smiles, standard):
    assert standardised(smiles).smiles == standard
    assert standardised(standard) == standardised(smiles)


def test_salts_share_the_standard_inchikey_and_keep_their_own():
    salt = "[Na+].CC(=O)Oc1ccccc1C(=O)[O-]"
    assert standardised(salt).inchikey == "BSYNRYMUTXBXSQ-UHFFFAOYSA-N" == standardised(ASPIRIN).inchikey
    assert as_written(salt).inchikey != as_written(ASPIRIN).inchikey == "BSYNRYMUTXBXSQ-UHFFFAOYSA-N"


@pytest.mark.parametrize(
    ("smiles", "error", "says"),
    [
        ("", EmptyMoleculeError, "is empty"),
        (" \n", EmptyMoleculeError, "is empty"),
        ("c1ccccc", UnparsableSmilesError, "a ring is left open"),
        ("CC(=O", UnparsableSmilesError, "1 '(' but 0 ')'"),
        ("C[NH3+", UnparsableSmilesError, "1 '[' but 0 ']'"),
        ("Aspirin", UnparsableSmilesError, "an atom is unknown"),
        ("CCO ethanol", UnparsableSmilesError, "a blank at position 4"),
        ("CCβ", UnparsableSmilesError, "character 'β' at position 3"),
        ("C*", UnparsableSmilesError, "placeholder atom"),
        ("CN(C)(C)C", UnparsableSmilesError, "valence for atom # 1 N, 4,"),
        ("c1cccc1", UnparsableSmilesError, "kekulize"),
        ("C" * (MOST_ATOMS + 1), TooLargeMoleculeError, "301 heavy atoms"),
        ("C" * (LONGEST_SMILES + 1), TooLargeMoleculeError, "2,001 characters"),
    ],
)
@pytest.mark.parametrize("function", [standardised, as_written, lambda smiles: fingerprints([smiles])])
def test_a_bad_smiles_says_what_is_wrong_without_repeating_it(smiles, error, says, function, capfd):
    with pytest.raises(error) as fault:
        function(smiles)
    assert says in str(fault.value)
    assert isinstance(fault.value, MoleculeError)
    assert len(smiles) < 3 or smiles not in str(fault.value)
    assert capfd.readouterr() == ("", "")  # RDKit prints its own complaints unless it is stopped


def test_bits_are_pubchems_for_a_molecule_small_enough_to_check():
    bits = fingerprints([ASPIRIN, "CC(=O)Oc1ccccc1C(=O)O"])
    assert bits.shape == (2, 881)
    assert bits.dtype == np.uint8
    assert np.array_equal(bits[0], bits[1])  # the spelling does not matter
    # >= 4 and 8 H, >= 2, 4 and 8 C, >= 1, 2 and 4 O, no N: the first bits of the published list
    counted = {0: 1, 1: 1, 2: 0, 9: 1, 10: 1, 11: 1, 12: 0, 14: 0, 18: 1, 19: 1, 20: 1, 21: 0}
    assert {place: int(bits[0, place]) for place in counted} == counted


def test_counter_ions_and_charges_do_not_count_and_no_smiles_give_no_rows():
    one, salt, ion = fingerprints(["CN", "CN.Cl", "C[NH3+].[Br-]"])
    assert one[9] == 0  # bit 9: >= 2 C
    assert (one == salt).all()
    assert (one == ion).all()
    assert fingerprints([]).shape == (0, 881)


def test_ecfp4_is_of_the_standard_form_and_sets_apart_what_differs_two_bonds_away():
    bits = ecfp4(["CCO", "OCC", "c1ccccc1C(=O)O", "c1ccccc1C(=O)[O-].[Na+]", "CCCCO"])
    assert bits.shape == (5, 1024)
    assert (bits[0] == bits[1]).all()
    assert (bits[2] == bits[3]).all()
    assert (bits[0] != bits[4]).any()
    assert bits[0].sum() == 6  # CH3, CH2, OH and the circles around each
    with pytest.raises(MoleculeError):
        ecfp4(["C1CC"])
