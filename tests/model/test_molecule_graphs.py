"""Molecules as arrays: by hand where they are small, the same for every spelling, and never a crash."""

import subprocess
import sys

import numpy as np
import pytest

from model.molecule_graphs import ATOM_SIZES, BOND_SIZES, ELEMENTS, PAIR_CUTOFF, MoleculeGraph, molecule_graph
from model.molecules.faults import MoleculeError

ASPIRIN = "CC(=O)OC1=CC=CC=C1C(=O)O"


def same(one: MoleculeGraph, other: MoleculeGraph) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(vars(one).values(), vars(other).values(), strict=True))


def test_importing_the_room_imports_no_chemistry_and_no_torch():
    code = "import sys, model.molecule_graphs; print(sorted({'rdkit', 'skfp', 'torch', 'pandas'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_ethanol_by_hand():
    """CCO: a methyl, a methylene, a hydroxyl; two bonds that meet in one angle; one pair of atoms without a bond."""
    graph = molecule_graph("OCC", conformers=2)
    assert [ELEMENTS[code] for code in graph.atoms[:, 0]] == ["C", "C", "O"]
    assert graph.atoms[:, 1].tolist() == [1, 2, 1]
    assert graph.atoms[:, 4].tolist() == [3, 2, 1]
    assert graph.bonds.tolist() == [[0, 1], [1, 2]]
    assert graph.bond_kinds.tolist() == [[0, 0, 0], [0, 0, 0]]
    assert graph.angle_bonds.tolist() == [[0], [1]]
    assert graph.pairs.tolist() == [[0], [2]]
    assert graph.fault == ""
    assert graph.lengths.shape == (2, 2)
    np.testing.assert_allclose(graph.lengths, [[1.51, 1.42]] * 2, atol=0.03)  # C–C, C–O in Å
    np.testing.assert_allclose(np.degrees(graph.angles), 109, atol=4)
    a, b, c = graph.lengths[0, 0], graph.lengths[0, 1], graph.distances[0, 0]
    assert c**2 == pytest.approx(a**2 + b**2 - 2 * a * b * np.cos(graph.angles[0, 0]), rel=1e-4)


@pytest.mark.parametrize("spelling", ["OC(=O)c1ccccc1OC(C)=O", "[Na+].CC(=O)Oc1ccccc1C(=O)[O-]"])
def test_another_spelling_and_a_salt_give_the_same_arrays(spelling):
    assert same(molecule_graph(ASPIRIN), molecule_graph(spelling))


def test_a_seed_gives_one_set_of_conformers_and_another_seed_another():
    one, again, other = (molecule_graph(ASPIRIN, seed=seed) for seed in (1, 1, 2))
    assert same(one, again)
    assert not np.array_equal(one.distances, other.distances)
    assert np.array_equal(one.atoms, other.atoms)


def test_conformers_differ_from_each_other():
    graph = molecule_graph("OCCCCCCN")
    assert len(graph.distances) == 5
    assert np.ptp(graph.distances, axis=0).max() > 0.5  # Å


def test_codes_stay_below_their_sizes_and_indices_inside_the_molecule():
    graph = molecule_graph("C[S@](=O)c1ccc(cc1)-c1nc(c(-c2ccncc2)[nH]1)-c1ccc(F)cc1")
    assert (graph.atoms.max(0) < ATOM_SIZES).all()
    assert (graph.bond_kinds.max(0) < BOND_SIZES).all()
    n, e = len(graph.atoms), graph.bonds.shape[1]
    assert graph.bonds.max() < n
    assert graph.pairs.max() < n
    assert graph.angle_bonds.max() < e
    assert (graph.bonds[0] < graph.bonds[1]).all()
    assert (graph.distances.min(0) < PAIR_CUTOFF).all()
    bonded, apart = ({tuple(pair) for pair in index.T.tolist()} for index in (graph.bonds, graph.pairs))
    assert not bonded & apart


def test_mirror_images_differ_in_an_atom_code():
    left, right = molecule_graph("C[C@H](N)C(=O)O"), molecule_graph("C[C@@H](N)C(=O)O")
    assert not np.array_equal(left.atoms, right.atoms)


@pytest.mark.parametrize(
    ("smiles", "reason"),
    [
        ("N.N.Cl[Pt]Cl", "MMFF94 has no parameters"),  # cisplatin
        ("B(O)(O)CC", "MMFF94 has no parameters"),
        ("C" * 90, "272 atoms with hydrogens, more than 200"),
        ("C12C3C4C1C5C2C3C45", ""),  # cubane embeds
        ("C1#CC#C1", "no embedding found"),  # a strained ring that distance geometry refuses
    ],
)
def test_what_has_no_conformer_keeps_its_2d_graph_and_says_why(smiles, reason):
    graph = molecule_graph(smiles, conformers=1)
    assert reason in graph.fault
    assert graph.has_geometry == (graph.fault == "")
    assert len(graph.atoms) > 0
    assert graph.ecfp.any()
    if graph.fault:
        assert graph.pairs.shape == (2, 0)


@pytest.mark.parametrize("smiles", ["C", "[Na+]", "[Pt]", "OO"])
def test_the_smallest_molecules_have_arrays_of_the_right_shape(smiles):
    graph = molecule_graph(smiles)
    assert graph.bonds.shape == (2, graph.bond_kinds.shape[0])
    assert graph.angle_bonds.shape == (2, 0)


def test_without_conformers_asked_for_none_is_made():
    graph = molecule_graph(ASPIRIN, conformers=0)
    assert not graph.has_geometry
    assert graph.fault == "no conformer was asked for"


def test_a_smiles_that_is_none_is_refused():
    with pytest.raises(MoleculeError):
        molecule_graph("not a molecule")
