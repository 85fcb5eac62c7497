"""From the drugs that have responses to those that have none: kernel ridge over drugs (two-step kernel ridge).

A line's z and q of a new drug are predicted from its z and q of the known drugs, with weights by how alike the drugs
are; the drug's mean ln IC50, its potency, by a ridge of its own. Drugs are never ranked by that potency: an error in
it moves all pairs of a drug.
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from model.estimators.kernel_ridge import kernel_ridge_prior
from model.estimators.kernels import drug_similarity
from training.data.arrays import Arrays, Floats
from training.features.drug_views import drug_views
from training.features.table_fit import Rows

PATHWAY_WEIGHT = 0.5
RIDGE, POTENCY_RIDGE = 1.0, 0.3


@dataclass(frozen=True)
class DrugStep:
    """Similarity of all drugs with the `known` ones. Shapes: kernel (M, m), known (M,) boolean."""

    kernel: Tensor
    known: Rows

    def predict(self, values: Floats) -> Floats:
        """Values of all drugs by those of the known ones; a known drug's by the others. Shapes: (n, M) -> (n, M)."""
        sources = torch.from_numpy(np.flatnonzero(self.known))
        factors = torch.from_numpy(values[:, self.known].T.copy())
        return kernel_ridge_prior(self.kernel, sources, factors, RIDGE).double().numpy().T

    def potency(self, mean: Floats) -> Floats:
        """Mean ln IC50 (µM) of all drugs by that of the known ones; a known drug's by the others. Shapes: (M,)."""
        sources = torch.from_numpy(np.flatnonzero(self.known))
        factors = torch.from_numpy(mean[self.known][:, None])
        return kernel_ridge_prior(self.kernel, sources, factors, POTENCY_RIDGE).double().numpy()[:, 0]


def drug_step(arrays: Arrays, known: Rows) -> DrugStep:
    """Compare drugs by structure, targets and pathway (model.estimators.kernels.drug_similarity)."""
    views = drug_views(arrays)
    return DrugStep(drug_similarity(views, views.rows(torch.from_numpy(known)), PATHWAY_WEIGHT), known)
