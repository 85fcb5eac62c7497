"""What the arrays of a bundle must fulfil: each function returns the fault it finds, or an empty text."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.scoring import VECTOR

POPULATION_TABLES = ("line_nearest", "line_closeness", "line_weights", "drug_nearest", "drug_similarity")


def codes_fault(codes: dict[str, NDArray[Any]], rows: tuple[int, int]) -> str:
    """Fault of the codes of rows[0] lines and rows[1] drugs, see model.bundle.bundle.ModelPart.

    Every array is float32, finite and without a constant row, and all are equally wide, padded to whole vectors.
    """
    for key, count in (("cell", rows[0]), ("drug", rows[1]), ("drug_margin", rows[1])):
        if key == "drug_margin" and key not in codes:
            continue
        if fault := _array_fault(key, codes.get(key), count):
            return fault
        if codes[key].shape[1] != codes["cell"].shape[1]:
            return f"cell and {key} codes differ in width"
    if codes["cell"].shape[1] % VECTOR:
        return f"codes must be padded to a multiple of {VECTOR} columns"
    return ""


def _array_fault(key: str, codes: NDArray[Any] | None, count: int) -> str:
    if codes is None or codes.dtype != np.float32 or codes.ndim != 2 or len(codes) != count:
        return f"{key!r} must be a float32 array of {count} rows"
    if not np.isfinite(codes).all():
        return f"{key!r} row {int(np.argwhere(~np.isfinite(codes))[0, 0])} is not finite"
    constant = np.ptp(codes, axis=1) == 0
    if constant.any():
        return f"{key!r} row {int(np.argmax(constant))} is constant; no trained code is"
    return ""


def population_fault(tables: dict[str, NDArray[Any]], rows: tuple[int, int]) -> str:
    """Fault of the training population's tables, for rows[0] lines and rows[1] drugs."""
    if missing := sorted(set(POPULATION_TABLES) - tables.keys()):
        return f"missing {missing}"
    for key in POPULATION_TABLES:
        count, table = rows[key.startswith("drug")], tables[key]
        if table.ndim != 2 or len(table) != count or not np.isfinite(table).all():
            return f"{key!r} must be {count} rows of finite numbers"
        if key.endswith("nearest") and not (np.issubdtype(table.dtype, np.integer) and _within(table, count)):
            return f"{key!r} must hold rows of the id table, 0 to {count - 1}"
    return ""


def stack_fault(tensors: dict[str, NDArray[Any]], rows: tuple[int, int]) -> str:
    """Fault of a kernel stack's arrays, for rows[0] lines and rows[1] drugs (model.kernel_stack.served_stack)."""
    shapes: dict[str, tuple[int, ...]] = dict.fromkeys(("known", "carried"), (rows[0], 2 * rows[1]))
    shapes |= {"line_stack": (rows[0],), "scales": (5, rows[1])}
    for key, shape in shapes.items():
        if key not in tensors or tensors[key].shape != shape:
            return f"{key!r} must be an array of {shape}"
    for key, table in tensors.items():
        if not np.isfinite(table).all():
            return f"{key!r} is not finite"
    return ""


def _within(rows: NDArray[Any], count: int) -> bool:
    return not rows.size or bool(rows.min() >= 0 and rows.max() < count)
