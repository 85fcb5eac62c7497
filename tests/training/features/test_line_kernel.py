"""The Gaussian kernel of lines by hand."""

import numpy as np

from training.features.line_fit import line_blocks
from training.features.line_kernel import EXPRESSION_WEIGHT, gaussian_kernel, line_kernel


def test_the_gaussian_kernel_by_hand_has_the_median_of_the_fitted_rows():
    x, fit = np.array([[0.0], [1.0], [3.0]]), np.array([True, True, False])
    near, far, across = np.exp(-1 / 0.5), np.exp(-9 / 0.5), np.exp(-4 / 0.5)  # squares 0, 1, 1, 0: median .5
    np.testing.assert_allclose(gaussian_kernel(x, fit), [[1, near, far], [near, 1, across], [far, across, 1]])


def test_expression_weighs_twice_in_the_kernel_of_all_blocks(arrays):
    lines = arrays.measured.any(1)
    blocks = line_blocks(arrays, lines)
    weighted = np.hstack([EXPRESSION_WEIGHT * x if name == "expression" else x for name, x in blocks.items()])
    np.testing.assert_allclose(line_kernel(arrays, lines), gaussian_kernel(weighted, lines))
