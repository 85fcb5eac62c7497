"""A trained DiM2-DRP network as three ONNX graphs that need no torch, with a manifest that says what to feed them.

    drug_encoder    molecules side by side (model.dim2.batching), any number of any size -> drug
    cell_encoder    a line's tables as the dataset has them, standardised inside -> cell
    pair_network    cell and drug; with the response offset also both sides' factors, offset, scale -> ln IC50 (µM)

Factors, offset and scale of the dataset's lines and drugs stand in offset.safetensors. What the pair network adds to
the offset counts with the run's share, so its answer is that of `Dim2Fit.ln_ic50`, trained without the validation
tenth.
"""

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime as ort
import torch
from numpy.typing import NDArray
from safetensors.numpy import load_file as load_arrays
from safetensors.numpy import save as save_arrays
from safetensors.torch import load_file as load_weights
from torch import Tensor, nn

from model.bundle.files import replaced, sha256, write_json
from model.dim2.batching import side_by_side
from model.dim2.config import Dim2Config
from model.dim2.drug_batch import drug_batch
from model.dim2.network import Dim2
from model.molecule_graphs import MoleculeGraph, molecule_graph
from training.data.arrays import Arrays, align
from training.data.schema import Dataset
from training.dim2.inference import predict_ln_ic50
from training.dim2.inputs import CONFORMERS, Inputs, inputs_of
from training.dim2.molecule_cache import molecule_graphs
from training.export.cell_tables import LINE_INPUTS, Lines
from training.export.network_graphs import DRUG_INPUTS, PAIR_INPUTS, TOLERANCE, Pair, codes_of, to_onnx
from training.export.network_manifest import manifest_of
from training.inductive.dim2 import ADDED
from training.inductive.onnx_graph import ParityError
from training.metrics.metrics import rmse
from training.runs.dim2 import MODEL
from training.runs.folder import CODES, WEIGHTS, RunError, read_card
from training.splits.splits import Split, SplitName, training_split

DRUG_GRAPH, CELL_GRAPH, PAIR_GRAPH = GRAPHS = ("drug_encoder", "cell_encoder", "pair_network")
OFFSET, MANIFEST = "offset.safetensors", "manifest.json"
# Traced on these, whatever the dataset's drugs are, so that all of those are of sizes that the trace did not see.
EXAMPLE, EXAMPLE_CONFORMERS = ("CC(=O)OC1=CC=CC=C1C(=O)O", "CC(C)CN"), 2
CHECKED_PAIRS = 20_000
SAME_RMSE = 1e-5  # ln µM, between the card's and that of the network as it was read back
SAME_ADDITION = 0.01  # share of the addition's squares
Float = NDArray[np.float32]


class Answer(nn.Module):
    """Pair with the run's share of what the network adds; without the offset, of the two codes alone."""

    def __init__(self, network: Dim2, share: float, constant: tuple[float, float] | None) -> None:
        super().__init__()
        self.pair, self.share, self.constant = Pair(network), share, constant

    def forward(
        self, cell: Tensor, drug: Tensor, cell_factors: Tensor, drug_factors: Tensor, offset: Tensor, scale: Tensor
    ) -> Tensor:
        """Shapes: codes and factors (n, …), offset, scale (n,) -> (n,)."""
        if self.constant is None:
            answer: Tensor = self.pair(cell, drug, cell_factors, drug_factors, offset, self.share * scale)
            return answer
        mean, sd = (cell.new_full((1,), value) for value in self.constant)
        alone: Tensor = self.pair(cell, drug, cell[:, :0], drug[:, :0], mean, sd)
        return alone


@dataclass(frozen=True)
class Trained:
    """A run read back with the dataset that it was trained on. Shapes: ln_ic50 (N, M) ln µM, torch's own answer."""

    arrays: Arrays
    config: Dim2Config
    training: dict[str, Any]
    inputs: Inputs
    network: Dim2
    lines: Lines
    graphs: list[MoleculeGraph]
    ln_ic50: Float


def export_network(dataset: Dataset, run: Path, target: Path) -> dict[str, Any]:
    """Write the folder `target` and return its manifest.

    Raises RunError for a run that is not DiM2-DRP's, not finished or not of this dataset, and ParityError where ONNX
    Runtime and torch differ by more than TOLERANCE in a code or in ln IC50; nothing is written then.
    """
    refuse_other_folder(target)
    trained = read_trained(dataset, run)
    offset = {} if not trained.config.offset else _offset(trained)
    graphs = graphs_of(trained)
    manifest = manifest_of(
        graphs, dataset.info, trained.arrays, trained.config, trained.training, trained.lines.columns
    )
    manifest["drugs_without_geometry"] = {
        identifier: graph.fault
        for identifier, graph in zip(trained.arrays.drug_ids, trained.graphs, strict=True)
        if graph.fault and trained.config.drug_3d
    }
    manifest["parity"] = check_parity(graphs, trained, offset)
    files = {f"{name}.onnx": graph for name, graph in graphs.items()}
    files |= {OFFSET: save_arrays(offset)} if offset else {}
    manifest["files"] = {name: sha256(content) for name, content in files.items()}
    with replaced(target) as staging:
        for name, content in files.items():
            (staging / name).write_bytes(content)
        write_json(staging / MANIFEST, manifest)
    return manifest


def refuse_other_folder(target: Path) -> None:
    """Raise RunError where `target` is there and is no earlier export, which alone is replaced."""
    if target.is_file() or (
        target.exists() and any(target.iterdir()) and not (target / f"{PAIR_GRAPH}.onnx").exists()
    ):
        raise RunError(f"{target}: holds something else; give another folder")


def read_trained(dataset: Dataset, run: Path) -> Trained:
    """Read the run's weights and prepare its inputs again; raises RunError as `export_network` does."""
    card, asked = read_card(run)
    if (model := asked.get("model", "hgacl")) != MODEL:
        raise RunError(f"{run}: a run of {model}; give one of `drp train --model {MODEL}`")
    arrays = replace(align(dataset), structures=run / "structures")
    wanted, found = asked["dataset"].get("content_hash"), dataset.info.get("content_hash")
    if wanted != found:
        raise RunError(f"{run}: trained on dataset {str(wanted)[:12]}, not on {str(found)[:12]}; give its own")
    config, seed = Dim2Config(**asked["config"]), asked["seed"]
    split = training_split(arrays, SplitName.LPO, seed)
    inputs = inputs_of(arrays, split.train, config, seed)
    network = Dim2(*inputs.sizes, config)
    network.load_state_dict(load_weights(run / WEIGHTS))
    n, m = split.train.shape
    pairs = torch.cartesian_prod(torch.arange(n), torch.arange(m))
    said = predict_ln_ic50(network, inputs, pairs).reshape(n, m).numpy()
    alone = inputs.offset.said(inputs.measured_lines, inputs.measured_drugs).numpy()
    added = np.float32(card["training"]["network_share"]) * (said - alone)
    refuse_another(run, card, arrays, split, alone + added, added)
    graphs = molecule_graphs(arrays.smiles, arrays.drug_ids, arrays.structures, CONFORMERS if config.drug_3d else 0)
    lines = Lines(network.cells, arrays, split.train.any(1), config).eval()
    return Trained(arrays, config, card["training"], inputs, network, lines, graphs, alone + added)


def refuse_another(
    run: Path, card: dict[str, Any], arrays: Arrays, split: Split, ln_ic50: Float, added: Float
) -> None:
    """Raise RunError where the inputs, prepared again, are not those that the network was trained on.

    Components and the offset's axes are eigenvectors: another processor or number of threads may turn their signs.
    With the offset, what the network adds (N, M) ln µM is compared with the run's codes, which hold it but for the
    share that the card says; without, the validation RMSE with the card's.
    """
    training, held = card["training"], split.validation
    if "addition_kept" in training:
        codes, drugs = load_arrays(run / CODES), json.loads((run / "drugs.json").read_text(encoding="utf-8"))
        then = codes["lines"][:, -ADDED:] @ codes["drugs"][:, -ADDED:].T
        known = split.development.any(1)[:, None] & split.development.any(0)
        now = np.where(known, -added / np.float32([row["ln_ic50_sd"] for row in drugs]), 0)
        gap = float(np.square(now - then).sum() / max(np.square(then).sum(), 1e-12))
        same, said = (
            gap <= 1 - training["addition_kept"] + SAME_ADDITION,
            f"what it adds differs by {gap:.1%} of itself",
        )
    else:
        rmses = rmse(ln_ic50[held], arrays.ln_ic50[held]), training["validation"]["rmse"]
        same, said = (
            abs(rmses[0] - rmses[1]) <= SAME_RMSE,
            "validation RMSE is {:.5f} here, {:.5f} there".format(*rmses),
        )
    if not same:
        raise RunError(
            f"{run}: the network does not answer as when it was trained: {said}. Its inputs come out otherwise on "
            "this machine; export where it was trained, with as many threads, or train again"
        )


def graphs_of(trained: Trained) -> dict[str, bytes]:
    """The three graphs by name."""
    network, inputs = trained.network, trained.inputs
    molecules = drug_batch([molecule_graph(text, EXAMPLE_CONFORMERS) for text in EXAMPLE])
    columns = trained.lines.columns
    lines = tuple(torch.zeros(3, len(columns[name])) for name in LINE_INPUTS)
    constant = None
    if not trained.config.offset:
        constant = float(inputs.offset.mean[0, 0]), float(inputs.offset.scale[0, 0])
    answer = Answer(network, trained.training["network_share"], constant).eval()
    seen = inputs.offset.line_factors.shape[2]
    widths = (network.cells.width, network.drugs.width, seen, seen)
    pair = (*(torch.zeros(3, width) for width in widths), torch.zeros(3), torch.ones(3))
    line_sizes = dict.fromkeys(LINE_INPUTS, ("n", None))
    graphs = {
        DRUG_GRAPH: to_onnx(network.drugs, molecules.tensors(), DRUG_INPUTS, "drug"),
        CELL_GRAPH: to_onnx(trained.lines, lines, line_sizes, "cell"),
        PAIR_GRAPH: to_onnx(answer, pair, PAIR_INPUTS, "ln_ic50"),
    }
    return {name: without_unread(graph) for name, graph in graphs.items()}


def without_unread(graph: bytes) -> bytes:
    """The graph without inputs that no node reads: the exporter keeps all of a module's arguments."""
    proto = onnx.load_from_string(graph)
    read = {name for node in proto.graph.node for name in node.input}
    for part in [part for part in proto.graph.input if part.name not in read]:
        proto.graph.input.remove(part)
    content: bytes = proto.SerializeToString()
    return content


def _offset(trained: Trained) -> dict[str, Float]:
    """What the pair network reads beside codes: (N, r) and (M, r) factors, offset (N, M) and scale (M,) in ln µM."""
    codes = codes_of(trained.network, trained.inputs)
    named = {"cell_factors": codes.line_factors, "drug_factors": codes.drug_factors}
    return {
        name: np.ascontiguousarray(x) for name, x in {**named, "offset": codes.offset, "scale": codes.scale}.items()
    }


def check_parity(graphs: dict[str, bytes], trained: Trained, offset: dict[str, Float]) -> dict[str, float]:
    """Largest gaps between torch and the chain of graphs, of codes and ln IC50 (ln µM), at 1, 2 and many rows at once.

    Every drug and line of the dataset, up to CHECKED_PAIRS pairs spread over them; torch reads the tables that it was
    trained on. Raises ParityError above TOLERANCE.
    """
    sessions = {
        name: ort.InferenceSession(graph, providers=["CPUExecutionProvider"]) for name, graph in graphs.items()
    }
    molecules, tables = trained.graphs, trained.lines.raw(trained.arrays)
    n, m = trained.ln_ic50.shape
    with torch.no_grad():
        drugs = trained.network.drugs(*trained.inputs.drugs.tensors()).numpy()
        cells = trained.network.cells(*trained.inputs.cells).numpy()
    of_drugs = [run_graph(sessions[DRUG_GRAPH], side_by_side([molecules[i] for i in rows])) for rows in _batches(m)]
    of_cells = [run_graph(sessions[CELL_GRAPH], {k: x[rows] for k, x in tables.items()}) for rows in _batches(n)]
    drug, cell = np.concatenate(of_drugs), np.concatenate(of_cells)
    every = np.indices((n, m)).reshape(2, -1)
    line_of, drug_of = every[:, :: -(-every.shape[1] // CHECKED_PAIRS)]
    gaps = {"drug_code": np.abs(drug - drugs), "cell_code": np.abs(cell - cells)}
    said = []
    for rows in _batches(len(line_of)):
        i, j = line_of[rows], drug_of[rows]
        feed = {"cell": cell[i], "drug": drug[j]}
        if offset:
            feed |= {"cell_factors": offset["cell_factors"][i], "drug_factors": offset["drug_factors"][j]}
            feed |= {"offset": offset["offset"][i, j], "scale": offset["scale"][j]}
        said.append(run_graph(sessions[PAIR_GRAPH], feed))
    gaps["ln_ic50"] = np.abs(np.concatenate(said) - trained.ln_ic50[line_of, drug_of])
    parity = {name: float(gap.max()) for name, gap in gaps.items()}
    for name, largest in parity.items():
        if not largest <= TOLERANCE:  # NaN as well
            raise ParityError(f"{name}: torch and ONNX Runtime differ by {largest:.2g}, more than {TOLERANCE:.0e}")
    return {**parity, "pairs": len(line_of)}


def run_graph(session: ort.InferenceSession, given: dict[str, NDArray[Any]]) -> Float:
    """The graph's one output; inputs that the configuration does not read are not in the graph."""
    answer: Float = session.run(None, {part.name: given[part.name] for part in session.get_inputs()})[0]
    return answer


def _batches(count: int) -> list[NDArray[np.intp]]:
    """One row, two, and the rest."""
    return [rows for rows in np.split(np.arange(count), [1, 3]) if len(rows)]
