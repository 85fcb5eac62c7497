"""Samples and compounds of one request as the model reads them, with their embeddings and nearest training rows."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Self

import numpy as np

from model.encoder_inputs import Feed
from model.molecules.known import Recognition
from model.sample import Counts
from model.tables.faults import TableError
from model.tables.numbers import NumberReader, is_missing
from model.target_reading import TargetReading
from model.units import Doubt
from service.prediction.embeddings import Embeddings, Float, Index
from service.schemas.new_entities import LEAST_UM, MOST_UM
from service.schemas.responses import Refusal


@dataclass(frozen=True)
class Compound:
    """One new compound; `as_new` answers it as one even where its structure is that of a drug of the bundle."""

    smiles: str
    targets: Sequence[str] = ()
    pathway: str | None = None
    max_concentration_um: float | None = None
    as_new: bool = False

    @classmethod
    def of_cells(cls, smiles: str, targets: str, pathway: str, highest: str) -> Self:
        """A compound of a file, where `;` parts targets. Raises TableError for a concentration that is none."""
        listed = [target.strip() for target in targets.split(";") if target.strip()]
        return cls(smiles, listed, pathway or None, _concentration(highest))


class SampleFeed(NamedTuple):
    """Inputs of the line graph for one sample, as arrays of one row; by table, its genes' counts and unit's doubts."""

    feed: Feed
    counts: dict[str, Counts]
    doubts: dict[str, list[Doubt]]


class CompoundFeed(NamedTuple):
    """Inputs of the drug graph for one compound, as arrays of one row, and how its targets and pathway were read."""

    feed: Feed
    targets: TargetReading
    pathway: str | None
    unread: str = ""  # what was given and the model does not read
    stereo: Sequence[str] = ()  # doubts about its stereoisomers

    @property
    def doubts(self) -> list[str]:
        """What was given of the compound and does not count in its answer."""
        others = ", ".join(self.targets.others)
        return [
            *self.stereo,
            *([f"no training drug has the targets {others}"] if others else []),
            *([f"{self.unread} is not read by this model"] if self.unread else []),
        ]

    @property
    def annotated(self) -> bool:
        """Whether a target or a pathway is known."""
        return bool(self.targets.all or self.pathway)


@dataclass(frozen=True)
class TrainingNeighbours:
    """Similarity of n new entities to the N' training rows.

    Shapes: rows (N',) of the id table, similarity (n, N') in [0, 1], limit (n,). An entity lies in the applicability
    domain where its nearest training row is at least as similar as `limit`, which is NaN where the bundle has none.
    """

    rows: Index
    similarity: Float
    limit: Float

    def nearest(self, place: int, count: int) -> list[tuple[int, float]]:
        """Rows and similarities of the training rows nearest to entity `place`, nearest first."""
        order = np.argsort(-self.similarity[place], kind="stable")[:count]
        return [(int(self.rows[i]), float(self.similarity[place, i])) for i in order]

    def in_domain(self, place: int) -> bool | None:
        """Whether entity `place` lies in the applicability domain; None where the bundle states no limit."""
        limit = self.limit[place]
        return None if np.isnan(limit) else bool(self.similarity[place].max() >= limit)


@dataclass(frozen=True)
class NewLines:
    """Samples of a request with their embeddings.

    Shapes: embeddings (n, w); weights (n, 3), the share of each modality. `feeds` are the graph's inputs. `warnings`
    name what the model estimates for every sample because no sample can bring it.
    """

    names: list[str]
    embeddings: Float
    neighbours: TrainingNeighbours
    counts: list[dict[str, Counts]]
    weights: Float
    feeds: list[Feed]
    warnings: list[str]


@dataclass(frozen=True)
class NewDrugs:
    """Compounds of a request with their embeddings.

    Shapes: embeddings and margins (m, w), threshold (ln µM) and sd (m,). `feeds` say how targets and pathways were
    read, `recognitions` which compounds are drugs of the bundle.
    """

    names: list[str]
    embeddings: Float
    margins: Float
    threshold: Float
    sd: Float
    neighbours: TrainingNeighbours
    feeds: list[CompoundFeed] = field(default_factory=list)
    recognitions: list[Recognition] = field(default_factory=list)

    def drug_row(self, place: int) -> int | None:
        """Row of the bundle's drug that compound `place` is; None where it is new."""
        return self.recognitions[place].row if self.recognitions else None


@dataclass(frozen=True)
class NewEntities:
    """Samples and compounds of one request that were read, and those that were not.

    Row N + i is its i-th sample that was read, row M + j its j-th compound.
    """

    lines: NewLines | None = None
    drugs: NewDrugs | None = None
    refused: list[Refusal] = field(default_factory=list)

    def bundle_drugs(self, drugs: Index, known: int) -> Index:
        """Rows of drugs, (n,), with those of recognised compounds replaced by their drugs'; the bundle has `known`."""
        if self.drugs is None:
            return drugs
        own = [self.drugs.drug_row(place) for place in range(len(self.drugs.names))]
        rows = [known + place if row is None else row for place, row in enumerate(own)]
        return np.array([*range(known), *rows], np.intp)[drugs]

    def append_to(self, embeddings: Embeddings) -> Embeddings:
        """Return the bundle's embeddings followed by these."""
        lines, drugs, nothing = self.lines, self.drugs, np.zeros(0, np.float32)
        return embeddings + Embeddings(
            embeddings.cell[:0] if lines is None else lines.embeddings,
            embeddings.drug[:0] if drugs is None else drugs.embeddings,
            embeddings.drug[:0] if drugs is None else drugs.margins,
            nothing if drugs is None else drugs.threshold,
            nothing if drugs is None else drugs.sd,
        )


NO_NEW_ENTITIES = NewEntities()


def _concentration(text: str) -> float | None:
    if is_missing(text):
        return None
    numbers = NumberReader()
    value = numbers.read(text)
    try:
        numbers.check()
    except TableError as fault:
        raise TableError(f"column max_concentration_um {fault}") from None
    if value is None or not LEAST_UM <= value <= MOST_UM:
        raise TableError(f"column max_concentration_um: give a number of µM from {LEAST_UM:g} to {MOST_UM:g}")
    return value
