"""What a score means, fitted on validation pairs alone: probability, decision threshold, ln IC50 and its interval."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.metrics import precision_recall_curve

from model.bundle import card
from model.scoring import calibrated, ln_ic50
from training.data.arrays import Arrays

Float = NDArray[np.floating]
Mask = NDArray[np.bool_]
COVERAGE = 0.9
FEWEST_PAIRS = 50  # of a drug, for a half-width of its own
# Joins the half-width for a repeat in the same screen in quadrature where another assay measures: a drug's shift
# between assays and the noise of both, for 90 % of the pairs of 50 drugs (docs/explanation/results.md).
OTHER_ASSAY_HALF_WIDTH_LN_UM = 2.5


@dataclass(frozen=True)
class Regression:
    """Margin ≈ slope · estimate + intercept, in the drug's deviations; conformal half-width for `coverage`."""

    slope: float
    intercept: float
    half_width_sd: float
    coverage: float

    def card(self) -> card.Regression:
        """The entry `regression` of the model's card."""
        return {
            "slope": self.slope,
            "intercept": self.intercept,
            "half_width_sd": self.half_width_sd,
            "coverage": self.coverage,
        }


@dataclass(frozen=True)
class Calibration:
    """Platt scaling, the probability from which a pair is called sensitive (best F1), and the way to ln IC50."""

    slope: float
    intercept: float
    decision_threshold: float
    regression: Regression | None

    def probability(self, scores: Float) -> Float:
        """Calibrated probability of sensitivity."""
        return calibrated(scores.astype(np.float32), self.slope, self.intercept)

    def card(self) -> card.CalibrationCard:
        """These fields of the model's card."""
        return {
            "calibration": {"slope": self.slope, "intercept": self.intercept},
            "decision_threshold": self.decision_threshold,
            "regression": None if self.regression is None else self.regression.card(),
        }


def calibrate(arrays: Arrays, scores: Float, margins: Float | None, validation: Mask, sd: Float) -> Calibration:
    """Fit everything on the validation pairs: probability and threshold on the scores, ln IC50 on the margins.

    `margins` estimate (threshold − ln IC50) / σ_d; None for a model of labels alone, which then has no regression.
    Shapes: scores, margins, validation (N, M), sd (M,) the drugs' standard deviations of ln IC50 on training. The
    interval is split conformal: the (n + 1)·0.9-th smallest absolute residual of n validation pairs.
    """
    s, label = scores[validation].astype(np.float64), arrays.sensitive[validation]
    platt = LogisticRegression(C=np.inf).fit(s[:, None], label)
    slope, intercept = float(platt.coef_[0, 0]), float(platt.intercept_[0])
    precision, recall, thresholds = precision_recall_curve(label, calibrated(s.astype(np.float32), slope, intercept))
    f1 = 2 * precision * recall / (precision + recall).clip(1e-12)
    threshold = float(thresholds[np.argmax(f1[:-1])])
    regression = None if margins is None else _regression(arrays, margins, validation, sd)
    return Calibration(slope, intercept, threshold, regression)


def _regression(arrays: Arrays, margins: Float, validation: Mask, sd: Float) -> Regression:
    estimate = margins[validation].astype(np.float64)[:, None]
    margin = ((arrays.threshold - arrays.ln_ic50) / sd)[validation].astype(np.float64)
    line = LinearRegression().fit(estimate, margin)
    half = conformal_half_width(np.abs(margin - line.predict(estimate)))
    return Regression(float(line.coef_[0]), float(line.intercept_), half, COVERAGE)


def conformal_half_width(residual: Float) -> float:
    """Split conformal: the (n + 1) · 0.9-th smallest of n absolute residuals. Shape: residual (n,)."""
    ordered = np.sort(residual)
    rank = min(int(np.ceil((len(ordered) + 1) * COVERAGE)), len(ordered))
    return float(ordered[rank - 1])


def half_widths_by_drug(residual: Float, pairs: Mask) -> Float:
    """Half-widths from each drug's own pairs, and of all pairs where it has fewer than FEWEST_PAIRS.

    Split conformal by category (Mondrian: Vovk et al. 2003). Shapes: residual, pairs (N, M) -> (M,).
    """
    of_all = conformal_half_width(residual[pairs])
    own = [residual[pairs[:, j], j] for j in range(pairs.shape[1])]
    return np.array([conformal_half_width(x) if len(x) >= FEWEST_PAIRS else of_all for x in own])


def predicted_ln_ic50(arrays: Arrays, margins: Float, regression: Regression, sd: Float) -> Float:
    """Ln IC50 (µM) of every pair. Shapes: margins (N, M), sd (M,) -> (N, M)."""
    m, threshold = margins.astype(np.float32), np.broadcast_to(arrays.threshold, margins.shape)
    return ln_ic50(m, regression.slope, regression.intercept, threshold, np.broadcast_to(sd, margins.shape))
