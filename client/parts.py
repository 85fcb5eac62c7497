"""One answer of a request that was sent in parts."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from client.errors import ServiceError
from service.schemas.responses import Answer, NameReadings


def pair_bodies(
    pairs: Sequence[tuple[str, str]],
    samples: Mapping[str, Any] | None,
    compounds: Mapping[str, Any] | None,
    most: int,
) -> list[dict[str, Any]]:
    """Bodies of requests of so many pairs, with the samples and compounds that their pairs name.

    Those that no pair names go with the first, for the service to warn of them.
    """
    bodies: list[dict[str, Any]] = [{} for _ in range(0, len(pairs), most)]
    lines, drugs = zip(*pairs, strict=True)
    for side, field, names, brought in (
        ("cell_lines", "samples", lines, samples or {}),
        ("drugs", "compounds", drugs, compounds or {}),
    ):
        used = set(names)
        unused = [name for name in brought if name not in used]
        for number, body in enumerate(bodies):
            body[side] = names[number * most : (number + 1) * most]
            taken = [name for name in dict.fromkeys(body[side]) if name in brought] + ([] if number else unused)
            if taken:
                body[field] = {name: brought[name] for name in taken}
    return bodies


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
