"""Lists of names against a dataset's tables: which row each one means, how it matched, or who else it could be.

The rules are those of the service (model.names): as written before case and punctuation are let go, ids before names
before other identifiers, and a name that two rows share is ambiguous, never guessed. A drug may also be given by its
structure: a SMILES in any spelling, or of a salt, matches the drug with that InChIKey.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import pandas as pd

from model.molecules.faults import MoleculeError
from model.molecules.standard import as_written, standardised
from model.names import (
    CELL_LINE_FIELDS,
    DRUG_FIELDS,
    SPELLING,
    AmbiguousNameError,
    Fields,
    Names,
    NamingError,
    UnknownNameError,
    plain,
)
from training.data.schema import Dataset

Kind = Literal["cell-line", "drug"]
COLUMNS = ("query", "id", "name", "how", "candidates")
AMBIGUOUS, UNKNOWN = "ambiguous", "unknown"
SKELETON = 14  # characters of an InChIKey that stand for the atoms and bonds alone, without stereo and charge


def resolve(
    dataset: Dataset, names: Iterable[str], kind: Kind, known: Sequence[Mapping[str, Any]] = ()
) -> pd.DataFrame:
    """Resolve names of one kind against the dataset: a table with one row a name, in their order.

    Columns: query; id and name of the row it means, None where there is none; how: the column that matched (with
    ", case and punctuation aside" where that was needed), "structure", "structure, salt aside", "ambiguous" or
    "unknown"; candidates: other rows that have the name, or the nearest ones, as "name (id)". `known` are names beyond
    the dataset's (training.sources.known_names.name_table): what is written like a registered line outside is unknown,
    and that line the first candidate.
    """
    resolver = Resolver(dataset, kind, known)
    return pd.DataFrame([vars(resolver.find(name)) for name in names], columns=list(COLUMNS), dtype=object)


def table_rows(dataset: Dataset, kind: Kind) -> list[dict[str, Any]]:
    """Rows of the dataset's lines or drugs, None where nothing is known."""
    table = dataset.cell_lines if kind == "cell-line" else dataset.drugs
    return [{str(k): _known(v) for k, v in row.items()} for row in table.to_dict("records")]


@dataclass(frozen=True)
class ResolvedName:
    """What one name means."""

    query: str
    id: str | None
    name: str | None
    how: str
    candidates: list[str]


class Resolver:
    """The names, and for drugs the structures, of one table of a dataset."""

    def __init__(self, dataset: Dataset, kind: Kind, known: Sequence[Mapping[str, Any]] = ()) -> None:
        self.fields = CELL_LINE_FIELDS if kind == "cell-line" else DRUG_FIELDS
        self.rows = table_rows(dataset, kind)
        self.names = Names(self.rows, self.fields, known)
        self.structures = Structures(self.rows) if kind == "drug" else None

    def find(self, name: str) -> ResolvedName:
        """Resolve one name."""
        query = name.strip()
        try:
            row = self.names.find(query)
            found = self._found(query, row, matched_column(self.rows[row], query, self.fields))
            return replace(found, candidates=self._labels(self.names.namesakes(query)))
        except NamingError as fault:
            if isinstance(fault, AmbiguousNameError):
                return self._open(query, AMBIGUOUS, fault.rows, fault.outside)
            if fault.outside:
                return self._open(query, UNKNOWN, fault.rows, fault.outside)
            nearest = fault.rows
        if self.structures is None:
            return self._open(query, UNKNOWN, nearest)
        try:
            return self._found(query, *self.structures.find(query))
        except AmbiguousNameError as fault:
            return self._open(query, AMBIGUOUS, fault.rows)
        except UnknownNameError as fault:
            return self._open(query, UNKNOWN, fault.rows or nearest)

    def _found(self, query: str, row: int, how: str) -> ResolvedName:
        return ResolvedName(query, self.rows[row]["id"], self.rows[row]["name"], how, [])

    def _open(self, query: str, how: str, rows: Sequence[int], outside: str = "") -> ResolvedName:
        listed = [f"{outside}, outside the dataset"] if outside else []
        return ResolvedName(query, None, None, how, [*listed, *self._labels(rows)])

    def _labels(self, rows: Sequence[int]) -> list[str]:
        return [f"{self.rows[i]['name']} ({self.rows[i]['id']})" for i in rows]


class Structures:
    """Drugs by InChIKey, of the compound as written and of its standard form; computed at the first query."""

    def __init__(self, rows: Sequence[dict[str, Any]]) -> None:
        self._rows = rows
        self._written: dict[str, set[int]] = {}
        self._standard: dict[str, set[int]] = {}
        self._skeleton: dict[str, set[int]] = {}

    def find(self, smiles: str) -> tuple[int, str]:
        """Row of the structure and how it matched: the very compound first, then another salt of it.

        Raises AmbiguousNameError where several rows have it; UnknownNameError, where none has, with the rows that
        have the same skeleton (another stereoisomer or charge), which are not taken for it.
        """
        try:
            written, form = as_written(smiles).inchikey, standardised(smiles)
        except MoleculeError:
            raise UnknownNameError(()) from None
        self._fill()
        standard = form.inchikey
        steps = ((self._written.get(written), "structure"), (self._standard.get(standard), "structure, salt aside"))
        for rows, how in () if form.geometry else steps:  # a geometry at a metal, which no InChIKey tells
            if rows:
                if len(rows) > 1:
                    raise AmbiguousNameError(sorted(rows))
                return next(iter(rows)), how
        raise UnknownNameError(sorted(self._skeleton.get(standard[:SKELETON], ())))

    def _fill(self) -> None:
        if self._standard:
            return
        indices: list[dict[str, set[int]]] = [defaultdict(set) for _ in range(3)]
        self._written, self._standard, self._skeleton = indices
        for i, row in enumerate(self._rows):
            if row.get("inchikey"):
                self._written[row["inchikey"]].add(i)
            if not row.get("smiles"):
                continue
            try:
                written, standard = as_written(row["smiles"]).inchikey, standardised(row["smiles"]).inchikey
            except MoleculeError:
                continue  # import refuses such a SMILES; in an older dataset it has no structure to go by
            for index, key in zip(indices, (written, standard, standard[:SKELETON]), strict=True):
                index[key].add(i)


def matched_column(row: dict[str, Any], name: str, fields: Fields) -> str:
    """Which column of `row` holds `name`, in the order of the rules' steps."""
    columns = ("id", "name", *fields.others)
    for column in (*columns, *fields.exact):
        if name in _texts(row.get(column)):
            return column
    key = plain(name)
    for column in columns:
        if key in map(plain, _texts(row.get(column))):
            return f"{column}, case and punctuation aside"
    return SPELLING


def _texts(value: Any) -> list[str]:  # noqa: ANN401  any table cell
    return [str(one) for one in value] if isinstance(value, list) else [] if value is None else [str(value)]


def _known(value: Any) -> Any:  # noqa: ANN401  any table cell
    """A cell as the rules read it: a list, text, or None where nothing is known."""
    return list(value) if isinstance(value, list) else None if pd.isna(value) else value
