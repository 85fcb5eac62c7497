"""Which parts a configuration asks for: the paper's network, the default's, and this with one setting changed."""

from dataclasses import replace

import pytest
import torch

from model.hgacl.assembly import build_network
from model.hgacl.decoders import CorrelationDecoder, FactorDecoder, MarginDecoder
from model.hgacl.encoders import JointEncoder, TypedEncoder
from model.hgacl.fusion import AttentionFusion, EqualFusion
from model.hgacl.neighbours import AllNeighbours, GatedNeighbours, RowNormalised, TopNeighbours
from model.hgacl.node_features import FactorPath, KernelMap, KernelRows, SharedPath


def parts_of(net):
    """The chosen parts, in the order of the computation."""
    terms = [[type(term) for term in side.terms] for side in (net.line_nodes, net.drug_nodes)]
    assert terms[0] == terms[1]
    return type(net.fusion), net.selection, terms[0], type(net.encoder), type(net.decoder)


def test_the_papers_network_has_the_published_parts(population, paper):
    parts = parts_of(build_network(population, paper))
    assert parts == (AttentionFusion, TopNeighbours(3), [KernelMap], JointEncoder, CorrelationDecoder)


def test_the_defaults_network_has_ours(population, default):
    nodes = [KernelRows, SharedPath, FactorPath]
    parts = parts_of(build_network(population, default))
    assert parts == (AttentionFusion, RowNormalised(GatedNeighbours(3)), nodes, TypedEncoder, MarginDecoder)


@pytest.mark.parametrize(
    ("changes", "place", "part"),
    [
        ({"fusion": False}, 0, EqualFusion),
        ({"filter_neighbours": False}, 1, RowNormalised(AllNeighbours())),
        ({"gate_edges": False}, 1, RowNormalised(TopNeighbours(3))),
        ({"row_normalise": False}, 1, GatedNeighbours(3)),
        ({"feature_path": False}, 2, [KernelMap, FactorPath]),
        ({"factor_rank": 0}, 2, [KernelRows, SharedPath]),
        ({"encoder": "joint"}, 3, JointEncoder),
        ({"margin_weight": 0.0}, 4, FactorDecoder),
        ({"margin_weight": 0.0, "factor_rank": 0, "node_bias": False}, 4, CorrelationDecoder),
    ],
)
def test_a_setting_changes_its_own_part_alone(population, default, changes, place, part):
    ours, changed = (parts_of(build_network(population, c)) for c in (default, replace(default, **changes)))
    assert changed[place] == part
    others = [i for i in range(5) if i != place and not ("factor_rank" in changes and i == 2)]
    assert [changed[i] for i in others] == [ours[i] for i in others]


def test_one_seed_gives_one_network(population, default):
    def state(seed):
        torch.manual_seed(seed)
        return build_network(population, default).state_dict()

    one, same, other = (state(seed) for seed in (0, 0, 1))
    assert all(torch.equal(one[name], same[name]) for name in one)
    assert not torch.equal(one["encoder.self_line.weight"], other["encoder.self_line.weight"])
