"""A model in service: a table of all pairs that the bundle knows, and the way to the numbers of all others."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from model.bundle.bundle import Bundle
from model.bundle.manifest import BundleError
from model.genes.table import GeneTable
from model.scoring import percentiles
from service.prediction.decoder import Decoder
from service.prediction.embeddings import Embeddings, Float, Index
from service.prediction.encoders import Encoders
from service.prediction.intervals import IntervalWidths
from service.prediction.stack_decoder import StackDecoder
from service.settings import Settings

NUMBERS = ("score", "probability", "percentile", "ln_ic50", "half_width")


@dataclass(frozen=True)
class ServedModel:
    """Decoder, embeddings, widths of intervals, and encoders where the model has them.

    `table` holds the NUMBERS of every pair of the bundle, (N, M, 5) float32, `reference` each drug's scores with all
    lines of the bundle, ascending, (M, N). A number of a pair is the same to the last bit in either way and in any
    company.
    """

    decoder: Decoder | StackDecoder
    embeddings: Embeddings
    interval_widths: IntervalWidths | None
    encoders: Encoders | None
    table: Float
    reference: Float

    @classmethod
    def open(cls, bundle: Bundle, name: str, genes: GeneTable | None, settings: Settings) -> Self:
        """Open a model of the bundle and fill its table; it has encoders where `genes` are given, by which they read.

        Raises BundleError where a number is not finite.
        """
        part = bundle.models[name]
        # Not known is NaN, and so is then the drug's ln IC50.
        columns = [[row.get(key) for row in bundle.drugs] for key in ("threshold_ln_um", "ln_ic50_sd")]
        decoder = StackDecoder(part) if part.stack else Decoder(part, settings)
        cell, drug = decoder.codes() if isinstance(decoder, StackDecoder) else (part.cell, part.drug)
        margins = drug if part.drug_margin is None else part.drug_margin
        lines, drugs = len(cell), len(drug)
        embeddings = Embeddings(cell, drug, margins, *(np.array(column, np.float32) for column in columns))
        served = cls(
            decoder,
            embeddings,
            IntervalWidths.from_card(part.card, bundle.manifest["metrics"].get(name, {})),
            None if genes is None else Encoders.open(part, bundle, genes, settings, decoder, cell.shape[1]),
            np.empty((lines, drugs, len(NUMBERS)), np.float32),
            np.empty((drugs, lines), np.float32),
        )
        every = np.arange(lines)
        for column in range(drugs):
            numbers = served.table[:, column].T
            numbers[:] = served._compute(served.embeddings, every, np.full(lines, column))
            served.reference[column] = np.sort(numbers[0])
            numbers[2] = percentiles(served.reference[column], numbers[0])
        if not np.isfinite(served.table[..., :3]).all():
            raise BundleError(f"{name}: the score of a pair is not finite; export the bundle again")
        return served

    def known(self, cells: Index, drugs: Index) -> Float:
        """NUMBERS of pairs of the bundle, looked up. Shapes: (n,), (n,) -> (5, n)."""
        return self.table.reshape(-1, len(NUMBERS)).take(cells * len(self.reference) + drugs, axis=0).T

    def new(self, embeddings: Embeddings, cells: Index, drugs: Index) -> Float:
        """NUMBERS of pairs of which a line or a drug is new. Shapes: (n,), (n,) -> (5, n).

        Raises ValueError where a score is not finite.
        """
        numbers = self._compute(embeddings, cells, drugs)
        every = np.arange(len(self.table))
        order = np.argsort(drugs, kind="stable")
        for here in np.split(order, np.flatnonzero(np.diff(drugs[order], prepend=-1)))[1:]:  # pairs of each drug
            drug = drugs[here[0]]
            if drug < len(self.reference):
                reference = self.reference[drug]
            else:
                reference = np.sort(self.decoder.score(embeddings, every, np.full(len(every), drug))[0])
            numbers[2, here] = percentiles(reference, numbers[0, here])
        if not np.isfinite(numbers[:3]).all():
            raise ValueError("the score of a new pair is not finite; the encoder that gave its codes is damaged")
        return numbers

    def _compute(self, embeddings: Embeddings, cells: Index, drugs: Index) -> Float:
        """NUMBERS of pairs but for the percentile, which is left open. Shapes: (n,), (n,) -> (5, n)."""
        numbers = np.full((len(NUMBERS), len(cells)), np.nan, np.float32)
        numbers[:2] = self.decoder.score(embeddings, cells, drugs)
        if self.interval_widths is not None:
            cases = self.decoder.line_cases(embeddings, cells), (drugs >= len(self.reference)).astype(np.intp), drugs
            numbers[3] = self.decoder.ln_ic50(embeddings, cells, drugs)
            numbers[4] = self.interval_widths.half_width(embeddings.sd[drugs], *cases)
        return numbers
