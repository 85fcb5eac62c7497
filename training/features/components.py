"""Columns standardised and reduced on the fitted rows alone; names as one-hot columns."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from training.data.arrays import Floats

COMPONENTS = 256
LEAST_VARIANCE = 1e-6  # of the first component's
Rows = NDArray[np.bool_]


@dataclass(frozen=True)
class Standard:
    """How a table's columns are centred and scaled. Shapes: kept (p,) boolean; mean, divisor (p',) of those kept."""

    kept: torch.Tensor
    mean: torch.Tensor
    divisor: torch.Tensor

    def of(self, raw: torch.Tensor, present: torch.Tensor) -> torch.Tensor:
        """Shapes: raw (n, p), present (n,) -> (n, p'), rows that are not present 0."""
        known = present.unsqueeze(1)
        x = torch.where(known, raw, 0)[:, self.kept] - self.mean
        return torch.where(known, x / self.divisor, 0)


def standardised(raw: torch.Tensor, present: torch.Tensor, fit_rows: torch.Tensor, *, scale: bool) -> torch.Tensor:
    """Columns centred (and z-scored when `scale`) on `fit_rows`; rows without the modality are 0.

    Shapes: raw (n, p), present, fit_rows (n,) boolean -> (n, p') without the columns that are constant there.
    """
    if not fit_rows.any():
        return torch.zeros(len(raw), 1)
    return standard(raw, fit_rows, scale=scale).of(raw, present)


def standard(raw: torch.Tensor, fit_rows: torch.Tensor, *, scale: bool) -> Standard:
    """Fit on `fit_rows`, at least one. Shapes: raw (n, p), fit_rows (n,) boolean."""
    mean, sd = raw[fit_rows].mean(0), raw[fit_rows].std(0, correction=0)
    varying = sd > 1e-6
    return Standard(varying, mean[varying], sd[varying] if scale else torch.ones_like(sd[varying]))


def one_hot(names: list[str]) -> torch.Tensor:
    """One column per distinct name in alphabetical order; an empty name is a row of zeros. Shape: (n, names)."""
    column = {name: i for i, name in enumerate(sorted(set(names) - {""}))}
    out = torch.zeros(len(names), max(len(column), 1))
    for row, name in enumerate(names):
        if name:
            out[row, column[name]] = 1
    return out


def known_names(names: list[str], fit: Rows) -> Floats:
    """One column per name that a row of `fit` has; rows with another name are zeros. Shape: (n, names)."""
    known = {name for name, inside in zip(names, fit, strict=True) if inside}
    return one_hot([name if name in known else "" for name in names]).double().numpy()


def many_hot(names: list[list[str]]) -> torch.Tensor:
    """One column per distinct name in alphabetical order. Shape: (n, names)."""
    column = {name: i for i, name in enumerate(sorted({name for row in names for name in row}))}
    out = torch.zeros(len(names), max(len(column), 1))
    for row, members in enumerate(names):
        out[row, [column[name] for name in members]] = 1
    return out


def principal_axes(x: torch.Tensor, fit_rows: torch.Tensor, count: int, least: float) -> torch.Tensor:
    """The first `count` principal axes of `fit_rows`, best first, from the eigenvectors of the rows' Gram matrix.

    Axes with less than `least` of the first one's variance are left out. Shapes: x (n, p), centred -> (p, k) double.
    """
    train = x[fit_rows].double()
    values, vectors = torch.linalg.eigh(train @ train.T)
    keep = min(count, int((values > values[-1] * least).sum()))
    if not keep:
        return torch.zeros(x.shape[1], 0, dtype=torch.float64)
    values, vectors = values[-keep:].flip(0), vectors[:, -keep:].flip(1)
    axes: torch.Tensor = (train.T @ vectors) / values.clamp(min=1e-12).sqrt()
    return axes


def components(x: torch.Tensor, fit: Rows) -> Floats:
    """Principal components of the rows `fit`, scaled to a mean norm of 1 there.

    Shapes: x (n, p), already centred -> (n, at most COMPONENTS).
    """
    if not fit.any():
        return np.zeros((len(x), 1))
    axes = principal_axes(x, torch.from_numpy(fit), COMPONENTS, LEAST_VARIANCE)
    if not axes.shape[1]:
        return np.zeros((len(x), 1))
    out = (x.double() @ axes).numpy()
    return out / np.linalg.norm(out[fit], axis=1).mean()


LEAST_FEATURE_VARIANCE = 1e-9  # of the first component's; fewer components than that are noise


def principal_components(x: Tensor, fit_rows: Tensor, count: int) -> Tensor:
    """Projection on the first `count` principal components of `fit_rows`, scaled to a mean deviation of 1.

    Exact, from the eigenvectors of the rows' Gram matrix. `count` 0 keeps the columns.
    Shapes: x (n, p) -> (n, count').
    """
    if count and fit_rows.any():
        axes = principal_axes(x, fit_rows, count, LEAST_FEATURE_VARIANCE)
        x = (x.double() @ axes.flip(1)).float()
        x = x / x[fit_rows].std(0, correction=0).mean().clamp(min=1e-6)
    return x
