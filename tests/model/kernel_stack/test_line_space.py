"""Imputation against the normal equations, and a line's own values kept out of its own imputation."""

import numpy as np
import pytest

from model.kernel_stack.line_kernels import line_kernels
from model.kernel_stack.line_space import RIDGE, SOURCE_WEIGHT, WEIGHTS, LineSpace, weighted


@pytest.fixture(scope="module")
def space():
    """Forty lines; expression follows the array in a plane, eight lines lack it, all have a tissue."""
    rng = np.random.default_rng(0)
    array, tissue = rng.normal(size=(40, 5)), np.eye(4)[rng.integers(0, 4, 40)]
    expression = array @ rng.normal(size=(5, 3)) + 0.1 * rng.normal(size=(40, 3))
    has = np.arange(40) >= 8
    blocks = {"expression_array": array, "expression": np.where(has[:, None], expression, 0), "tissue": tissue}
    return LineSpace(blocks, {"expression_array": np.ones(40, bool), "expression": has, "tissue": np.ones(40, bool)})


def by_normal_equations(space, rows, array, tissue):
    """Ridge on the features themselves, fitted on `rows`."""
    sources = np.hstack([SOURCE_WEIGHT * space.blocks["expression_array"], space.blocks["tissue"]])[rows]
    target = space.blocks["expression"][rows]
    centred = target - target.mean(0)
    weights = np.linalg.solve(sources.T @ sources + RIDGE * np.eye(sources.shape[1]), sources.T @ centred)
    return target.mean(0) + np.hstack([SOURCE_WEIGHT * array, tissue]) @ weights


def test_a_missing_block_is_the_ridge_regression_on_the_others(space):
    has = space.present["expression"]
    expected = by_normal_equations(space, has, space.blocks["expression_array"][:8], space.blocks["tissue"][:8])
    np.testing.assert_allclose(space.completed["expression"][:8], expected, atol=1e-9)
    np.testing.assert_array_equal(space.completed["expression"][8:], space.blocks["expression"][8:])


def test_a_hidden_block_of_a_training_line_is_imputed_without_that_line(space):
    hidden = space.hidden(["expression_array", "tissue"])["expression"]
    assert not np.allclose(hidden[20], space.blocks["expression"][20])
    for line in (8, 20, 39):
        others = space.present["expression"] & (np.arange(40) != line)
        own = (space.blocks[name][line : line + 1] for name in ("expression_array", "tissue"))
        mean_of_all = space.blocks["expression"][space.present["expression"]].mean(0)
        shifted = LineSpace({**space.blocks, "expression": space.blocks["expression"] - mean_of_all}, space.present)
        sources = np.hstack([SOURCE_WEIGHT * space.blocks["expression_array"], space.blocks["tissue"]])
        k = sources[others] @ sources[others].T
        duals = np.linalg.solve(k + RIDGE * np.eye(len(k)), shifted.blocks["expression"][others])
        array, tissue = own
        row = np.hstack([SOURCE_WEIGHT * array, tissue]) @ sources[others].T
        np.testing.assert_allclose(hidden[line], (mean_of_all + row @ duals)[0], atol=1e-9)


def test_a_block_that_nothing_tells_of_is_the_mean(space):
    nothing = {name: np.zeros(2, bool) for name in space.blocks}
    done = space.complete({name: np.full((2, x.shape[1]), 9.0) for name, x in space.blocks.items()}, nothing)
    assert all((x == 0).all() for x in done.values())


def test_kernels_compare_weighted_blocks(space):
    kernels = line_kernels(space.completed)
    gaussian, laplace, parts = kernels.rows(space.completed)
    x = weighted(space.completed)
    assert x.shape[1] == 12
    assert np.linalg.norm(x[:, :5]) == pytest.approx(
        WEIGHTS["expression_array"] * np.linalg.norm(space.blocks["expression_array"])
    )
    square = ((x[3] - x[5]) ** 2).sum()
    distances = ((x[:, None] - x) ** 2).sum(2)
    assert gaussian[3, 5] == pytest.approx(np.exp(-square / np.median(distances)))
    assert laplace[3, 5] == pytest.approx(np.exp(-np.sqrt(square / np.median(distances))))
    for kernel in (gaussian, laplace, parts):
        np.testing.assert_allclose(kernel.diagonal(), 1, atol=1e-6)
        assert np.linalg.eigvalsh(kernel)[0] > -1e-6
