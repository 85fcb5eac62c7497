"""Large constants on a grid of 16 bits, as the graphs store them, so that what is stored is what was fitted."""

import numpy as np
import torch
from torch import Tensor

from training.data.arrays import Floats
from training.features.imputation import Imputation

LARGEST = 32767  # of int16


def round_to_grid(x: Floats) -> Floats:
    """Values as 16 bits with one scale a column hold them. Shape: (n, p)."""
    single = torch.from_numpy(x).float()
    step = (single.abs().amax(0, keepdim=True) / LARGEST).clamp(min=1e-30)
    return (torch.round(single / step) * step).double().numpy()


def stored_duals(fit: Imputation) -> Tensor:
    """Duals of an imputation as its graph stores them. Shape: (m, width)."""
    return torch.from_numpy(round_weights(fit.duals, fit.kernel(fit.others))).float()


def round_weights(weights: Floats, kernel: Floats) -> Floats:
    """Weights rounded to what 16 bits hold so that k @ weights stays the same for rows k like the kernel's.

    Each row's rounding error is made up for by the rows after it (optimal brain quantisation; Frantar et al. 2022,
    with kernelᵀ kernel as the Hessian). Shapes: weights (m, r), kernel (m, m).
    """
    out, step = weights.copy(), np.abs(weights).max(0) / LARGEST
    step = np.where(step > 0, step, 1.0)
    largest = np.abs(weights).argmax(0)  # kept as it is: it is what the grid is read from again
    hessian = kernel.T @ kernel / len(kernel)
    hessian += 1e-3 * hessian.diagonal().mean() * np.eye(len(kernel))
    upper = np.linalg.cholesky(np.linalg.inv(hessian)).T
    for row in range(len(out)):
        wanted = out[row].copy()
        out[row] = np.clip(np.rint(wanted / step), -LARGEST, LARGEST) * step
        fixed = largest == row
        out[row, fixed] = weights[row, fixed]
        out[row + 1 :] -= np.outer(upper[row, row + 1 :], (wanted - out[row]) / upper[row, row])
    return out
