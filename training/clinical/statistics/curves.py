"""Kaplan–Meier curves of groups of patients, and the log-rank test between them (statsmodels)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from statsmodels.duration.survfunc import SurvfuncRight, survdiff

from training.clinical.statistics.cox import Floats, Outcome

GROUPS = {2: ("low", "high"), 3: ("low", "middle", "high")}
Groups = NDArray[np.intp]


@dataclass(frozen=True)
class Curve:
    """Survival of one group: steps at `years`, `share` alive from there on, and its pointwise 95 % interval.

    `censored` are the years at which a patient was seen last, without the event.
    """

    years: Floats
    share: Floats
    low: Floats
    high: Floats
    censored: Floats
    patients: int
    events: int

    def at(self, years: Floats) -> Floats:
        """Share alive at some times."""
        return np.asarray(np.r_[1.0, self.share])[np.searchsorted(self.years, years, side="right")]

    @property
    def median(self) -> float:
        """First time at which at most half are alive; NaN where more are to the end."""
        below = np.flatnonzero(self.share <= 0.5 + 1e-9)
        return float(self.years[below[0]]) if len(below) else np.nan


def equal_groups(score: Floats, count: int) -> Groups:
    """Group of each patient by quantiles of the score, 0 the lowest: 2 at the median, 3 at the tertiles."""
    cuts = np.quantile(score, np.arange(1, count) / count)
    return np.searchsorted(cuts, score, side="left")


def kaplan_meier(outcome: Outcome) -> Curve:
    """The curve of these patients, its interval on the scale log(−log S)."""
    curve = SurvfuncRight(outcome.years, outcome.event.astype(int))
    share, error = np.asarray(curve.surv_prob, float), np.asarray(curve.surv_prob_se, float)
    inside = (share > 0) & (share < 1)
    low, high = share.copy(), share.copy()
    spread = 1.959964 * error[inside] / (share[inside] * np.log(share[inside]))
    low[inside], high[inside] = share[inside] ** np.exp(-spread), share[inside] ** np.exp(spread)
    censored = np.sort(outcome.years[~outcome.event])
    return Curve(
        np.asarray(curve.surv_times, float), share, low, high, censored, len(outcome.years), int(outcome.event.sum())
    )


def of_group(outcome: Outcome, chosen: NDArray[np.bool_]) -> Outcome:
    """The follow-up of some of the patients."""
    return Outcome(outcome.years[chosen], outcome.event[chosen])


def log_rank(outcome: Outcome, groups: Groups) -> float:
    """P of the log-rank test between groups; NaN where there is one group only."""
    if len(np.unique(groups)) < 2:
        return np.nan
    return float(survdiff(outcome.years, outcome.event.astype(int), groups)[1])
