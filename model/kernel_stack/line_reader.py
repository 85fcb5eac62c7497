"""New lines as the stack reads them: tables and names of a sample -> blocks -> z and q of every drug."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.encoder_inputs import MODALITIES
from model.kernel_stack.line_kernels import RIDGES, LineKernels
from model.kernel_stack.line_space import WEIGHTS, Blocks, Floats, LineSpace, Rows
from model.kernel_stack.packing import Stored, stored, unpacked

Tensors = Mapping[str, NDArray[Any]]
# Prefixes of the arrays of a block, by its name.
BLOCK, HAS, MEAN, AXES, SPREAD = "block.", "has.", "mean.", "axes.", "spread."


@dataclass(frozen=True)
class LineReader:
    """The fitted line side. A table's block is (x − mean) · axes, a gene that is not known counting as its mean.

    Shapes: means[b] and spreads[b] (p,), axes[b] (p, w_b) of the tables, orthogonal once multiplied by the spreads;
    weights (n, 2M) of the ridge of each kernel, mean (2M,). Blocks and weights are kept in single precision, axes as
    the bundle has them; all is computed in double.
    """

    space: LineSpace
    kernels: LineKernels
    means: dict[str, Floats]
    axes: dict[str, Stored]
    spreads: dict[str, Floats]
    weights: list[Stored]
    mean: Floats

    def blocks(self, tables: Mapping[str, Floats], names: Mapping[str, Floats], count: int) -> tuple[Blocks, Rows]:
        """Blocks of `count` lines, (count, w_b), and which blocks they have, (count, blocks).

        `tables` hold the genes, NaN where not known and in the whole row where the table was not measured; `names`
        are one-hot. What else the training lines have, such as growth, counts as their mean.
        """
        blocks: Blocks = {}
        present: Rows = np.ones((count, len(self.space.blocks)), bool)
        for place, (name, known) in enumerate(self.space.blocks.items()):
            width = known.shape[1]
            if name in self.axes:
                x = tables.get(name, np.full((count, len(self.means[name])), np.nan))
                present[:, place] = ~np.isnan(x).all(1)
                blocks[name] = self.axes[name].times(np.nan_to_num(x.astype(float) - self.means[name]))
            else:
                blocks[name] = np.asarray(names.get(name, np.zeros((count, width))), float)
        return blocks, present

    def explained(self, name: str, table: Floats) -> Floats:
        """Share of a table's standardised squares that its components hold. Shape: table (m, p) -> (m,).

        Real lines have much; genes that are mixed of several lines, on another scale or mostly unknown have little.
        """
        apart = np.nan_to_num(table.astype(float) - self.means[name])
        held = (self.axes[name].times(apart) ** 2).sum(1)
        share: Floats = held / np.maximum(((apart / self.spreads[name]) ** 2).sum(1), 1e-12)
        return share

    def predict(self, blocks: Blocks, present: Rows) -> tuple[Floats, Floats]:
        """Z and q, side by side (m, 2M), and the Gaussian kernel with the training lines (m, n), in [0, 1]."""
        has = dict(zip(self.space.blocks, present.T, strict=True))
        kernels = self.kernels.rows(self.space.complete(blocks, has))
        found = [self.mean + w.times(k) for k, w in zip(kernels, self.weights, strict=True)]
        return np.mean(found, axis=0), kernels[0]


def line_reader(tensors: Tensors) -> LineReader:
    """The reader of a bundle's arrays (model.kernel_stack.served_stack); solves the three ridges anew."""
    blocks = {name: unpacked(tensors, f"{BLOCK}{name}").astype(np.float32) for name in _names(tensors, BLOCK)}
    present = {name: tensors[f"{HAS}{name}"].astype(bool) for name in blocks}
    space = LineSpace(blocks, present)
    first, second, third = tensors["kernel_scales"].astype(float).tolist()
    kernels = LineKernels(space.completed, (first, second, third))
    responses = unpacked(tensors, "responses")
    mean = responses.mean(0)
    weights = [
        np.linalg.solve(kernel + ridge * np.eye(len(kernel)), responses - mean).astype(np.float32)
        for kernel, ridge in zip(kernels.rows(space.completed), RIDGES, strict=True)
    ]
    means, spreads = (
        {name: tensors[f"{prefix}{name}"].astype(float) for name in _names(tensors, prefix)}
        for prefix in (MEAN, SPREAD)
    )
    axes = {name: stored(tensors, f"{AXES}{name}") for name in _names(tensors, AXES)}
    return LineReader(space, kernels, means, axes, spreads, [Stored(w, np.ones(len(mean))) for w in weights], mean)


def table_shares(has: Rows) -> Floats:
    """Share of each table in how alike a line and the others are. Shape: has (n, 3) as in MODALITIES -> (n, 3)."""
    weight = np.array([WEIGHTS.get(name, 1.0) ** 2 for name in MODALITIES]) * has
    shares: Floats = weight / np.maximum(weight.sum(1, keepdims=True), 1e-12)
    return shares


def _names(tensors: Tensors, prefix: str) -> list[str]:
    return sorted(key.removeprefix(prefix) for key in tensors if key.startswith(prefix))
