"""No molecule holds the process or raises anything but a MoleculeError."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.molecules.faults import LONGEST_REASON, MoleculeError, TooLargeMoleculeError, chemistry, reason
from model.molecules.limits import MOST_FUSED_RINGS, MOST_RINGS, independent_rings, largest_ring_system
from model.molecules.reading import molecule
from tests.helpers.ugly_molecules import UGLY, ChemistryProcess, ladder, smiles_of

ATOMS = (
    ["N"], ["C"], ["c"], ["n"], ["P"], ["p"], ["B"], ["c", "n"], ["C", "N", "O"], ["[n+]", "c"], ["[nH]", "c"],
    ["[cH-]", "c"], ["c", "s"], ["[N+]"], ["[Fe]", "N"], ["[C]"], ["[H]", "C"],
)  # fmt: skip


@pytest.fixture(scope="module")
def chemist():
    process = ChemistryProcess()
    process.read("C")  # imports
    yield process
    process.close()


@pytest.mark.parametrize(("name", "smiles", "says"), UGLY, ids=[name for name, _, _ in UGLY])
def test_an_ugly_molecule_is_answered_or_refused_with_its_reason(chemist, name, smiles, says):
    answer = chemist.read(smiles)
    assert (answer["refused"] is None) == (not says) or says.startswith("|")
    if answer["refused"]:
        assert any(words in answer["refused"] for words in says.split("|"))
        assert len(answer["refused"]) < LONGEST_REASON + 40


@pytest.mark.parametrize("smiles", [ladder(60), ladder(140, "C"), ladder(48, "n"), "C1CC1" * 60])
def test_too_many_rings_are_refused_at_once(chemist, smiles):
    answer = chemist.read(smiles)
    assert "rings; at most" in answer["refused"]
    assert answer["seconds"] < 0.1


@st.composite
def lattices(draw):
    """Molecules of few kinds of atoms with many bonds among them, on a grid or at random."""
    atoms = draw(st.integers(2, 90))
    width = draw(st.integers(2, 20))
    grid = [(i, i + step) for i in range(atoms) for step in (1, width) if i + step < atoms]
    anywhere = st.tuples(st.integers(0, atoms - 1), st.integers(0, atoms - 1)).filter(lambda bond: bond[0] < bond[1])
    bonds = draw(st.sets(st.sampled_from(grid), min_size=len(grid) // 2)) | draw(st.sets(anywhere, max_size=5))
    palette = draw(st.sampled_from(ATOMS))
    kinds = draw(st.lists(st.sampled_from(palette), min_size=atoms, max_size=atoms))
    return smiles_of(kinds, sorted(bonds))


@settings(max_examples=60, deadline=None)
@given(lattices())
def test_no_lattice_holds_the_process(chemist, smiles):
    assert chemist.read(smiles)["seconds"] < 5


TOKENS = st.sampled_from(
    [*"CNOPSFcnos()[]=#+-123%@/\\.H", "[nH]", "[Pt]", "[N+]", "[O-]", "Cl", "%10", "[C@@H]", "[Fe+2]"]
)


@settings(max_examples=200, deadline=None)
@given(st.one_of(st.lists(TOKENS, max_size=40).map("".join), st.text(max_size=30)))
def test_no_text_raises_anything_else(chemist, text):
    chemist.read(text)


@pytest.mark.parametrize(
    ("smiles", "rings", "fused"),
    [
        ("CCO", 0, 0),
        ("c1ccccc1", 1, 1),
        ("c1ccccc1-c1ccccc1", 2, 1),
        ("c1ccc2ccccc2c1", 2, 2),
        ("C1CC12CC2", 2, 2),  # spiro rings share an atom
        ("C1CC1.c1ccc2ccccc2c1", 3, 2),
        ("C12C3C4C1C5C2C3C45", 5, 5),  # cubane: 12 bonds - 8 atoms + 1
        (ladder(10), 9, 9),
    ],
)
def test_rings_counted_by_hand(smiles, rings, fused):
    assert independent_rings(molecule(smiles)) == rings
    assert largest_ring_system(molecule(smiles)) == fused


def test_the_limits_are_the_last_that_is_read():
    molecule(ladder(MOST_FUSED_RINGS + 1, "C"))
    with pytest.raises(TooLargeMoleculeError, match=f"{MOST_FUSED_RINGS + 1} fused rings; at most {MOST_FUSED_RINGS}"):
        molecule(ladder(MOST_FUSED_RINGS + 2, "C"))
    molecule("C1CC1" * MOST_RINGS)
    with pytest.raises(TooLargeMoleculeError, match=f"{MOST_RINGS + 1} independent rings; at most {MOST_RINGS}"):
        molecule("C1CC1" * (MOST_RINGS + 1))


def test_a_reason_is_one_short_line():
    assert reason("\n") == "RDKit cannot read it"
    assert reason("Invariant Violation\n\tat line 7") == "RDKit cannot read it"
    assert reason("x" * 500) == "x" * LONGEST_REASON + "…"


def test_any_exception_of_the_chemistry_becomes_one_error():
    with pytest.raises(MoleculeError, match="no such molecule: RDKit cannot read it"), chemistry():
        raise RuntimeError("Pre-condition Violation\n\tstack")
    with pytest.raises(MemoryError), chemistry():
        raise MemoryError
