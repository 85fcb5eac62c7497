"""The kernel stack as a method of `drp evaluate`."""

from training.data.arrays import Arrays
from training.kernel_stack.fit import fit_kernel_stack
from training.metrics.prediction import Prediction
from training.splits.splits import Split

CONCENTRATION = "kernel_stack_concentration"  # unseen drugs by their highest tested concentration too
TABLES: dict[str, tuple[str, ...] | None] = {
    "kernel_stack": None,
    CONCENTRATION: None,
    "kernel_stack_rnaseq": ("expression", "copy_number", "mutation", "tissue", "cancer_type", "medium"),
    "kernel_stack_rnaseq_tissue": ("expression", "tissue"),
    "kernel_stack_mutation_tissue": ("mutation", "tissue"),
    "kernel_stack_tissue": ("tissue",),
}


def predict_kernel_stack(arrays: Arrays, split: Split, seed: int, name: str) -> Prediction:
    """Fit on the development pairs, and once without the validation pairs for calibration; nothing is chosen.

    `name` is one of TABLES.
    """
    tables, told = TABLES[name], name == CONCENTRATION
    score, ln_ic50 = fit_kernel_stack(arrays, split.development, seed, tables, told=told).predict()
    held_out = fit_kernel_stack(arrays, split.train, seed, tables, told=told).predict()
    return Prediction(score, ln_ic50, *held_out)
