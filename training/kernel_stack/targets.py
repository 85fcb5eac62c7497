"""What the stack learns per drug: ln IC50 as a z-score and as a soft label, with the gaps filled.

    z = (μ_d − ln IC50) / σ_d, cut at ±5        q = σ(z + offset_d), z-scored per drug

σ( ) is the logistic function and offset_d = (threshold − μ_d) / σ_d, so that q is one half at the threshold. Gaps
of the lines that have responses are filled with the posterior mean by the drugs' covariance
(model.estimators.response_covariance).
"""

import hashlib
from collections import deque
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from model.estimators.response_covariance import ResponseCovariance, fit_responses
from model.kernel_stack.pair_stack import DrugScales
from training.data.arrays import Arrays
from training.features.responses import drug_scale, responses_of
from training.splits.splits import Mask

SWEEPS, SHRINKAGE = 8, 100.0


@dataclass(frozen=True)
class Target:
    """One of the two: values (N, M), 0 where not learnt from; `filled` (N, M), 0 for lines without responses."""

    values: Tensor
    covariance: ResponseCovariance
    filled: Tensor


@dataclass(frozen=True)
class Targets:
    """Both targets of the pairs `known` (N, M); in `scales` a drug without a pair has the mean of the others."""

    known: Tensor
    z: Target
    soft: Target
    scales: DrugScales


# Methods that differ in what they read of the lines share their targets, which take most of the time.
_recent: deque[tuple[tuple[str, int], Targets]] = deque(maxlen=2)


def fit_targets(arrays: Arrays, pairs: Mask, seed: int) -> Targets:
    """Fit scales and covariances on `pairs` (N, M); the seed starts the covariances."""
    key = hashlib.sha256(arrays.ln_ic50.tobytes() + arrays.threshold.tobytes() + pairs.tobytes()).hexdigest(), seed
    for known, targets in _recent:
        if known == key:
            return targets
    targets = _fit(arrays, pairs, seed)
    _recent.append((key, targets))
    return targets


def _fit(arrays: Arrays, pairs: Mask, seed: int) -> Targets:
    responses, offset = responses_of(arrays, pairs)
    mean, sd = drug_scale(arrays, pairs)
    known = torch.from_numpy(pairs)
    soft = torch.where(known, torch.sigmoid(responses.value + offset), 0).double().numpy()
    count = pairs.sum(0)
    seen = count >= 2
    centre = soft.sum(0) / count.clip(1)
    spread = np.sqrt((np.where(pairs, soft - centre, 0) ** 2).sum(0) / count.clip(1))
    centre, spread = (np.where(seen, x, x[seen].mean()) for x in (centre, spread.clip(1e-3)))
    scaled = torch.from_numpy(np.where(pairs, (soft - centre) / spread, 0)).float()
    z, q = (_filled(values, known, seed) for values in (responses.value, scaled))
    scales = DrugScales(mean.astype(float), sd.astype(float), offset.double().numpy(), centre, spread)
    return Targets(known, z, q, scales)


def _filled(values: Tensor, known: Tensor, seed: int) -> Target:
    covariance = fit_responses(values, known, SWEEPS, SHRINKAGE, torch.Generator().manual_seed(seed))
    return Target(values, covariance, covariance.posterior(values, known, torch.zeros_like(values)))
