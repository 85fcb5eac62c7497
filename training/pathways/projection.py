"""Pathway scores of samples that lack the full transcriptome: a learned projection from the genes that they have."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.linear_model import RidgeCV
from sklearn.model_selection import KFold

Float = NDArray[np.float32]
RIDGES = (10.0, 30.0, 100.0, 300.0, 1000.0, 3000.0)
FOLDS = 5


@dataclass(frozen=True)
class Projection:
    """score = ((x − mean) / sd) · weight + intercept, with what it is worth on lines that it was not fitted on.

    Shapes: g genes, p pathways; mean, sd (g,), weight (g, p), intercept (p,), cross-validated pearson and r2 (p,).
    """

    genes: list[str]
    pathways: list[str]
    mean: Float
    sd: Float
    weight: Float
    intercept: Float
    pearson: Float
    r2: Float

    def apply(self, expression: pd.DataFrame) -> pd.DataFrame:
        """Scores of samples, rows of `expression` (in the fit's unit). Raises ValueError naming lost genes."""
        if lost := [gene for gene in self.genes if gene not in expression.columns]:
            raise ValueError(
                f"{len(lost)} genes of the projection are missing: {lost[:10]}; fit one on the genes there"
            )
        x = (expression[self.genes].to_numpy(np.float32) - self.mean) / self.sd
        return pd.DataFrame(x @ self.weight + self.intercept, expression.index, self.pathways)


def fit_projection(expression: pd.DataFrame, activity: pd.DataFrame, train: list[str], seed: int = 0) -> Projection:
    """Ridge from genes to scores on the training lines that have both; the penalty is chosen inside each fit.

    Raises ValueError where fewer than 20 lines have both tables.
    """
    lines = [line for line in train if line in expression.index and line in activity.index]
    if len(lines) < 20:
        raise ValueError(f"{len(lines)} training lines have expression and pathway scores; give 20 at least")
    raw = expression.loc[lines].to_numpy(np.float64)
    varying = raw.std(0) > 1e-6
    raw, y = raw[:, varying], activity.loc[lines].to_numpy(np.float64)
    held = np.empty_like(y)
    for fit, test in KFold(FOLDS, shuffle=True, random_state=seed).split(raw):
        mean, sd = raw[fit].mean(0), raw[fit].std(0).clip(1e-6)
        held[test] = _ridge((raw[fit] - mean) / sd, y[fit]).predict((raw[test] - mean) / sd)
    mean, sd = raw.mean(0), raw.std(0)
    model = _ridge((raw - mean) / sd, y)
    pearson = [np.corrcoef(a, b)[0, 1] for a, b in zip(held.T, y.T, strict=True)]
    return Projection(
        [gene for gene, kept in zip(expression.columns, varying, strict=True) if kept],
        list(activity.columns),
        mean.astype(np.float32),
        sd.astype(np.float32),
        np.ascontiguousarray(model.coef_.T, np.float32),
        np.asarray(model.intercept_, np.float32),
        np.nan_to_num(pearson).astype(np.float32),
        (1 - ((held - y) ** 2).sum(0) / ((y - y.mean(0)) ** 2).sum(0).clip(1e-12)).astype(np.float32),
    )


def _ridge(x: NDArray[np.float64], y: NDArray[np.float64]) -> RidgeCV:
    return RidgeCV(alphas=RIDGES, alpha_per_target=True).fit(x, y)
