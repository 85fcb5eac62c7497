"""GraphCDR (Liu et al. 2022): molecular graphs and omics as nodes, a graph of responses, contrast of two graphs.

    x_d = mean of a graph network over the atoms of a drug, x_c = mean of a dense layer of each table
    Z+ = PReLU(GCN(X, sensitive fitted pairs)),   Z− = PReLU(GCN(X, resistant fitted pairs))
    contrast: a summary s of the nodes of one graph tells its own nodes from the other graph's, D(z, s) = σ(zᵀ W s)
    score = [Z+_c, σ(F x_c)] · [Z+_d, σ(F x_d)],   loss = (1 − α − β) cross-entropy + α contrast+ + β contrast−

Departures: the score has a bias, without which inner products first have to learn the rate of sensitive pairs and stay
behind for hundreds of epochs; tables are principal components, as in the other baselines, and expression, copy number
and mutation stand where the authors have expression, methylation and mutation. As published, a supervised pair is an
edge.
"""

import math
import warnings
from functools import partial

import numpy as np
import torch
from torch import Tensor, nn
from torch_geometric.data import Batch, Data
from torch_geometric.nn import DeepGraphInfomax, GCNConv, global_mean_pool

from model.molecule_graphs import ATOM_SIZES, MoleculeGraph, molecule_graph
from model.molecules.faults import MoleculeError
from training.baselines.model_selection import Estimate
from training.baselines.networks.early_stopping import fit_with_early_stopping
from training.data.arrays import Arrays
from training.features.line_fit import line_blocks
from training.metrics.prediction import Prediction
from training.splits.splits import Mask, Split

WIDTH, HIDDEN, DIRECT = 100, 256, 10
ALPHA, BETA = 0.3, 0.3  # of the authors' code
LEARNING_RATE = 1e-3
EPOCHS = 500


class Atoms(nn.Module):
    """Two graph convolutions over the bonds of all drugs, and the mean over each drug's atoms."""

    def __init__(self, molecules: list[Data]) -> None:
        super().__init__()
        self.batch = Batch.from_data_list(molecules)
        self.first, self.second = GCNConv(sum(ATOM_SIZES), WIDTH, cached=True), GCNConv(WIDTH, WIDTH, cached=True)

    def forward(self) -> Tensor:
        """Shape: (M, WIDTH)."""
        atoms = self.first(self.batch.x, self.batch.edge_index).relu()
        atoms = self.second(atoms, self.batch.edge_index).relu()
        pooled: Tensor = global_mean_pool(atoms, self.batch.batch)
        return pooled


class Tables(nn.Module):
    """One dense layer a table, and the mean over tables."""

    def __init__(self, tables: list[Tensor]) -> None:
        super().__init__()
        self.tables = tables
        self.dense = nn.ModuleList(nn.Sequential(nn.Linear(x.shape[1], WIDTH), nn.Tanh()) for x in tables)

    def forward(self) -> Tensor:
        """Shape: (N, WIDTH)."""
        return torch.stack([dense(x) for dense, x in zip(self.dense, self.tables, strict=True)]).mean(0)


class Encoder(nn.Module):
    """One graph convolution over pairs of line and drug."""

    def __init__(self) -> None:
        super().__init__()
        self.convolution, self.act = GCNConv(WIDTH, HIDDEN, normalize=False), nn.PReLU(HIDDEN)

    def forward(self, x: Tensor, graph: Tensor) -> Tensor:
        """Shapes: x (n, WIDTH), graph (n, n) sparse -> (n, HIDDEN), n = N + M."""
        z: Tensor = self.act(self.convolution(x, graph))
        return z


class GraphCdr(nn.Module):
    """Full-batch training over the fitted pairs."""

    def __init__(self, arrays: Arrays, pairs: Mask) -> None:
        super().__init__()
        self.label = torch.from_numpy(np.where(pairs, arrays.sensitive, 0)).float()
        self.known = torch.from_numpy(pairs)
        self.seen = torch.cat([self.known.any(1), self.known.any(0)])
        self.graph, other = _graph(self.label == 1), _graph(self.known & (self.label == 0))
        blocks = line_blocks(arrays, np.any(pairs, axis=1)).values()
        self.lines = Tables([torch.from_numpy(x).float() for x in blocks])
        self.drugs = Atoms([_molecule(smiles) for smiles in arrays.smiles])
        self.infomax = DeepGraphInfomax(HIDDEN, Encoder(), lambda z, *_: z[self.seen].mean(0), lambda x, _: (x, other))
        self.direct_lines, self.direct_drugs = nn.Linear(WIDTH, DIRECT), nn.Linear(WIDTH, DIRECT)
        rate = float(self.label[self.known].mean())
        self.bias = nn.Parameter(torch.tensor(math.log(rate / (1 - rate))))
        self.optimiser = torch.optim.Adam(self.parameters(), lr=LEARNING_RATE)

    def _scores(self, x_lines: Tensor, x_drugs: Tensor, z: Tensor) -> Tensor:
        lines = torch.cat([z[: len(x_lines)], self.direct_lines(x_lines).sigmoid()], 1)
        drugs = torch.cat([z[len(x_lines) :], self.direct_drugs(x_drugs).sigmoid()], 1)
        return lines @ drugs.T + self.bias

    def step(self) -> None:
        """One full-batch step."""
        x_lines, x_drugs = self.lines(), self.drugs()
        z, other, summary = self.infomax(torch.cat([x_lines, x_drugs]), self.graph)
        logits = self._scores(x_lines, x_drugs, z)[self.known]
        loss = (1 - ALPHA - BETA) * nn.functional.binary_cross_entropy_with_logits(logits, self.label[self.known])
        z, other = z[self.seen], other[self.seen]  # an unseen node shapes no weight
        loss = loss + ALPHA * self.infomax.loss(z, other, summary) + BETA * self.infomax.loss(other, z, other.mean(0))
        self.optimiser.zero_grad()
        loss.backward()
        self.optimiser.step()

    @torch.no_grad()
    def estimate(self) -> Estimate:
        """Log odds as scores."""
        x_lines, x_drugs = self.lines(), self.drugs()
        z = self.infomax.encoder(torch.cat([x_lines, x_drugs]), self.graph)
        return Estimate(self._scores(x_lines, x_drugs, z).double().numpy())


def graphcdr(arrays: Arrays, split: Split, seed: int) -> Prediction:
    """The network above; epoch by validation."""
    return fit_with_early_stopping(arrays, split, partial(GraphCdr, arrays), seed, EPOCHS)


def _molecule(smiles: str) -> Data:
    """One-hot atoms and both directions of every bond; without a SMILES that can be read one atom, all zeros."""
    try:
        return _data(molecule_graph(smiles, conformers=0))
    except MoleculeError:
        return Data(x=torch.zeros(1, sum(ATOM_SIZES)), edge_index=torch.zeros(2, 0, dtype=torch.long))


def _data(graph: MoleculeGraph) -> Data:
    atoms = torch.from_numpy(graph.atoms).long()
    x = torch.cat([nn.functional.one_hot(atoms[:, i], size) for i, size in enumerate(ATOM_SIZES)], 1).float()
    bonds = torch.from_numpy(graph.bonds).long()
    return Data(x=x, edge_index=torch.cat([bonds, bonds.flip(0)], 1))


def _graph(pairs: Tensor) -> Tensor:
    """D^−½ (A + I) D^−½ of the pairs marked, a sparse matrix over lines and then drugs. Shapes: (N, M) -> (n, n)."""
    line, drug = pairs.nonzero().T
    drug, nodes = drug + len(pairs), torch.arange(sum(pairs.shape))
    source, target = torch.cat([line, drug, nodes]), torch.cat([drug, line, nodes])
    root = (1 + torch.cat([pairs.sum(1), pairs.sum(0)])).float().rsqrt()
    edges, weights, size = torch.stack([source, target]), root[source] * root[target], (len(nodes), len(nodes))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # torch calls its CSR matrices beta
        return torch.sparse_coo_tensor(edges, weights, size, check_invariants=True).to_sparse_csr()
