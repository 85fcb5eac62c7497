"""Node features against their formula, computed densely."""

from dataclasses import dataclass

import torch
from torch.testing import assert_close

from model.hgacl.node_features import FactorPath, KernelRows, NodeFeatures, SharedPath


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


def test_the_papers_node_features_are_the_kernel_rows_alone(generator):
    rows = KernelRows(4, 6)
    columns, values = torch.tensor([[3]]), torch.tensor([[0.5]])
    shared = torch.randn(1, 6, generator=generator)
    assert_close(NodeFeatures([rows])(Rows(columns, values), shared, torch.zeros(1, 0)), 0.5 * rows.rows.weight[3:])
