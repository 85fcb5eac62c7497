"""One answer of a request that was sent in parts."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeVar
from urllib.parse import quote

from client.errors import RefusedError, ServiceError
from service.schemas.responses import Answer, NameReadings

Part = TypeVar("Part")
PartAnswer = TypeVar("PartAnswer", bound=Answer)
Pair = tuple[str, str]
# Codes of a request that marks what cannot be read, where nothing else is left of it.
NOTHING_LEFT = {"invalid_sample", "invalid_compound", "invalid_table", "too_complex"}


def marked_parts(
    parts: Sequence[Part], ask: Callable[[Part, Sequence[Pair]], PartAnswer], known_pair: Callable[[], Pair]
) -> Iterator[PartAnswer]:
    """Answers of the parts of a request that marks what cannot be read; `ask` takes a part and pairs to add to it.

    A part of which nothing is left is asked again with a known pair, for the service to list all that it refuses.
    Raises RefusedError where nothing is left of any part.
    """
    lost = []
    for part in parts:
        try:
            answer = ask(part, [])
        except RefusedError as refused:
            lost.append(refused)
            if refused.code not in NOTHING_LEFT:
                raise
            if len(lost) == len(parts):
                raise lost[0] from None
            known = known_pair()
            answer = _without(known, ask(part, [known]))
        yield answer


def _without(known: Pair, answer: PartAnswer) -> PartAnswer:
    """The answer without a known pair, by its ids, that is all that was answered."""
    line, drug = known
    names = NameReadings(
        cell_lines={name: one for name, one in answer.names.cell_lines.items() if name != line},
        drugs={name: one for name, one in answer.names.drugs.items() if name != drug},
    )
    return answer.model_copy(update={"predictions": [], "names": names})


def pair_bodies(
    pairs: Sequence[Pair],
    samples: Mapping[str, Any] | None,
    compounds: Mapping[str, Any] | None,
    most: int,
    shared: Mapping[str, Any],
) -> list[dict[str, Any]]:
    """Bodies of requests of so many pairs, with what they share and the samples and compounds that their pairs name.

    Those that pairs spell otherwise go with the first, for the service to warn of them.
    """
    bodies = [dict(shared) for _ in range(0, len(pairs), most)]
    lines, drugs = zip(*pairs, strict=True)
    for side, field, names, brought in (
        ("cell_lines", "samples", lines, samples or {}),
        ("drugs", "compounds", drugs, compounds or {}),
    ):
        used, meant = set(names), {_letters(name) for name in names}
        misspelt = [name for name in brought if name not in used and _letters(name) in meant]
        for number, body in enumerate(bodies):
            body[side] = names[number * most : (number + 1) * most]
            taken = [name for name in dict.fromkeys(body[side]) if name in brought] + ([] if number else misspelt)
            if taken:
                body[field] = {name: brought[name] for name in taken}
    return bodies


def _letters(name: str) -> str:
    return "".join(filter(str.isalnum, name)).casefold()


def with_pairs(body: Mapping[str, Any], further: Sequence[Pair]) -> dict[str, Any]:
    """The body with further pairs at its end."""
    lines, drugs = ([pair[place] for pair in further] for place in (0, 1))
    return {**body, "cell_lines": [*body["cell_lines"], *lines], "drugs": [*body["drugs"], *drugs]}


def merged_fields(parts: Sequence[Answer]) -> dict[str, Any]:
    """What the parts of one request say of its names, samples and compounds.

    Raises ServiceError where a part was answered by another bundle or model.
    """
    if len({(part.model, part.bundle) for part in parts}) > 1:
        raise ServiceError("the service changed its bundle between two parts of the request; ask again")
    return {
        "names": NameReadings(
            cell_lines={name: reading for part in parts for name, reading in part.names.cell_lines.items()},
            drugs={name: reading for part in parts for name, reading in part.names.drugs.items()},
        ),
        "samples": {name: counts for part in parts for name, counts in part.samples.items()},
        "compounds": {name: reading for part in parts for name, reading in part.compounds.items()},
        "refused": list({(one.kind, one.name): one for part in parts for one in part.refused}.values()),
        "warnings": list(dict.fromkeys(one for part in parts for one in part.warnings)),
    }


def without_none(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Fields of a request that are given."""
    return {name: value for name, value in fields.items() if value is not None}


def path_segment(name: str) -> str:
    """Name as one segment of a path."""
    return quote(name, safe="")
