"""The score test of Cox regression: thousands of variables against one fit of the covariates.

Its z is Wald's for small effects, and costs one product of matrices, so random gene sets and permuted patients are
judged by it, and what they are compared with.
"""

from dataclasses import dataclass
from typing import NamedTuple, Self

import numpy as np

from training.clinical.statistics.cox import Floats, Outcome, maximum


class Score(NamedTuple):
    """Derivative of the log likelihood at no effect, and its variance, (m,) each."""

    value: Floats
    variance: Floats

    @property
    def z(self) -> Floats:
        """Standard normal without effect."""
        return np.asarray(self.value / np.sqrt(self.variance))

    @property
    def log_hr(self) -> Floats:
        """One step of Newton's method from no effect, with the error `se`."""
        return np.asarray(self.value / self.variance)

    @property
    def se(self) -> Floats:
        """Error of `log_hr`."""
        return np.asarray(self.variance**-0.5)


@dataclass(frozen=True)
class ScoreTest:
    """The covariates' fit of one cohort and end point. Shapes: covariates (n, k), weight and share (n,),
    total (d,), mean (d, k), information (k, k).
    """

    outcome: Outcome
    covariates: Floats
    weight: Floats
    share: Floats
    total: Floats
    mean: Floats
    information: Floats

    @classmethod
    def of(cls, outcome: Outcome, covariates: Floats) -> Self:
        """Fit the covariates, (n, k); k may be 0."""
        centred = covariates - covariates.mean(0)
        predictor = maximum(outcome, centred.T[:, :, None]).predictor[:, 0] if centred.shape[1] else np.zeros(1)
        weight = np.broadcast_to(np.exp(predictor - predictor.max()), outcome.years.shape)
        total = outcome.at_risk @ weight
        share = weight * (outcome.at_risk.T @ (1 / total))
        mean = outcome.at_risk @ (weight[:, None] * centred) / total[:, None]
        information = (share[:, None] * centred).T @ centred - mean.T @ mean
        return cls(outcome, centred, weight, share, total, mean, information)

    def score(self, x: Floats) -> Score:
        """The score of each variable, positive where more of it goes with earlier events. Shapes: (n, m) -> (m,)."""
        x = x - x.mean(0)
        mean = self.outcome.at_risk @ (self.weight[:, None] * x) / self.total[:, None]
        own = self.share @ x**2 - (mean**2).sum(0)
        shared = (self.share[:, None] * x).T @ self.covariates - mean.T @ self.mean  # (m, k)
        explained = (shared * np.linalg.solve(self.information, shared.T).T).sum(1) if shared.shape[1] else 0.0
        return Score((x[self.outcome.cases] - mean).sum(0), own - explained)
