"""Every notation of one compound gives one molecule."""

import pytest
from rdkit import Chem

from model.molecules.faults import MoleculeError, TooLargeMoleculeError
from model.molecules.reading import molecule
from model.molecules.standard import standardised
from tests.helpers.ugly_molecules import ladder

ASPIRIN = "CC(=O)Oc1ccccc1C(=O)O"
MOLECULE = Chem.MolFromSmiles(ASPIRIN)


@pytest.mark.parametrize(
    "text",
    [
        "OC(=O)c1ccccc1OC(C)=O",
        "InChI=1S/C9H8O4/c1-6(10)13-8-5-3-2-4-7(8)9(11)12/h2-5H,1H3,(H,11,12)",
        Chem.MolToMolBlock(MOLECULE),
        Chem.MolToMolBlock(MOLECULE).replace("\n", "\r\n"),
        Chem.MolToV3KMolBlock(MOLECULE),
        f"{ASPIRIN} |$;;;;;;;;;;;;$|",
        f"{ASPIRIN} |(0,0,;1,0,)| aspirin",
        f"{ASPIRIN} |$;;;;;;;;;;;;LN:$,c:4,t:6|",
        f"  {ASPIRIN}\n",
    ],
)
def test_one_molecule(text):
    assert Chem.MolToSmiles(molecule(text)) == ASPIRIN


def test_rings_of_a_metal_may_be_written_without_their_charges():
    assert molecule("[CH]1[CH][CH][CH][CH]1.[CH]1[CH][CH][CH][CH]1.[Fe]").GetNumAtoms() == 11


def test_stereo_marks_survive_every_notation():
    naproxen = "COc1ccc2cc([C@H](C)C(=O)O)ccc2c1"
    own = Chem.MolFromSmiles(naproxen)
    for text in (Chem.MolToInchi(own), Chem.MolToMolBlock(own), Chem.MolToV3KMolBlock(own)):
        assert standardised(text).inchikey == standardised(naproxen).inchikey


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("InChI=1S/CH4/h1H4/x", "not InChI"),
        ("InChI=", "not InChI"),
        (Chem.MolToMolBlock(MOLECULE).replace(" C ", " Q "), "placeholder"),
        (Chem.MolToMolBlock(MOLECULE).replace("13 13", "99 99"), "not a molfile"),
        ("InChIKey=BSYNRYMUTXBXSQ-UHFFFAOYSA-N", "an InChIKey"),
        ("CC>>CO", "a reaction"),
        ("C>C", "not SMILES"),
        ("CCO ethanol", "a blank at position 4"),
        ("CID 2244", "a number of a database"),
        ("2244", "a number of a database"),
        ("Aspirin", "perhaps a name"),
        (Chem.MolToSmarts(MOLECULE), "6 atoms without hydrogens; is it SMARTS"),
        ("[#6]1:[#6]:[#6]:[#6]:[#6]:[#6]:1", "6 atoms without hydrogens"),
        ("[CH2]C", "1 atom without hydrogens"),
        ("C[N]C", "1 atom without hydrogens"),
        ("[C]", "1 atom without hydrogens"),
        ("OCCO |Sg:n:1,2,0:n:ht|", "a polymer, by 'Sg:n:' in its CXSMILES tail; give the SMILES of one molecule"),
        ("CCO |$;;m:$,LN:1:1.3|", "repeated units"),
        ("CC |^1:0|", "radicals, by"),
    ],
)
def test_what_is_no_structure_says_so(text, says):
    with pytest.raises(MoleculeError, match=says):
        molecule(text)


@pytest.mark.parametrize("text", ["CC1(C)CCCC(C)(C)N1[O] |^1:10|", "[N]=O", "N[Pt](N)(Cl)Cl", "[H]OC([H])([H])[H]"])
def test_stable_radicals_metals_and_written_hydrogens_are_read(text):
    assert molecule(text).GetNumAtoms() > 1


def test_a_ladder_is_refused_in_every_notation():
    big = Chem.MolFromSmiles(ladder(60, "C"), sanitize=False)
    big.UpdatePropertyCache()
    Chem.FastFindRings(big)
    for text in (Chem.MolToMolBlock(big, kekulize=False), Chem.MolToV3KMolBlock(big, kekulize=False)):
        with pytest.raises(TooLargeMoleculeError, match="59 independent rings"):
            molecule(text)
    with pytest.raises(TooLargeMoleculeError, match="characters"):
        molecule("InChI=1S/" + "C" * 2_000)
