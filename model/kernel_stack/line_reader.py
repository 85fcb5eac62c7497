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
from model.kernel_stack.table_components import TableComponents

Tensors = Mapping[str, NDArray[Any]]
# Prefixes of the arrays of a block, by its name.
BLOCK, HAS, MEAN, AXES, SPREAD, NOISE = "block.", "has.", "mean.", "axes.", "spread.", "noise."


@dataclass(frozen=True)
class LineReader:
    """The fitted line side, with the components of each table.

    Shapes: weights (n, 2M) of the ridge of each kernel, mean (2M,). Blocks and weights are kept in single precision,
    axes as the bundle has them; all is computed in double.
    """

    space: LineSpace
    kernels: LineKernels
    tables: dict[str, TableComponents]
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
            if table := self.tables.get(name):
                x = tables.get(name, np.full((count, len(table.mean)), np.nan))
                present[:, place] = ~np.isnan(x).all(1)
                blocks[name] = table.block(x)
            else:
                blocks[name] = np.asarray(names.get(name, np.zeros((count, width))), float)
        return blocks, present

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
    tables = {name: _components(tensors, name, space) for name in _names(tensors, AXES)}
    return LineReader(space, kernels, tables, [Stored(w, np.ones(len(mean))) for w in weights], mean)


def _components(tensors: Tensors, name: str, space: LineSpace) -> TableComponents:
    mean, variance = tensors[f"{MEAN}{name}"].astype(float), (space.blocks[name][space.present[name]] ** 2).mean(0)
    spread = tensors.get(f"{SPREAD}{name}", np.zeros(len(mean))).astype(float)
    noise = float(tensors[f"{NOISE}{name}"][0]) if spread.any() else 1.0
    return TableComponents(mean, stored(tensors, f"{AXES}{name}"), spread, variance.clip(1e-9).astype(float), noise)


def table_shares(has: Rows) -> Floats:
    """Share of each table in how alike a line and the others are. Shape: has (n, 3) as in MODALITIES -> (n, 3)."""
    weight = np.array([WEIGHTS.get(name, 1.0) ** 2 for name in MODALITIES]) * has
    shares: Floats = weight / np.maximum(weight.sum(1, keepdims=True), 1e-12)
    return shares


def _names(tensors: Tensors, prefix: str) -> list[str]:
    return sorted(key.removeprefix(prefix) for key in tensors if key.startswith(prefix))
