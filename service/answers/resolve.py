"""Names of a request -> rows and models of the predictor, or the problem that names the place and the candidates."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice, repeat

import numpy as np

from model.names import AmbiguousNameError, NamingError, plain
from service.answers.name_warnings import KINDS, listed_pointer
from service.errors import MAX_FAULTS, ProblemError
from service.prediction.catalogue import Catalogue, Spelling
from service.prediction.embeddings import Index
from service.prediction.predictor import Predictor
from service.schemas.catalogue import CellLine, Drug
from service.schemas.problem import Fault
from service.schemas.problem_codes import Code
from service.schemas.requests import ColumnsRequest, PairsRequest, Side
from service.schemas.responses import MatchedBy, NameReading, NameReadings

Table = Catalogue[CellLine] | Catalogue[Drug]
NameFault = tuple[Code, Fault]

LABELS = {"cell_line": "cell line", "drug": "drug"}
AS_NEW = {"cell_line": "tables", "drug": "SMILES"}
UNKNOWN = {"cell_line": Code.UNKNOWN_CELL_LINE, "drug": Code.UNKNOWN_DRUG}


def model_name(predictor: Predictor, chosen: str | None, pointer: str) -> str:
    """Name of the chosen model, or of the default. Raises ProblemError where the bundle has no such model."""
    name = predictor.bundle.default_model if chosen is None else chosen
    if name not in predictor.models:
        detail = f"no such model; the bundle has {', '.join(predictor.models)}"
        raise ProblemError(Code.UNKNOWN_MODEL, detail, [Fault(pointer=pointer, detail=detail)])
    return name


@dataclass(frozen=True)
class ResolvedSide:
    """Rows of a column of names, and how those were read that the bundle does not write so; `new` are none of its."""

    catalogue: Table
    names: Sequence[str]
    rows: Index
    doubtful: Mapping[str, Spelling] = field(default_factory=dict)
    new: Collection[str] = ()

    @property
    def as_written(self) -> list[str]:
        """Distinct names that the bundle writes so."""
        distinct = dict.fromkeys(self.names)
        for name in (*self.doubtful, *self.new):
            distinct.pop(name, None)
        return list(distinct)

    @property
    def readings(self) -> dict[str, NameReading]:
        """How each distinct name of the bundle was read."""
        own = {name: one.reading for name, one in self.doubtful.items()}
        return {name: self.catalogue.spellings[name].reading for name in self.as_written} | own

    @property
    def text(self) -> str:
        """The same as members of a JSON object, of which most lie ready."""
        own = [one.text for one in self.doubtful.values()]
        return ",".join([*map(self.catalogue.text_of.__getitem__, self.as_written), *own])


@dataclass(frozen=True)
class ResolvedNames:
    """The two columns of a request."""

    cell_lines: ResolvedSide
    drugs: ResolvedSide

    @property
    def doubtful(self) -> tuple[list[str], list[str]]:
        """Names of either side that the bundle does not write so."""
        return list(self.cell_lines.doubtful), list(self.drugs.doubtful)

    @property
    def readings(self) -> NameReadings:
        """How the names were read."""
        return NameReadings.model_construct(cell_lines=self.cell_lines.readings, drugs=self.drugs.readings)

    @property
    def text(self) -> str:
        """The same as the field `names` of an answer in JSON."""
        return f'"names":{{"cell_lines":{{{self.cell_lines.text}}},"drugs":{{{self.drugs.text}}}}}'


@dataclass(frozen=True)
class ResolvedName:
    """Row of one name, how it was read, and what the answer warns of."""

    row: int
    reading: NameReading
    warnings: list[str]


def find_row(catalogue: Table, side: Side, name: str, pointer: str | None = None) -> ResolvedName:
    """Row of one name, which stands in the path or at `pointer`. Raises ProblemError where no single row has it."""
    place = pointer or f"/path/{side}"
    try:
        row, matched_by = catalogue.names.match(name)
    except NamingError as fault:
        raise _problem([_name_fault(catalogue, side, place, fault)]) from None
    warning = catalogue.name_warning(name)
    return ResolvedName(row, _reading(catalogue.refs[row].id, matched_by), [f"{place}: {warning}"] if warning else [])


def pair_rows(predictor: Predictor, request: PairsRequest | ColumnsRequest) -> ResolvedNames:
    """Rows of every pair. Raises ProblemError with the first 20 names that have no row, or several.

    A name written exactly like one of the request's samples or compounds means that one.
    """
    cell_names, drug_names = request.columns()
    return _both(
        _resolve(predictor.lines, "cell_line", cell_names, request.pointer, request.samples),
        _resolve(predictor.drugs, "drug", drug_names, request.pointer, request.compounds),
    )


def listed_rows(predictor: Predictor, cell_lines: Sequence[str], drugs: Sequence[str]) -> ResolvedNames:
    """Rows of two lists of the bundle's names. Raises ProblemError as `pair_rows` does."""
    return _both(
        _resolve(predictor.lines, "cell_line", cell_lines, listed_pointer, ()),
        _resolve(predictor.drugs, "drug", drugs, listed_pointer, ()),
    )


def new_rows(catalogue: Table, names: Iterable[str]) -> dict[str, int]:
    """Rows of a request's new entities, which follow the catalogue's."""
    return {name: row for row, name in enumerate(names, len(catalogue))}


def _both(lines: tuple[ResolvedSide, list[NameFault]], drugs: tuple[ResolvedSide, list[NameFault]]) -> ResolvedNames:
    """Both columns. Raises ProblemError where one has faults."""
    if faults := lines[1] + drugs[1]:
        raise _problem(faults)
    return ResolvedNames(lines[0], drugs[0])


def _resolve(
    catalogue: Table, side: Side, names: Sequence[str], pointer: Callable[[int, Side], str], new: Collection[str]
) -> tuple[ResolvedSide, list[NameFault]]:
    """Resolve a column of names; with its first faults."""
    brought = new_rows(catalogue, new)
    rows = np.fromiter(map(catalogue.row_of.get, names, repeat(-1)), np.intp, len(names))
    if not brought and rows.min(initial=0) >= 0:  # all names are written as in the bundle
        return ResolvedSide(catalogue, names, rows), []
    doubtful: dict[str, Spelling] = {}
    bad: dict[str, NamingError] = {}
    others = np.flatnonzero(rows < 0).tolist()
    for name in dict.fromkeys(names[place] for place in others):
        if name in brought:
            continue
        try:
            row, matched_by = catalogue.names.match(name)
        except NamingError as fault:
            bad[name] = fault
            if len(bad) == MAX_FAULTS:
                break
        else:
            doubtful[name] = Spelling.of(name, row, _reading(catalogue.refs[row].id, matched_by))
    places = ((place, name) for place, name in enumerate(names) if name in bad) if bad else ()
    faults = [
        _name_fault(catalogue, side, pointer(place, side), bad[name], _respelled(name, new))
        for place, name in islice(places, MAX_FAULTS)
    ]
    if faults:
        return ResolvedSide(catalogue, names, rows), faults
    own = brought | {name: one.row for name, one in doubtful.items()}
    for place in range(len(names)) if brought else others:
        if names[place] in own:
            rows[place] = own[names[place]]
    return ResolvedSide(catalogue, names, rows, doubtful, brought), []


@lru_cache(maxsize=8192)
def _reading(row_id: str, matched_by: MatchedBy) -> NameReading:
    return NameReading(id=row_id, matched_by=matched_by)


def _respelled(name: str, new: Iterable[str]) -> bool:
    """Whether a new entity of the request has this name in another spelling."""
    return plain(name) in {plain(one) for one in new}


def _name_fault(catalogue: Table, side: Side, pointer: str, fault: NamingError, respelled: bool = False) -> NameFault:
    candidates = [catalogue.refs[i] for i in fault.rows[:MAX_FAULTS]]
    listed = ", ".join(f"{ref.name} ({ref.id})" for ref in candidates)
    if isinstance(fault, AmbiguousNameError):
        listed = ", ".join(filter(None, (listed, fault.outside and f"{fault.outside}, which the bundle lacks")))
        detail = f"several {LABELS[side]}s answer to this name, use the id: {listed}"
        return Code.AMBIGUOUS_NAME, Fault(pointer=pointer, detail=detail, candidates=candidates)
    own = f"; the {KINDS[side]} of this request is spelled otherwise, so write both alike" if respelled else ""
    by = f"its target {', '.join(fault.targets)}" if fault.targets else "name"
    nearest = f"; nearest by {by}: {listed}" if listed else ""
    outside = f": it is {fault.outside}, which the bundle lacks" if fault.outside else ""
    outside += f"; send its {AS_NEW[side]} as a {KINDS[side]}" if fault.outside else ""
    detail = f"no {LABELS[side]} of the bundle answers to this name{outside}{own}{nearest}"
    return UNKNOWN[side], Fault(pointer=pointer, detail=detail, candidates=candidates)


def _problem(faults: Sequence[NameFault]) -> ProblemError:
    """The problem of several faults: code and detail are those of the first."""
    code, first = faults[0]
    return ProblemError(code, first.detail, [fault for _, fault in faults])
