"""The two id tables as the service shows them: rows checked once at start, their short form, their names."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pydantic import ValidationError

from model.bundle import BundleError
from model.names import CELL_LINE_FIELDS, DRUG_FIELDS, Fields, Names, plain
from service.schemas.catalogue import CellLine, Drug
from service.schemas.responses import Ref, Subject

Shown = TypeVar("Shown", CellLine, Drug)


@dataclass(frozen=True)
class Catalogue(Generic[Shown]):
    """Row i of `rows`, of its short forms and of the bundle's table are the same cell line or drug."""

    rows: list[Shown]
    refs: list[Ref]
    subjects: list[Subject]
    names: Names

    def __len__(self) -> int:
        return len(self.rows)

    def matching(self, query: str | None) -> Sequence[int]:
        """Rows that the query finds; all of them where there is none."""
        return range(len(self)) if query is None else self.names.search(query)


def line_catalogue(rows: list[dict[str, Any]]) -> Catalogue[CellLine]:
    """Bundle's cell lines. Raises BundleError naming a row that cannot be shown."""
    return _catalogue("cell_lines.json", rows, CellLine, CELL_LINE_FIELDS)


def drug_catalogue(rows: list[dict[str, Any]]) -> Catalogue[Drug]:
    """Bundle's drugs. Raises BundleError naming a row that cannot be shown."""
    return _catalogue("drugs.json", rows, Drug, DRUG_FIELDS)


def having(rows: Sequence[Drug], target: str | None, pathway: str | None) -> list[int]:
    """Rows of the drugs with this target and this pathway, as far as they are given; case does not matter."""
    return [
        i
        for i, drug in enumerate(rows)
        if (target is None or plain(target) in map(plain, drug.targets))
        and (pathway is None or (drug.pathway is not None and plain(pathway) == plain(drug.pathway)))
    ]


def _catalogue(file: str, rows: Sequence[Mapping[str, Any]], shown: type[Shown], fields: Fields) -> Catalogue[Shown]:
    checked = [_checked(file, i, row, shown) for i, row in enumerate(rows)]
    refs = [Ref(id=row.id, name=row.name) for row in checked]
    return Catalogue(checked, refs, [Subject(id=ref.id, name=ref.name) for ref in refs], Names(rows, fields))


def _checked(file: str, i: int, row: Mapping[str, Any], shown: type[Shown]) -> Shown:
    try:
        # A column without a value is a column left out: lists become empty, the rest null.
        return shown.model_validate({key: value for key, value in row.items() if value is not None})
    except ValidationError as fault:
        first = fault.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise BundleError(f"{file}: row {i}, {place}: {first['msg']}") from None
