"""Samples and compounds that cannot be read while the others are answered: what is left, and when nothing is."""

from collections.abc import Iterable, Sequence

from service.errors import MAX_FAULTS, ProblemError
from service.prediction.new_entities import NewEntities
from service.prediction.predictor import Rows
from service.schemas.new_entities import OnError
from service.schemas.problem import Fault
from service.schemas.problem_codes import Code
from service.schemas.requests import ColumnsRequest, PairsRequest
from service.schemas.responses import Refusal

Columns = tuple[Rows, Rows]


def is_marking(request: PairsRequest | ColumnsRequest) -> bool:
    """Whether a request wants the readable of its samples and compounds answered where others cannot be read.

    Raises ProblemError where it wants scores so, which have nothing but their place to tell them apart.
    """
    scores = request.detail == "scores"
    if request.on_error == "mark" and scores:
        detail = "scores are aligned with the pairs, so none can be left out; leave on_error out, or take detail full"
        raise ProblemError(Code.INVALID_REQUEST, detail, [Fault(pointer="/on_error", detail=detail)])
    if request.on_error is None and scores:
        return False
    return is_marking_all(request.on_error, max(len(request.samples), len(request.compounds)))


def is_marking_all(on_error: OnError | None, brought: int) -> bool:
    """Whether what cannot be read of so many samples or compounds is marked: by default where there are several."""
    return brought > 1 if on_error is None else on_error == "mark"


def readable_pairs(
    rows: Columns, brought: tuple[Sequence[str], Sequence[str]], new: NewEntities, known: tuple[int, int]
) -> Columns:
    """Rows of the pairs whose line and drug were both read, as they stand behind the bundle's `known` rows.

    `rows` count all samples and compounds that the request `brought`. Raises ProblemError where no pair is left.
    """
    if not new.refused:
        return rows
    lines = _rows_left(brought[0], new.lines.names if new.lines else (), known[0])
    drugs = _rows_left(brought[1], new.drugs.names if new.drugs else (), known[1])
    pairs = [(lines.get(line, line), drugs.get(drug, drug)) for line, drug in zip(*rows, strict=True)]
    left = [(line, drug) for line, drug in pairs if line is not None and drug is not None]
    if not left:
        raise refusal_of_all(new.refused)
    return [line for line, _ in left], [drug for _, drug in left]


def refusal_of_all(refused: Sequence[Refusal]) -> ProblemError:
    """The problem of a request of which nothing is left to answer."""
    faults = [Fault(pointer=one.pointer, detail=one.detail) for one in refused[:MAX_FAULTS]]
    return ProblemError(Code(refused[0].code), refused[0].detail, faults)


def _rows_left(brought: Iterable[str], read: Sequence[str], known: int) -> dict[int, int | None]:
    """Row among all that was brought -> row among what was read, None where it was not."""
    places = {name: known + place for place, name in enumerate(read)}
    return {known + place: places.get(name) for place, name in enumerate(brought)}
