"""Selection of the pathways that DiM2-DRP reads, on training lines alone.

1. Training lines are split at the quartiles of their median ln IC50: sensitive below, resistant above.
2. Moderated t of the genes between the two, propagated over the network; sets enriched for either sign, FDR ≤ 0.1.
3. The same on 40 resamples of 80 % of the lines: a set's stability is how often it is found again.
4. A set's value is stability × variance of its activity × |Spearman correlation of activity with median ln IC50|.
5. Average linkage on 1 − Jaccard overlap of the enriched sets, 38 clusters, the most valuable set of each.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform
from scipy.stats import spearmanr

from training.pathways.activity import ssgsea
from training.pathways.gene_sets import GeneSets
from training.pathways.propagation import (
    enrichment,
    membership,
    moderated_t,
    permuted_rank_sums,
    propagate_signs,
    walk_matrix,
)

WANTED = 38
MOST_FDR = 0.1
RESAMPLES, RESAMPLED_SHARE = 40, 0.8
LEAST_LINES = 8
COLUMNS = ["fdr", "stability", "variance", "spearman", "value", "cluster", "chosen"]


@dataclass(frozen=True)
class Selection:
    """The chosen sets and why.

    `table` has a row for each enriched set: fdr, stability, variance, spearman, value, cluster, chosen. `activity` are
    the ssGSEA scores of all lines, lines × chosen sets. `chosen` may hold fewer sets than were wanted, because a set
    that is not enriched is never taken.
    """

    chosen: list[str]
    table: pd.DataFrame
    activity: pd.DataFrame


def select_pathways(
    expression: pd.DataFrame,
    median_ln_ic50: pd.Series,
    train: list[str],
    sets: GeneSets,
    edges: pd.DataFrame,
    seed: int = 0,
    wanted: int = WANTED,
    progress: Callable[[int, int], None] | None = None,
) -> Selection:
    """Choose gene sets on the lines `train` and score all lines on them.

    `expression` is lines × genes (log2(TPM + 1)), `median_ln_ic50` is read at training lines alone, as the median over
    their *training* pairs. Raises ValueError where too few lines have both, or no set is enriched.
    """
    lines = [line for line in train if line in expression.index and line in median_ln_ic50.index]
    if len(lines) < LEAST_LINES:
        raise ValueError(f"{len(lines)} training lines have expression and responses; give {LEAST_LINES} at least")
    genes = list(expression.columns)
    response, values = median_ln_ic50.loc[lines].to_numpy(float), expression.loc[lines].to_numpy(float)
    activity = ssgsea(expression, sets)
    walk, members = walk_matrix(edges, genes), membership({name: sets[name] for name in activity.columns}, genes)
    t = _quartile_t(values, response)
    chance = permuted_rank_sums(t, walk, members, seed)
    fdr = enrichment(propagate_signs(t, walk), members, chance)
    enriched = np.flatnonzero(fdr <= MOST_FDR)
    if not len(enriched):
        raise ValueError(f"none of {len(fdr)} gene sets is enriched at FDR {MOST_FDR}; give more lines, genes or sets")
    stability = _stability(values, response, walk, members, chance, seed, progress)
    table = _values(activity.loc[lines].iloc[:, enriched], response).assign(
        fdr=fdr[enriched], stability=stability[enriched], cluster=_clusters(members[enriched], wanted)
    )
    table["value"] *= table["stability"]
    best = table.sort_values(["value", "fdr"], ascending=[False, True], kind="stable").drop_duplicates("cluster")
    table["chosen"] = table.index.isin(best.index)
    chosen = list(table.index[table["chosen"]])
    return Selection(chosen, table[COLUMNS], activity[chosen])


def _values(activity: pd.DataFrame, response: NDArray[np.float64]) -> pd.DataFrame:
    """Variance of each set's activity, its Spearman correlation with the response, and the product of the two."""
    correlation = np.nan_to_num([spearmanr(column, response).statistic for column in activity.to_numpy().T])
    table = pd.DataFrame({"variance": activity.var(ddof=0), "spearman": correlation}, index=activity.columns)
    return table.assign(value=table["variance"] * table["spearman"].abs())


def median_response(ln_ic50: NDArray[np.float32], train: NDArray[np.bool_], lines: list[str]) -> pd.Series:
    """Median over each line's training pairs of ln IC50 minus the drug's training mean, in ln µM.

    Without subtracting the drug's mean, a line's median would reflect which drugs it was tested on. A line without a
    training pair is left out. Shapes: ln_ic50, train (N, M).
    """
    values = np.where(train, ln_ic50, np.nan).astype(float)
    known = np.any(train, axis=1)
    values = values[known] - np.nansum(values, 0) / train.sum(0).clip(1)
    return pd.Series(np.nanmedian(values, 1), [line for line, has in zip(lines, known, strict=True) if has])


def _quartile_t(values: NDArray[np.float64], response: NDArray[np.float64]) -> NDArray[np.float64]:
    """Moderated t between the lines in the lowest and the highest quartile of the response. Shape: (genes,)."""
    low, high = np.quantile(response, [0.25, 0.75])
    extreme = (response <= low) | (response >= high)
    return moderated_t(values[extreme], response[extreme] <= low)


def _stability(
    values: NDArray[np.float64],
    response: NDArray[np.float64],
    walk: sparse.csr_array,
    members: sparse.csr_array,
    chance: NDArray[np.float64],
    seed: int,
    progress: Callable[[int, int], None] | None,
) -> NDArray[np.float64]:
    """Share of the resamples in which each set is enriched again, against one chance distribution. Shape: (sets,)."""
    rng = np.random.default_rng(seed)
    count = np.zeros(members.shape[0])
    for resample in range(RESAMPLES):
        rows = rng.choice(len(values), round(RESAMPLED_SHARE * len(values)), replace=False)
        scores = propagate_signs(_quartile_t(values[rows], response[rows]), walk)
        count += enrichment(scores, members, chance) <= MOST_FDR
        if progress is not None:
            progress(resample + 1, RESAMPLES)
    return count / RESAMPLES


def _clusters(members: sparse.csr_array, wanted: int) -> NDArray[np.int32]:
    """Cluster of each set by average linkage on 1 − Jaccard overlap, at most `wanted` clusters. Shape: (sets,)."""
    count = members.shape[0]
    if count <= wanted:
        return np.arange(count, dtype=np.int32)
    shared = np.asarray((members @ members.T).todense())
    size = shared.diagonal()
    distance = 1 - shared / (size[:, None] + size[None, :] - shared)
    np.fill_diagonal(distance, 0)
    return np.asarray(fcluster(linkage(squareform(distance, checks=False), "average"), wanted, "maxclust"), np.int32)
