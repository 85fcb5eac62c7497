"""Network propagation: t-statistics of genes, random walk with restart, enrichment of gene sets."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse
from scipy.special import digamma, polygamma
from scipy.stats import false_discovery_control, rankdata

from training.pathways.gene_sets import GeneSets

Float = NDArray[np.float64]
CONTINUE = 0.75  # share of the signal that walks on in each step; 1 − CONTINUE restarts
PERMUTATIONS = 600
TOLERANCE = 1e-8


def moderated_t(values: Float, group: NDArray[np.bool_]) -> Float:
    """Moderated t-statistics of limma (Smyth 2004): genes in `group` against the rest, variances shrunk.

    Shapes: values (n, genes), group (n,) boolean -> (genes,). Raises ValueError where a group has under two lines.
    """
    a, b = values[group], values[~group]
    if min(len(a), len(b)) < 2:
        raise ValueError(f"groups of {len(a)} and {len(b)} lines cannot be compared; give more lines with responses")
    freedom = len(a) + len(b) - 2
    variance = (((a - a.mean(0)) ** 2).sum(0) + ((b - b.mean(0)) ** 2).sum(0)) / freedom
    prior_freedom, prior = _prior_variance(variance, freedom)
    if np.isinf(prior_freedom):
        shrunk = np.full_like(variance, prior)
    else:
        shrunk = (prior_freedom * prior + freedom * variance) / (prior_freedom + freedom)
    difference: Float = a.mean(0) - b.mean(0)
    t: Float = difference / np.sqrt(shrunk.clip(1e-300) * (1 / len(a) + 1 / len(b)))
    return t


def _prior_variance(variance: Float, freedom: int) -> tuple[float, float]:
    """Degrees of freedom and value of the variances' scaled inverse-χ² prior, by moments of their logarithms."""
    positive = variance[variance > 0]
    if len(positive) < 2:
        return 0.0, 1.0
    e = np.log(positive) - digamma(freedom / 2) + np.log(freedom / 2)
    excess = e.var(ddof=1) - polygamma(1, freedom / 2)
    if excess <= 0:
        return np.inf, float(np.exp(e.mean()))
    prior_freedom = 2 * _inverse_trigamma(float(excess))
    return prior_freedom, float(np.exp(e.mean() + digamma(prior_freedom / 2) - np.log(prior_freedom / 2)))


def _inverse_trigamma(y: float) -> float:
    """Solve for x: ψ'(x) = y, by Newton's steps on 1 / ψ'."""
    x = 0.5 + 1 / y
    for _ in range(50):
        value = float(polygamma(1, x))
        step = value * (1 - value / y) / float(polygamma(2, x))
        x += step
        if abs(step) < 1e-10 * x:
            break
    return x


def walk_matrix(edges: pd.DataFrame, genes: list[str]) -> sparse.csr_array:
    """D^−½ A D^−½ of the network on `genes`, genes × genes; edges to other genes are left out."""
    place = {gene: i for i, gene in enumerate(genes)}
    inside = edges[edges["a"].isin(place) & edges["b"].isin(place)]
    a, b = inside["a"].map(place).to_numpy(int), inside["b"].map(place).to_numpy(int)
    ones = np.ones(2 * len(inside))
    matrix = sparse.csr_array((ones, (np.r_[a, b], np.r_[b, a])), shape=(len(genes), len(genes)))
    degree = np.asarray(matrix.sum(1)).ravel()
    root = sparse.diags_array(np.where(degree > 0, degree.clip(1) ** -0.5, 0))
    return sparse.csr_array(root @ matrix @ root)


def propagate(signal: Float, walk: sparse.csr_array, continued: float = CONTINUE) -> Float:
    """Random walk with restart: the fixed point of F = continued · W F + (1 − continued) · signal.

    Shapes: signal (genes, k) -> (genes, k).
    """
    state = signal.copy()
    for _ in range(500):
        after = continued * (walk @ state) + (1 - continued) * signal
        if np.abs(after - state).max() <= TOLERANCE * max(np.abs(signal).max(), 1e-300):
            return after
        state = after
    return state


def propagate_signs(t: Float, walk: sparse.csr_array) -> Float:
    """Propagate the positive and the negative part of t-statistics separately. Shapes: t (genes,) -> (genes, 2)."""
    return propagate(np.stack([t.clip(0), (-t).clip(0)], 1), walk)


def permuted_rank_sums(t: Float, walk: sparse.csr_array, members: sparse.csr_array, seed: int) -> Float:
    """Sum the ranks of each set's genes after the t-statistics were permuted over the genes and propagated.

    The permutation must come before the walk. Permuting the propagated signal ignores that neighbours share it, and
    sets of genes that interact would be enriched without any signal. Genes that are expressed together still make the
    test somewhat anti-conservative. Shapes: t (genes,), members (sets, genes) 0/1 -> (2, sets, PERMUTATIONS).
    """
    rng = np.random.default_rng(seed)
    permuted = np.stack([rng.permutation(t) for _ in range(PERMUTATIONS)], 1)
    return np.stack([members @ _ranks(propagate(part, walk)) for part in (permuted.clip(0), (-permuted).clip(0))])


def enrichment(scores: Float, members: sparse.csr_array, chance: Float) -> Float:
    """Adjusted p-value of each set: do its genes rank higher in a signal than by chance?

    The smaller p of the two signals is doubled, then Benjamini–Hochberg over sets.
    Shapes: scores (genes, 2), members (sets, genes) 0/1, chance (2, sets, permutations) -> (sets,).
    """
    found = (members @ _ranks(scores)).T  # (2, sets)
    p = (1 + (chance >= found[:, :, None]).sum(2)) / (1 + chance.shape[2])
    return np.asarray(false_discovery_control((2 * p.min(0)).clip(max=1)))


def _ranks(values: Float) -> Float:
    """Rank of each row within its column as a share, ties averaged."""
    return np.asarray(rankdata(values, axis=0) / len(values))


def membership(sets: GeneSets, genes: list[str]) -> sparse.csr_array:
    """Sets × genes, 0/1."""
    place = {gene: i for i, gene in enumerate(genes)}
    pairs = [(row, place[gene]) for row, members in enumerate(sets.values()) for gene in members if gene in place]
    rows, columns = np.array(pairs, int).reshape(-1, 2).T
    return sparse.csr_array((np.ones(len(rows)), (rows, columns)), shape=(len(sets), len(genes)))
