"""Both encoders against their formulas, computed densely."""

import pytest
import torch
from torch.testing import assert_close

from model.hgacl.encoders import JointEncoder, TypedEncoder
from model.hgacl.graph import Neighbourhood
from model.hgacl.neighbours import TopNeighbours, select


@pytest.fixture
def graph(population, generator):
    """x, y, neighbours of lines and of drugs, and both similarity blocks as dense matrices A[target, source]."""

    def part(similarity, sources):
        columns, values = select(TopNeighbours(3), similarity, torch.ones(similarity.shape[1]))
        block = torch.zeros(len(similarity), len(similarity))
        for row in range(len(similarity)):
            block[row, sources[columns[row]]] = values[row]
        return Neighbourhood(columns, values, sources), block

    lines, line_block = part(population.line_kernels[0], population.line_sources)
    drugs, drug_block = part(population.drug_kernel, population.drug_sources)
    x, y = torch.randn(8, 6, generator=generator), torch.randn(5, 6, generator=generator)
    return x, y, lines, drugs, line_block, drug_block


def test_the_joint_encoder_is_relu_of_the_normalised_adjacency_times_x_w(graph, responses):
    x, y, lines, drugs, line_block, drug_block = graph
    assert line_block.diagonal().any()  # a node that is its own neighbour keeps that edge beside the I of A + I
    visible = responses.known.clone()
    visible[:, 1] = False
    positives = (responses.sensitive & visible).float()
    a = torch.cat([torch.cat([line_block, positives], 1), torch.cat([positives.T, drug_block], 1)]) + torch.eye(13)
    root = a.sum(1).rsqrt()
    encoder = JointEncoder(6, 7, 0.0)
    expected = torch.relu(root[:, None] * a * root @ encoder.weight(torch.cat([x, y])))
    z = torch.cat(encoder(x, y, lines, drugs, responses, visible))
    assert_close(z, expected, atol=1e-5, rtol=1e-5)


def test_the_typed_encoder_is_its_docstring(graph, responses):
    x, y, lines, drugs, line_block, drug_block = graph
    visible = responses.known.clone()
    visible[2] = False
    r = responses.value * visible
    e = TypedEncoder(6, 7, 0.0)
    to_line = r @ e.drug_to_line(y) / visible.sum(1, keepdim=True).clamp(min=1).sqrt()
    to_drug = r.T @ e.line_to_drug(x) / visible.sum(0).clamp(min=1).sqrt().unsqueeze(1)
    z_line, z_drug = e(x, y, lines, drugs, responses, visible)
    assert_close(z_line, torch.relu(e.self_line(x) + line_block @ e.similar_line(x) + to_line), atol=1e-5, rtol=1e-5)
    assert_close(z_drug, torch.relu(e.self_drug(y) + drug_block @ e.similar_drug(y) + to_drug), atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("kind", [JointEncoder, TypedEncoder])
def test_a_hidden_pair_sends_no_message_whatever_its_response(kind, graph, responses):
    x, y, lines, drugs, *_ = graph
    visible = responses.known.clone()
    hidden = visible.nonzero()[3]
    visible[tuple(hidden)] = False
    encoder, before = kind(6, 7, 0.0), None
    for value, label in ((-3.0, False), (5.0, True)):
        responses.value[tuple(hidden)], responses.sensitive[tuple(hidden)] = value, label
        z = torch.cat(encoder(x, y, lines, drugs, responses, visible))
        assert before is None or torch.equal(z, before)
        before = z
    visible[tuple(hidden)] = True
    assert not torch.equal(torch.cat(encoder(x, y, lines, drugs, responses, visible)), before)


@pytest.mark.parametrize("kind", [JointEncoder, TypedEncoder])
def test_embeddings_of_some_nodes_are_those_of_the_whole_pass(kind, graph, responses):
    x, y, lines, drugs, *_ = graph
    encoder = kind(6, 7, 0.0)
    whole = encoder(x, y, lines, drugs, responses, responses.known)
    rows = torch.tensor([1, 6]), torch.tensor([0, 4])
    some = encoder(x, y, lines, drugs, responses, responses.known, rows)
    for z, part, chosen in zip(whole, some, rows, strict=True):
        assert_close(part, z[chosen])
