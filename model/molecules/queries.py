"""Patterns of atoms that are asked of every molecule, each compiled once: a search takes a microsecond."""

from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rdkit.Chem import Mol

CARBON, CHARGED, PLACEHOLDER = "[#6]", "[!+0]", "[#0]"
STABLE_RADICAL = "[$([NX1]=[OX1]),$([OX1v1+0][NX3v3+0])]"  # nitric oxide; nitroxides such as TEMPO


def contains(molecule: "Mol", smarts: str) -> bool:
    """Whether the molecule, which need not be sanitised, contains the pattern."""
    return bool(molecule.HasSubstructMatch(_compiled(smarts)))


def matching_atoms(molecule: "Mol", smarts: str) -> set[int]:
    """Places of the atoms that match a pattern of one atom."""
    return {place for (place,) in molecule.GetSubstructMatches(_compiled(smarts))}


@cache
def _compiled(smarts: str) -> Any:  # noqa: ANN401 -- a Mol
    from rdkit import Chem

    return Chem.MolFromSmarts(smarts)
