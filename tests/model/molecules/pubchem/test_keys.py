"""PubChem's keys are bit for bit those of scikit-fingerprints, with which the bundles' drugs were described."""

import json
from pathlib import Path

import numpy as np
import pytest
from rdkit import Chem, RDConfig
from skfp.fingerprints import PubChemFingerprint
from skfp.fingerprints.pubchem import features

from model.molecules.pubchem.keys import pubchem_bits, pubchem_like
from model.molecules.pubchem.patterns import patterns

DRUGS = Path(__file__).parents[4] / "bundles" / "gdsc" / "drugs.json"
EVERY = 50  # of 5,000 compounds that RDKit brings along
# Rings that can be gone round in two ways, bridged and of three; elements and charges that drugs seldom have.
ODD = """
CC1CC2(C)CCC12 C12C3C4C1C5C2C3C45 CC12C3(C)C4C1C5C2C3C45 C1C2CC3CC1CC(C2)C3 OC12CC3CC(C1)CC(N)(C3)C2
CC1C2(C)C1C(O)C2 C1CC12CC2C CC1CC1C NC1C(Cl)CC1 NC1C(Cl)CCC1 ClC1CCC(Br)CC1 Brc1ccc(Br)cc1
Clc1cc(Cl)c(Br)c(S)c1N O=c1cc[nH]c2ccccc12 C[As](O)C c1cc[se]c1 [Na]OC C[Si](C)(C)Cl B(O)(O)c1ccccc1
CP(=O)(O)OC F[P](F)F S=P(Cl)(Cl)Cl [Li]CCCC C[Mg]Br [2H]C([2H])O C [H][H] [Na+].[Cl-] O=[N+]([O-])c1ccccc1
[nH]1nnnc1 c1ccc2c(c1)ccc1ccccc12 OO N#N C#CC#N CC(=O)N=NC(C)=O C1=CC=CC=CC=C1 C1CCCCCCCCC1
c1ccc(cc1)c1ccc(cc1)c1ccc(cc1)c1ccccc1 [O-]Cl(=O)(=O)=O CS(=O)(=O)N=P(C)(C)C
"""


def molecules():
    drugs = [row["smiles"] for row in json.loads(DRUGS.read_text(encoding="utf-8")) if row.get("smiles")]
    nci = (Path(RDConfig.RDDataDir) / "NCI" / "first_5K.smi").read_text(encoding="utf-8").splitlines()
    texts = [*drugs, *(line.split()[0] for line in nci[::EVERY]), *ODD.split()]
    return [found for found in map(Chem.MolFromSmiles, texts) if found is not None]


def test_keys_are_those_of_scikit_fingerprints():
    compounds = molecules()
    assert len(compounds) > 350
    expected = PubChemFingerprint().transform([pubchem_like(compound) for compound in compounds])
    got = np.array([pubchem_bits(compound) for compound in compounds])
    assert got.shape == (len(compounds), 881)
    assert got.dtype == np.uint8
    assert [(Chem.MolToSmiles(compounds[row]), key) for row, key in np.argwhere(got != expected)] == []


def test_there_is_one_pattern_a_key():
    sections = (
        features.SIMPLE_ATOM_PAIRS,
        features.SIMPLE_ATOM_NEIGHBORHOODS,
        features.DETAILED_ATOM_NEIGHBORHOODS,
        features.SIMPLE_SMARTS_PATTERNS,
        features.COMPLEX_SMARTS_PATTERNS,
    )
    assert [Chem.MolFromSmarts(text).GetNumAtoms() for text in patterns()] == [
        Chem.MolFromSmarts(text).GetNumAtoms() for section in sections for text in section
    ]


@pytest.mark.parametrize(
    ("smiles", "key"), [("CC", 284), ("CC#N", 419), ("Oc1ccc(Br)cc1", 723), ("CC1CCC(O)CC1", 777)]
)
def test_keys_by_hand(smiles, key):
    bits = pubchem_bits(Chem.MolFromSmiles(smiles))
    assert bits[key] == 1
    assert pubchem_bits(Chem.MolFromSmiles("N"))[key] == 0


def test_the_molecule_stays_as_it_is():
    compound = Chem.MolFromSmiles("O=c1cc[nH]c2ccccc12")
    before = compound.ToBinary()
    pubchem_bits(compound)
    assert compound.ToBinary() == before
