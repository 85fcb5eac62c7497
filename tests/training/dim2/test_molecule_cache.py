"""The cache of molecule graphs: same arrays from disk, nothing stale, nothing damaged, nothing executed."""

import numpy as np
import pytest

from training.dim2.molecule_cache import StructureError, molecule_graphs

SMILES, NAMES = ["CCO", "c1ccccc1O", "N.N.Cl[Pt]Cl"], ["ethanol", "phenol", "cisplatin"]


def same(one, other):
    return all(np.array_equal(a, b) for a, b in zip(vars(one).values(), vars(other).values(), strict=True))


def test_graphs_from_disk_are_those_that_were_made(tmp_path):
    made = molecule_graphs(SMILES, NAMES, tmp_path, conformers=2, workers=1)
    read = molecule_graphs(SMILES, NAMES, tmp_path, conformers=2, workers=1)
    assert all(same(a, b) for a, b in zip(made, read, strict=True))
    assert len(list(tmp_path.glob("*.npz"))) == 3
    assert list(tmp_path.glob("*.writing")) == []
    assert next(iter(tmp_path.glob("LFQSCWFLJHTTHZ-*"))).suffix == ".npz"  # ethanol's InChIKey


def test_two_processes_make_what_one_does(tmp_path):
    one = molecule_graphs(SMILES, NAMES, conformers=2)
    two = molecule_graphs(SMILES, NAMES, tmp_path, conformers=2, workers=2)
    assert all(same(a, b) for a, b in zip(one, two, strict=True))


def test_another_seed_or_number_of_conformers_is_another_file(tmp_path):
    for seed, count in ((0, 1), (1, 1), (0, 2)):
        molecule_graphs(["CCO"], ["ethanol"], tmp_path, conformers=count, seed=seed, workers=1)
    assert len(list(tmp_path.glob("*.npz"))) == 3


def test_a_damaged_file_is_made_again(tmp_path):
    made = molecule_graphs(["CCO"], ["ethanol"], tmp_path, workers=1)[0]
    path = next(iter(tmp_path.glob("*.npz")))
    path.write_bytes(path.read_bytes()[:100])
    assert same(molecule_graphs(["CCO"], ["ethanol"], tmp_path, workers=1)[0], made)


def test_a_pickle_in_the_cache_is_not_run(tmp_path):
    molecule_graphs(["CCO"], ["ethanol"], tmp_path, workers=1)
    path = next(iter(tmp_path.glob("*.npz")))
    ran = tmp_path / "ran"

    class Trap:
        def __reduce__(self):
            return (ran.write_text, ("x",))

    with path.open("wb") as file:
        np.savez(file, ecfp=np.array([Trap()], dtype=object))
    assert molecule_graphs(["CCO"], ["ethanol"], tmp_path, workers=1)[0].has_geometry
    assert not ran.exists()


def test_every_drug_that_has_no_structure_is_named():
    with pytest.raises(StructureError, match=r"one: .*empty.*; three: not SMILES"):
        molecule_graphs(["", "CCO", "C(("], ["one", "two", "three"])
