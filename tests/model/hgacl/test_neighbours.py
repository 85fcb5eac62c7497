"""Which neighbours are kept and at what value, by hand; the attention that weighs them."""

import pytest
import torch
from torch.testing import assert_close

from model.hgacl.neighbours import AllNeighbours, GatedNeighbours, NodeAttention, RowNormalised, TopNeighbours, select


def test_neighbours_are_picked_by_attention_and_keep_their_similarity():
    similarity, attention = torch.tensor([[0.9, 0.5, 0.8], [0.1, 0.2, 0.3]]), torch.tensor([0.1, 2.0, 1.0])
    columns, values = select(TopNeighbours(2), similarity, attention)  # products .09 1.0 .8 and .01 .4 .3
    assert columns.tolist() == [[1, 2], [1, 2]]
    assert torch.equal(values, torch.tensor([[0.5, 0.8], [0.2, 0.3]]))


def test_fewer_columns_than_neighbours_are_all_kept():
    columns, _ = select(TopNeighbours(10), torch.ones(2, 3), torch.ones(3))
    assert sorted(columns[0].tolist()) == [0, 1, 2]


S, A = torch.tensor([[0.9, 0.5, 0.8], [0.1, 0.2, 0.3]]), torch.tensor([0.1, 2.0, 1.0])


def test_gated_neighbours_are_the_same_columns_times_their_attention():
    columns, values = select(GatedNeighbours(2), S, A)
    assert columns.tolist() == select(TopNeighbours(2), S, A)[0].tolist() == [[1, 2], [1, 2]]
    assert_close(values, torch.tensor([[1.0, 0.8], [0.4, 0.3]]))


def test_row_normalised_values_sum_to_one_and_zeros_stay_zeros():
    _, values = select(RowNormalised(GatedNeighbours(2)), S, A)
    assert_close(values, torch.tensor([[1.0 / 1.8, 0.8 / 1.8], [0.4 / 0.7, 0.3 / 0.7]]))
    _, values = select(RowNormalised(TopNeighbours(2)), -S, A)
    assert_close(values.abs().sum(1), torch.ones(2))
    assert not select(RowNormalised(TopNeighbours(2)), 0 * S, A)[1].any()


def test_without_the_filter_every_node_is_a_neighbour_at_its_similarity():
    columns, values = select(AllNeighbours(), S, A)
    assert columns.tolist() == [[1, 2, 0], [1, 2, 0]]
    assert torch.equal(values, S.gather(1, columns))


@pytest.mark.parametrize(("selection", "learns"), [(TopNeighbours(2), False), (GatedNeighbours(2), True)])
def test_the_attention_gets_a_gradient_through_gated_edges_alone(selection, learns):
    attention = A.clone().requires_grad_()
    _, values = select(selection, S.clone().requires_grad_(), attention)
    values.sum().backward()
    assert (attention.grad is not None) == learns


def test_node_attention_has_mean_one_and_is_positive():
    attention = NodeAttention(6)(torch.randn(9, 6, generator=torch.Generator().manual_seed(0)))
    assert attention.mean().item() == pytest.approx(1)
    assert (attention > 0).all()
