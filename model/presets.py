"""What every frozen configuration can do: be named by its preset, be changed by field, go to JSON and come back."""

import json
from abc import ABC, abstractmethod
from dataclasses import asdict, fields, replace
from typing import Any, Self, cast, get_type_hints


class Presets(ABC):
    """Base of frozen dataclasses whose defaults are the `default` preset; `paper` gives the published one.

    Each field is annotated with one sentence that says what it sets: `width: Annotated[int, "…"] = 64`.
    """

    @classmethod
    @abstractmethod
    def paper(cls) -> Self:
        """The published model."""

    @classmethod
    def named(cls, preset: str, **changes: float | str) -> Self:
        """The preset called `preset` with some fields changed. Raises ValueError for an unknown preset or field."""
        if preset not in ("default", "paper"):
            raise ValueError(f"preset {preset!r}: choose 'default' or 'paper'")
        known = {field.name for field in fields(cast("Any", cls))}
        if unknown := sorted(changes.keys() - known):
            raise ValueError(f"unknown settings {unknown}; the known ones are {sorted(known)}")
        base: Any = cls() if preset == "default" else cls.paper()
        return cast("Self", replace(base, **changes))

    def to_json(self) -> str:
        """JSON with one key per field, in their order."""
        return json.dumps(asdict(cast("Any", self)), indent=1)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """The inverse of `to_json`. Raises ValueError for unknown fields."""
        values = json.loads(text)
        return cls.named(values.pop("preset", "default"), **values)

    @classmethod
    def sentences(cls) -> dict[str, str]:
        """What each field sets, in one sentence, in the order of the fields."""
        hints = get_type_hints(cls, include_extras=True)
        return {field.name: hints[field.name].__metadata__[0] for field in fields(cast("Any", cls))}
