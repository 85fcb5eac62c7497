"""A missing block by Gaussian kernel ridge, against scikit-learn."""

import numpy as np
from sklearn.kernel_ridge import KernelRidge

from training.features.imputation import RIDGE, fit_imputation, median_squared_distance


def test_the_median_counts_every_ordered_pair_and_each_row_with_itself():
    assert median_squared_distance(np.array([[0.0], [1.0]])) == 0.5  # 0, 1, 1, 0
    assert median_squared_distance(np.array([[0.0], [1.0], [3.0]])) == 1  # 0 thrice, 1 and 4 and 9 twice
    assert median_squared_distance(np.zeros((2, 3))) > 0  # equal rows: no division by zero


def test_the_prediction_is_kernel_ridge_around_the_mean():
    rng = np.random.default_rng(0)
    others, block, new = rng.normal(size=(12, 4)), rng.normal(size=(12, 3)), rng.normal(size=(5, 4))
    fit = fit_imputation(others, block)
    gamma = 1 / median_squared_distance(others)
    model = KernelRidge(alpha=RIDGE, kernel="rbf", gamma=gamma).fit(others, block - block.mean(0))
    np.testing.assert_allclose(fit.predict(new), block.mean(0) + model.predict(new), rtol=1e-8)
    far = fit.predict(np.full((1, 4), 1e3))
    np.testing.assert_allclose(far[0], block.mean(0))  # nothing known of its like: the mean
