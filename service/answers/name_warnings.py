"""Warnings of a request whose own names may not mean what its writer thinks: unused, or close to the bundle's."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from model.names import NamingError, plain
from service.errors import pointer
from service.prediction.catalogue import Catalogue
from service.prediction.new_entities import NewEntities
from service.prediction.predictor import Predictor
from service.schemas.catalogue import CellLine, Drug
from service.schemas.requests import ColumnsRequest, PairsRequest, Side

MAX_WARNINGS = 20
Doubtful = tuple[Sequence[str], Sequence[str]]  # names of lines and of drugs that the bundle does not write so
KINDS: dict[Side, str] = {"cell_line": "sample", "drug": "compound"}


def name_warnings(predictor: Predictor, request: PairsRequest | ColumnsRequest, doubtful: Doubtful) -> list[str]:
    """At most 20 warnings, each with its place; `doubtful` are names of either side, of those that all resolve."""
    if not (request.samples or request.compounds or any(doubtful)):
        return []  # as it is of most requests
    cell_lines, drugs = request.columns()
    found = [
        *_respellings(predictor.lines, "cell_line", doubtful[0], cell_lines, request.pointer),
        *_side_warnings(predictor.lines, "cell_line", request.samples, cell_lines, request),
        *_respellings(predictor.drugs, "drug", doubtful[1], drugs, request.pointer),
        *_side_warnings(predictor.drugs, "drug", request.compounds, drugs, request),
    ]
    return found[:MAX_WARNINGS]


def listed_name_warnings(
    predictor: Predictor, cell_lines: Sequence[str], drugs: Sequence[str], doubtful: Doubtful
) -> list[str]:
    """At most 20 warnings of two lists of names of the bundle."""
    found = [
        *_respellings(predictor.lines, "cell_line", doubtful[0], cell_lines, listed_pointer),
        *_respellings(predictor.drugs, "drug", doubtful[1], drugs, listed_pointer),
    ]
    return found[:MAX_WARNINGS]


def homonym_warnings(predictor: Predictor, new: NewEntities) -> list[str]:
    """At most 20 warnings of samples and compounds with the name of a line or drug of the bundle that they are not."""
    lines = [(name, None) for name in new.lines.names] if new.lines else []
    drugs = [(name, new.drugs.drug_row(place)) for place, name in enumerate(new.drugs.names)] if new.drugs else []
    return [
        f"{pointer((f'{kind}s', name))}: means the {kind}, not the bundle's {catalogue.refs[same.row].name} "
        f"({catalogue.refs[same.row].id})"
        for kind, catalogue, brought in (("sample", predictor.lines, lines), ("compound", predictor.drugs, drugs))
        for name, row in brought
        if (same := catalogue.spellings.get(name)) and same.row != row
    ][:MAX_WARNINGS]


def listed_pointer(place: int, side: Side) -> str:
    """Place of a name in a list of cell lines or drugs."""
    return f"/{side}s/{place}"


def _respellings(
    catalogue: Catalogue[CellLine] | Catalogue[Drug],
    side: Side,
    doubtful: Sequence[str],
    names: Sequence[str],
    place: Callable[[int, Side], str],
) -> Iterator[str]:
    for name in doubtful:
        if warning := catalogue.name_warning(name):
            yield f"{place(names.index(name), side)}: {warning}"


def _side_warnings(
    catalogue: Catalogue[CellLine] | Catalogue[Drug],
    side: Side,
    new: Mapping[str, object],
    names: Sequence[str],
    request: PairsRequest | ColumnsRequest,
) -> Iterator[str]:
    if not new:
        return
    kind, used = KINDS[side], set(names)
    for name in new:
        place = pointer((f"{kind}s", name))
        if name not in used:
            yield f"{place}: no pair uses this {kind}"
        elif (ref := _bundle_entry(catalogue, name)) is not None:
            yield f"{place}: pairs with this name mean the {kind}, not the bundle's {ref}"
    spellings = {plain(name) for name in new}
    close = {name for name in used - new.keys() if plain(name) in spellings}
    for name in sorted(close, key=names.index):
        place = request.pointer(names.index(name), side)
        ref = _bundle_entry(catalogue, name)
        yield f"{place}: read as the bundle's {ref}, not as the {kind} of this request, which is spelled otherwise"


def _bundle_entry(catalogue: Catalogue[CellLine] | Catalogue[Drug], name: str) -> str | None:
    try:
        ref = catalogue.refs[catalogue.names.find(name)]
    except NamingError:
        return None
    return f"{ref.name} ({ref.id})"
