"""One fitted table: columns, components and their scales, by hand and against a singular value decomposition."""

import numpy as np
import pytest
import torch
from torch.testing import assert_close

from training.features.table_fit import fit_table

NAN = float("nan")


def test_columns_are_scored_on_the_fitted_rows_and_constant_ones_go():
    raw = torch.tensor([[1.0, 5, 0], [3, 5, 4], [100, 9, 9], [NAN] * 3])
    present, rows = torch.tensor([1, 1, 1, 0]).bool(), torch.tensor([1, 1, 0, 0]).bool()
    scaled = fit_table(raw, rows, scale=True)
    assert scaled.kept.tolist() == [True, False, True]
    assert_close(scaled.standardise(raw, present), torch.tensor([[-1.0, -1], [1, 1], [98, 3.5], [0, 0]]))
    assert_close(fit_table(raw, rows, scale=False).standardise(raw, present)[2], torch.tensor([98.0, 7]))


@pytest.fixture
def table():
    """Ten rows of six genes, the first eight fitted."""
    return torch.randn(10, 6, generator=torch.Generator().manual_seed(0)), torch.arange(10) < 8


def everyone(raw):
    return torch.ones(len(raw), dtype=torch.bool)


def test_features_keep_the_distances_up_to_one_scale_and_have_a_mean_deviation_of_one(table):
    raw, rows = table
    fit = fit_table(raw, rows, scale=False)
    full = fit.features(raw, everyone(raw), 6)
    ratio = torch.pdist(full) / torch.pdist(raw)
    assert_close(ratio, torch.full_like(ratio, ratio[0].item()), rtol=1e-4, atol=0)
    assert full[rows].std(0, correction=0).mean().item() == pytest.approx(1, abs=1e-4)


def test_the_best_component_is_the_first_of_a_block_and_the_last_of_features(table):
    raw, rows = table
    fit = fit_table(raw, rows, scale=False)
    _, _, v = torch.linalg.svd(raw[rows] - raw[rows].mean(0))
    best = (raw - raw[rows].mean(0)) @ v[0]
    block = torch.from_numpy(fit.block(raw, everyone(raw), 3))
    for component in (fit.features(raw, everyone(raw), 2)[:, 1], block[:, 0]):
        assert abs(torch.cosine_similarity(component.float(), best, dim=0).item()) == pytest.approx(1, abs=1e-4)


def test_a_block_has_a_mean_norm_of_one_over_the_fitted_rows_whatever_its_width(table):
    raw, rows = table
    fit = fit_table(raw, rows, scale=True)
    whole = fit.block(raw, everyone(raw))
    assert np.linalg.norm(whole[rows], axis=1).mean() == pytest.approx(1)
    np.testing.assert_allclose(fit.block(raw, everyone(raw), 2), whole[:, :2])


def test_components_of_hardly_any_variance_are_features_but_not_of_the_block():
    generator = torch.Generator().manual_seed(1)
    raw = torch.randn(20, 3, generator=generator, dtype=torch.float64) * torch.tensor([1.0, 1e-2, 1e-4])
    fit = fit_table(raw, everyone(raw), scale=False)
    assert fit.width == 2  # squares 1, 1e-4 and 1e-8 of the first's: between the two limits
    assert fit.axes.shape == (3, 3)


def test_no_components_leave_the_columns_and_no_rows_leave_a_column_of_zeros(table):
    raw, rows = table
    plain = fit_table(raw, rows, scale=True, components=0)
    assert torch.equal(plain.features(raw, everyone(raw), 0), plain.standardise(raw, everyone(raw)))
    nothing = fit_table(raw, torch.zeros(10, dtype=torch.bool), scale=True)
    assert not nothing.features(raw, everyone(raw), 4).any()
    assert nothing.features(raw, everyone(raw), 4).shape == nothing.block(raw, everyone(raw)).shape == (10, 1)


def test_a_row_without_the_table_is_zero_and_never_read(table):
    raw, rows = table
    present = torch.arange(10) != 9
    gap = torch.where(present.unsqueeze(1), raw, NAN)
    fit = fit_table(gap, rows, scale=True)
    assert not fit.features(gap, present, 3)[9].any()
    assert not fit.block(gap, present)[9].any()
