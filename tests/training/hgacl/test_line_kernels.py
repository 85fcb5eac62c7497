"""Kernels of the modalities: which one a configuration takes, and that a graph computes the same numbers."""

from dataclasses import replace

import pytest
import torch
from torch.testing import assert_close

from model.estimators.kernels import median_distance
from training.hgacl.line_kernels import CosineKernel, GaussianKernel, JaccardKernel, PolynomialKernel, fit_kernel


@pytest.fixture
def x():
    return torch.randn(7, 5, generator=torch.Generator().manual_seed(0))


def test_each_preset_has_its_kernels(x, small, small_paper):
    modalities = ("expression", "copy_number", "mutation")
    ours, papers = ([fit_kernel(m, x, config) for m in modalities] for config in (small, small_paper))
    assert ours == [GaussianKernel(median_distance(x)), PolynomialKernel(3, True), CosineKernel()]
    assert papers == [GaussianKernel(2.0), PolynomialKernel(3, False), JaccardKernel()]
    whole = replace(small, feature_components=0)
    assert fit_kernel("mutation", x, whole) == JaccardKernel()
    assert fit_kernel("expression", x[:1], small) == GaussianKernel(1.0)  # one line has no distance to another


KERNELS = (GaussianKernel(1.7), PolynomialKernel(3, True), PolynomialKernel(2, False), CosineKernel())


@pytest.mark.parametrize("kernel", KERNELS)
def test_a_graphs_form_gives_the_same_numbers(x, kernel):
    y = x[:3] + 0.1
    assert_close(kernel.graph(x, y), kernel(x, y), atol=1e-4, rtol=1e-5)


def test_cosines_below_zero_count_as_none():
    x = torch.tensor([[1.0, 0], [0, 2], [-3, 0]])
    assert_close(CosineKernel()(x, x), torch.eye(3))
