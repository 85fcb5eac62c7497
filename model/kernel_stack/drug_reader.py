"""New drugs as the stack reads them: how alike they are to the known ones, and weights that carry these over."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from model.kernel_stack.potency import RIDGE as POTENCY_RIDGE
from model.kernel_stack.potency import PropertyKernel, predicted_potency, property_kernel

Floats = NDArray[np.floating]
Tensors = Mapping[str, NDArray[Any]]
RIDGE, PATHWAY_WEIGHT = 1.0, 0.5
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
    """The M known drugs' views, in single precision, and the maps from similarities to weights of the known drugs.

    `carrying` (s, s) is of the `sources`, (M,) boolean, which tell how a new drug orders the lines, `carrying_potency`
    (M, M) of all. Of them also mean ln IC50 (µM) and ln of the highest tested concentration (µM), (M,) each.
    """

    views: Views
    properties: PropertyKernel
    mean: Floats
    concentration: Floats
    sources: NDArray[np.bool_]
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
            shared = _jaccard(mine, theirs) if counts == 1 else _shared(mine, theirs)
            known = counts * np.outer(mine.any(1), theirs.any(1))
            total, weight = total + known * shared, weight + known
        return total / weight

    def weights(self, similarity: Floats) -> Floats:
        """Weights of the known drugs for z and q, 0 but for the sources. Shape: similarity (m, M) -> (m, M).

        Kernel ridge around the mean of the s sources: a = 1/s + (C − 1 (1ᵀ C)/s) k for the fit C.
        """
        out = np.zeros(similarity.shape)
        out[:, self.sources] = _around_mean(similarity[:, self.sources] @ self.carrying)
        return out

    def potency(self, similarity: Floats, properties: Floats, concentration: Floats) -> Floats:
        """Mean ln IC50 (µM) of new drugs. Shapes: similarity (m, M), properties (m, p), ln concentration (m,) -> (m,).

        A concentration is NaN where it is not known (model.kernel_stack.potency).
        """
        kernel = similarity + self.properties.rows(properties)
        return predicted_potency(
            _around_mean(kernel @ self.carrying_potency), self.mean, self.concentration, concentration
        )


def drug_reader(tensors: Tensors) -> DrugReader:
    """The reader of a bundle's arrays; fits both ridges on the known drugs' similarities."""
    bits, ecfp = (np.unpackbits(tensors[f"drug.{name}"], axis=1) for name in ("bits", "ecfp"))
    every = (bits[:, :881], ecfp[:, :1024], tensors["drug.targets"], tensors["drug.pathway"])
    views = Views(*(x.astype(np.float32) for x in every))
    raw = tensors["drug.properties"].astype(float)
    kernel = property_kernel(raw)
    none = np.zeros((0, 0))
    concentration = tensors["drug.concentration"].astype(float)
    sources = tensors["drug.sources"] > 0
    reader = DrugReader(views, kernel, tensors["scales"][0].astype(float), concentration, sources, none, none)
    similarity = reader.similarity(views)
    carrying = _inverse(similarity[np.ix_(sources, sources)], RIDGE)
    return replace(reader, carrying=carrying, carrying_potency=_inverse(similarity + kernel.rows(raw), POTENCY_RIDGE))


def _inverse(kernel: Floats, ridge: float) -> Floats:
    """Of the kernel + ridge; negative eigenvalues beyond rounding count as 0 (model.estimators.kernel_ridge)."""
    values, vectors = np.linalg.eigh(kernel)
    clipped = values > (0 if values[0] < NEGATIVE * values.mean() else -np.inf)
    axes, kept = vectors[:, clipped], values[clipped]
    out: Floats = (axes / (kept + ridge)) @ axes.T
    return out


def _around_mean(weights: Floats) -> Floats:
    mean: Floats = (1 - weights.sum(1, keepdims=True)) / weights.shape[1]
    return weights + mean


def _jaccard(x: Floats, y: Floats) -> Floats:
    shared = _shared(x, y)
    either = x.sum(1, dtype=float)[:, None] + y.sum(1, dtype=float) - shared
    out: Floats = np.where(either > 0, shared / np.maximum(either, 1), 0.0)
    return out


def _shared(x: Floats, y: Floats) -> Floats:
    """Columns that two rows both have, whole numbers that single precision holds. Shapes: (m, p), (n, q) -> (m, n)."""
    return np.asarray(x[:, : y.shape[1]].astype(np.float32) @ y.T, float)
