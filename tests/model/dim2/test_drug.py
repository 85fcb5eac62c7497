"""The drug encoder: the same code in any company and any order of atoms, geometry that counts, nothing untrained."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from model.dim2.config import Dim2Config
from model.dim2.drug import DrugEncoder, Layer, composition, shape_of
from model.dim2.drug_batch import drug_batch
from model.molecule_graphs import MoleculeGraph, molecule_graph

SMILES = ("NCCCCCC(=O)OC1=CC=CC=C1", "CCO", "N.N.Cl[Pt]Cl", "C[C@H](N)C(=O)O", "C")
CONFIG = replace(Dim2Config(), dropout=0.0)


@pytest.fixture(scope="module")
def graphs() -> list[MoleculeGraph]:
    return [molecule_graph(smiles, conformers=3) for smiles in SMILES]


@pytest.fixture
def encoder() -> DrugEncoder:
    torch.manual_seed(0)
    return DrugEncoder(CONFIG).eval()


def codes(encoder, graphs):
    return encoder(**drug_batch(graphs).named_tensors())


def test_a_drugs_code_is_the_same_in_any_company(encoder, graphs):
    together = codes(encoder, graphs)
    assert together.shape == (5, 30)
    alone = torch.cat([codes(encoder, [graph]) for graph in graphs])
    torch.testing.assert_close(together, alone, rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(codes(encoder, graphs[::-1]).flip(0), together, rtol=1e-4, atol=1e-5)


def renumbered(graph: MoleculeGraph, order: np.ndarray) -> MoleculeGraph:
    """The same molecule with atom i at place order[i], and its bonds backwards."""
    last = graph.bonds.shape[1] - 1
    return replace(
        graph,
        atoms=graph.atoms[np.argsort(order)],
        bonds=np.sort(order[graph.bonds[:, ::-1]], 0).astype(np.int32),
        bond_kinds=graph.bond_kinds[::-1],
        lengths=graph.lengths[:, ::-1].copy(),
        angle_bonds=(last - graph.angle_bonds).astype(np.int32),
        pairs=order[graph.pairs].astype(np.int32),
    )


def test_the_order_of_atoms_and_bonds_changes_nothing(encoder, graphs):
    order = np.random.default_rng(0).permutation(len(graphs[0].atoms))
    one, other = codes(encoder, [graphs[0]]), codes(encoder, [renumbered(graphs[0], order)])
    torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-5)


def test_only_the_3d_part_reads_the_geometry(encoder, graphs):
    stretched = replace(graphs[0], distances=graphs[0].distances * 1.2)
    bent = replace(graphs[0], angles=graphs[0].angles * 0.8)
    longer = replace(graphs[0], lengths=graphs[0].lengths * 1.1)
    before = codes(encoder, [graphs[0]])[0]
    for changed in (stretched, bent, longer):
        after = codes(encoder, [changed])[0]
        assert torch.equal(before[:25], after[:25])
        assert not torch.allclose(before[25:], after[25:])


def test_the_code_is_the_mean_over_conformers(encoder, graphs):
    def one(k):
        graph = graphs[0]
        return replace(graph, **{n: getattr(graph, n)[k : k + 1] for n in ("lengths", "angles", "distances")})

    each = torch.stack([codes(encoder, [one(k)])[0] for k in range(3)])
    assert not torch.allclose(each[0], each[1])
    torch.testing.assert_close(codes(encoder, [graphs[0]])[0], each.mean(0), rtol=1e-4, atol=1e-5)


def test_drawn_conformers_are_conformers_of_the_same_molecule(graphs):
    batch = drug_batch(graphs)
    drawn = batch.sample_conformers(1, torch.Generator().manual_seed(0))
    assert drawn.lengths.shape == (1, batch.lengths.shape[1])
    bond_drug, pair_drug = batch.atom_drug[batch.bonds[0]], batch.atom_drug[batch.pairs[0]]
    for drug in (0, 3):
        found = [
            k
            for k in range(3)
            if torch.equal(drawn.distances[0, pair_drug == drug], batch.distances[k, pair_drug == drug])
            and torch.equal(drawn.lengths[0, bond_drug == drug], batch.lengths[k, bond_drug == drug])
        ]
        assert len(found) == 1
    draws = [batch.sample_conformers(1, torch.Generator().manual_seed(seed)) for seed in range(20)]
    seen = {draw.distances[0, :9].sum().item() for draw in draws}
    assert len(seen) == 3


def test_a_drug_without_geometry_gets_the_learned_code(encoder, graphs):
    cisplatin = codes(encoder, [graphs[2]])[0]
    assert torch.equal(cisplatin[25:], encoder.three.missing)


def test_every_weight_of_all_three_views_gets_a_gradient(encoder, graphs):
    """The published graph networks never did: their features came from the random start, in evaluation mode."""
    batch = drug_batch(graphs)
    out = encoder.train()(**batch.named_tensors())
    every = torch.ones(5, dtype=torch.bool)
    given_back = encoder.bits_loss(out[:, :20], batch.ecfp) + encoder.graph_loss(out[:, 20:], shape_of(batch), every)
    ((out + 1).square().sum() + given_back).backward()
    without = [name for name, p in encoder.named_parameters() if p.grad is None or not p.grad.any()]
    assert without == []


def test_mirror_images_have_different_codes(encoder, graphs):
    other = molecule_graph("C[C@@H](N)C(=O)O", conformers=3)
    assert not torch.allclose(codes(encoder, [graphs[3]])[0, 20:25], codes(encoder, [other])[0, 20:25])


def test_composition_is_shares(graphs):
    shares = composition(drug_batch([graphs[1]]))[0]  # ethanol: two carbons of three atoms
    assert shares[0] == pytest.approx(2 / 3)
    assert shares[:14].sum() == pytest.approx(1)


def test_without_a_view_its_part_of_the_code_is_gone(graphs):
    flat = DrugEncoder(replace(CONFIG, drug_3d=False)).eval()
    assert codes(flat, graphs).shape == (5, 25)
    bits = DrugEncoder(replace(CONFIG, drug_3d=False, drug_2d=False)).eval()
    assert codes(bits, graphs).shape == (5, 20)
    batch = drug_batch(graphs)
    assert bits.bits_loss(codes(bits, graphs), batch.ecfp) > 0
    assert bits.graph_loss(codes(bits, graphs)[:, 20:], shape_of(batch), torch.ones(5, dtype=torch.bool)) == 0


def test_a_layer_by_hand():
    """Two nodes, one edge: x_i + MLP((1 + ε) x_i + ReLU(x_j + e)), normalised; here with ε = 0 and MLP = identity."""
    layer = Layer(2)
    layer.convolution.nn = torch.nn.Identity()
    x, edges = torch.tensor([[1.0, 2.0], [3.0, -4.0]]), torch.tensor([[0.5, 0.5]])
    sums = torch.tensor([[2 * 1.0 + 3.5, 2 * 2.0 + 0.0], [2 * 3.0 + 1.5, -8.0 + 2.5]])
    expected = torch.nn.functional.layer_norm(sums, (2,))
    torch.testing.assert_close(layer(x, torch.tensor([[0], [1]]), edges), expected)


def test_no_molecule_and_mixed_conformers_are_refused(graphs):
    with pytest.raises(ValueError, match="no molecule"):
        drug_batch([])
    with pytest.raises(ValueError, match=r"molecules in \[2, 3\] conformers"):
        drug_batch([graphs[0], molecule_graph("CCO", conformers=2)])
