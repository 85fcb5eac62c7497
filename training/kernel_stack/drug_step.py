"""From the drugs that have responses to those that have none: kernel ridge over drugs (two-step kernel ridge).

A line's z and q of a new drug are predicted from its z and q of the known drugs, with weights by how alike the drugs
are; the drug's mean ln IC50, its potency, by a ridge of its own. Drugs are never ranked by that potency: an error in
it moves all pairs of a drug. Further drugs (training.data.arrays), most of another assay, tell potency alone: how they
order the lines misleads (docs/explanation/experiments.md).
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from model.estimators.kernel_ridge import kernel_ridge_prior
from model.estimators.kernels import drug_similarity
from model.kernel_stack.drug_reader import PATHWAY_WEIGHT, RIDGE
from model.kernel_stack.potency import RIDGE as POTENCY_RIDGE
from model.kernel_stack.potency import predicted_potency, property_kernel
from training.data.arrays import Arrays, Floats
from training.features.drug_views import drug_properties, drug_views
from training.features.table_fit import Rows


@dataclass(frozen=True)
class DrugStep:
    """Similarity of all drugs with the `known` ones; `potency_kernel` that with their properties' kernel.

    `sources` are those of the known drugs that tell how a new one orders the lines.

    Shapes: kernels (M, m), known and sources (M,) boolean, concentration (M,) ln µM, NaN where it is not known.
    properties (M, p) have the known drugs' mean where a drug has none.
    """

    kernel: Tensor
    known: Rows
    sources: Rows
    potency_kernel: Tensor
    concentration: Floats
    properties: Floats

    def predict(self, values: Floats) -> Floats:
        """Values of all drugs by those of the sources; a source's by the others. Shapes: (n, M) -> (n, M)."""
        kernel = self.kernel[:, torch.from_numpy(self.sources[self.known])]
        return _carried(kernel, self.sources, values[:, self.sources].T, RIDGE).T

    def potency(self, mean: Floats, *, told: bool = False) -> Floats:
        """Mean ln IC50 (µM) of all drugs by that of the known ones; a known drug's by the others. Shapes: (M,).

        With `told` a drug's own highest concentration is read too, where it is known.
        """
        weights = _carried(self.potency_kernel, self.known, np.eye(int(self.known.sum())), POTENCY_RIDGE)
        own = self.concentration if told else np.full(len(self.known), np.nan)
        return predicted_potency(weights, mean[self.known], self.known_concentration, own)

    @property
    def known_concentration(self) -> Floats:
        """Ln concentrations of the known drugs, (m,), with the others' mean where one is not known."""
        return _filled(self.concentration, self.known)[self.known]


def drug_step(arrays: Arrays, known: Rows) -> DrugStep:
    """Compare drugs by structure, targets and pathway (model.estimators.kernels.drug_similarity)."""
    views = drug_views(arrays)
    kernel = drug_similarity(views, views.rows(torch.from_numpy(known)), PATHWAY_WEIGHT)
    properties = np.stack([_filled(column, known) for column in drug_properties(arrays).T], 1)
    of_properties = torch.from_numpy(property_kernel(properties[known]).rows(properties)).float()
    published = known & ~arrays.further
    sources = published if published.any() else known
    concentration = np.log(arrays.concentration.astype(float))
    return DrugStep(kernel, known, sources, kernel + of_properties, concentration, properties)


def _filled(values: Floats, known: Rows) -> Floats:
    """Values (M,) with the mean of the known drugs for NaN; 0 where these have none."""
    there = values[known & ~np.isnan(values)]
    return np.where(np.isnan(values), there.mean() if len(there) else 0.0, values)


def _carried(kernel: Tensor, known: Rows, values: Floats, ridge: float) -> Floats:
    """Values (M, r) of all drugs by those of the m known ones, (m, r); a known drug's by the others."""
    sources, given = torch.from_numpy(np.flatnonzero(known)), torch.from_numpy(values.copy())
    return kernel_ridge_prior(kernel, sources, given, ridge).double().numpy()
