"""Pathway scores of tumours: genes standardised within their cohort, ssGSEA on what is left, scores standardised.

Expression of tumours often comes as z-scores within a cohort, which say nothing of one gene beside another; where it
does not, it is brought to them, so that cohorts of any unit, and lines, are scored alike.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse
from scipy.stats import rankdata

from training.clinical.tables import MOST_MISSING
from training.pathways.activity import FEWEST_GENES, scorable_sets, scores_of_ranks, set_members
from training.pathways.gene_sets import GeneSets

Floats = NDArray[np.float64]
MOST_Z = 8.0


@dataclass(frozen=True)
class GeneTable:
    """Samples of one cohort: z (n, genes) without gaps, each gene of mean 0 and deviation 1 but for clipping."""

    z: pd.DataFrame

    @cached_property
    def ranks(self) -> Floats:
        """Rank of each gene within its sample, (n, genes)."""
        return np.asarray(rankdata(self.z.to_numpy(), axis=1))

    def members(self, sets: GeneSets) -> Floats:
        """Whether each gene is in each set, (genes, sets)."""
        return set_members(sets, list(self.z.columns))

    def scores(self, members: Floats) -> Floats:
        """Scores of the sets, each of mean 0 and deviation 1 over the samples. Shapes: (genes, s) -> (n, s)."""
        return standardised(scores_of_ranks(self.ranks, sparse.csr_array(members)))

    def random_scores(self, members: Floats, rng: np.random.Generator) -> Floats:
        """Scores of as many random sets, which share genes with one another as the sets do: the genes are renamed."""
        return self.scores(members[rng.permutation(len(members))])


def gene_table(expression: pd.DataFrame) -> GeneTable:
    """Standardise the genes of one cohort; those mostly unknown or without variance are left out.

    A single missing value counts as the gene's mean. Shape: expression (n, genes), NaN where not measured.
    """
    known = expression.loc[:, expression.isna().mean() <= MOST_MISSING]
    deviation = known.std(ddof=0)
    known = known.loc[:, deviation > 1e-6]
    z = ((known - known.mean()) / known.std(ddof=0)).fillna(0.0).clip(-MOST_Z, MOST_Z)
    return GeneTable(z)


def coverage(sets: GeneSets, genes: list[str], least: float) -> pd.DataFrame:
    """For each set, as the index: its genes, how many are measured, their share, and whether that is enough."""
    measured = set(genes)
    usable = scorable_sets(sets, genes, least)
    rows = [(len(members), len(members & measured), name in usable) for name, members in sets.items()]
    table = pd.DataFrame(rows, index=pd.Index(list(sets), name="pathway"), columns=["genes", "measured", "scored"])
    table.insert(2, "share", table["measured"] / table["genes"])
    return table


def usable_sets(sets: GeneSets, genes: list[str], least: float) -> GeneSets:
    """Sets of which FEWEST_GENES genes and at least this share are measured."""
    return scorable_sets(sets, genes, least)


def standardised(values: Floats) -> Floats:
    """Columns of mean 0 and deviation 1; a constant one is 0."""
    centred = values - values.mean(0)
    deviation = centred.std(0)
    return np.asarray(centred / np.where(deviation > 1e-12, deviation, 1.0))


FEWEST = FEWEST_GENES
