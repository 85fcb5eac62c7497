"""Messages and perturbations against dense products."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.testing import assert_close

from model.hgacl.graph import (
    Neighbourhood,
    random_nodes,
    random_subset,
    response_message,
)


@pytest.mark.parametrize("columns", [[[1, 0], [0, 2]], [[2, 1, 0], [0, 2, 1]]], ids=["some", "all"])
def test_a_message_is_the_product_with_the_matrix_of_values(columns):
    columns, x = torch.tensor(columns), torch.randn(10, 3, generator=torch.Generator().manual_seed(0))
    values = torch.tensor([[0.5, 0.2, -0.3], [0.7, 0.1, 0.4]])[:, : columns.shape[1]]
    sources = torch.tensor([4, 5, 9])
    expected = torch.zeros(2, 10)
    for row in range(2):
        expected[row, sources[columns[row]]] = values[row]
    neighbours = Neighbourhood(columns, values, sources)
    assert torch.equal(neighbours.matrix(10), expected)
    assert_close(neighbours.message(x), expected @ x)


def test_no_rows_get_no_message():
    """A step that contrasts few of very many lines may draw no drug."""
    lines = Neighbourhood(torch.tensor([[0, 1]]), torch.ones(1, 2), torch.tensor([0, 1]))
    assert lines.of(torch.zeros(0, dtype=torch.long)).message(torch.ones(2, 3)).shape == (0, 3)


@given(st.integers(0, 1000), st.integers(1, 6), st.integers(1, 6))
def test_the_response_message_is_a_dense_product_over_the_root_of_the_count(seed, n, m):
    generator = torch.Generator().manual_seed(seed)
    values, x = torch.randn(n, m, generator=generator), torch.randn(m, 3, generator=generator)
    visible = torch.rand(n, m, generator=generator) < 0.5
    expected = (values * visible) @ x / visible.sum(1, keepdim=True).clamp(min=1).sqrt()
    assert_close(response_message(values, visible, x), expected, atol=1e-5, rtol=1e-5)
    # drugs receive along the same pairs, read the other way round
    y = torch.randn(n, 3, generator=generator)
    expected = (values * visible).T @ y / visible.sum(0).clamp(min=1).sqrt().unsqueeze(1)
    assert_close(response_message(values.T, visible.T, y), expected, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("value", [1e6, float("nan")])
def test_an_invisible_pair_sends_no_message(value):
    values, x = torch.ones(2, 3), torch.arange(6.0).reshape(3, 2)
    visible = torch.tensor([[True, True, False], [False, False, False]])
    changed = values.clone()
    changed[~visible] = value
    assert torch.equal(response_message(values, visible, x), response_message(changed, visible, x))
    assert not response_message(changed, visible, x)[1].any()


def test_a_response_message_has_the_gradient_of_the_dense_product():
    visible = torch.tensor([[True, False, True], [False, True, False]])
    values = torch.tensor([[2.0, 9, -1], [9, 3, 9]])
    x = torch.ones(3, 2, requires_grad=True)
    response_message(values, visible, x).sum().backward()
    expected = torch.tensor([2 / 2**0.5, 3.0, -1 / 2**0.5])
    assert_close(x.grad, expected.unsqueeze(1).expand(3, 2))


def test_a_random_subset_keeps_the_share_adds_nothing_and_follows_its_generator():
    pairs = torch.rand(200, 200, generator=torch.Generator().manual_seed(0)) < 0.5
    kept, again = (random_subset(pairs, 0.8, torch.Generator().manual_seed(1)) for _ in range(2))
    assert torch.equal(kept, again)
    assert not (kept & ~pairs).any()
    assert kept.sum() / pairs.sum() == pytest.approx(0.8, abs=0.02)
    assert torch.equal(random_subset(pairs, 1.0, torch.Generator().manual_seed(1)), pairs)


def test_no_node_is_masked_at_share_zero_and_the_share_otherwise():
    generator = torch.Generator().manual_seed(0)
    assert not random_nodes(1000, 0.0, generator).any()
    assert random_nodes(10_000, 0.1, generator).float().mean().item() == pytest.approx(0.1, abs=0.02)
