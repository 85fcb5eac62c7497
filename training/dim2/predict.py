"""DiM2-DRP as methods of `drp evaluate`: the response offset alone, and the network on top of it."""

from dataclasses import replace

import numpy as np
import torch

from model.dim2.config import Dim2Config
from model.dim2.token_labels import token_labels
from training.data.arrays import Arrays, Floats
from training.dim2.fit import Dim2Fit, fit_dim2
from training.dim2.inference import mean_attention, monte_carlo_ln_ic50
from training.dim2.inputs import fit_offset
from training.dim2.intervals import half_widths
from training.dim2.offset import ResponseOffset
from training.dim2.pathway_projection import with_projected_scores
from training.features.responses import known_thresholds
from training.metrics.prediction import MonteCarlo, Prediction, TokenWeights
from training.splits.splits import Mask, Split

LARGEST_SHARE = 0.95  # of the pairs trained with the unseen variant, where all test pairs have an unseen line or drug


def predict_offset(
    arrays: Arrays, split: Split, config: Dim2Config, seed: int, *, projected: bool = False
) -> Prediction:
    """Predict with the offset alone, fitted on training pairs and then, with no choice to make, on development pairs.

    With `projected`, lines without training pairs have the pathway scores that a new sample would get.
    """
    first, final = (
        fit_offset(
            with_projected_scores(arrays, np.any(pairs, axis=1), config) if projected else arrays,
            pairs,
            config,
            seed,
            cross_fitted=False,
        )
        for pairs in (split.train, split.development)
    )
    held_out, ln_ic50 = _offset_matrix(first, split.train), _offset_matrix(final, split.development)
    return Prediction(
        sensitivity_score(arrays, split.development, ln_ic50, final),
        ln_ic50,
        sensitivity_score(arrays, split.train, held_out, first),
        held_out,
        half_width=half_widths(arrays, split, final, held_out),
    )


def predict_dim2(arrays: Arrays, split: Split, config: Dim2Config, seed: int) -> Prediction:
    """Predict with the network on the offset; epoch and share are chosen on validation (training.dim2.fit).

    Afterwards the offset alone is fitted on the development pairs. What the network adds stays as it was, because a
    second training costs as much as the first. A network without offset also makes its passes with dropout.
    """
    config = with_unseen_shares(split, config)
    fit = fit_dim2(arrays, split.train, split.validation, config, seed)
    first, held_out = fit.inputs.offset, fit.ln_ic50
    final = fit_offset(arrays, split.development, config, seed, cross_fitted=False) if config.offset else first
    ln_ic50 = held_out + (_offset_matrix(final, split.development) - _offset_matrix(first, split.train))
    notes = {"epoch": float(fit.epoch), "network_share": fit.share, "training_seconds": fit.seconds}
    return Prediction(
        sensitivity_score(arrays, split.development, ln_ic50, final),
        ln_ic50,
        sensitivity_score(arrays, split.train, held_out, first),
        held_out,
        notes,
        half_width=half_widths(arrays, split, final, held_out) if config.offset else None,
        monte_carlo=monte_carlo(fit, split, seed) if makes_passes(config) else None,
        attention=attention(arrays, fit, split),
    )


def makes_passes(config: Dim2Config) -> bool:
    """Whether passes with dropout are asked for and would differ."""
    return config.monte_carlo > 0 and config.dropout > 0 and not config.offset


def monte_carlo(fit: Dim2Fit, split: Split, seed: int) -> MonteCarlo:
    """The configuration's passes on validation and test pairs, which alone are measured. Without offset only."""
    asked = split.validation | split.test
    pairs = torch.from_numpy(np.argwhere(asked))
    matrices = np.full((2, *asked.shape), np.nan, np.float32)
    found = monte_carlo_ln_ic50(fit.network(), fit.inputs, pairs, fit.config.monte_carlo, seed)
    matrices[:, asked] = torch.stack(found).numpy()
    return MonteCarlo(*matrices)


def attention(arrays: Arrays, fit: Dim2Fit, split: Split) -> dict[str, TokenWeights]:
    """What the class tokens look at on the test pairs, of the "cell" and of the "drug"; empty without attention."""
    network, size = fit.network(), fit.config.token_size
    names = fit.inputs.tables.pathway_names(arrays)
    # What follows an encoder's code sums up responses.
    of_cell, of_drug = (
        ("response code", norm.weight.numel() - encoder.width)
        for norm, encoder in (
            (network.fusion.cell_norm, network.cells),
            (network.fusion.drug_norm, network.drugs),
        )
    )
    labels = {
        "cell": token_labels([*fit.inputs.tables.named_parts(network.cells.parts), of_cell], size, names),
        "drug": token_labels([*network.drugs.parts, of_drug], size),
    }
    found = mean_attention(network, fit.inputs, torch.from_numpy(np.argwhere(split.test)))
    return {side: TokenWeights(labels[side], mean.numpy(), sd.numpy()) for side, (mean, sd) in found.items()}


def with_unseen_shares(split: Split, config: Dim2Config) -> Dim2Config:
    """The configuration with as large shares of unseen lines and drugs in training as there are in validation."""
    line, drug = np.nonzero(split.validation)
    lines = min(float((~np.any(split.train, axis=1))[line].mean()), LARGEST_SHARE)
    drugs = min(float((~np.any(split.train, axis=0))[drug].mean()), LARGEST_SHARE)
    return replace(
        config,
        unseen_lines=max(lines, config.unseen_lines),
        unseen_drugs=max(drugs, config.unseen_drugs),
    )


def sensitivity_score(arrays: Arrays, pairs: Mask, ln_ic50: Floats, offset: ResponseOffset) -> Floats:
    """(threshold − ln IC50) / scale of every pair, (N, M); `pairs` are those that the offset was fitted on.

    Neither potency nor threshold of an unseen drug is known. Its score is the other drugs' mean of
    (threshold − mean) / scale, less the deviation of the line from the drug's own predicted mean.
    """
    seen = np.any(pairs, axis=0)
    mean, scale = (torch.where(torch.from_numpy(seen), x[0], x[1]).numpy() for x in (offset.mean, offset.scale))
    margin = (known_thresholds(arrays, pairs) - mean) / scale
    score: Floats = np.where(seen, margin, margin[seen].mean()) - (ln_ic50 - mean) / scale
    return score


def _offset_matrix(offset: ResponseOffset, pairs: Mask) -> Floats:
    seen_lines, seen_drugs = (torch.from_numpy(pairs.any(axis)) for axis in (1, 0))
    matrix: Floats = offset.best_matrix(seen_lines, seen_drugs).numpy()
    return matrix
