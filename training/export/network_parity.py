"""The proof that the three graphs of a DiM2-DRP network answer in ONNX Runtime as the network does in torch."""

from typing import Any

import numpy as np
import onnxruntime as ort
import torch
from numpy.typing import NDArray

from model.dim2.batching import side_by_side
from training.export.network_graphs import CELL_GRAPH, DRUG_GRAPH, PAIR_GRAPH, Float
from training.export.trained_network import TrainedNetwork
from training.inductive.onnx_graph import ParityError

TOLERANCE = 1e-4  # of codes and ln µM; sums over a molecule's atoms are taken in another order
CHECKED_PAIRS = 20_000


def check_parity(graphs: dict[str, bytes], trained: TrainedNetwork, offset: dict[str, Float]) -> dict[str, float]:
    """Largest gaps between torch and the chain of graphs, in codes and ln IC50 (ln µM), at 1, 2 and many rows at once.

    Compares every drug and line of the dataset and up to CHECKED_PAIRS pairs spread over them. Torch reads the tables
    that it was trained on, the graphs the dataset's own. Raises ParityError above TOLERANCE.
    """
    sessions = {
        name: ort.InferenceSession(graph, providers=["CPUExecutionProvider"]) for name, graph in graphs.items()
    }
    with torch.no_grad():
        torch_drugs = trained.network.drugs(**trained.inputs.drugs.named_tensors()).numpy()
        torch_cells = trained.network.cells(*trained.inputs.cells).numpy()
    drugs, cells = _drug_codes(sessions[DRUG_GRAPH], trained), _cell_codes(sessions[CELL_GRAPH], trained)
    every = np.indices(trained.ln_ic50.shape).reshape(2, -1)
    i, j = every[:, :: -(-every.shape[1] // CHECKED_PAIRS)]
    feed = {"cell": cells[i], "drug": drugs[j]}
    if offset:
        feed |= {"cell_factors": offset["cell_factors"][i], "drug_factors": offset["drug_factors"][j]}
        feed |= {"offset": offset["offset"][i, j], "scale": offset["scale"][j]}
    ln_ic50 = _in_batches(sessions[PAIR_GRAPH], feed)
    gaps = {
        "drug_code": _largest_gap("drug_code", drugs, torch_drugs),
        "cell_code": _largest_gap("cell_code", cells, torch_cells),
        "ln_ic50": _largest_gap("ln_ic50", ln_ic50, trained.ln_ic50[i, j]),
    }
    return {**gaps, "pairs": len(i)}


def _largest_gap(name: str, onnx: Float, torch_values: Float) -> float:
    gap = float(np.abs(onnx - torch_values).max())
    if not gap <= TOLERANCE:  # NaN as well
        raise ParityError(f"{name}: torch and ONNX Runtime differ by {gap:.2g}, more than {TOLERANCE:.0e}")
    return gap


def _drug_codes(session: ort.InferenceSession, trained: TrainedNetwork) -> Float:
    molecules = trained.graphs
    batches = [side_by_side([molecules[i] for i in rows]) for rows in _batches(len(molecules))]
    return np.concatenate([run_graph(session, batch) for batch in batches])


def _cell_codes(session: ort.InferenceSession, trained: TrainedNetwork) -> Float:
    return _in_batches(session, trained.lines.raw(trained.arrays))


def _in_batches(session: ort.InferenceSession, feed: dict[str, Float]) -> Float:
    count = len(next(iter(feed.values())))
    batches = [{name: table[rows] for name, table in feed.items()} for rows in _batches(count)]
    return np.concatenate([run_graph(session, batch) for batch in batches])


def run_graph(session: ort.InferenceSession, feed: dict[str, NDArray[Any]]) -> Float:
    """The graph's one output; `feed` may hold inputs that the configuration does not read."""
    output: Float = session.run(None, {part.name: feed[part.name] for part in session.get_inputs()})[0]
    return output


def _batches(count: int) -> list[NDArray[np.intp]]:
    """One row, two, and the rest."""
    return [rows for rows in np.split(np.arange(count), [1, 3]) if len(rows)]
