"""How every baseline is fitted: settings chosen on validation, then one more fit on all of the development pairs."""

from collections.abc import Callable, Iterable
from typing import NamedTuple, TypeVar

from training.data.arrays import Arrays, Floats
from training.metrics.metrics import choice_value, summary
from training.metrics.prediction import Prediction
from training.splits.splits import Mask, Split

Setting = TypeVar("Setting")
Baseline = Callable[[Arrays, Split, int], Prediction]


class Estimate(NamedTuple):
    """What one fit says of every pair, both (N, M): score, and ln IC50 (µM) where the method predicts it."""

    score: Floats
    ln_ic50: Floats | None = None


def select_and_refit(
    arrays: Arrays, split: Split, fit: Callable[[Mask], Callable[[Setting], Estimate]], settings: Iterable[Setting]
) -> Prediction:
    """Choose among `settings` on validation with a fit to the training pairs, then fit the development pairs with it.

    `fit` takes the pairs to learn from and gives a function of a setting, so that what settings share is done once.
    """
    at_setting = fit(split.train)
    tried = {setting: at_setting(setting) for setting in settings}
    if len(tried) > 1:
        best = max(tried, key=lambda setting: validation_value(arrays, split, tried[setting]))
    else:
        best = next(iter(tried))
    return to_prediction(fit(split.development)(best), tried[best])


def validation_value(arrays: Arrays, split: Split, estimate: Estimate) -> float:
    """AUPRC + per-drug AUROC on validation, the rule that stops the networks too."""
    return choice_value(summary(estimate.score, arrays.sensitive, split.validation))


def to_prediction(final: Estimate, held_out: Estimate) -> Prediction:
    """What a method says after its last fit, beside what it said before it saw a validation pair."""
    return Prediction(final.score, final.ln_ic50, held_out.score, held_out.ln_ic50)
