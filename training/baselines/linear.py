"""Linear models per drug on principal components of omics and on tissue (scikit-learn)."""

from functools import partial

import numpy as np
from sklearn.linear_model import LogisticRegression, enet_path

from training.baselines.drug_units import DrugUnits, drug_units, fill_unseen_drugs
from training.baselines.model_selection import Estimate, select_and_refit
from training.data.arrays import Arrays, Floats
from training.features.line_fit import line_blocks
from training.features.line_kernel import join_blocks
from training.metrics.prediction import Prediction
from training.splits.splits import Mask, Split

COMPONENTS = 64  # of each omics table: more of them cost time and gain nothing on 600 lines
INVERSE_PENALTIES = (0.3, 1.0, 3.0)
L1_SHARE = 0.5
PENALTIES = (0.03, 0.01, 0.003)


def logistic_regression(arrays: Arrays, split: Split, _seed: int) -> Prediction:
    """L2 logistic regression of the label per drug; the score is the log-odds; penalty by validation.

    A drug whose fitted lines all have one label gets its smoothed log-odds, an unseen drug the mean of the others.
    """

    def fit(pairs: Mask) -> partial[Estimate]:
        return partial(at_penalty, pairs, join_blocks(line_blocks(arrays, np.any(pairs, axis=1)), COMPONENTS))

    def at_penalty(pairs: Mask, x: Floats, inverse: float) -> Estimate:
        out = np.zeros(pairs.shape)
        for drug in np.flatnonzero(pairs.any(0)):
            rows = pairs[:, drug]
            label = arrays.sensitive[rows, drug] == 1
            if label.any() and not label.all():
                model = LogisticRegression(C=inverse, max_iter=1000).fit(x[rows], label)
                out[:, drug] = model.decision_function(x)
            else:
                out[:, drug] = np.log((label.sum() + 0.5) / ((~label).sum() + 0.5))
        known = pairs.any(0)
        return Estimate(np.where(known, out, out[:, known].mean(1, keepdims=True)))

    return select_and_refit(arrays, split, fit, INVERSE_PENALTIES)


def elastic_net_ln_ic50(arrays: Arrays, split: Split, _seed: int) -> Prediction:
    """Elastic net per drug on its z-scored ln IC50, half of the penalty L1; penalty by validation."""

    def fit(pairs: Mask) -> partial[Estimate]:
        units = drug_units(arrays, pairs)
        x = join_blocks(line_blocks(arrays, units.lines), COMPONENTS)
        values = np.zeros((len(PENALTIES), *pairs.shape))
        for drug in np.flatnonzero(units.drugs):
            rows = pairs[:, drug]
            mean, y = x[rows].mean(0), units.value[rows, drug].astype(float)
            _, weights, _ = enet_path(x[rows] - mean, y - y.mean(), l1_ratio=L1_SHARE, alphas=PENALTIES, tol=1e-3)
            values[:, :, drug] = ((x - mean) @ weights + y.mean()).T
        return partial(at_penalty, units, dict(zip(PENALTIES, values, strict=True)))

    def at_penalty(units: DrugUnits, values: dict[float, Floats], penalty: float) -> Estimate:
        return units.estimate(fill_unseen_drugs(units, values[penalty]))

    return select_and_refit(arrays, split, fit, PENALTIES)
