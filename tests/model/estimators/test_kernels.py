"""Similarities small enough to check on paper."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.testing import assert_close

from model.estimators.kernels import (
    DrugViews,
    drug_similarity,
    fuse,
    gaussian,
    jaccard,
    median_distance,
    polynomial,
    structural,
)


def table(*rows):
    return torch.tensor(rows, dtype=torch.float32)


def test_the_gaussian_kernel_by_hand():
    x, y = table([0, 0], [3, 4]), table([0, 0])
    assert_close(gaussian(x, y, sigma=5.0), table([1], [math.exp(-0.5)]))


def test_the_median_distance_is_between_different_rows():
    assert median_distance(table([0.0], [1.0], [3.0])) == 2.0  # distances 1, 3, 2


def test_sigma_two_is_the_identity_on_hundreds_of_genes_and_the_median_is_not():
    x = torch.randn(20, 700, generator=torch.Generator().manual_seed(0))
    assert_close(gaussian(x, x, 2.0), torch.eye(20), atol=1e-12, rtol=0)
    between = gaussian(x, x, median_distance(x))[~torch.eye(20, dtype=torch.bool)]
    assert ((between > 0.4) & (between < 0.8)).all()  # about e^−½


@pytest.mark.parametrize(("scaled", "expected"), [(False, 12.0**3), (True, (11 / 2 + 1) ** 3)])
def test_the_polynomial_kernel_raw_and_scaled_by_the_genes(scaled, expected):
    kernel = polynomial(table([1, 2]), table([3, 4], [0, 0]), 3, scale_inner_product=scaled)
    assert_close(kernel, table([expected, 1]))


def test_a_raw_cube_over_many_genes_is_ruled_by_a_few_rows_and_a_scaled_one_is_not():
    x = torch.randn(30, 5000, generator=torch.Generator().manual_seed(0))
    x[0] *= 5
    raw, scaled = (polynomial(x, x, 3, scale_inner_product=s) for s in (False, True))
    assert raw[0, 0] / raw[1, 1] > 10_000 < raw[1, 1]
    assert scaled[1, 1] < 10


def test_jaccard_by_hand():
    x, y = table([1, 1, 0], [0, 1, 1], [0, 0, 0]), table([1, 1, 1], [0, 1, 0], [0, 0, 0])
    assert_close(jaccard(x, y), table([2 / 3, 1 / 2, 0], [2 / 3, 1 / 2, 0], [0, 0, 0]))


def test_structure_is_the_mean_of_two_fingerprints_where_both_sides_have_the_second():
    bits, ecfp = table([1, 1], [1, 0], [1, 0]), table([1, 0, 0], [1, 1, 1], [0, 0, 0])
    expected = table([1, (1 / 2 + 1 / 3) / 2, 1 / 2], [(1 / 2 + 1 / 3) / 2, 1, 1], [1 / 2, 1, 1])
    assert_close(structural(bits, ecfp, bits, ecfp), expected)


def test_two_rows_without_any_mutation_have_nothing_in_common():
    assert_close(jaccard(torch.zeros(2, 4), torch.zeros(2, 4)), torch.zeros(2, 2))


BITS = st.lists(st.lists(st.integers(0, 1), min_size=5, max_size=5), min_size=1, max_size=6)


@given(BITS)
def test_jaccard_is_the_share_of_the_union_and_symmetric(rows):
    x = table(*rows)
    kernel = jaccard(x, x)
    sets = [{i for i, bit in enumerate(row) if bit} for row in rows]
    expected = [[len(a & b) / len(a | b) if a | b else 0.0 for b in sets] for a in sets]
    assert_close(kernel, table(*expected))
    assert torch.equal(kernel, kernel.T)


@pytest.mark.parametrize(
    "kernel",
    [
        lambda x, y: gaussian(x, y, 1.5),
        lambda x, y: polynomial(x, y, 3, scale_inner_product=True),
        lambda x, y: jaccard((x > 0).float(), (y > 0).float()),
    ],
)
def test_a_rectangular_kernel_holds_the_rows_and_columns_of_the_square_one(kernel):
    x = torch.randn(7, 4, generator=torch.Generator().manual_seed(0))
    rows, columns = torch.tensor([5, 1, 6]), torch.tensor([0, 2, 3, 5])
    assert_close(kernel(x[rows], x[columns]), kernel(x, x)[rows][:, columns])


def test_fusion_weighs_the_modalities_of_each_row():
    kernels = torch.stack([torch.full((2, 1), v) for v in (1.0, 10.0, 100.0)])
    weights, has = table([0.2, 0.3, 0.5], [1, 0, 0]), torch.ones(2, 3).bool()
    assert_close(fuse(kernels, weights, has, has[:1]), table([53.2], [1]))


def test_a_missing_modality_gives_its_weight_to_the_shared_ones():
    kernels = torch.stack([torch.full((1, 2), v) for v in (1.0, 10.0, 100.0)])
    row, columns = torch.tensor([[True, True, False]]), torch.tensor([[True, False, True], [True, True, True]])
    fused = fuse(kernels, table([0.25, 0.75, 0.0]), row, columns)
    assert_close(fused, table([1.0, 0.25 * 1 + 0.75 * 10]))  # column 0 shares the first alone, at full weight


def test_a_pair_that_shares_no_modality_has_similarity_zero():
    kernels = torch.ones(3, 1, 1)
    row, column = torch.tensor([[True, False, False]]), torch.tensor([[False, True, True]])
    assert fuse(kernels, table([1, 0, 0]), row, column).item() == 0


def test_drugs_are_compared_by_what_both_have():
    bits, ecfp = table([1, 1, 0], [1, 1, 0], [1, 1, 0]), torch.zeros(3, 2)  # one structure, annotated or not
    targets, pathway = table([1, 1], [1, 0], [0, 0]), table([1, 0], [0, 1], [0, 0])
    views = DrugViews(bits, ecfp, targets, pathway)
    for weight in (1.0, 0.5):
        half = (1 + 0.5) / (2 + weight)  # half the targets shared, another pathway
        expected = table([1, half, 1], [half, 1, 1], [1, 1, 1])
        assert_close(drug_similarity(views, views, weight), expected)
    chosen = torch.tensor([True, False, True])
    assert_close(drug_similarity(views, views.rows(chosen)), drug_similarity(views, views)[:, chosen])
