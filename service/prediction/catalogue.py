"""The bundle's cell lines and drugs: rows validated once at start, their short form, and the index of their names."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, NamedTuple, Self, TypeVar, cast

import numpy as np
from pydantic import ValidationError
from pydantic_core import to_json

from model.bundle.manifest import BundleError
from model.names import CELL_LINE_FIELDS, DRUG_FIELDS, Fields, Names
from service.prediction.embeddings import Index
from service.schemas.catalogue import CellLine, Drug
from service.schemas.responses import Entity, MatchedBy, NameReading, Ref

RowModel = TypeVar("RowModel", CellLine, Drug)


class Spelling(NamedTuple):
    """A name as it is written: its row, how it is read, and name and reading as a member of a JSON object."""

    row: int
    reading: NameReading
    text: str

    @classmethod
    def of(cls, name: str, row: int, reading: NameReading) -> Self:
        """Spelling of a name."""
        return cls(row, reading, f"{to_json(name).decode()}:{reading.model_dump_json()}")


@dataclass(frozen=True)
class Catalogue(Generic[RowModel]):
    """One id table. Row i of `rows`, `refs`, `entities` and `texts`, their JSON, is row i of the bundle's table.

    `every` has all rows, `spellings` each name that is one row's as written, `row_of` and `text_of` rows and texts of
    these alone: a column of names is looked up twice as fast there.
    """

    rows: list[RowModel]
    refs: list[Ref]
    entities: list[Entity]
    texts: list[str]
    names: Names
    every: Index
    spellings: dict[str, Spelling]
    row_of: dict[str, int]
    text_of: dict[str, str]

    def __len__(self) -> int:
        return len(self.rows)

    def matching(self, query: str | None) -> Sequence[int]:
        """Rows that match the query; all of them without one."""
        return range(len(self)) if query is None else self.names.search(query)

    def name_warning(self, name: str) -> str:
        """Warning of a name that has other letters than every name of its row, or is another's as well; else ""."""
        others = [f"{ref.name} ({ref.id})" for ref in map(self.refs.__getitem__, self.names.namesakes(name))]
        if outside := self.names.homonym(name):
            others.append(f"{outside} outside the bundle")
        respelled = self.names.is_respelled(name)
        if not others and not respelled:
            return ""
        ref = self.refs[self.names.find(name)]
        why = "which is another spelling of this name" if respelled else f"but {', '.join(others)} has this name too"
        return f"read as {ref.name} ({ref.id}), {why}"


def line_catalogue(rows: list[dict[str, Any]], known: Sequence[Mapping[str, Any]] = ()) -> Catalogue[CellLine]:
    """Bundle's cell lines; `known` are names beyond its table. Raises BundleError naming a row that does not fit."""
    return _build("cell_lines.json", rows, CellLine, CELL_LINE_FIELDS, known)


def drug_catalogue(rows: list[dict[str, Any]], known: Sequence[Mapping[str, Any]] = ()) -> Catalogue[Drug]:
    """Bundle's drugs; `known` are names beyond its table. Raises BundleError naming a row that does not fit."""
    return _build("drugs.json", rows, Drug, DRUG_FIELDS, known)


def _build(
    file: str,
    rows: Sequence[Mapping[str, Any]],
    row_model: type[RowModel],
    fields: Fields,
    known: Sequence[Mapping[str, Any]],
) -> Catalogue[RowModel]:
    validated = [_validate(file, i, row, row_model) for i, row in enumerate(rows)]
    refs = [Ref(id=row.id, name=row.name) for row in validated]
    entities = [Entity(id=ref.id, name=ref.name) for ref in refs]
    texts = [entity.model_dump_json() for entity in entities]
    names = Names(rows, fields, known)
    found = names.undoubted()
    kinds = {
        (row, way): NameReading(id=refs[row].id, matched_by=cast(MatchedBy, way)) for row, way in set(found.values())
    }
    spellings = {name: Spelling.of(name, row, kinds[row, way]) for name, (row, way) in found.items()}
    row_of, text_of = (
        {name: one.row for name, one in spellings.items()},
        {name: one.text for name, one in spellings.items()},
    )
    return Catalogue(validated, refs, entities, texts, names, np.arange(len(rows)), spellings, row_of, text_of)


def _validate(file: str, i: int, row: Mapping[str, Any], row_model: type[RowModel]) -> RowModel:
    try:
        # A column without a value is a column left out: lists become empty, the rest null.
        return row_model.model_validate({key: value for key, value in row.items() if value is not None})
    except ValidationError as fault:
        first = fault.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise BundleError(f"{file}: row {i}, {place}: {first['msg']}") from None
