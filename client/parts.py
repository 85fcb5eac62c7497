"""One answer of a request that was sent in parts."""

from collections.abc import Sequence
from typing import Any

from service.schemas.responses import Answer, NameReadings


def merged_fields(parts: Sequence[Answer]) -> dict[str, Any]:
    """What the parts of one request say of its names, samples and compounds."""
    return {
        "names": NameReadings(
            cell_lines={name: reading for part in parts for name, reading in part.names.cell_lines.items()},
            drugs={name: reading for part in parts for name, reading in part.names.drugs.items()},
        ),
        "samples": {name: counts for part in parts for name, counts in part.samples.items()},
        "compounds": {name: reading for part in parts for name, reading in part.compounds.items()},
        "warnings": list(dict.fromkeys(one for part in parts for one in part.warnings)),
    }
