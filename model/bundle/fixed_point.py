"""Codes in 16 bits: whole numbers times a step for each column, a power of two, so that float32 holds the product."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

LARGEST = 32767  # of int16
STEP = "_step"  # after a code's name: its columns' steps, (w,) float32

Codes = dict[str, NDArray[Any]]  # by name


def round_codes(codes: NDArray[np.float32]) -> NDArray[np.float32]:
    """The nearest codes that 16 bits hold; less than a 32,766th of a column's largest is lost. Shape: (n, w)."""
    steps = _steps(codes)
    rounded: NDArray[np.float32] = np.rint(codes / steps) * steps
    return rounded


def pack(codes: Codes) -> Codes:
    """Codes with their steps, int16 and float32; a code that is not exactly so remains float32."""
    packed: Codes = {}
    for name, code in codes.items():
        packed[name] = code
        if np.isfinite(code).all():
            steps = _steps(code)
            whole = np.rint(code / steps)
            if np.array_equal(whole * steps, code):
                packed |= {name: whole.astype(np.int16), name + STEP: steps}
    return packed


def unpack(packed: Codes) -> Codes:
    """What `pack` was given; an array without steps of its width is left as it is."""
    codes: Codes = {name: array for name, array in packed.items() if not name.endswith(STEP)}
    for name, array in codes.items():
        steps = packed.get(name + STEP)
        if steps is not None and array.dtype == np.int16 and steps.shape == array.shape[1:]:
            codes[name] = array * steps.astype(np.float32)
    return codes


def _steps(codes: NDArray[np.float32]) -> NDArray[np.float32]:
    largest = np.maximum(np.abs(codes).max(axis=0, initial=0), np.float32(1e-30))
    steps: NDArray[np.float32] = np.exp2(np.ceil(np.log2(largest / LARGEST))).astype(np.float32)
    return steps
