"""Samples and compounds of a request as the encoders place them: embeddings, training neighbours, what was read."""

from dataclasses import dataclass

import numpy as np

from model.encoder_inputs import Feed
from model.sample import Counts
from service.prediction.embeddings import Embeddings, Float, Index


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

    Shapes: embeddings and margins (m, w), threshold (ln µM) and sd (m,).
    """

    names: list[str]
    embeddings: Float
    margins: Float
    threshold: Float
    sd: Float
    neighbours: TrainingNeighbours


@dataclass(frozen=True)
class NewEntities:
    """Samples and compounds of one request. Row N + i is its i-th sample, row M + j its j-th compound."""

    lines: NewLines | None = None
    drugs: NewDrugs | None = None

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
