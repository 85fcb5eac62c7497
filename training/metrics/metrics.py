"""Measures of a score matrix against the labels of chosen pairs.

Pooled figures mix drugs whose share of sensitive lines differs, so they mostly measure drug means; the per-drug mean
asks what a user asks: which of these lines responds to this drug?
"""

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata, spearmanr
from sklearn.metrics import average_precision_score, roc_auc_score

from model.bundle.card import ReliabilityBin

Float = NDArray[np.floating]
Mask = NDArray[np.bool_]
FEWEST_LINES = 5  # of each class, below which one drug's AUROC is too noisy to average
FEWEST_DRUGS = 3  # likewise for one line, which has fewer sensitive drugs


def auroc(score: Float, label: Mask) -> float:
    """AUROC. Shapes: (n,), (n,); NaN where a class is missing."""
    return float(roc_auc_score(label, score)) if len(np.unique(label)) == 2 else float("nan")


def auprc(score: Float, label: Mask) -> float:
    """Average precision. Shapes: (n,), (n,); NaN where a class is missing."""
    return float(average_precision_score(label, score)) if len(np.unique(label)) == 2 else float("nan")


def rmse(guess: Float, truth: Float) -> float:
    """Root mean squared error. Shapes: (n,), (n,)."""
    return float(np.sqrt(np.mean((guess - truth) ** 2)))


def pearson(guess: Float, truth: Float) -> float:
    """Pearson correlation. Shapes: (n,), (n,); NaN where one of them does not vary."""
    return float(np.corrcoef(guess, truth)[0, 1]) if _vary(guess, truth) else float("nan")


def spearman(guess: Float, truth: Float) -> float:
    """Rank correlation, as `pearson`."""
    return float(spearmanr(guess, truth).statistic) if _vary(guess, truth) else float("nan")


def _vary(guess: Float, truth: Float) -> bool:
    # a constant minus a constant leaves rounding noise of float32, which correlates with nothing
    return bool(len(guess) > 1 and np.ptp(guess) > 1e-5 and np.ptp(truth) > 1e-5)


def pooled_auroc(scores: Float, sensitive: Float, pairs: Mask) -> float:
    """AUROC over all `pairs`. Shapes: scores, sensitive, pairs (N, M)."""
    return float(roc_auc_score(sensitive[pairs], scores[pairs]))


def pooled_auprc(scores: Float, sensitive: Float, pairs: Mask) -> float:
    """Average precision over all `pairs`; chance is the share of sensitive pairs."""
    return float(average_precision_score(sensitive[pairs], scores[pairs]))


def per_drug_auroc(scores: Float, sensitive: Float, pairs: Mask) -> NDArray[np.float64]:
    """AUROC of each drug over its lines in `pairs`, NaN where a class has fewer than FEWEST_LINES. Shape: (M,).

    By the ranks of its sensitive lines (Mann and Whitney), of all drugs at once: validation looks at it often.
    """
    others = len(pairs) - pairs.sum(0)  # rank before all lines that count
    rank = rankdata(np.where(pairs, scores, -np.inf), axis=0, nan_policy="raise") - others
    positive = pairs & (sensitive > 0)
    p = positive.sum(0)
    n = pairs.sum(0) - p
    above = (rank * positive).sum(0) - p * (p + 1) / 2
    out, enough = np.full(len(p), np.nan), np.minimum(p, n) >= FEWEST_LINES
    out[enough] = (above / np.maximum(p * n, 1))[enough]
    return out


def expected_calibration_error(probability: Float, label: Float, bins: int = 10) -> float:
    """Mean absolute difference of observed and predicted share over the pairs of `reliability`. Shapes: (n,), (n,)."""
    found = reliability(probability, label, bins)
    return sum(abs(part["observed"] - part["predicted"]) * part["pairs"] for part in found) / len(probability)


def reliability(probability: Float, label: Float, bins: int = 10) -> list[ReliabilityBin]:
    """Equally filled bins of the predicted probability, the least probable first. Shapes: (n,), (n,)."""
    parts = np.array_split(np.argsort(probability, kind="stable"), bins)
    return [
        {"predicted": float(probability[part].mean()), "observed": float(label[part].mean()), "pairs": len(part)}
        for part in parts
        if len(part)
    ]


def summary(scores: Float, sensitive: Float, pairs: Mask) -> dict[str, float]:
    """The label metrics that every table shows: auroc, auprc, and per_drug_auroc where any drug has enough lines."""
    per_drug = per_drug_auroc(scores, sensitive, pairs)
    pooled = {"auroc": pooled_auroc(scores, sensitive, pairs), "auprc": pooled_auprc(scores, sensitive, pairs)}
    return pooled if np.isnan(per_drug).all() else {**pooled, "per_drug_auroc": float(np.nanmean(per_drug))}


def choice_value(metrics: dict[str, float]) -> float:
    """What epochs and settings are chosen by on validation: AUPRC + per-drug AUROC, where the latter is defined."""
    return metrics["auprc"] + metrics.get("per_drug_auroc", 0.0)


def per_drug_pearson(predicted: Float, observed: Float, pairs: Mask) -> NDArray[np.float64]:
    """Pearson correlation of each drug over its lines in `pairs`, NaN below 2·FEWEST_LINES lines. Shape: (M,)."""
    out = np.full(predicted.shape[1], np.nan)
    for drug in range(predicted.shape[1]):
        rows = pairs[:, drug]
        if rows.sum() >= 2 * FEWEST_LINES:
            out[drug] = pearson(predicted[rows, drug], observed[rows, drug])
    return out
