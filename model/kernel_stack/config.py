"""Settings of the kernel stack's training."""

from dataclasses import dataclass
from typing import Annotated, Self

from model.presets import Presets

PRECISIONS = ("int8", "float32")


@dataclass(frozen=True)
class KernelStackConfig(Presets):
    """What `drp train --model kernel_stack` can be told; the recipe itself has nothing to choose."""

    preset: Annotated[str, "Name of the preset; the kernel stack has no published form, so both are the same."] = (
        "default"
    )
    precision: Annotated[
        str, "Of the larger arrays in the bundle: int8 (z and q of known pairs float16) or float32."
    ] = "int8"

    def __post_init__(self) -> None:
        if self.precision not in PRECISIONS:
            raise ValueError(f"precision = {self.precision!r}: choose {' or '.join(PRECISIONS)}")

    @classmethod
    def paper(cls) -> Self:
        """The same: no paper has it."""
        return cls()
