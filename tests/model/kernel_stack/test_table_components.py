"""Components from some of a table's genes are those from all, but for what these genes cannot tell."""

import numpy as np
import pytest

from model.kernel_stack.packing import Stored
from model.kernel_stack.table_components import TableComponents

GENES, WIDTH = 300, 8


@pytest.fixture
def made():
    """Components of a table that is 8 patterns and little noise, 40 samples of it and their true components."""
    rng = np.random.default_rng(0)
    axes = np.linalg.qr(rng.normal(size=(GENES, WIDTH)))[0]
    variance, noise = np.geomspace(1, 0.05, WIDTH), 2e-4
    spread, mean = rng.uniform(0.5, 2, GENES), rng.normal(5, 1, GENES)
    truth = rng.normal(size=(40, WIDTH)) * np.sqrt(variance)
    table = mean + spread * (truth @ axes.T + np.sqrt(noise) * rng.normal(size=(40, GENES)))
    stored = Stored(axes / spread[:, None], np.ones(WIDTH))
    return TableComponents(mean, stored, spread, variance, noise), table, truth


def without(table, share, seed=1):
    table = table.copy()
    table[:, np.random.default_rng(seed).random(GENES) > share] = np.nan
    return table


def test_all_genes_are_projected(made):
    components, table, truth = made
    by_hand = (table - components.mean) @ components.axes.values
    np.testing.assert_allclose(components.block(table), by_hand)
    np.testing.assert_allclose(by_hand, truth, atol=0.08)


@pytest.mark.parametrize(("share", "most"), [(0.9, 0.02), (0.3, 0.06), (0.1, 0.12)])
def test_some_genes_tell_what_all_do_and_counting_the_rest_as_the_mean_does_not(made, share, most):
    components, table, _ = made
    some, every = without(table, share), components.block(table)
    as_mean = np.where(np.isnan(some), components.mean, some)
    error, of_mean = (np.abs(components.block(x) - every).mean() for x in (some, as_mean))
    assert error < most * np.abs(every).mean() * 2
    assert error < of_mean / 3


def test_gaps_are_filled_with_the_posterior_mean_of_the_textbook(made):
    components, table, _ = made
    axes = components.axes.values * components.spread[:, None]
    for share in (0.9, 0.1):  # by the genes that are missing, and by those that are known
        some = without(table, share)
        known, z = ~np.isnan(some[0]), (some - components.mean) / components.spread
        covariance = axes @ np.diag(components.variance) @ axes.T + components.noise * np.eye(GENES)
        rest = z[:, known] @ np.linalg.solve(covariance[np.ix_(known, known)], covariance[np.ix_(known, ~known)])
        z[:, ~known] = rest
        np.testing.assert_allclose(components.block(some), z @ axes, atol=1e-9)


def test_a_sample_is_the_same_in_any_company(made):
    components, table, _ = made
    mixed = np.vstack([without(table[:5], 0.5, 1), table[5:9], without(table[9:12], 0.5, 2)])
    alone = np.vstack([components.block(row[None]) for row in mixed])
    np.testing.assert_allclose(components.block(mixed), alone, atol=1e-12)


def test_fewer_genes_draw_a_sample_towards_the_mean(made):
    components, table, _ = made
    sizes = [np.square(components.block(without(table, share))).sum() for share in (1, 0.1, 0.02)]
    assert sizes[0] > sizes[1] > sizes[2] > 0


def test_without_spreads_and_without_any_gene_a_gap_counts_as_the_mean(made):
    components, table, _ = made
    bare = TableComponents(components.mean, components.axes, np.zeros(GENES), components.variance, 1.0)
    some = without(table, 0.3)
    as_mean = np.where(np.isnan(some), components.mean, some)
    np.testing.assert_allclose(bare.block(some), components.block(as_mean))
    assert not components.block(np.full((1, GENES), np.nan)).any()


@pytest.mark.parametrize("share", [1, 0.5])
def test_real_samples_are_explained_and_shuffled_ones_are_not(made, share):
    components, table, _ = made
    rng = np.random.default_rng(2)
    shuffled = components.mean + components.spread * rng.permuted(
        (table - components.mean) / components.spread, axis=1
    )
    assert components.explained(without(table, share)).min() > 0.8
    assert components.explained(without(shuffled, share)).max() < 0.3
