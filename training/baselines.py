"""Methods that every table shows beside the networks, on the same folds and tables.

Each takes the arrays and a split and returns a score matrix (N, M), larger is more sensitive; training pairs fit,
validation pairs choose the one or two settings a method has, test pairs are never looked at.
"""

from collections.abc import Callable, Iterable

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.kernel_ridge import KernelRidge
from sklearn.metrics.pairwise import rbf_kernel

from model.config import HgaclConfig
from model.factors import alternating_least_squares
from training.dataset import Arrays
from training.metrics import choice_value, summary
from training.prepare import one_hot, prepare, responses_of
from training.splits import Split

Float = NDArray[np.floating]
Baseline = Callable[[Arrays, Split, int], Float]


def drug_mean(arrays: Arrays, split: Split, _seed: int) -> Float:
    """Share of a drug's training lines that are sensitive: knows nothing of the line."""
    return np.broadcast_to(_mean_labels(arrays, split, axis=0)[None, :], split.train.shape)


def mean_effects(arrays: Arrays, split: Split, _seed: int) -> Float:
    """Drug mean + cell line mean − global mean of the label: no features, no interaction."""
    lines, drugs = _mean_labels(arrays, split, axis=1), _mean_labels(arrays, split, axis=0)
    return lines[:, None] + drugs[None, :]


def matrix_factorisation(arrays: Arrays, split: Split, seed: int) -> Float:
    """Mean effects + low-rank factors of the label's residual; rank and ridge by validation."""
    effects = mean_effects(arrays, split, seed)
    shift = arrays.sensitive[split.train].mean()
    residual = np.where(split.train, arrays.sensitive - (effects - shift), 0).astype(np.float32)
    return _best(
        arrays,
        split,
        (
            effects + _low_rank(residual, split, rank, ridge, seed)
            for rank in (5, 10, 20)
            for ridge in (1.0, 3.0, 10.0)
        ),
    )


def als_ln_ic50(arrays: Arrays, split: Split, seed: int) -> Float:
    """Low-rank ALS on ln IC50 z-scored per drug, compared with the drug's threshold; ridge by validation."""
    responses, offset = responses_of(arrays, split.train)
    value = responses.value.numpy()
    return _best(
        arrays,
        split,
        (_low_rank(value, split, 30, ridge, seed) + offset.numpy() for ridge in (3.0, 10.0, 30.0)),
    )


def kernel_ridge_ln_ic50(arrays: Arrays, split: Split, seed: int) -> Float:
    """RBF kernel ridge per drug on ln IC50 from expression, copy number, mutation and tissue; ridge by validation.

    Blocks are the principal components that the network reads too, each scaled to unit norm; width at the median
    distance of the training lines.
    """
    population, responses, factors = prepare(arrays, split.train, HgaclConfig(factor_rank=0), seed)
    rows = population.line_sources.numpy()
    blocks = [
        x / x[rows][h[rows]].norm(dim=1).mean()
        for x, h in zip(population.features, population.has.T, strict=True)
        if h[rows].any()
    ]
    x = torch.cat([*blocks, one_hot(arrays.tissue)], 1).double().numpy()
    squared = torch.cdist(torch.from_numpy(x[rows]), torch.from_numpy(x[rows])).square()
    kernel = rbf_kernel(x, x, gamma=1 / float(squared.median()))
    value, offset = responses.value.numpy(), factors.offset.numpy()
    return _best(arrays, split, (_per_drug_ridge(kernel, value, split, ridge) + offset for ridge in (0.25, 0.5, 1.0)))


def _per_drug_ridge(kernel: Float, value: Float, split: Split, ridge: float) -> Float:
    out = np.zeros(split.train.shape)
    for drug in range(out.shape[1]):
        rows = np.flatnonzero(split.train[:, drug])
        if len(rows):
            model = KernelRidge(alpha=ridge, kernel="precomputed").fit(kernel[np.ix_(rows, rows)], value[rows, drug])
            out[:, drug] = model.predict(kernel[:, rows])
    return out


def _low_rank(values: Float, split: Split, rank: int, ridge: float, seed: int) -> Float:
    generator = torch.Generator().manual_seed(seed)
    known = torch.from_numpy(split.train)
    lines, drugs = alternating_least_squares(torch.from_numpy(values), known, rank, ridge, generator)
    return (lines @ drugs.T).numpy()


def _mean_labels(arrays: Arrays, split: Split, axis: int) -> NDArray[np.float64]:
    """Mean label along an axis over training pairs; where there is none, the global mean."""
    count = split.train.sum(axis)
    total = np.where(split.train, arrays.sensitive, 0.0).sum(axis)
    overall = arrays.sensitive[split.train].mean()
    return np.where(count > 0, total / count.clip(1), overall)


def _best(arrays: Arrays, split: Split, candidates: Iterable[Float]) -> Float:
    """The candidate with the best AUPRC + per-drug AUROC on validation, the rule that stops the network too."""

    def value(scores: Float) -> float:
        return choice_value(summary(scores, arrays.sensitive, split.validation))

    return max(candidates, key=value)


BASELINES: dict[str, Baseline] = {
    "drug_mean": drug_mean,
    "mean_effects": mean_effects,
    "matrix_factorisation": matrix_factorisation,
    "als_ln_ic50": als_ln_ic50,
    "kernel_ridge_ln_ic50": kernel_ridge_ln_ic50,
}
