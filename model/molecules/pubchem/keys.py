"""PubChem's 881 substructure keys of a molecule (Substructure Fingerprint 1.3), as scikit-fingerprints has them.

PubChem does not call lactams and pyridones aromatic, RDKit's default does; with MMFF94 aromaticity the agreement with
PubChem's own bits is 0.965 instead of 0.940.
"""

from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from model.molecules.faults import chemistry
from model.molecules.pubchem.counts import element_thresholds, ring_bits
from model.molecules.pubchem.substructures import substructure_bits

if TYPE_CHECKING:
    from rdkit.Chem import Mol


def pubchem_bits(compound: "Mol") -> NDArray[np.uint8]:
    """Bits of a sanitised molecule, which stays as it is; half a millisecond for a drug. Shape: (881,) in {0, 1}."""
    with chemistry():
        copy = pubchem_like(compound)
        atoms = [(a.GetAtomicNum(), a.GetNumImplicitHs(), a.GetTotalNumHs(True)) for a in copy.GetAtoms()]
        numbers, implicit, hydrogens = zip(*atoms, strict=True)
        elements, least = _thresholds()
        counts = np.bincount(numbers, minlength=int(elements.max()) + 1)
        counts[1] += sum(implicit)
        rings = ring_bits(copy, numbers)
        return np.concatenate([counts[elements] >= least, rings, substructure_bits(copy, numbers, hydrogens)]).astype(
            np.uint8
        )


def pubchem_like(compound: "Mol") -> "Mol":
    """Copy of the molecule whose aromatic rings are the ones that PubChem's keys count."""
    from rdkit import Chem

    copy = Chem.Mol(compound)
    Chem.Kekulize(copy, clearAromaticFlags=True)
    Chem.SetAromaticity(copy, Chem.AromaticityModel.AROMATICITY_MMFF94)
    return copy


@cache
def _thresholds() -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    elements, least = np.array(element_thresholds(), np.intp).T
    return elements, least
