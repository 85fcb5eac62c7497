"""Responses in the units of their drug: mean, deviation, threshold and margin over the training pairs."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from model.hgacl.graph import Responses
from training.data.arrays import Arrays

VALUE_LIMIT = 5.0  # standard deviations; a few curve fits lie far outside the tested concentrations


def drug_scale(arrays: Arrays, train: NDArray[np.bool_]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Mean and standard deviation of each drug's ln IC50 over its training pairs, both (M,).

    A drug with fewer than two training pairs takes the average over the other drugs.
    """
    values = np.where(train, arrays.ln_ic50, 0.0).astype(np.float64)
    count = train.sum(0)
    enough = count >= 2
    mean = values.sum(0) / count.clip(1)
    variance = np.where(train, (arrays.ln_ic50 - mean) ** 2, 0.0).sum(0) / count.clip(1)
    sd = np.sqrt(variance)
    enough &= sd > 0
    mean = np.where(enough, mean, mean[enough].mean())
    sd = np.where(enough, sd, sd[enough].mean())
    return mean.astype(np.float32), sd.astype(np.float32)


def known_thresholds(arrays: Arrays, train: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Thresholds (ln µM) of the drugs with a training pair, (M,); the others, as if new, take the mean of these."""
    seen = train.any(0)
    return np.where(seen, arrays.threshold, arrays.threshold[seen].mean()).astype(np.float32)


def responses_of(arrays: Arrays, train: NDArray[np.bool_]) -> tuple[Responses, Tensor]:
    """Training responses in drug units, and each drug's offset (threshold − μ) / σ, (M,)."""
    mean, sd = drug_scale(arrays, train)
    value = ((mean - arrays.ln_ic50) / sd).clip(-VALUE_LIMIT, VALUE_LIMIT)
    offset = np.where(train.any(0), (arrays.threshold - mean) / sd, np.nan)
    offset = np.where(np.isnan(offset), np.nanmean(offset), offset)
    margin = value + offset  # only the value is cut: the threshold of a drug that no line answers to lies far away
    known = {"value": value, "margin": margin, "sensitive": arrays.sensitive == 1}
    return (
        Responses(
            torch.from_numpy(train),
            torch.from_numpy(known["sensitive"] & train),
            torch.from_numpy(np.where(train, value, 0).astype(np.float32)),
            torch.from_numpy(np.where(train, margin, 0).astype(np.float32)),
        ),
        torch.from_numpy(offset.astype(np.float32)),
    )
