"""DiM2-DRP's network as three ONNX graphs, and the tables of the response offset that the pair network reads.

drug_encoder    molecules side by side (model.dim2.batching), any number of any size -> drug
cell_encoder    a line's tables as the dataset has them, standardised inside -> cell
pair_network    cell and drug; with the response offset also both sides' factors, offset, scale -> ln IC50 (µM)
"""

from typing import cast

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from model.dim2.drug_batch import drug_batch
from model.dim2.network import Dim2
from model.molecule_graphs import molecule_graph
from training.dim2.inputs import Inputs
from training.export.cell_tables import LINE_INPUTS
from training.export.trained_network import TrainedNetwork
from training.inductive.onnx_graph import onnx_graph

Float = NDArray[np.float32]
Sizes = tuple[str | None, ...]  # of an input: the names of its dynamic sizes, None for one that is fixed

DRUG_GRAPH, CELL_GRAPH, PAIR_GRAPH = GRAPHS = ("drug_encoder", "cell_encoder", "pair_network")
# Traced on these, whatever the dataset's drugs are, so that all of those are of sizes that the trace did not see.
EXAMPLE, EXAMPLE_CONFORMERS = ("CC(=O)OC1=CC=CC=C1C(=O)O", "CC(C)CN"), 2
DRUG_INPUTS: dict[str, Sizes] = {
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
CELL_INPUTS: dict[str, Sizes] = dict.fromkeys(LINE_INPUTS, ("n", None))
PAIR_INPUTS: dict[str, Sizes] = dict.fromkeys(("cell", "drug", "cell_factors", "drug_factors"), ("n", None))
PAIR_INPUTS |= {"offset": ("n",), "scale": ("n",)}


class PairNetwork(nn.Module):
    """Ln IC50 of aligned pairs: offset + share · scale · network, or mean + sd · network where there is no offset.

    `constant` is that mean and standard deviation of ln IC50 over the training pairs, (ln µM, ln µM).
    """

    def __init__(self, network: Dim2, share: float, constant: tuple[float, float] | None) -> None:
        super().__init__()
        self.network, self.share, self.constant = network, share, constant

    def forward(
        self, cell: Tensor, drug: Tensor, cell_factors: Tensor, drug_factors: Tensor, offset: Tensor, scale: Tensor
    ) -> Tensor:
        """Shapes: codes and factors (n, …), offset, scale (n,) -> (n,)."""
        if self.constant is None:
            output = self.network(cell, drug, cell_factors, drug_factors).output
            return cast("Tensor", offset + self.share * scale * output)
        mean, sd = (cell.new_full((1,), value) for value in self.constant)
        return cast("Tensor", mean + sd * self.network(cell, drug, cell[:, :0], drug[:, :0]).output)


def network_graphs(trained: TrainedNetwork) -> dict[str, bytes]:
    """The three graphs by name."""
    network, inputs = trained.network, trained.inputs
    molecules = drug_batch([molecule_graph(text, EXAMPLE_CONFORMERS) for text in EXAMPLE]).named_tensors()
    columns = trained.lines.columns
    lines = tuple(torch.zeros(3, len(columns[name])) for name in LINE_INPUTS)
    constant = None
    if not trained.config.offset:
        constant = float(inputs.offset.mean[0, 0]), float(inputs.offset.scale[0, 0])
    answer = PairNetwork(network, trained.training["network_share"], constant).eval()
    factors = inputs.offset.line_factors.shape[2]
    widths = (network.cells.width, network.drugs.width, factors, factors)
    pair = (*(torch.zeros(3, width) for width in widths), torch.zeros(3), torch.ones(3))
    graphs = {
        DRUG_GRAPH: to_onnx(network.drugs, tuple(molecules[name] for name in DRUG_INPUTS), DRUG_INPUTS, "drug"),
        CELL_GRAPH: to_onnx(trained.lines, lines, CELL_INPUTS, "cell"),
        PAIR_GRAPH: to_onnx(answer, pair, PAIR_INPUTS, "ln_ic50"),
    }
    return {name: without_unread_inputs(graph) for name, graph in graphs.items()}


def offset_tables(inputs: Inputs) -> dict[str, Float]:
    """What the pair network reads of the dataset's lines and drugs, those without a training pair as never measured.

    Shapes: cell_factors (N, r), drug_factors (M, r), offset (N, M) ln µM, scale (M,) ln µM.
    """
    offset, lines, drugs = inputs.offset, inputs.measured_lines, inputs.measured_drugs
    line_variant, drug_variant = torch.where(lines, offset.full, offset.unseen), (~drugs).long()
    rows, columns = torch.arange(len(lines)), torch.arange(len(drugs))
    tables = {
        "cell_factors": offset.line_factors[line_variant, rows],
        "drug_factors": offset.drug_factors[drug_variant, columns],
        "offset": offset.best_matrix(lines, drugs),
        "scale": offset.scale[drug_variant, columns],
    }
    return {name: np.ascontiguousarray(table.numpy(), np.float32) for name, table in tables.items()}


def to_onnx(module: nn.Module, example: tuple[Tensor, ...], inputs: dict[str, Sizes], output: str) -> bytes:
    """Export the module with the named sizes dynamic."""
    dynamic = tuple({i: torch.export.Dim.DYNAMIC for i, name in enumerate(sizes) if name} for sizes in inputs.values())
    content: bytes = onnx_graph(module, example, list(inputs), [output], dynamic).SerializeToString()
    return content


def without_unread_inputs(graph: bytes) -> bytes:
    """The graph without inputs that no node reads: the exporter keeps all of a module's arguments."""
    proto = onnx.load_from_string(graph)
    read = {name for node in proto.graph.node for name in node.input}
    for part in [part for part in proto.graph.input if part.name not in read]:
        proto.graph.input.remove(part)
    content: bytes = proto.SerializeToString()
    return content
