"""Three kernels between lines; each has a ridge of its own, and predictions are the mean of the three.

Gaussian    exp(−d² / median d²)
Laplace     exp(−d / median d)
two parts   .6 · Gaussian of the expression blocks + .4 · Gaussian of the others; of one part alone where there is one
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.kernel_stack.line_space import EXPRESSION, Blocks, weighted

Floats = NDArray[np.floating]
RIDGES = (0.6, 0.3, 0.5)
EXPRESSION_SHARE = 0.6


@dataclass(frozen=True)
class LineKernels:
    """The training lines' completed blocks and the median squared distances that scale the kernels.

    `scales` are medians over all blocks, the expression blocks and the others.
    """

    blocks: Blocks
    scales: tuple[float, float, float]

    def rows(self, blocks: Mapping[str, Floats]) -> list[Floats]:
        """The kernels of m lines with the training lines. Shapes: blocks[b] (m, w_b) -> three (m, n)."""
        distances = _distances(blocks, self.blocks)
        every, expression, other = (d / scale for d, scale in zip(distances, self.scales, strict=True))
        inside = {name in EXPRESSION for name in self.blocks}
        share = EXPRESSION_SHARE if len(inside) == 2 else float(True in inside)
        parts = share * np.exp(-expression) + (1 - share) * np.exp(-other)
        return [np.exp(-every), np.exp(-np.sqrt(every)), parts]


def line_kernels(blocks: Blocks) -> LineKernels:
    """Kernels to the lines of `blocks`, (n, w_b)."""
    scales = [max(float(np.median(d)), 1e-12) for d in _distances(blocks, blocks)]
    return LineKernels(blocks, (scales[0], scales[1], scales[2]))


def _distances(one: Mapping[str, Floats], other: Mapping[str, Floats]) -> list[Floats]:
    """Squared distances over all blocks, over expression and over the rest, (m, n) each."""
    expression, rest = (_squared(_part(one, inside), _part(other, inside)) for inside in (True, False))
    return [expression + rest, expression, rest]


def _part(blocks: Mapping[str, Floats], expression: bool) -> Floats:
    """The blocks of expression, or the others, side by side, (n, D); D is 0 where there are none."""
    part = {name: x for name, x in blocks.items() if (name in EXPRESSION) == expression}
    return weighted(part) if part else np.zeros((len(next(iter(blocks.values()))), 0))


def _squared(x: Floats, y: Floats) -> Floats:
    squares: Floats = (x**2).sum(1)[:, None] + (y**2).sum(1) - 2 * x @ y.T
    return squares.clip(0)
