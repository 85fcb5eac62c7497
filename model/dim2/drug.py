"""The drug side of DiM2-DRP: fingerprint, 2D graph and 3D geometry, each to a short code, trained end to end.

In the published code the two graph networks keep their random start in evaluation mode; here they are part of the
network and get gradients like everything else.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import cast

import numpy as np
import torch
from torch import Tensor, nn
from torch_geometric.nn import GINEConv

from model.dim2.config import Dim2Config
from model.dim2.drug_batch import DrugBatch
from model.molecule_graphs import ATOM_SIZES, BOND_SIZES, PAIR_CUTOFF
from model.molecules.fingerprints import ECFP_BITS

LONGEST_BOND = 3.0  # Å
COMPOSITION = sum(ATOM_SIZES) + sum(BOND_SIZES)
RADIAL = 16  # radial basis functions a distance, length or angle


class Codes(nn.Module):
    """Sum of one embedding per property. Shapes: codes (n, p) below `sizes` -> (n, width)."""

    def __init__(self, sizes: tuple[int, ...], width: int) -> None:
        super().__init__()
        self.tables = nn.ModuleList(nn.Embedding(size, width) for size in sizes)

    def forward(self, codes: Tensor) -> Tensor:
        """Look up and add."""
        total = torch.zeros(())
        for column, table in enumerate(self.tables):
            total = table(codes[:, column]) + total
        return total


class Radial(nn.Module):
    """exp(−((x − μ_i) / δ)²) for evenly spaced μ_i from `low` to `high`, then a linear map. (…,) -> (…, width)."""

    centres: Tensor

    def __init__(self, low: float, high: float, width: int) -> None:
        super().__init__()
        self.register_buffer("centres", torch.linspace(low, high, RADIAL), persistent=False)
        self.step = (high - low) / (RADIAL - 1)
        self.linear = nn.Linear(RADIAL, width)

    def forward(self, x: Tensor) -> Tensor:
        """Basis, then map."""
        basis = torch.exp(-(((x.unsqueeze(-1) - self.centres) / self.step) ** 2))
        return cast("Tensor", self.linear(basis))


class Layer(nn.Module):
    """x + GINE(x): x_i' = MLP((1 + ε) x_i + Σ_j ReLU(x_j + e_ij)), normalised.

    An edge is listed once and carries messages both ways.
    Shapes: x (…, n, w), index (2, e), edges (…, e, w) -> (…, n, w); leading dimensions are conformers.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        mlp = nn.Sequential(nn.Linear(width, 2 * width), nn.ReLU(), nn.Linear(2 * width, width))
        self.convolution = GINEConv(mlp, train_eps=True)
        self.norm = nn.LayerNorm(width)

    def forward(self, x: Tensor, index: Tensor, edges: Tensor) -> Tensor:
        """One round of messages."""
        both = torch.cat([index, index.flip(0)], 1)
        return cast("Tensor", self.norm(x + self.convolution(x, both, torch.cat([edges, edges], -2))))


def pooled(x: Tensor, owner: Tensor, count: Tensor) -> Tensor:
    """Mean over each molecule's atoms. Shapes: x (…, V, w), owner (V,), count (m,) -> (…, m, w)."""
    total = x.new_zeros(*x.shape[:-2], len(count), x.shape[-1]).index_add(-2, owner, x)
    return total / count.unsqueeze(-1)


class Network2D(nn.Module):
    """GIN with bond types on the 2D graph: three layers, mean over atoms."""

    def __init__(self, config: Dim2Config) -> None:
        super().__init__()
        w = config.graph_width
        self.atom, self.bond = Codes(ATOM_SIZES, w), Codes(BOND_SIZES, w)
        self.layers = nn.ModuleList(Layer(w) for _ in range(config.graph_layers))
        self.out = nn.Linear(w, config.graph_code)

    def forward(self, atoms: Tensor, owner: Tensor, count: Tensor, bonds: Tensor, kinds: Tensor) -> Tensor:
        """Shapes: as in DrugBatch, count (m,) atoms of each molecule -> (m, graph_code)."""
        x, edges = self.atom(atoms), self.bond(kinds)
        for layer in self.layers:
            x = layer(x, bonds, edges)
        return cast("Tensor", self.out(pooled(x, owner, count)))


class Network3D(nn.Module):
    """3D geometry network: messages from angles to bonds, and from bonds and near atoms to atoms.

    The code is the mean over conformers; all molecules without a conformer share one learned code.
    """

    def __init__(self, config: Dim2Config) -> None:
        super().__init__()
        w, layers = config.graph_width, config.graph_layers
        self.atom, self.bond = Codes(ATOM_SIZES, w), Codes(BOND_SIZES, w)
        self.length, self.angle = Radial(0.8, LONGEST_BOND, w), Radial(0.0, float(np.pi), w)
        self.distance = Radial(1.5, PAIR_CUTOFF + 1, w)
        self.over_angles = nn.ModuleList(Layer(w) for _ in range(layers))
        self.over_bonds = nn.ModuleList(Layer(w) for _ in range(layers))
        self.over_pairs = nn.ModuleList(Layer(w) for _ in range(layers))
        self.out = nn.Linear(w, config.graph_code)
        self.missing = nn.Parameter(torch.zeros(config.graph_code))

    def forward(  # noqa: PLR0913 -- the inputs of an ONNX graph, one array each
        self,
        atoms: Tensor,
        owner: Tensor,
        count: Tensor,
        bonds: Tensor,
        kinds: Tensor,
        lengths: Tensor,
        angle_bonds: Tensor,
        angles: Tensor,
        pairs: Tensor,
        distances: Tensor,
        has_geometry: Tensor,
    ) -> Tensor:
        """Shapes: as in DrugBatch -> (m, graph_code)."""
        bond = self.bond(kinds) + self.length(lengths)  # (K, E, w)
        angle, near = self.angle(angles), self.distance(distances)  # (K, A, w), (K, P, w)
        atom = self.atom(atoms).unsqueeze(0).repeat(lengths.shape[0], 1, 1)  # (K, V, w)
        for angles_layer, bonds_layer, pairs_layer in zip(
            self.over_angles, self.over_bonds, self.over_pairs, strict=True
        ):
            bond = angles_layer(bond, angle_bonds, angle)
            atom = bonds_layer(atom, bonds, bond) + pairs_layer(atom, pairs, near)
        code = self.out(pooled(atom, owner, count).mean(0))
        return torch.where(has_geometry.unsqueeze(1), code, self.missing)


@dataclass(frozen=True)
class Shape:
    """What the graphs' decoders give back: shares of each kind of atom and bond (2D), spread of the distances (3D).

    Shapes: composition (m, COMPOSITION), distances (m, RADIAL), has_geometry (m,) boolean.
    """

    composition: Tensor
    distances: Tensor
    has_geometry: Tensor


def shape_of(batch: DrugBatch) -> Shape:
    """The shape of every molecule, over all of its conformers."""
    return Shape(composition(batch), distance_spread(batch), batch.has_geometry)


class DrugEncoder(nn.Module):
    """A drug's code: ECFP → 300 → 100 → 20, the 2D network's 5, the 3D network's 5; each part has its own decoder.

    The decoders reconstruct the ECFP bits, the shares of each kind of atom and bond (2D), and the distribution of the
    pair distances over the radial basis (3D).
    """

    def __init__(self, config: Dim2Config) -> None:
        super().__init__()
        self.config = config
        drop = nn.Dropout(config.dropout)
        self.ecfp = nn.Sequential(
            nn.Linear(ECFP_BITS, 300),
            nn.ReLU(),
            drop,
            nn.Linear(300, 100),
            nn.ReLU(),
            nn.Linear(100, config.ecfp_code),
        )
        self.ecfp_decoder = _decoder(config.ecfp_code, 100, 300, ECFP_BITS)
        self.two = Network2D(config) if config.drug_2d else None
        self.three = Network3D(config) if config.drug_3d else None
        self.two_decoder = _decoder(config.graph_code, 30, COMPOSITION) if config.drug_2d else None
        self.three_decoder = _decoder(config.graph_code, 30, RADIAL) if config.drug_3d else None
        self.width = config.ecfp_code + config.graph_code * (config.drug_2d + config.drug_3d)

    @property
    def parts(self) -> list[tuple[str, int]]:
        """Names and lengths of the code's parts, in their order; a part that is left out has length 0."""
        config = self.config
        return [
            ("ECFP code", config.ecfp_code),
            ("2D graph code", config.graph_code * config.drug_2d),
            ("3D geometry code", config.graph_code * config.drug_3d),
        ]

    def forward(  # noqa: PLR0913 -- the inputs of an ONNX graph, one array each
        self,
        ecfp: Tensor,
        atoms: Tensor,
        atom_drug: Tensor,
        bonds: Tensor,
        bond_kinds: Tensor,
        lengths: Tensor,
        angle_bonds: Tensor,
        angles: Tensor,
        pairs: Tensor,
        distances: Tensor,
        has_geometry: Tensor,
    ) -> Tensor:
        """Shapes: as in DrugBatch -> (m, width)."""
        shape = (atoms, atom_drug, bonds, bond_kinds, lengths, angle_bonds, angles, pairs, distances, has_geometry)
        return torch.cat([self.ecfp(ecfp), self.graph_codes(ecfp, *shape)], 1)

    def graph_codes(  # noqa: PLR0913 -- as `forward`
        self,
        ecfp: Tensor,
        atoms: Tensor,
        atom_drug: Tensor,
        bonds: Tensor,
        bond_kinds: Tensor,
        lengths: Tensor,
        angle_bonds: Tensor,
        angles: Tensor,
        pairs: Tensor,
        distances: Tensor,
        has_geometry: Tensor,
    ) -> Tensor:
        """The part of the code that comes from the 2D and the 3D network. Shapes: as in DrugBatch -> (m, 5 or 10)."""
        count = torch.zeros_like(ecfp[:, 0]).index_add(0, atom_drug, torch.ones_like(atom_drug, dtype=ecfp.dtype))
        parts, shape = [ecfp[:, :0]], (atoms, atom_drug, count, bonds, bond_kinds)
        if self.two is not None:
            parts.append(self.two(*shape))
        if self.three is not None:
            parts.append(self.three(*shape, lengths, angle_bonds, angles, pairs, distances, has_geometry))
        return torch.cat(parts, 1)

    def bits_loss(self, codes: Tensor, bits: Tensor) -> Tensor:
        """Cross-entropy of the bits given back from their code. Shapes: (m, ecfp_code), (m, 1024) -> ()."""
        return nn.functional.binary_cross_entropy_with_logits(self.ecfp_decoder(codes), bits)

    def graph_loss(self, codes: Tensor, shape: Shape, counted: Tensor) -> Tensor:
        """Squared errors of what the graphs' decoders give back of the drugs that count.

        Shapes: codes (m, 5 or 10) of `graph_codes`, counted (m,) boolean -> ().
        """
        loss = codes.new_zeros(())
        if self.two_decoder is not None:
            shares = self.two_decoder(codes[counted, : self.config.graph_code])
            loss = loss + nn.functional.mse_loss(shares, shape.composition[counted])
        if self.three_decoder is not None:
            has = (shape.has_geometry & counted).unsqueeze(1)
            error = (self.three_decoder(codes[:, -self.config.graph_code :]) - shape.distances) ** 2
            loss = loss + (error * has).sum() / (has.sum().clamp(min=1) * RADIAL)
        return loss


def composition(batch: DrugBatch) -> Tensor:
    """Share of a molecule's atoms and bonds that have each code, (m, COMPOSITION)."""
    m = len(batch.ecfp)
    atom = _one_hot(batch.atoms, ATOM_SIZES)
    bond = _one_hot(batch.bond_kinds, BOND_SIZES)
    bond_drug = batch.atom_drug[batch.bonds[0]]
    shares = [
        atom.new_zeros(m, table.shape[1]).index_add(0, owner, table)
        / atom.new_zeros(m).index_add(0, owner, torch.ones_like(table[:, 0])).clamp(min=1).unsqueeze(1)
        for table, owner in ((atom, batch.atom_drug), (bond, bond_drug))
    ]
    return torch.cat(shares, 1)


def distance_spread(batch: DrugBatch) -> Tensor:
    """Mean radial basis of a molecule's pair distances over its pairs and conformers, (m, RADIAL)."""
    m, owner = len(batch.ecfp), batch.atom_drug[batch.pairs[0]]
    centres = torch.linspace(1.5, PAIR_CUTOFF + 1, RADIAL, device=owner.device)
    step = (PAIR_CUTOFF - 0.5) / (RADIAL - 1)
    basis = torch.exp(-(((batch.distances.unsqueeze(-1) - centres) / step) ** 2)).mean(0)  # (P, RADIAL)
    count = basis.new_zeros(m).index_add(0, owner, torch.ones_like(basis[:, 0])).clamp(min=1)
    return basis.new_zeros(m, RADIAL).index_add(0, owner, basis) / count.unsqueeze(1)


def _one_hot(codes: Tensor, sizes: tuple[int, ...]) -> Tensor:
    columns = [nn.functional.one_hot(codes[:, i], size) for i, size in enumerate(sizes)]
    return torch.cat(columns, 1).float()


def _decoder(*widths: int) -> nn.Sequential:
    layers: list[nn.Module] = []
    for one, other in pairwise(widths):
        layers += [nn.Linear(one, other), nn.ReLU()]
    return nn.Sequential(*layers[:-1])
