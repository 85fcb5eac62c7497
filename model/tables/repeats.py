"""Genes that stand more than once in a table: which row or column is read.

The rule: what names the gene by its symbol or id comes before what names it by a previous symbol or an alias. Of
equally good ones any is read where all say the same; where they differ somebody must decide. Protein changes of one
gene are several by nature: the gene is mutated where one of them is.
"""

import math
from collections.abc import Iterable
from enum import IntEnum

from model.genes.panel import Outcome, Reading
from model.tables.faults import TableError

MOST_NAMED = 5
Values = list[float]  # one a sample, NaN = not known


class RepeatedGeneError(TableError):
    """Genes that stand twice with different values; `gene` is the first of them, `places` are where it stands."""

    def __init__(self, message: str, gene: str, places: tuple[str, str]) -> None:
        super().__init__(message)
        self.gene = gene
        self.places = places


class Rank(IntEnum):
    """How surely a row is a gene's."""

    DIRECT = 0
    DOUBTFUL = 1  # its symbol is the gene's, its other id is not known
    OLDER_NAME = 2
    CHANGE = 3


def rank_of(reading: Reading) -> Rank:
    """Rank of a text that was read as a gene."""
    if reading.outcome is Outcome.CHANGE:
        return Rank.CHANGE
    return Rank.DIRECT if reading.direct else Rank.OLDER_NAME


class GeneRows:
    """The rows (or columns) of a table that are read, one for each gene in the end."""

    def __init__(self) -> None:
        self._best: dict[str, tuple[Rank, Values, str]] = {}
        self._changes: dict[str, Values] = {}
        self._differing: dict[str, tuple[str, str]] = {}
        self._left_out: dict[str, None] = {}

    def add(self, gene: str, rank: Rank, values: Values, place: str) -> None:
        """Take the values of a row at a place."""
        if rank is Rank.CHANGE:
            others = self._changes.get(gene, values)
            self._changes[gene] = [max_known(a, b) for a, b in zip(others, values, strict=True)]
            return
        if gene not in self._best:
            self._best[gene] = (rank, values, place)
            return
        before, others, where = self._best[gene]
        if rank != before:
            self._left_out[gene] = None
            if rank < before:
                self._best[gene] = (rank, values, place)
                self._differing.pop(gene, None)
        elif not same(values, others):
            self._differing[gene] = (where, place)

    def scale(self, factors: Values) -> None:
        """Multiply the values of each sample by its factor."""
        for gene, (rank, values, place) in self._best.items():
            self._best[gene] = (rank, [a * b for a, b in zip(values, factors, strict=True)], place)

    def values(self) -> dict[str, Values]:
        """Values by gene. Raises RepeatedGeneError naming genes whose rows differ."""
        for gene, values in self._changes.items():
            rank, plain, where = self._best.get(gene, (Rank.CHANGE, values, ""))
            if any(change > known for change, known in zip(values, plain, strict=True)):
                self._differing[gene] = (where, "its protein changes")
            if rank is Rank.CHANGE:
                self._best[gene] = (rank, values, "")
        if self._differing:
            listed = "; ".join(f"{gene} ({a}, {b})" for gene, (a, b) in [*self._differing.items()][:MOST_NAMED])
            count = len(self._differing)
            message = f"{count} genes of the model stand twice and differ: {listed}; keep one of each"
            raise RepeatedGeneError(message, *next(iter(self._differing.items())))
        return {gene: values for gene, (_, values, _) in self._best.items()}

    def notes(self) -> list[str]:
        """What was decided."""
        out = []
        if self._left_out:
            out.append(f"of {named(self._left_out)} the row by symbol or id was read, others by older names were not")
        if self._changes:
            out.append(f"protein changes read as mutations of their gene: {named(self._changes)}")
        doubtful = [gene for gene, (rank, *_) in self._best.items() if rank is Rank.DOUBTFUL]
        if doubtful and len(doubtful) < len(self._best):
            out.append(f"read by symbol, though their id is not the gene's: {named(doubtful)}")
        older = [gene for gene, (rank, *_) in self._best.items() if rank is Rank.OLDER_NAME]
        if older:
            out.append(f"read by a previous symbol or an alias: {named(older)}")
        return out


def named(genes: Iterable[str]) -> str:
    """The first of some genes, and how many more there are."""
    listed = list(genes)
    more = f" and {len(listed) - MOST_NAMED} more" if len(listed) > MOST_NAMED else ""
    return ", ".join(listed[:MOST_NAMED]) + more


def same(one: Values, other: Values) -> bool:
    """Whether two rows say the same; what is not known is not known in both."""
    return all(a == b or (math.isnan(a) and math.isnan(b)) for a, b in zip(one, other, strict=True))


def max_known(a: float, b: float) -> float:
    """The larger of two values, of which one may not be known."""
    return b if math.isnan(a) or b > a else a
