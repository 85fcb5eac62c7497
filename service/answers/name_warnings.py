"""Warnings of a request whose own names may not mean what its writer thinks: unused, or close to the bundle's."""

from collections.abc import Iterator, Mapping, Sequence

from model.names import NamingError, plain
from service.errors import pointer
from service.prediction.catalogue import Catalogue
from service.prediction.predictor import Predictor
from service.schemas.catalogue import CellLine, Drug
from service.schemas.requests import ColumnsRequest, PairsRequest, Side

MAX_WARNINGS = 20
KINDS: dict[Side, str] = {"cell_line": "sample", "drug": "compound"}


def name_warnings(predictor: Predictor, request: PairsRequest | ColumnsRequest) -> list[str]:
    """At most 20 warnings, each with its place; to be called once the names are known to resolve."""
    cell_lines, drugs = request.columns()
    found = [
        *_side_warnings(predictor.lines, "cell_line", request.samples, cell_lines, request),
        *_side_warnings(predictor.drugs, "drug", request.compounds, drugs, request),
    ]
    return found[:MAX_WARNINGS]


def _side_warnings(
    catalogue: Catalogue[CellLine] | Catalogue[Drug],
    side: Side,
    new: Mapping[str, object],
    names: Sequence[str],
    request: PairsRequest | ColumnsRequest,
) -> Iterator[str]:
    for name in dict.fromkeys(names):
        if name not in new and catalogue.names.is_respelled(name):
            place, ref = request.pointer(names.index(name), side), _bundle_entry(catalogue, name)
            yield f"{place}: read as {ref}, which is another spelling of this name"
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
