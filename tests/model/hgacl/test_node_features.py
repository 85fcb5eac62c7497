"""Node features against their formula, computed densely."""

from dataclasses import dataclass

import torch
from torch.testing import assert_close

from model.hgacl.node_features import FactorPath, KernelMap, KernelRows, NodeFeatures, SharedPath


@dataclass
class Rows:
    columns: torch.Tensor
    values: torch.Tensor


def test_node_features_are_a_linear_map_of_the_filtered_kernel_rows_shared_embedding_and_factors(generator):
    columns, values = torch.tensor([[0, 2], [1, 0]]), torch.rand(2, 2, generator=generator)
    shared, factors = torch.randn(2, 6, generator=generator), torch.randn(2, 3, generator=generator)
    rows, path, factor = KernelRows(4, 6), SharedPath(6, 0.0), FactorPath(3, 6)
    kept = torch.zeros(2, 4).scatter(1, columns, values)
    expected = kept @ rows.rows.weight + path.linear(torch.relu(shared)) + factor.linear(factors)
    assert_close(NodeFeatures([rows, path, factor])(Rows(columns, values), shared, factors), expected)


def test_the_papers_node_features_are_a_linear_layer_of_the_kernel_rows_alone(generator):
    rows = KernelMap(4, 6)
    columns, values = torch.tensor([[3], [0]]), torch.tensor([[0.5], [0.0]])
    shared = torch.randn(2, 6, generator=generator)
    features = NodeFeatures([rows])(Rows(columns, values), shared, torch.zeros(2, 0))
    assert_close(features[0], 0.5 * rows.rows.weight[3] + rows.bias)
    assert_close(features[1], rows.bias)  # a node without neighbours
    assert 0 < rows.bias.abs().max() <= 0.5 >= rows.rows.weight.abs().max()  # within 4^-1/2, as torch starts a layer
