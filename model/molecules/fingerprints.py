"""Substructure bits of compounds: PubChem's 881 keys and 1024 circular bits (ECFP4).

Without torch; rdkit takes a second to import, so each function imports it when it is called.

Both are of the parent (model.molecules.parent), so that one substance has one fingerprint, whatever stands beside it
and however it is spelled. On 228 GDSC drugs the mean Jaccard similarity to PubChem's own bits (with counter-ions)
is 0.964 for parents and 0.965 as written.
"""

from collections.abc import Sequence
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from model.molecules.faults import chemistry
from model.molecules.metals import has_transition_metal
from model.molecules.pubchem.keys import pubchem_bits
from model.molecules.reading import molecule
from model.molecules.standard import standardised

if TYPE_CHECKING:
    from rdkit.Chem import Mol

FINGERPRINT_BITS = 881  # PubChem/CACTVS substructure keys
ECFP_BITS = 1024
ECFP_RADIUS = 2  # ECFP4: its 4 is the diameter

Bits = NDArray[np.uint8]


def fingerprints(smiles: Sequence[str]) -> Bits:
    """PubChem substructure bits of the compounds' parents, 2 ms each the first time.

    Shapes: n SMILES -> (n, 881) in {0, 1}. Raises MoleculeError for the first SMILES that has none.
    """
    return np.array([_both(text)[:FINGERPRINT_BITS] for text in smiles], np.uint8).reshape(-1, FINGERPRINT_BITS)


def ecfp4(smiles: Sequence[str]) -> Bits:
    """Circular fingerprints of the compounds' parents (Rogers and Hahn 2010); they come with those of `fingerprints`.

    Shapes: n SMILES -> (n, 1024) in {0, 1}. Raises MoleculeError for the first SMILES that has none.
    """
    return np.array([_both(text)[FINGERPRINT_BITS:] for text in smiles], np.uint8).reshape(-1, ECFP_BITS)


def morgan_bits(compound: "Mol") -> Bits:
    """ECFP4 of a molecule as it is, (1024,)."""
    return np.asarray(_morgan_generator().GetFingerprintAsNumPy(compound), np.uint8)


def _both(text: str) -> Bits:
    return np.unpackbits(np.frombuffer(_packed(text), np.uint8), count=FINGERPRINT_BITS + ECFP_BITS)


@lru_cache(maxsize=4096)
def _packed(text: str) -> bytes:
    """Both fingerprints of a compound, a bit a bit."""
    from rdkit import Chem

    standard = standardised(text).smiles
    with chemistry():
        compound = Chem.MolFromSmiles(standard)
        if has_transition_metal(compound):
            compound = molecule(standard)  # with its bonds to the metal
        return np.packbits(np.concatenate([pubchem_bits(compound), morgan_bits(compound)])).tobytes()


@cache
def _morgan_generator() -> Any:  # noqa: ANN401 -- no type in RDKit's stubs
    from rdkit.Chem import rdFingerprintGenerator

    return rdFingerprintGenerator.GetMorganGenerator(radius=ECFP_RADIUS, fpSize=ECFP_BITS)
