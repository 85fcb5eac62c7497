"""One substance has one parent; two substances side by side have none."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rdkit import Chem
from rdkit.Chem.MolStandardize import rdMolStandardize

from model.molecules.counter_ions import ACIDS, BASES, SOLVENTS, counter_ions
from model.molecules.faults import MixtureError
from model.molecules.fingerprints import ecfp4, fingerprints
from model.molecules.standard import standardised

ERLOTINIB = "COCCOc1cc2ncnc(Nc3cccc(C#C)c3)c2cc1OCCOC"
GEFITINIB = "COc1cc2ncnc(Nc3ccc(F)c(Cl)c3)c2cc1OCCCN1CCOCC1"
FLUOROURACIL = "O=c1[nH]cc(F)c(=O)[nH]1"
OXALIPLATIN = "O=C1C(=O)O[Pt]2(O1)N[C@@H]1CCCC[C@H]1N2"
FOLINATE = "O=CN1C(CNc2ccc(C(=O)NC(CCC(=O)O)C(=O)O)cc2)CNc2nc(N)[nH]c(=O)c21"
PHENFORMIN = "N=C(N)NC(=N)NCCc1ccccc1"
AMITRIPTYLINE = "CN(C)CCC=C1c2ccccc2CCc2ccccc21"
NAPROXEN = "COc1ccc2cc(ccc2c1)[C@H](C)C(=O)O"
MEGLUMINE = "CNC[C@H](O)[C@@H](O)[C@H](O)[C@H](O)CO"
PAMOATE = "OC(=O)c1cc2ccccc2c(Cc2c(O)c(C(=O)O)cc3ccccc23)c1O"

ONE_SUBSTANCE = {
    "5-fluorouracil": [
        FLUOROURACIL, "Oc1ncc(F)c(O)n1", "OC1=NC(=O)NC=C1F", "O=c1ncc(F)c(O)[nH]1",
        f"{FLUOROURACIL}.OC(=O)CC(O)(C(=O)O)CC(=O)O", f"{FLUOROURACIL}.O",
        f"[Na+].{FLUOROURACIL.replace('[nH]1', '[n-]1')}",
    ],
    "phenformin": [
        PHENFORMIN, f"{PHENFORMIN}.Cl", f"{PHENFORMIN}.OC(=O)/C=C\\C(=O)O",
        "NC(=[NH2+])NC(=N)NCCc1ccccc1.OC(=O)/C=C\\C(=O)[O-]", f"{PHENFORMIN}.{PHENFORMIN}.OS(=O)(=O)O",
    ],
    "cisplatin": [
        "N.N.Cl[Pt]Cl", "N[Pt](N)(Cl)Cl", "[NH3][Pt]([NH3])(Cl)Cl", "[NH2][Pt]([NH2])(Cl)Cl",
        "[NH3+][Pt-2]([NH3+])(Cl)Cl", "[NH3]->[Pt](Cl)(Cl)<-[NH3]", "N->[Pt](<-N)(Cl)Cl", "[Pt+2].[Cl-].[Cl-].N.N",
        "N.N.Cl[Pt]Cl.O",
    ],
    "oxaliplatin": [
        OXALIPLATIN, "O=C1C(=O)O[Pt]2(O1)[NH2][C@@H]1CCCC[C@H]1[NH2]2",
        "[Pt+2].[O-]C(=O)C(=O)[O-].N[C@@H]1CCCC[C@H]1N",
    ],
    "ferrocene": ["[CH-]1C=CC=C1.[CH-]1C=CC=C1.[Fe+2]", "[cH-]1cccc1.[cH-]1cccc1.[Fe+2]"],
    "amitriptyline": [AMITRIPTYLINE, f"{AMITRIPTYLINE}.{PAMOATE}", f"{AMITRIPTYLINE}.Cl",
                      f"{AMITRIPTYLINE}.{AMITRIPTYLINE}.{PAMOATE}"],
    "naproxen": [NAPROXEN, f"{NAPROXEN}.{MEGLUMINE}", f"{NAPROXEN.replace('O)O', 'O)[O-]')}.[Na+]",
                 f"{NAPROXEN}.NCCCC[C@H](N)C(=O)O", f"{NAPROXEN.replace('C(=O)O', 'C(=O)[O-]')}.[Zn+2].[Cl-]"],
    "salicylic acid": ["OC(=O)c1ccccc1O", "[O-]C(=O)c1ccccc1O.[Na+]", "OC(=O)c1ccccc1O.O"],
    "sulfadiazine": ["Nc1ccc(cc1)S(=O)(=O)Nc1ncccn1", "Nc1ccc(cc1)S(=O)(=O)[N-]c1ncccn1.[Ag+]"],
    "2-pyridone": ["O=c1cccc[nH]1", "Oc1ccccn1"],
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "spelling"), [(name, spelling) for name, spellings in ONE_SUBSTANCE.items() for spelling in spellings]
)
def test_one_substance_has_one_standard_form(name, spelling):
    assert standardised(spelling).inchikey == standardised(ONE_SUBSTANCE[name][0]).inchikey


@pytest.mark.parametrize("name", ["5-fluorouracil", "cisplatin", "naproxen", "amitriptyline"])
def test_one_substance_has_one_fingerprint(name):
    bits = [
        (*one, *other)
        for one, other in zip(fingerprints(ONE_SUBSTANCE[name]), ecfp4(ONE_SUBSTANCE[name]), strict=True)
    ]
    assert len(set(bits)) == 1


def test_the_substances_differ():
    assert len({standardised(spellings[0]).inchikey for spellings in ONE_SUBSTANCE.values()}) == len(ONE_SUBSTANCE)
    ferrocene, titanocene = ONE_SUBSTANCE["ferrocene"][0], "[CH-]1C=CC=C1.[CH-]1C=CC=C1.Cl[Ti+2]Cl"
    assert standardised(ferrocene).inchikey != standardised(titanocene).inchikey
    assert standardised("C[C@H](N)C(=O)O") != standardised("C[C@@H](N)C(=O)O")


@pytest.mark.parametrize(
    "mixture",
    [
        f"{ERLOTINIB}.{GEFITINIB}",
        f"{GEFITINIB}.{ERLOTINIB}.Cl",
        f"{FOLINATE}.{FLUOROURACIL}.{OXALIPLATIN}",
        f"{ERLOTINIB}.{FLUOROURACIL}",
        f"N.N.Cl[Pt]Cl.{FLUOROURACIL}",
        f"{FLUOROURACIL}.{FOLINATE}.[Pt+2].[O-]C(=O)C(=O)[O-].NC1CCCCC1N",
        f"[Pt+2].[Cl-].[Cl-].N.N.{ERLOTINIB}",
        f"{NAPROXEN}.{AMITRIPTYLINE}",
    ],
)
def test_a_mixture_is_refused_and_says_to_name_the_parts(mixture):
    with pytest.raises(MixtureError, match="name the parts"):
        standardised(mixture)


def test_two_counter_ions_without_a_drug_are_refused():
    with pytest.raises(MixtureError, match="2 counter-ions without a drug; give the part that is meant alone"):
        standardised("OCC(N)(CO)CO.OC(=O)c1ccccc1O")


@pytest.mark.parametrize(
    ("smiles", "standard"),
    [
        ("C[N+](C)(C)C.[Br-]", "C[N+](C)(C)C"),
        ("[Na+].[Cl-]", "[Cl-].[Na+]"),  # nothing but counter-ions
        ("O.O", "O.O"),
        ("c1ccc[cH+]cc1", "c1ccc[cH+]cc1"),
        ("CCO", "CCO"),  # a solvent alone is what is meant
        (f"{ERLOTINIB}.C#CCO", standardised(ERLOTINIB).smiles),  # a small part that no list knows
    ],
)
def test_parents_by_hand(smiles, standard):
    assert standardised(smiles).smiles == standard


DRUGS = [ERLOTINIB, GEFITINIB, AMITRIPTYLINE, NAPROXEN, PHENFORMIN]


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(DRUGS),
    st.lists(st.sampled_from(f"{ACIDS} {BASES} {SOLVENTS}".split()), max_size=3),
    st.integers(0, 3),
)
def test_no_listed_counter_ion_is_taken_for_the_drug(drug, beside, place):
    parts = [*beside[:place], drug, *beside[place:]]
    assert standardised(".".join(parts)).inchikey == standardised(drug).inchikey


@pytest.mark.parametrize("drug", DRUGS)
@pytest.mark.parametrize("salt", ["Cl", "[Na+]", "OC(=O)C(F)(F)F", "O"])
def test_rdkits_fragment_parent_agrees_where_it_has_the_rule(drug, salt):
    theirs = rdMolStandardize.ChargeParent(Chem.MolFromSmiles(f"{drug}.{salt}"))
    assert standardised(f"{drug}.{salt}").smiles == Chem.MolToSmiles(theirs)


def test_the_list_is_of_molecules_and_names_each_once():
    texts = f"{ACIDS} {BASES} {SOLVENTS}".split()
    assert len(counter_ions()) == len(texts)
    assert all(Chem.MolFromSmiles(text) is not None for text in texts)
