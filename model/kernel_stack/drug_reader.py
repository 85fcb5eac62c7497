"""New drugs as the stack reads them: how alike they are to the known ones, and weights that carry these over."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]
Tensors = Mapping[str, NDArray[Any]]
RIDGE, POTENCY_RIDGE, PATHWAY_WEIGHT = 1.0, 0.3, 0.5
NEGATIVE = -1e-3  # of the mean eigenvalue


class Views(NamedTuple):
    """What drugs are compared by, zeros where unknown.

    Shapes: bits (n, 881), ecfp (n, 1024), targets (n, T), pathway (n, P), one-hot; a last column of the new drugs' may
    count what no known drug has.
    """

    bits: Floats
    ecfp: Floats
    targets: Floats
    pathway: Floats


@dataclass(frozen=True)
class DrugReader:
    """The M known drugs' views and the maps from a row of similarities to weights of the known drugs, (M, M)."""

    views: Views
    carrying: Floats
    carrying_potency: Floats

    def similarity(self, new: Views) -> Floats:
        """Weighted mean of structure, Jaccard of targets and same pathway, (m, M) in [0, 1].

        Targets and pathway count where both drugs have them (model.estimators.kernels.drug_similarity).
        """
        first, second = _jaccard(new.bits, self.views.bits), _jaccard(new.ecfp, self.views.ecfp)
        both = np.outer(new.ecfp.any(1), self.views.ecfp.any(1))
        total, weight = np.where(both, (first + second) / 2, first), np.ones_like(first)
        for mine, theirs, counts in (
            (new.targets, self.views.targets, 1.0),
            (new.pathway, self.views.pathway, PATHWAY_WEIGHT),
        ):
            shared = _jaccard(mine, theirs) if counts == 1 else mine[:, : theirs.shape[1]] @ theirs.T
            known = counts * np.outer(mine.any(1), theirs.any(1))
            total, weight = total + known * shared, weight + known
        return total / weight

    def weights(self, similarity: Floats) -> tuple[Floats, Floats]:
        """Weights of the known drugs for z and q, and for potency. Shape: similarity (m, M) -> (m, M) each.

        Kernel ridge around the mean: a = 1/M + (C − 1 (1ᵀ C)/M) k for the fit C.
        """
        return _around_mean(similarity @ self.carrying), _around_mean(similarity @ self.carrying_potency)


def drug_reader(tensors: Tensors) -> DrugReader:
    """The reader of a bundle's arrays; fits both ridges on the known drugs' similarities.

    Negative eigenvalues beyond rounding count as 0 (model.estimators.kernel_ridge).
    """
    bits, ecfp = (np.unpackbits(tensors[f"drug.{name}"], axis=1).astype(float) for name in ("bits", "ecfp"))
    views = Views(bits[:, :881], ecfp[:, :1024], tensors["drug.targets"].astype(float), tensors["drug.pathway"] * 1.0)
    bare = DrugReader(views, np.zeros((0, 0)), np.zeros((0, 0)))
    values, vectors = np.linalg.eigh(bare.similarity(views))
    clipped = values > (0 if values[0] < NEGATIVE * values.mean() else -np.inf)
    axes, kept = vectors[:, clipped], values[clipped]
    return DrugReader(views, *((axes / (kept + ridge)) @ axes.T for ridge in (RIDGE, POTENCY_RIDGE)))


def _around_mean(weights: Floats) -> Floats:
    mean: Floats = (1 - weights.sum(1, keepdims=True)) / weights.shape[1]
    return weights + mean


def _jaccard(x: Floats, y: Floats) -> Floats:
    shared = x[:, : y.shape[1]] @ y.T
    either = x.sum(1)[:, None] + y.sum(1) - shared
    out: Floats = np.where(either > 0, shared / np.maximum(either, 1), 0.0)
    return out
