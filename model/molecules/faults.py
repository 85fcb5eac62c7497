"""What can be wrong with a compound, and how each fault of RDKit becomes one of these errors."""

from collections.abc import Iterator
from contextlib import contextmanager

LONGEST_REASON = 120  # characters of RDKit's own words; some list every atom


class MoleculeError(ValueError):
    """A compound that cannot be read; the message says why, and repeats no more than one character of it."""


class UnparsableSmilesError(MoleculeError):
    """The text is no SMILES, or one of a molecule that cannot be: unclosed rings, impossible valences."""


class EmptyMoleculeError(MoleculeError):
    """There is no atom."""


class MixtureError(MoleculeError):
    """Several drugs stand side by side, and none of them is meant alone."""


class TooLargeMoleculeError(MoleculeError):
    """More characters, atoms or rings than model.molecules.limits allows."""


@contextmanager
def chemistry() -> Iterator[None]:
    """Keep RDKit silent in this block, and raise UnparsableSmilesError in place of any exception of its own."""
    from rdkit import rdBase

    try:
        with rdBase.BlockLogs():
            yield
    except (MoleculeError, MemoryError):
        raise
    except Exception as fault:  # noqa: BLE001 -- RDKit raises Boost.Python's and C++'s errors without a common base
        raise UnparsableSmilesError(f"no such molecule: {reason(str(fault))}") from None


def reason(message: str) -> str:
    """First line of one of RDKit's messages, without its stack trace, at most LONGEST_REASON characters."""
    first = message.strip().partition("\n")[0].strip()
    if not first or first.endswith("Violation"):  # of a condition in RDKit's code, which says nothing of the molecule
        return "RDKit cannot read it"
    return first if len(first) <= LONGEST_REASON else f"{first[:LONGEST_REASON]}…"
