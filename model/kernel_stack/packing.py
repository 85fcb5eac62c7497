"""The larger arrays of a stack in fewer bytes: columns of whole numbers from −127 to 127, each with a scale.

What is rounded so is read in sums over many rows or columns; z and q of known pairs, which are answered as they are,
are half floats.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Tensors = dict[str, NDArray[Any]]
PACKED = ("block.", "axes.", "responses", "carried")  # beginnings of names
SCALE = "scale."
MOST = 127
ROWS = 1024  # of a stored matrix that are in double precision at a time


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


class Stored(NamedTuple):
    """A matrix in few bytes: values (p, w) of any precision, and the scale of each column, (w,)."""

    values: NDArray[Any]
    scale: NDArray[np.float64]

    def times(self, x: NDArray[Any]) -> NDArray[np.float64]:
        """X · matrix, all in double precision. Shapes: (m, p) -> (m, w)."""
        out = np.zeros((len(x), len(self.scale)))
        for start in range(0, len(self.values), ROWS):
            rows = slice(start, start + ROWS)
            out += x[:, rows].astype(float) @ self.values[rows].astype(float)
        return out * self.scale


def stored(tensors: Mapping[str, NDArray[Any]], name: str) -> Stored:
    """An array of two dimensions as it is kept. Raises KeyError where there is none."""
    x = tensors[name]
    return Stored(x, tensors.get(f"{SCALE}{name}", np.ones(x.shape[1])).astype(float))


def unpacked(tensors: Mapping[str, NDArray[Any]], name: str) -> NDArray[np.float64]:
    """The array in double precision, without what packing lost. Raises KeyError where there is none."""
    values, scale = stored(tensors, name)
    return values.astype(float) * scale
