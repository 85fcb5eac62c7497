"""Drugs by their structure: a compound whose parent is a drug's parent is that drug.

Parents are compared by InChIKey, so another spelling, salt, solvate or tautomer of a drug is the drug. Stereochemistry
counts: the other enantiomer is another compound, and what states a geometry at its metal is none that does not. A
compound that states no stereochemistry at all is taken for the only drug that has its skeleton, and that is said.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from model.molecules.faults import MoleculeError
from model.molecules.standard import SKELETON, standardised

NO_STEREO = "UHFFFAOYSA"  # second block of an InChIKey without stereochemistry and isotopes


@dataclass(frozen=True)
class Recognition:
    """The row of the drug that a compound is, None where it is none; `note` says what a reader should know."""

    row: int | None
    note: str = ""


class KnownStructures:
    """Drugs of an id table by the InChIKey of their parents; computed when first asked for, 4 ms a drug."""

    def __init__(self, rows: Sequence[Mapping[str, Any]]) -> None:
        self._rows = rows
        self._by_key: dict[str, list[int]] = {}
        self._by_skeleton: dict[str, list[int]] = {}

    def recognise(self, text: str) -> Recognition:
        """Compare a compound with all drugs. Raises MoleculeError."""
        standard = standardised(text)
        key, geometry = standard.inchikey, standard.geometry
        self._fill()
        same = [row for row in self._by_key.get(key, []) if not geometry or geometry == self._geometry(row)]
        alike = [row for row in self._by_skeleton.get(key[:SKELETON], []) if row not in same]
        if len(same) == 1:
            return Recognition(same[0], f"its structure is that of {self._name(same[0])}")
        if len(same) > 1:
            listed = ", ".join(map(self._name, same))
            return Recognition(
                None, f"its structure is that of several drugs, so it is answered as a new one: {listed}"
            )
        if len(alike) == 1 and not geometry and key[SKELETON + 1 :].startswith(NO_STEREO):
            note = f"its structure, in which no stereochemistry is stated, is taken for that of {self._name(alike[0])}"
            return Recognition(alike[0], note)
        if alike:
            listed = ", ".join(map(self._name, alike))
            why = (
                f"it states a geometry at its metal, not that of {listed} (if that is meant, give its name)"
                if geometry
                else f"it differs from {listed} in stereochemistry or isotopes alone"
            )
            return Recognition(None, f"{why}, so it is answered as a new compound")
        return Recognition(None)

    def _geometry(self, row: int) -> str:
        return standardised(self._rows[row]["smiles"]).geometry

    def _name(self, row: int) -> str:
        return f"{self._rows[row]['name']} ({self._rows[row]['id']})"

    def _fill(self) -> None:
        if self._by_key:
            return
        by_key, by_skeleton = defaultdict(list), defaultdict(list)
        for place, row in enumerate(self._rows):
            if not row.get("smiles"):
                continue
            try:
                key = standardised(row["smiles"]).inchikey
            except MoleculeError:
                continue  # a drug that has no readable structure is recognised by name alone
            by_key[key].append(place)
            by_skeleton[key[:SKELETON]].append(place)
        self._by_skeleton, self._by_key = dict(by_skeleton), dict(by_key) or {"": []}
