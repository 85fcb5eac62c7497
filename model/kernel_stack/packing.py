"""The larger arrays of a stack in fewer bytes: columns of whole numbers from −127 to 127, each with a scale.

What is rounded so is read in sums over many rows or columns; z and q of known pairs, which are answered as they are,
are half floats.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Tensors = dict[str, NDArray[Any]]
PACKED = ("block.", "axes.", "responses", "carried")  # beginnings of names
SCALE = "scale."
MOST = 127


def packed(tensors: Mapping[str, NDArray[Any]], *, compact: bool) -> Tensors:
    """The arrays as a bundle keeps them: floats in single precision, with `compact` as above."""
    out: Tensors = {}
    for name, x in tensors.items():
        if compact and name.startswith(PACKED):
            scale = np.maximum(np.abs(x).max(0), 1e-12) / MOST
            out[name], out[f"{SCALE}{name}"] = np.round(x / scale).astype(np.int8), scale.astype(np.float32)
        elif compact and name == "known":
            out[name] = x.astype(np.float16)
        else:
            out[name] = x.astype(np.float32) if x.dtype == np.float64 else x
    return {name: np.ascontiguousarray(x) for name, x in out.items()}


def unpacked(tensors: Mapping[str, NDArray[Any]]) -> Tensors:
    """The inverse of `packed`, but for what rounding lost."""
    scales = {name.removeprefix(SCALE): x.astype(float) for name, x in tensors.items() if name.startswith(SCALE)}
    return {
        name: x * scales[name] if name in scales else x for name, x in tensors.items() if not name.startswith(SCALE)
    }
