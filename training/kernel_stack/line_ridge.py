"""Kernel ridge from a line's blocks to both targets of all drugs, with closed-form leave-one-line-out predictions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from model.estimators.kernel_ridge import KernelRidge, kernel_ridge, left_out_predictions
from model.kernel_stack.line_kernels import RIDGES, LineKernels, line_kernels
from model.kernel_stack.line_space import Blocks, LineSpace
from training.data.arrays import Arrays, Floats
from training.features.table_fit import Rows
from training.kernel_stack.line_blocks import line_blocks
from training.kernel_stack.targets import Targets


@dataclass(frozen=True)
class LineRidge:
    """The fitted ridges on the n training lines; predictions are their mean.

    `blocks` and `present` are of all N lines, `rows` (n,) are the places of those that train. Shapes: responses
    (n, 2M), z of all drugs and then q; of `ridges`, one a kernel, weights (n, 2M) and mean (2M,).
    """

    space: LineSpace
    kernels: LineKernels
    ridges: list[KernelRidge]
    responses: Tensor
    blocks: Blocks
    present: dict[str, Rows]
    rows: NDArray[np.intp]

    def predict(self, blocks: Mapping[str, Floats], present: Mapping[str, Rows]) -> tuple[Floats, Floats]:
        """Z and q of m lines, (m, M) each; what they lack is imputed. Shapes: blocks[b] (m, w_b), present[b] (m,)."""
        kernels = self.kernels.rows(self.space.complete(blocks, present))
        found = [r.mean.numpy() + k @ r.weights.numpy() for k, r in zip(kernels, self.ridges, strict=True)]
        return _halves(np.mean(found, axis=0))

    def left_out(self, kept: Sequence[str] | None = None) -> tuple[Floats, Floats]:
        """Z and q of the training lines, each from a fit without it and, with `kept`, from these blocks alone.

        Shapes: (n, M) each. What is not kept is imputed as for a line that never had it; see `complete_rows`.
        """
        train = [torch.from_numpy(k) for k in self.kernels.rows(self.space.completed)]
        asked = train
        if kept is not None:
            asked = [torch.from_numpy(k) for k in self.kernels.rows(self.space.hidden(kept))]
        found = [
            left_out_predictions(rows, kernel, self.responses, ridge).double().numpy()
            for rows, kernel, ridge in zip(asked, train, RIDGES, strict=True)
        ]
        return _halves(np.mean(found, axis=0))

    def complete_rows(self, kept: Sequence[str]) -> Rows:
        """Training lines that have measured all of `kept`, (n,)."""
        rows: Rows = np.all([self.space.present[name] for name in kept if name in self.space.present], axis=0)
        return np.broadcast_to(rows, (len(self.rows),))


def fit_line_ridge(arrays: Arrays, targets: Targets) -> LineRidge:
    """Fit on the lines that have a response among the targets' known pairs."""
    some = targets.known.any(1)
    fit = some.numpy()
    blocks, present = line_blocks(arrays, fit)
    space = LineSpace(blocks, present).of(fit)
    kernels = line_kernels(space.completed)
    responses = torch.cat([targets.z.filled[some], targets.soft.filled[some]], 1)
    train = (torch.from_numpy(k) for k in kernels.rows(space.completed))
    ridges = [kernel_ridge(kernel, responses, ridge) for kernel, ridge in zip(train, RIDGES, strict=True)]
    return LineRidge(space, kernels, ridges, responses, blocks, present, np.flatnonzero(fit))


def _halves(both: Floats) -> tuple[Floats, Floats]:
    middle = both.shape[1] // 2
    return both[:, :middle], both[:, middle:]
