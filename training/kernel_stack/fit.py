"""The kernel stack, fitted on some pairs: what it says of every pair, case by case.

    known pair     posterior of the line's responses around the ridge's prediction, of a measured pair the part that
                   would repeat (training.kernel_stack.repeatable), then the stack of known pairs
    unseen line    the ridge's prediction from the line's blocks, then the stack of its tables
    unseen drug    the posterior or the ridge's prediction of the known drugs, carried over by the drug kernel, then
                   the stack of new drugs

A stack (model.kernel_stack.pair_stack) is fitted on predictions that leave out what the case leaves out: the pair, the
line or the drug.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from model.kernel_stack.pair_stack import DrugScales, PairStack
from training.data.arrays import Arrays, Floats
from training.kernel_stack.drug_step import DrugStep, drug_step
from training.kernel_stack.line_ridge import LineRidge, fit_line_ridge
from training.kernel_stack.repeatable import repeatable
from training.kernel_stack.stack import ALL, SOFT_LABEL, fit_stack
from training.kernel_stack.targets import Target, Targets, fit_targets
from training.splits.splits import Mask

Both = tuple[Floats, Floats]  # z and q


@dataclass(frozen=True)
class KernelStack:
    """A fit on `pairs` (N, M).

    `known` are the posterior means of z and q, `answered` what known pairs are answered with, (N, M), 0 for lines
    without responses. `tables` are the blocks that unseen lines are known by, None for all they have. Stacks by case;
    `new_drug_scales` are the scales of drugs without responses.
    """

    pairs: Mask
    targets: Targets
    line_ridge: LineRidge
    drugs: DrugStep
    known: Both
    answered: Both
    tables: tuple[str, ...] | None
    known_pairs: PairStack
    unseen_lines: PairStack
    unseen_drugs: PairStack
    new_drug_scales: DrugScales

    def predict(self) -> Both:
        """Log odds of sensitivity and ln IC50 (µM) of every pair, (N, M) each."""
        lines, drugs = np.any(self.pairs, axis=1)[:, None], np.any(self.pairs, axis=0)
        ridge, scales = self.line_ridge, self.targets.scales
        blocks, present = ridge.blocks, ridge.present
        if self.tables is not None:
            present = {name: has & (lines[:, 0] | (name in self.tables)) for name, has in present.items()}
        unseen = ridge.predict(blocks, present)
        z, q = (np.where(lines, mine, theirs) for mine, theirs in zip(self.answered, unseen, strict=True))
        score = np.where(lines, self.known_pairs.log_odds(z, q, scales), self.unseen_lines.log_odds(z, q, scales))
        ln_ic50 = np.where(lines, self.known_pairs.ln_ic50(z, scales), self.unseen_lines.ln_ic50(z, scales))
        if not drugs.all():
            both = (np.where(lines, mine, theirs) for mine, theirs in zip(self.known, unseen, strict=True))
            z, q = (self.drugs.predict(x) for x in both)
            score = np.where(drugs, score, self.unseen_drugs.log_odds(z, q, self.new_drug_scales))
            ln_ic50 = np.where(drugs, ln_ic50, self.unseen_drugs.ln_ic50(z, self.new_drug_scales))
        return score, ln_ic50


def fit_kernel_stack(
    arrays: Arrays, pairs: Mask, seed: int, tables: Sequence[str] | None = None, *, told: bool = False
) -> KernelStack:
    """Fit everything on `pairs` (N, M); nothing else of the responses is read.

    With `tables` lines without a pair are known by these blocks alone (training.kernel_stack.line_blocks); with `told`
    drugs without a pair by their highest tested concentration too.
    """
    targets = fit_targets(arrays, pairs, seed)
    ridge, scales = fit_line_ridge(arrays, targets), targets.scales
    prior = [_of_all(ridge, x) for x in ridge.left_out()]
    known, others = (_both(targets, prior, left_out=left_out) for left_out in (False, True))
    values = targets.z.values.double().numpy()
    answered = (
        repeatable(values, pairs, prior[0], others[0], scales.sd),
        repeatable(targets.soft.values.double().numpy(), pairs, prior[1], others[1], scales.sd),
    )

    def stack(predicted: Both, of: Mask, read: Sequence[int] = ALL, of_drugs: DrugScales = scales) -> PairStack:
        return fit_stack(*predicted, of_drugs, of, arrays.sensitive, values, read)

    known_pairs = stack(others, pairs, SOFT_LABEL)
    kept = None if tables is None else tuple(name for name in tables if name in ridge.blocks)
    if kept is None:
        unseen_lines = stack((prior[0], prior[1]), pairs)
    else:
        z, q = (_of_all(ridge, x) for x in ridge.left_out(kept))
        complete = _of_all(ridge, ridge.complete_rows(kept)[:, None].astype(float)) > 0
        unseen_lines = stack((z, q), pairs & complete)
    drugs = drug_step(arrays, np.any(pairs, axis=0))
    new = _new_drug_scales(drugs, scales, told=told)
    carried = drugs.predict(known[0]), drugs.predict(known[1])
    unseen_drugs = stack(carried, pairs & drugs.sources, ALL, new).without_drugs()
    return KernelStack(
        pairs, targets, ridge, drugs, known, answered, kept, known_pairs, unseen_lines, unseen_drugs, new
    )


def _both(targets: Targets, prior: Sequence[Floats], *, left_out: bool) -> Both:
    """Z and q of all pairs by the other responses of their lines, (N, M) each."""

    def of(target: Target, mean: Floats) -> Floats:
        estimate = target.covariance.left_out_posterior if left_out else target.covariance.posterior
        return estimate(target.values, targets.known, torch.from_numpy(mean).float()).double().numpy()

    return of(targets.z, prior[0]), of(targets.soft, prior[1])


def _of_all(ridge: LineRidge, rows: Floats) -> Floats:
    """Rows of the training lines at their places among all N; the others 0."""
    out = np.zeros((len(next(iter(ridge.blocks.values()))), rows.shape[1]), rows.dtype)
    out[ridge.rows] = rows
    return out


def _new_drug_scales(drugs: DrugStep, scales: DrugScales, *, told: bool) -> DrugScales:
    """Scales of every drug as if it were new: its own potency predicted, the rest the mean of the known drugs."""
    own = (scales.sd, scales.offset, scales.soft_mean, scales.soft_sd)
    others = (np.full(len(x), x[drugs.known].mean()) for x in own)
    return DrugScales(drugs.potency(scales.mean, told=told), *others)
