"""What compounds are compared by: PubChem's 881 keys, 1024 circular bits (ECFP4), and six properties.

Without torch; rdkit takes a second to import, so each function imports it when it is called.

All are of the parent (model.molecules.parent), so that one substance has one fingerprint, whatever stands beside it
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
PROPERTIES = ("log_weight", "log_p", "root_polar_area", "carbon_sp3", "aromatic_rings", "root_stereocentres")

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


def properties(smiles: Sequence[str]) -> NDArray[np.float64]:
    """PROPERTIES of the compounds' parents: ln mass, Crippen's log P, √(TPSA / Å²), share of sp3 carbons, counts.

    Shapes: n SMILES -> (n, 6). Raises MoleculeError for the first SMILES that has none.
    """
    return np.array([_properties(text) for text in smiles]).reshape(-1, len(PROPERTIES))


def morgan_bits(compound: "Mol") -> Bits:
    """ECFP4 of a molecule as it is, (1024,)."""
    return np.asarray(_morgan_generator().GetFingerprintAsNumPy(compound), np.uint8)


def _both(text: str) -> Bits:
    return np.unpackbits(np.frombuffer(_packed(text), np.uint8), count=FINGERPRINT_BITS + ECFP_BITS)


@lru_cache(maxsize=4096)
def _packed(text: str) -> bytes:
    """Both fingerprints of a compound, a bit a bit."""
    with chemistry():
        compound = _parent(text)
        return np.packbits(np.concatenate([pubchem_bits(compound), morgan_bits(compound)])).tobytes()


@lru_cache(maxsize=4096)
def _properties(text: str) -> tuple[float, ...]:
    from rdkit.Chem import rdMolDescriptors

    with chemistry():
        compound = _parent(text)
        log_p, _ = rdMolDescriptors.CalcCrippenDescriptors(compound)
        return (
            float(np.log(rdMolDescriptors.CalcExactMolWt(compound))),
            log_p,
            rdMolDescriptors.CalcTPSA(compound) ** 0.5,
            rdMolDescriptors.CalcFractionCSP3(compound),
            float(rdMolDescriptors.CalcNumAromaticRings(compound)),
            rdMolDescriptors.CalcNumAtomStereoCenters(compound) ** 0.5,
        )


def _parent(text: str) -> "Mol":
    from rdkit import Chem

    standard = standardised(text).smiles
    compound = Chem.MolFromSmiles(standard)
    return molecule(standard) if has_transition_metal(compound) else compound  # with its bonds to the metal


@cache
def _morgan_generator() -> Any:  # noqa: ANN401 -- no type in RDKit's stubs
    from rdkit.Chem import rdFingerprintGenerator

    return rdFingerprintGenerator.GetMorganGenerator(radius=ECFP_RADIUS, fpSize=ECFP_BITS)
