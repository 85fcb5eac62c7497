"""Gradient-boosted trees (LightGBM) on a line's components and tissue beside a drug's structure, targets, pathway."""

from collections.abc import Callable

import lightgbm
import numpy as np

from training.baselines.drug_units import drug_units
from training.baselines.model_selection import Estimate, select_and_refit
from training.data.arrays import Arrays
from training.features.drug_views import drug_blocks
from training.features.line_fit import line_blocks
from training.features.line_kernel import join_blocks
from training.metrics.prediction import Prediction
from training.splits.splits import Mask, Split

LINE_COMPONENTS = 20  # of each omics table
DRUG_COMPONENTS = 20
TREES = (50, 100, 200, 300)  # ascending: each choice adds to the one before
PARAMETERS = {
    "objective": "regression",
    "learning_rate": 0.1,
    "num_leaves": 63,
    "min_data_in_leaf": 40,
    "feature_fraction": 0.3,
    "bagging_fraction": 0.5,
    "bagging_freq": 1,
    "max_bin": 63,
    "num_threads": 1,
    "deterministic": True,
    "force_row_wise": True,
    "verbosity": -1,
}


def lightgbm_ln_ic50(arrays: Arrays, split: Split, seed: int) -> Prediction:
    """Regression of ln IC50 z-scored per drug; the number of trees by validation.

    ln IC50 of an unseen drug is around the mean of the other drugs.
    """

    def fit(pairs: Mask) -> Callable[[int], Estimate]:
        units = drug_units(arrays, pairs)
        lines = join_blocks(line_blocks(arrays, units.lines), LINE_COMPONENTS).astype(np.float32)
        drugs = np.hstack(list(drug_blocks(arrays, units.drugs, DRUG_COMPONENTS).values())).astype(np.float32)
        every = np.hstack([np.repeat(lines, len(drugs), 0), np.tile(drugs, (len(lines), 1))])
        data = lightgbm.Dataset(every[pairs.ravel()], units.value[pairs])
        model = lightgbm.Booster({**PARAMETERS, "seed": seed}, data)
        value = np.zeros(pairs.size)

        def with_trees(trees: int) -> Estimate:
            nonlocal value
            before = model.current_iteration()
            for _ in range(before, trees):
                model.update()
            more = model.predict(every, start_iteration=before, num_iteration=trees - before)
            value = value + np.asarray(more)
            return units.estimate(value.reshape(pairs.shape))

        return with_trees

    return select_and_refit(arrays, split, fit, TREES)
