"""How the drugs' responses covary: a full covariance, or a low-rank one where the drugs are many."""

import torch
from torch import Tensor

from model.estimators.covariance import FullCovariance, fit_covariance
from model.estimators.kernel_ridge import alternating_least_squares
from model.estimators.low_rank_covariance import LowRankCovariance, fit_low_rank

ResponseCovariance = FullCovariance | LowRankCovariance
MOST_DRUGS = 500  # of a full covariance, whose fit is cubic in them
START_RANK, START_RIDGE, START_VARIANCE = 30, 10.0, 0.2


def fit_responses(
    values: Tensor, known: Tensor, sweeps: int, shrinkage: float, generator: torch.Generator
) -> ResponseCovariance:
    """Fit around a prior mean of 0, a full covariance by `sweeps` from a few factors with `shrinkage`.

    Shapes: values (N, M), 0 where not known, known (N, M).
    """
    if values.shape[1] > MOST_DRUGS:
        return fit_low_rank(values, known, generator)
    lines, drugs = alternating_least_squares(values, known, START_RANK, START_RIDGE, generator)
    scale = lines[known.any(1)].std(0, correction=0).mean()
    start = scale**2 * drugs @ drugs.T + START_VARIANCE * torch.eye(len(drugs))
    return fit_covariance(values, known, torch.zeros_like(values), start, sweeps, shrinkage)
