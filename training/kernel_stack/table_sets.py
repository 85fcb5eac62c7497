"""What a new line may be known by, and the stack of each such set of tables, fitted on predictions from it alone."""

import numpy as np

from model.kernel_stack.pair_stack import PairStack
from training.data.arrays import Arrays, Floats
from training.kernel_stack.fit import KernelStack
from training.kernel_stack.stack import ALL, fit_stack
from training.splits.splits import Mask

NAMES = ("tissue", "cancer_type", "medium")
TABLE_SETS: dict[str, tuple[str, ...]] = {
    "array": ("expression_array", "copy_number", "mutation", *NAMES),
    "rnaseq": ("expression", "copy_number", "mutation", *NAMES),
    "rnaseq_tissue": ("expression", "tissue"),
    "mutation_tissue": ("mutation", "tissue"),
    "tissue": ("tissue",),
}


def sets_of(fitted: KernelStack) -> dict[str, tuple[str, ...]]:
    """Sets whose tables the training lines have, with the names among them that these have."""
    blocks = fitted.line_ridge.blocks
    return {
        name: tuple(block for block in tables if block in blocks)
        for name, tables in TABLE_SETS.items()
        if all(block in blocks for block in tables if block not in NAMES)
    }


def fit_table_set(fitted: KernelStack, arrays: Arrays, kept: tuple[str, ...]) -> tuple[PairStack, Floats, Mask]:
    """Stack of lines known by the blocks `kept` alone, their z from fits without them (N, M), and its pairs (N, M)."""
    ridge, targets = fitted.line_ridge, fitted.targets
    z, q = (of_all(fitted, x) for x in ridge.left_out(kept))
    complete = np.zeros(len(fitted.pairs), bool)
    complete[ridge.rows] = ridge.complete_rows(kept)
    pairs = fitted.pairs & complete[:, None]
    values = targets.z.values.double().numpy()
    return fit_stack(z, q, targets.scales, pairs, arrays.sensitive, values, ALL), z, pairs


def of_all(fitted: KernelStack, rows: Floats) -> Floats:
    """Rows of the training lines at their places among all N; the others 0."""
    out = np.zeros((len(fitted.pairs), rows.shape[1]))
    out[fitted.line_ridge.rows] = rows
    return out
