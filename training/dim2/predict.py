"""DiM2-DRP as a method of `drp evaluate`: the response offset, with and without the network on top."""

from dataclasses import replace

import numpy as np
import torch

from model.dim2.config import Dim2Config
from training.data.arrays import Arrays, Floats
from training.dim2.fit import fit_dim2
from training.dim2.inputs import offset_of
from training.dim2.offset import Offset
from training.dim2.pathway_projection import as_new
from training.features.responses import known_thresholds
from training.metrics.calibration import conformal_half_width
from training.metrics.prediction import Prediction
from training.splits.splits import Mask, Split

MOST = 0.95  # of the pairs shown as of an unseen line or drug, where all are asked about as such


def predict_offset(
    arrays: Arrays, split: Split, config: Dim2Config, seed: int, *, projected: bool = False
) -> Prediction:
    """The offset alone: fitted on training pairs, then, there being nothing to choose, on the development pairs.

    With `projected`, pathway scores of lines without pairs to learn from are those that a new sample would get.
    """
    first, final = (
        offset_of(as_new(arrays, pairs.any(1), config) if projected else arrays, pairs, config, seed, crossed=False)
        for pairs in (split.train, split.development)
    )
    held_out, ln_ic50 = _said(first, split.train), _said(final, split.development)
    return Prediction(
        scored(arrays, split.development, ln_ic50, final),
        ln_ic50,
        scored(arrays, split.train, held_out, first),
        held_out,
        half_width=half_widths(arrays, split, final, held_out),
    )


def predict_dim2(arrays: Arrays, split: Split, config: Dim2Config, seed: int) -> Prediction:
    """The network on the offset, trained on training pairs; epoch and share by validation (training.dim2.trainer).

    Then the offset is fitted on the development pairs and what the network adds stays as it was: a second training
    costs as much as the first.
    """
    config = asked_about(split, config)
    fit = fit_dim2(arrays, split.train, split.validation, config, seed)
    first = fit.inputs.offset
    final = offset_of(arrays, split.development, config, seed, crossed=False) if config.offset else first
    alone, held_out = _said(first, split.train), fit.ln_ic50
    ln_ic50 = held_out + (_said(final, split.development) - alone)
    widths = half_widths(arrays, split, final, held_out) if config.offset else None
    notes = {"epoch": float(fit.epoch), "network_share": fit.share, "training_seconds": fit.seconds}
    return Prediction(
        scored(arrays, split.development, ln_ic50, final),
        ln_ic50,
        scored(arrays, split.train, held_out, first),
        held_out,
        notes,
        half_width=widths,
    )


def asked_about(split: Split, config: Dim2Config) -> Dim2Config:
    """The configuration with pairs shown as of unseen lines and drugs as often as validation has such pairs."""
    row, column = np.nonzero(split.validation)
    lines = float((~split.train.any(1))[row].mean())
    drugs = float((~split.train.any(0))[column].mean())
    most = {"unseen_lines": min(lines, MOST), "unseen_drugs": min(drugs, MOST)}
    return replace(config, **{name: max(share, getattr(config, name)) for name, share in most.items()})


def scored(arrays: Arrays, pairs: Mask, ln_ic50: Floats, offset: Offset) -> Floats:
    """(threshold − ln IC50) / scale, (N, M), of drugs with one of `pairs`.

    Of a drug without, neither potency nor threshold is known: it takes the others' mean of (threshold − mean) / scale,
    and what its lines deviate by from its own predicted mean.
    """
    seen = pairs.any(0)
    mean, scale = (torch.where(torch.from_numpy(seen), x[0], x[1]).numpy() for x in (offset.mean, offset.scale))
    margin = (known_thresholds(arrays, pairs) - mean) / scale
    return np.where(seen, margin, margin[seen].mean()) - (ln_ic50 - mean) / scale


def half_widths(arrays: Arrays, split: Split, final: Offset, held_out: Floats) -> Floats:
    """Half-width of the 90 % interval of every pair, (N, M) ln µM, by what is new of it: nothing, line, drug or both.

    Known pairs: from the validation pairs, by what was said of them before they were learnt from (`held_out`). The
    others: by jackknife over all development pairs, each with its line, its drug or both as never measured by the
    offset `final`, a prediction without them in closed form. Pairs of a line err together, so that the few lines of a
    validation part make a poor quantile.
    """
    learnt = split.development
    new_line, new_drug = ~learnt.any(1), ~learnt.any(0)
    out = np.zeros(learnt.shape, np.float32)
    by_kind = half_widths_sd(arrays, split, final, held_out)
    for line in (False, True):
        for drug in (False, True):
            chosen = np.outer(new_line == line, new_drug == drug)
            quantile = by_kind[line, drug]
            if quantile is not None:  # no pair of this kind to learn from: none is asked about
                out[chosen] = (quantile * np.broadcast_to(_scale(final, learnt), out.shape))[chosen]
    return out


def half_widths_sd(
    arrays: Arrays, split: Split, final: Offset, held_out: Floats
) -> dict[tuple[bool, bool], float | None]:
    """Half-widths in the drug's standard deviations by (new line, new drug), as `half_widths` has them."""
    known = split.validation & np.outer(split.train.any(1), split.train.any(0))
    out: dict[tuple[bool, bool], float | None] = {}
    for line in (False, True):
        for drug in (False, True):
            new = line or drug
            of = split.development if new else known
            said = _as_never_measured(final, line=line, drug=drug) if new else held_out
            scale = (final.scale[1] if drug else final.scale[0]).numpy()
            out[line, drug] = conformal_half_width((np.abs(said - arrays.ln_ic50) / scale)[of]) if of.any() else None
    return out


def _as_never_measured(offset: Offset, *, line: bool, drug: bool) -> Floats:
    n, m = offset.lines.shape[1], offset.drugs.shape[1]
    variant = torch.full((n,), offset.unseen if line else offset.full)
    return offset.matrix(variant, torch.full((m,), int(drug))).numpy()


def _said(offset: Offset, pairs: Mask) -> Floats:
    return offset.said(*(torch.from_numpy(pairs.any(axis)) for axis in (1, 0))).numpy()


def _scale(offset: Offset, pairs: Mask) -> Floats:
    return torch.where(torch.from_numpy(pairs.any(0)), offset.scale[0], offset.scale[1]).numpy()
