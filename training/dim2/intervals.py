"""Half-widths of DiM2-DRP's 90 % prediction intervals, by what of a pair is new: nothing, the line, the drug or both.

Known pairs: split conformal on the validation pairs, predicted before they were trained on. The others: jackknife over
all development pairs, each with its line, its drug or both in the unseen variant of the offset, which is a prediction
without them in closed form. Pairs of one line err together, so the few lines of a validation part would give a poor
quantile.
"""

import numpy as np
import torch

from model.bundle.card import Case
from training.data.arrays import Arrays, Floats
from training.dim2.offset import ResponseOffset
from training.metrics.calibration import conformal_half_width
from training.splits.splits import Mask, Split

CASES: dict[Case, tuple[bool, bool]] = {  # case -> is the line new, is the drug new
    "known": (False, False),
    "new_line": (True, False),
    "new_drug": (False, True),
    "both": (True, True),
}


def half_widths(arrays: Arrays, split: Split, offset: ResponseOffset, held_out: Floats) -> Floats:
    """Half-width of every pair's interval, (N, M) ln µM; 0 where no pair of its case could be measured.

    `offset` is fitted on the development pairs; `held_out` are predictions (N, M) ln µM without the validation pairs.
    """
    new_line, new_drug = ~np.any(split.development, axis=1), ~np.any(split.development, axis=0)
    scale = np.where(new_drug, offset.scale[1].numpy(), offset.scale[0].numpy())
    widths = np.zeros(split.development.shape, np.float32)
    for case, half_width_sd in half_widths_by_case(arrays, split, offset, held_out).items():
        line, drug = CASES[case]
        if half_width_sd is not None:
            chosen = np.outer(new_line == line, new_drug == drug)
            widths[chosen] = (half_width_sd * np.broadcast_to(scale, widths.shape))[chosen]
    return widths


def half_widths_by_case(
    arrays: Arrays, split: Split, offset: ResponseOffset, held_out: Floats
) -> dict[Case, float | None]:
    """Half-width of each case in the drug's standard deviations; None where no pair of the case can be measured."""
    known = known_pairs(split)
    widths: dict[Case, float | None] = {}
    for case, (line, drug) in CASES.items():
        new = line or drug
        pairs = split.development if new else known
        predicted = _unseen_matrix(offset, line=line, drug=drug) if new else held_out
        residual = np.abs(predicted - arrays.ln_ic50) / offset.scale[int(drug)].numpy()
        widths[case] = conformal_half_width(residual[pairs]) if pairs.any() else None
    return widths


def known_pairs(split: Split) -> Mask:
    """Validation pairs whose line and drug have training pairs, (N, M)."""
    known: Mask = split.validation & np.outer(np.any(split.train, axis=1), np.any(split.train, axis=0))
    return known


def _unseen_matrix(offset: ResponseOffset, *, line: bool, drug: bool) -> Floats:
    """Offset of every pair, (N, M) ln µM, with all lines, all drugs or both as unseen."""
    n, m = offset.line_codes.shape[1], offset.drug_codes.shape[1]
    line_variant = torch.full((n,), offset.unseen if line else offset.full)
    matrix: Floats = offset.matrix(line_variant, torch.full((m,), int(drug))).numpy()
    return matrix
