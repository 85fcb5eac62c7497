"""Two-step kernel ridge (Stock, Pahikkala, Airola, De Baets and Waegeman 2018): unseen lines and drugs alike.

    F₁ = K_line A            step 1: kernel ridge per drug, on the lines that the drug was measured on
    F  = F₁ (K_drug + μ I)⁻¹ K_drug      step 2: over the drugs, around each line's mean of F₁

Missing responses are left out of step 1 and need no filling in.
"""

from collections.abc import Callable
from functools import cache, partial
from itertools import product

import numpy as np

from training.baselines.choice import Outcome, fitted
from training.baselines.drug_units import DrugUnits, drug_units
from training.baselines.features import COMPONENTS, drug_kernels, gaussian_kernel, joined, line_blocks
from training.baselines.kernel_ridge import dual_weights
from training.dataset import Arrays
from training.predictions import Float, Predicted
from training.splits import Mask, Split

LINE_RIDGES = (0.25, 0.5, 1.0)
DRUG_RIDGES = (0.1, 0.3, 1.0)
MEAN_RIDGE = 1.0


def two_step_kernel_ridge_ln_ic50(arrays: Arrays, split: Split, _seed: int) -> Predicted:
    """Line kernel of omics and tissue × drug kernel of fingerprint, target and pathway; both ridges by validation."""
    drug_kernel = sum(drug_kernels(arrays).values()) / 3

    def fit(pairs: Mask) -> partial[Outcome]:
        units = drug_units(arrays, pairs)
        kernel = gaussian_kernel(joined(line_blocks(arrays, units.lines), COMPONENTS), units.lines)

        @cache
        def first_step(ridge: float) -> Float:
            return kernel @ dual_weights(kernel, units, ridge)[:, units.drugs]

        return partial(second_step, units, first_step)

    def second_step(units: DrugUnits, first_step: Callable[[float], Float], ridges: tuple[float, float]) -> Outcome:
        value = over_drugs(drug_kernel, units.drugs, first_step(ridges[0]), ridges[1])
        mean = over_drugs(drug_kernel, units.drugs, units.mean[None, units.drugs], MEAN_RIDGE)[0]
        return units.outcome(value, np.where(units.drugs, units.mean, mean))

    return fitted(arrays, split, fit, product(LINE_RIDGES, DRUG_RIDGES))


def over_drugs(kernel: Float, known: Mask, values: Float, ridge: float) -> Float:
    """Kernel ridge over drugs around each row's mean. Shapes: kernel (M, M), values (n, known drugs) -> (n, M)."""
    centre = values.mean(1, keepdims=True)
    system = kernel[np.ix_(known, known)] + ridge * np.eye(int(known.sum()))
    return centre + (values - centre) @ np.linalg.solve(system, kernel[known])
