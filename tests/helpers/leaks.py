"""The rule behind every check for leaks: changing what the test leaves out must not change what a method says.

What the test leaves out, by split: responses of all pairs outside `development`; features and tissue of lines without
such a pair; fingerprints, targets and thresholds of drugs without one. Each function here gives the names of the leaks
that it finds, so that an honest method gives [] and a planted leak its name.
"""

from dataclasses import replace

import numpy as np

from tests.helpers.perturbed_arrays import with_other_features, with_other_values

TOLERANCE = {"rtol": 1e-5, "atol": 1e-5}  # sums in another order, no more


def says(predict, arrays, split, pairs=None):
    """Everything that a method says of `pairs` (of all by default), as one row of numbers, its choices included."""
    said = predict(arrays, split, 0)
    values = (said.score, said.ln_ic50, said.held_out_score, said.held_out_ln_ic50)
    chosen = slice(None) if pairs is None else pairs
    choices = [value for name, value in said.notes.items() if not name.endswith("seconds")]
    return np.concatenate([np.ravel(v[chosen]) for v in values if v is not None] + [choices])


def unseen(split):
    """Lines and drugs without a pair that may be learnt from, (N,) and (M,)."""
    return ~split.development.any(1), ~split.development.any(0)


def changes(arrays, split):
    """What the test leaves out, by name: arrays in which it is otherwise, and the pairs that must not move by it."""
    lines, drugs = unseen(split)
    every = np.ones(split.test.shape, bool)
    yield "responses outside development", with_other_values(arrays, ~split.development & arrays.measured), every
    if lines.any():
        names = {
            field: ["elsewhere" if new else name for name, new in zip(getattr(arrays, field), lines, strict=True)]
            for field in ("tissue", "medium")
        }
        known = every & ~lines[:, None]
        yield "features of unseen lines", replace(with_other_features(arrays, lines), **names), known
    if drugs.any():
        bits = np.where(drugs[:, None], 1 - arrays.fingerprints, arrays.fingerprints).astype(np.float32)
        targets = [["OTHER"] if new else names for names, new in zip(arrays.targets, drugs, strict=True)]
        smiles = ["CCO" if new else text for text, new in zip(arrays.smiles, drugs, strict=True)]
        changed = replace(arrays, fingerprints=bits, targets=targets, smiles=smiles)
        yield "features of unseen drugs", changed, every & ~drugs
        threshold = np.where(drugs, arrays.threshold + 3, arrays.threshold).astype(np.float32)
        yield "thresholds of unseen drugs", replace(arrays, threshold=threshold), every


def leaks(predict, arrays, split):
    """What `predict` reads of what the test leaves out, by name."""
    before = {}
    found = []
    for name, changed, pairs in changes(arrays, split):
        key = pairs.tobytes()
        if key not in before:
            before[key] = says(predict, arrays, split, pairs)
        after = says(predict, changed, split, pairs)
        if before[key].shape != after.shape or not np.allclose(before[key], after, **TOLERANCE):
            found.append(name)
    return found


def crossings(arrays, split):
    """What of the test may also be learnt from: pairs, or duplicates of the lines and drugs that are left out."""
    found = []
    if (split.test & (split.train | split.validation | split.development)).any():
        found.append("test pairs")
    if (split.train & split.validation).any():
        found.append("validation pairs in training")
    lines, drugs = (np.unique(groups, return_inverse=True)[1] for groups in (arrays.line_groups, arrays.drug_groups))
    pair = lines[:, None] * (drugs.max() + 1) + drugs[None, :]
    if set(pair[split.test]) & set(pair[split.development]):
        found.append("duplicates of test pairs")
    return found


def shared_units(split, groups, axis):
    """Groups of lines (axis 1) or drugs (axis 0) with pairs both in the test and in what may be learnt from."""
    groups = np.array(groups)
    return sorted(set(groups[split.test.any(axis)]) & set(groups[split.development.any(axis)]))
