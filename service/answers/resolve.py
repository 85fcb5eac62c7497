"""Names of a request -> rows and models of the predictor, or the problem that says where and what instead."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Literal

from model.names import AmbiguousNameError, NamingError
from service.errors import MAX_FAULTS, ProblemError
from service.prediction.catalogue import Catalogue, having
from service.prediction.predictor import Predictor
from service.schemas.catalogue import CellLine, Drug
from service.schemas.problem import Fault
from service.schemas.problem_codes import Code
from service.schemas.requests import PredictRequest, RankQuery

Side = Literal["cell_line", "drug"]
Table = Catalogue[CellLine] | Catalogue[Drug]
Misnamed = tuple[Code, Fault]

SPOKEN = {"cell_line": "cell line", "drug": "drug"}
UNKNOWN = {"cell_line": Code.UNKNOWN_CELL_LINE, "drug": Code.UNKNOWN_DRUG}


def model_name(predictor: Predictor, asked: str | None, pointer: str) -> str:
    """Model to answer with."""
    name = predictor.bundle.default_model if asked is None else asked
    if name not in predictor.models:
        detail = f"no such model; the bundle has {', '.join(predictor.models)}"
        raise ProblemError(Code.UNKNOWN_MODEL, detail, [Fault(pointer=pointer, detail=detail)])
    return name


def row(catalogue: Table, side: Side, name: str, pointer: str | None = None) -> int:
    """Row that a path names, or another place."""
    try:
        return catalogue.names.find(name)
    except NamingError as fault:
        raise _problem([_misnamed(catalogue, side, pointer or f"/path/{side}", fault)]) from None


def pair_rows(predictor: Predictor, asked: PredictRequest) -> tuple[list[int], list[int]]:
    """Rows of every pair; a problem with the first 20 names that have none, or more than one.

    The request's own names come first, as written; their rows follow the bundle's.
    """
    cell_names, drug_names = asked.columns()
    own = [own_rows(predictor.lines, asked.samples), own_rows(predictor.drugs, asked.compounds)]
    cells, bad_cells = _rows(predictor.lines, "cell_line", cell_names, asked.pointer, own[0])
    drugs, bad_drugs = _rows(predictor.drugs, "drug", drug_names, asked.pointer, own[1])
    if bad_cells or bad_drugs:
        raise _problem(bad_cells + bad_drugs)
    return cells, drugs


def drug_rows(predictor: Predictor, query: RankQuery, place: str = "/query") -> list[int]:
    """Drugs to rank; a problem where no drug at all has the target or the pathway."""
    drugs = predictor.drugs.rows
    for name, value, found in (
        ("target", query.target, having(drugs, query.target, None)),
        ("pathway", query.pathway, having(drugs, None, query.pathway)),
    ):
        if value is not None and not found:
            detail = f"no drug of the bundle has this {name}"
            raise ProblemError(Code.UNKNOWN_FILTER, detail, [Fault(pointer=f"{place}/{name}", detail=detail)])
    return having(drugs, query.target, query.pathway)


def listed_rows(predictor: Predictor, cell_lines: Sequence[str], drugs: Sequence[str]) -> tuple[list[int], list[int]]:
    """Rows of two lists of the bundle's names; a problem as above."""

    def place_of(place: int, side: Side) -> str:
        return f"/{side}s/{place}"

    lines, bad_lines = _rows(predictor.lines, "cell_line", cell_lines, place_of, {})
    columns, bad_drugs = _rows(predictor.drugs, "drug", drugs, place_of, {})
    if bad_lines or bad_drugs:
        raise _problem(bad_lines + bad_drugs)
    return lines, columns


def own_rows(catalogue: Table, names: Iterable[str]) -> dict[str, int]:
    """Rows of what a request brings: they follow the catalogue's."""
    return {name: row for row, name in enumerate(names, len(catalogue))}


def _rows(
    catalogue: Table,
    side: Side,
    names: Sequence[str],
    pointer: Callable[[int, Side], str],
    own: Mapping[str, int],
) -> tuple[list[int], list[Misnamed]]:
    """Rows of a column of names, or its first faults; a name is looked up once, however often it stands there."""
    known: dict[str, int | NamingError] = {**own}
    rows: list[int] = []
    misnamed: list[Misnamed] = []
    for place, name in enumerate(names):
        if name not in known:
            known[name] = _found(catalogue, name)
        found = known[name]
        if isinstance(found, int):
            rows.append(found)
        else:
            misnamed.append(_misnamed(catalogue, side, pointer(place, side), found))
            if len(misnamed) == MAX_FAULTS:
                break
    return rows, misnamed


def _found(catalogue: Table, name: str) -> int | NamingError:
    try:
        return catalogue.names.find(name)
    except NamingError as fault:
        return fault


def _misnamed(catalogue: Table, side: Side, pointer: str, fault: NamingError) -> Misnamed:
    candidates = [catalogue.refs[i] for i in fault.rows[:MAX_FAULTS]]
    listed = ", ".join(f"{ref.name} ({ref.id})" for ref in candidates)
    if isinstance(fault, AmbiguousNameError):
        detail = f"several {SPOKEN[side]}s answer to this name, use the id: {listed}"
        return Code.AMBIGUOUS_NAME, Fault(pointer=pointer, detail=detail, candidates=candidates)
    detail = f"no {SPOKEN[side]} of the bundle answers to this name" + (f"; nearest: {listed}" if listed else "")
    return UNKNOWN[side], Fault(pointer=pointer, detail=detail, candidates=candidates)


def _problem(misnamed: Sequence[Misnamed]) -> ProblemError:
    """First fault gives the code and the detail, all of them the list."""
    code, first = misnamed[0]
    return ProblemError(code, first.detail, [fault for _, fault in misnamed])
