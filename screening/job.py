"""What a screen is to do, and the chunks of a library that it is cut into."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from model.sample import Sample

INPUTS = ("targets", "pathway", "max_concentration_um")  # of a compound, beside its structure


class ScreenError(Exception):
    """A screen that cannot go on; the message says why, and what to do."""


class LibraryRow(NamedTuple):
    """One compound as the library has it; `number` counts from 0, `place` says where it stands."""

    number: int
    place: str
    name: str
    structure: str
    targets: str = ""
    pathway: str = ""
    max_concentration_um: str = ""


class Chunk(NamedTuple):
    """Rows of a library that follow one another.

    `lost` are numbers of those at which a process ended, `repeats` of those that repeat rows of earlier chunks and are
    not to be among the best.
    """

    number: int
    rows: list[LibraryRow]
    lost: tuple[int, ...] = ()
    repeats: tuple[int, ...] = ()


@dataclass(frozen=True)
class Job:
    """What every chunk is screened for.

    `top` compounds are kept for each line, of the bundle and of `samples`; all scores for the lines in `all_scores`,
    ids of the bundle or names of samples.
    """

    bundle: str
    model: str
    top: int
    all_scores: Sequence[str] = ()
    samples: dict[str, Sample] = field(default_factory=dict)
