"""ssGSEA pathway activity of samples (Barbie 2009): the enrichment score of each sample by itself.

The running sum is linear in the members of a set, so all sets of all samples are three products of matrices. A test
compares it with gseapy, which takes a set at a time and depends on the order of genes with equal values.
"""

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse
from scipy.stats import rankdata

from training.pathways.gene_sets import GeneSets

FEWEST_GENES, MOST_GENES = 10, 500
SHARE_PRESENT = 0.5  # of a set's genes that the expression table must have
WEIGHT = 0.25  # exponent of a gene's rank


def scorable_sets(sets: GeneSets, genes: list[str], share: float = SHARE_PRESENT) -> GeneSets:
    """Sets of FEWEST_GENES to MOST_GENES genes of which FEWEST_GENES and at least this share are measured."""
    measured = set(genes)
    return {
        name: members & measured
        for name, members in sets.items()
        if FEWEST_GENES <= len(members) <= MOST_GENES
        and len(members & measured) >= max(FEWEST_GENES, share * len(members))
    }


def set_members(sets: GeneSets, genes: list[str]) -> NDArray[np.float64]:
    """Whether each gene is in each set, as 0 and 1. Shape: (genes, sets)."""
    return np.array([[gene in members for members in sets.values()] for gene in genes], float)


def enrichment_scores(
    values: NDArray[np.floating], members: NDArray[np.floating] | sparse.csr_array
) -> NDArray[np.float64]:
    """Enrichment scores divided by the number of genes, between −1 and 1; a sample's depend on that sample alone.

    Genes are ranked within the sample, equal values alike. Shapes: values (n, genes) without gaps, members
    (genes, sets) of 0 and 1 -> (n, sets).
    """
    return scores_of_ranks(rankdata(values, axis=1), members)


def scores_of_ranks(
    rank: NDArray[np.floating], members: NDArray[np.floating] | sparse.csr_array
) -> NDArray[np.float64]:
    """The same from the genes' ranks within each sample, which are also the steps from a gene to the end of the list.

    Shapes: (n, genes), (genes, sets) -> (n, sets).
    """
    weight, count = rank**WEIGHT, rank.shape[1]
    size = np.asarray(members.sum(0)).ravel()
    hits = (weight * rank) @ members / (weight @ members)
    misses = (count * (count + 1) / 2 - rank @ members) / (count - size)
    scores: NDArray[np.float64] = (hits - misses) / count
    return scores


def ssgsea(expression: pd.DataFrame, sets: GeneSets) -> pd.DataFrame:
    """Enrichment scores of lines, of the sets that can be scored.

    `expression` is lines × genes in any monotone unit. Scores are not standardised: training does that on its own
    training lines. Raises ValueError where no set can be scored or a value is missing.
    Shapes: (n, genes) -> (n, scorable sets).
    """
    if expression.isna().to_numpy().any():
        line = expression.index[expression.isna().any(axis=1)][0]
        raise ValueError(f"expression of line {line!r} has missing values; leave the line or the genes out")
    genes = list(expression.columns)
    usable = scorable_sets(sets, genes)
    if not usable:
        raise ValueError(f"none of {len(sets)} gene sets has {FEWEST_GENES} measured genes; give more genes or sets")
    scores = enrichment_scores(expression.to_numpy(float), set_members(usable, genes))
    return pd.DataFrame(scores, expression.index.rename(None), list(usable))
