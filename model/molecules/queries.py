"""Patterns of atoms that are asked of every molecule, each compiled once: a search takes a microsecond."""

from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rdkit.Chem import Mol

CARBON, CHARGED, PLACEHOLDER = "[#6]", "[!+0]", "[#0]"


def contains(molecule: "Mol", smarts: str) -> bool:
    """Whether the molecule, which need not be sanitised, contains the pattern."""
    return bool(molecule.HasSubstructMatch(_compiled(smarts)))


@cache
def _compiled(smarts: str) -> Any:  # noqa: ANN401 -- a Mol
    from rdkit import Chem

    return Chem.MolFromSmarts(smarts)
