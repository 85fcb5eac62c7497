"""DiM2-DRP as three ONNX graphs and the codes of everything known, with the proof that they answer like torch.

    drug encoder   tensors of a DrugBatch, any number of molecules, atoms, bonds, angles, pairs, conformers -> codes
    cell encoder   standardised tables of any number of lines -> codes
    pair           codes and factors of both sides, offset, scale -> ln IC50 (µM)

Known lines and drugs need the pair graph alone: their codes, factors and offsets are tables. A new compound goes
through the drug encoder, a new sample through the cell encoder; factors and offset of a node never measured come from
the kernel ridge that `Codes` holds the rows of.
"""

from dataclasses import dataclass

import numpy as np
import onnxruntime as ort
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from model.dim2.drug_batch import DrugBatch
from model.dim2.network import Dim2
from training.dim2.inputs import Inputs
from training.inductive.onnx_graph import ParityError, onnx_graph

Float = NDArray[np.float32]
TOLERANCE = 1e-4  # of codes and ln µM; sums over a molecule's atoms are taken in another order
DRUG_INPUTS = {
    "ecfp": ("m", None),
    "atoms": ("V", None),
    "atom_drug": ("V",),
    "bonds": (None, "E"),
    "bond_kinds": ("E", None),
    "lengths": ("K", "E"),
    "angle_bonds": (None, "A"),
    "angles": ("K", "A"),
    "pairs": (None, "P"),
    "distances": ("K", "P"),
    "has_geometry": ("m",),
}
CELL_INPUTS = dict.fromkeys(("pathways", "mutations", "expression", "tissue"), ("n", None))
PAIR_INPUTS = dict.fromkeys(("cell", "drug", "cell_factors", "drug_factors"), ("n", None))
PAIR_INPUTS |= {"offset": ("n",), "scale": ("n",)}


@dataclass(frozen=True)
class Codes:
    """Tables of what is known, rows in the order of the arrays; float32.

    Shapes: lines (N, cell width), drugs (M, drug width), line_factors (N, r), drug_factors (M, r), offset (N, M)
    ln µM, scale (M,) ln µM.
    """

    lines: Float
    drugs: Float
    line_factors: Float
    drug_factors: Float
    offset: Float
    scale: Float


class Pair(nn.Module):
    """Fusion of aligned pairs, in ln µM."""

    def __init__(self, network: Dim2) -> None:
        super().__init__()
        self.network = network

    def forward(
        self, cell: Tensor, drug: Tensor, cell_factors: Tensor, drug_factors: Tensor, offset: Tensor, scale: Tensor
    ) -> Tensor:
        """Shapes: codes and factors (n, …), offset, scale (n,) -> (n,)."""
        return offset + scale * self.network(cell, drug, cell_factors, drug_factors).output


@torch.no_grad()
def codes_of(network: Dim2, inputs: Inputs) -> Codes:
    """Codes, factors and offsets of all lines and drugs; those without a training pair as never measured."""
    network.eval()
    offset, lines, drugs = inputs.offset, inputs.measured_lines, inputs.measured_drugs
    line_as = torch.where(lines, offset.full, offset.unseen)
    drug_as = (~drugs).long()
    rows, columns = torch.arange(len(lines)), torch.arange(len(drugs))
    tensors = (
        network.cells(*inputs.cells),
        network.drugs(*inputs.drugs.tensors()),
        offset.line_factors[line_as, rows],
        offset.drug_factors[drug_as, columns],
        offset.said(lines, drugs),
        offset.scale[drug_as, columns],
    )
    return Codes(*(tensor.cpu().numpy().astype(np.float32) for tensor in tensors))


def export_dim2(network: Dim2, inputs: Inputs) -> tuple[dict[str, bytes], Codes]:
    """ONNX graphs by name (drug_encoder, cell_encoder, pair) and the codes.

    Raises ParityError where ONNX Runtime and torch differ by more than TOLERANCE, on sizes other than those traced.
    """
    network = network.cpu().eval()
    inputs = inputs.to("cpu")
    codes = codes_of(network, inputs)
    pair = Pair(network)
    few = min(3, len(codes.lines), len(codes.drugs))
    graphs = {
        "drug_encoder": to_onnx(network.drugs, inputs.drugs.tensors(), DRUG_INPUTS, "code"),
        "cell_encoder": to_onnx(network.cells, tuple(x[:few] for x in inputs.cells), CELL_INPUTS, "code"),
        "pair": to_onnx(pair, pair_inputs(codes, np.arange(few), np.arange(few)), PAIR_INPUTS, "ln_ic50"),
    }
    every = np.indices(codes.offset.shape).reshape(2, -1)
    checks = {
        "drug_encoder": (network.drugs, one_drug(inputs.drugs).tensors(), DRUG_INPUTS),
        "cell_encoder": (network.cells, inputs.cells, CELL_INPUTS),
        "pair": (pair, pair_inputs(codes, *every[:, :: max(1, every.shape[1] // 5000)]), PAIR_INPUTS),
    }
    for name, (module, tensors, names) in checks.items():
        gap = parity(graphs[name], module, tensors, list(names))
        if not gap <= TOLERANCE:
            raise ParityError(f"{name}: torch and ONNX Runtime differ by {gap:.2g}, more than {TOLERANCE:.0e}")
    return graphs, codes


def pair_inputs(codes: Codes, lines: NDArray[np.intp], drugs: NDArray[np.intp]) -> tuple[Tensor, ...]:
    """What the pair graph reads for aligned rows of the tables."""
    rows = (codes.lines[lines], codes.drugs[drugs], codes.line_factors[lines], codes.drug_factors[drugs])
    return tuple(torch.from_numpy(x) for x in (*rows, codes.offset[lines, drugs], codes.scale[drugs]))


def one_drug(batch: DrugBatch, drug: int = 0) -> DrugBatch:
    """One molecule of a batch, in its first conformer: the smallest that the drug encoder can be asked for."""
    atom = batch.atom_drug == drug
    place = atom.long().cumsum(0) - 1
    bond, pair = atom[batch.bonds[0]], atom[batch.pairs[0]]
    bond_place = bond.long().cumsum(0) - 1
    angle = bond[batch.angle_bonds[0]]
    return DrugBatch(
        batch.ecfp[drug : drug + 1],
        batch.atoms[atom],
        torch.zeros(int(atom.sum()), dtype=torch.long),
        place[batch.bonds[:, bond]],
        batch.bond_kinds[bond],
        batch.lengths[:1, bond],
        bond_place[batch.angle_bonds[:, angle]],
        batch.angles[:1, angle],
        place[batch.pairs[:, pair]],
        batch.distances[:1, pair],
        batch.has_geometry[drug : drug + 1],
    )


def to_onnx(
    module: nn.Module, example: tuple[Tensor, ...], names: dict[str, tuple[str | None, ...]], output: str
) -> bytes:
    """Export with the named sizes dynamic."""
    dynamic = tuple({i: torch.export.Dim.DYNAMIC for i, name in enumerate(sizes) if name} for sizes in names.values())
    content: bytes = onnx_graph(module, example, list(names), [output], dynamic).SerializeToString()
    return content


def parity(graph: bytes, module: nn.Module, tensors: tuple[Tensor, ...], names: list[str]) -> float:
    """Largest gap between torch and ONNX Runtime on the given inputs; infinite where one gives NaN."""
    session = ort.InferenceSession(graph, providers=["CPUExecutionProvider"])
    kept = {part.name for part in session.get_inputs()}  # an input that a configuration does not read is dropped
    feed = {name: tensor.numpy() for name, tensor in zip(names, tensors, strict=True) if name in kept}
    with torch.no_grad():
        gap = np.abs(session.run(None, feed)[0] - module(*tensors).numpy())
    return float(gap.max(initial=0)) if np.isfinite(gap).all() else float("inf")
