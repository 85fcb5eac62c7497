"""Two-step kernel ridge (Stock, Pahikkala, Airola, De Baets and Waegeman 2018): unseen lines and drugs alike.

    F₁ = (K_line A + U Vᵀ) / 2           step 1: kernel ridge per drug, on the lines measured with it, and ALS
    F  = F₁ (K_drug + μ I)⁻¹ K_drug      step 2: over the drugs, around each line's mean of F₁

The line kernel reads ALS factors beside omics and tissue: of a line with responses they say more than its omics (on
GDSC with drugs left out, mean per-drug AUROC .763 with and .744 without them), and an unseen line's are predicted.
Missing responses are left out of step 1 and need no filling in.
"""

from collections.abc import Callable
from functools import cache, partial
from itertools import product

import numpy as np

from training.baselines.choice import Outcome, fitted
from training.baselines.drug_units import DrugUnits, drug_units
from training.baselines.kernel_ridge import ridge_with_factors
from training.dataset import Arrays
from training.drug_features import drug_kernel
from training.predictions import Float, Predicted
from training.splits import Mask, Split

LINE_RIDGES = (0.25, 1.0)
DRUG_RIDGES = (0.1, 0.3, 1.0)
MEAN_RIDGE = 1.0


def two_step_kernel_ridge_ln_ic50(arrays: Arrays, split: Split, seed: int) -> Predicted:
    """Line kernel of step 1 × drug kernel of fingerprint, target and pathway; both ridges by validation."""
    between_drugs = drug_kernel(arrays)

    def fit(pairs: Mask) -> partial[Outcome]:
        units = drug_units(arrays, pairs)
        return partial(second_step, units, cache(ridge_with_factors(arrays, units, seed)))

    def second_step(units: DrugUnits, first_step: Callable[[float], Float], ridges: tuple[float, float]) -> Outcome:
        value = over_drugs(between_drugs, units.drugs, first_step(ridges[0])[:, units.drugs], ridges[1])
        mean = over_drugs(between_drugs, units.drugs, units.mean[None, units.drugs], MEAN_RIDGE)[0]
        return units.outcome(value, np.where(units.drugs, units.mean, mean))

    return fitted(arrays, split, fit, product(LINE_RIDGES, DRUG_RIDGES))


def over_drugs(kernel: Float, known: Mask, values: Float, ridge: float) -> Float:
    """Kernel ridge over drugs around each row's mean. Shapes: kernel (M, M), values (n, known drugs) -> (n, M)."""
    centre = values.mean(1, keepdims=True)
    system = kernel[np.ix_(known, known)] + ridge * np.eye(int(known.sum()))
    return centre + (values - centre) @ np.linalg.solve(system, kernel[known])
