"""A trained DiM2-DRP network, read from its run, on inputs prepared again from its dataset."""

import json
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.numpy import load_file as load_arrays
from safetensors.torch import load_file as load_weights

from model.bundle.card import Training
from model.dim2.config import Dim2Config
from model.dim2.network import Dim2
from model.molecule_graphs import MoleculeGraph
from training.data.arrays import Arrays, align
from training.data.schema import Dataset
from training.dim2.inference import predict_ln_ic50
from training.dim2.inputs import CONFORMERS, Inputs, inputs_of
from training.dim2.molecule_cache import molecule_graphs
from training.export.cell_tables import Lines
from training.inductive.dim2 import ADDED
from training.metrics.metrics import rmse
from training.runs.dim2 import MODEL
from training.runs.folder import CODES, WEIGHTS, RunError, read_card
from training.splits.splits import Split, SplitName, training_split

SAME_RMSE = 1e-5  # ln µM, between the card's and that of the network as it was read back
SAME_ADDITION = 0.01  # share of the addition's squares
Float = NDArray[np.float32]


@dataclass(frozen=True)
class TrainedNetwork:
    """A network read from its run, with its dataset. Shapes: ln_ic50 (N, M) ln µM, computed by torch."""

    arrays: Arrays
    config: Dim2Config
    training: Training
    inputs: Inputs
    network: Dim2
    lines: Lines
    graphs: list[MoleculeGraph]
    ln_ic50: Float


def read_trained_network(dataset: Dataset, run: Path) -> TrainedNetwork:
    """Read the run's weights and prepare its inputs again.

    Raises RunError for a run that is not DiM2-DRP's, not finished, not of this dataset, or whose inputs come out
    otherwise on this machine.
    """
    card, request = read_card(run)
    if (model := request.get("model", "hgacl")) != MODEL:
        raise RunError(f"{run}: a run of {model}; give one of `drp train --model {MODEL}`")
    wanted, found = request["dataset"].get("content_hash"), dataset.info.get("content_hash")
    if wanted != found:
        raise RunError(f"{run}: trained on dataset {str(wanted)[:12]}, not on {str(found)[:12]}; give its own")
    arrays = replace(align(dataset), structures=run / "structures")
    config, seed = Dim2Config(**request["config"]), request["seed"]
    if config.free_codes:
        raise RunError(f"{run}: free_codes = {config.free_codes}, which no graph holds; train it with free_codes=0")
    split = training_split(arrays, SplitName.LPO, seed)
    inputs = inputs_of(arrays, split.train, config, seed)
    network = Dim2(*inputs.sizes, config)
    network.load_state_dict(load_weights(run / WEIGHTS))
    n, m = split.train.shape
    pairs = torch.cartesian_prod(torch.arange(n), torch.arange(m))
    offset = inputs.offset.best_matrix(inputs.measured_lines, inputs.measured_drugs).numpy()
    output = predict_ln_ic50(network, inputs, pairs).reshape(n, m).numpy()
    added = np.float32(card["training"]["network_share"]) * (output - offset)
    if difference := _difference(run, card["training"], arrays, split, offset + added, added):
        raise RunError(
            f"{run}: the network does not answer as when it was trained: {difference}. Its inputs come out otherwise "
            "on this machine; export where it was trained, with as many threads, or train again"
        )
    graphs = molecule_graphs(arrays.smiles, arrays.drug_ids, arrays.structures, CONFORMERS if config.drug_3d else 0)
    lines = Lines(network.cells, arrays, inputs.tables, config).eval()
    return TrainedNetwork(arrays, config, card["training"], inputs, network, lines, graphs, offset + added)


def _difference(run: Path, training: Training, arrays: Arrays, split: Split, ln_ic50: Float, added: Float) -> str:
    """How the network's answers differ from those at its training; empty where they do not.

    Components and the offset's axes are eigenvectors: another processor or number of threads may turn their signs.
    With the offset, what the network adds, (N, M) ln µM, is compared with the run's codes, which hold it but for the
    share that the card states; without, the validation RMSE with the card's.
    """
    if "addition_kept" in training:
        gap = _addition_gap(run, split, added)
        same = gap <= 1 - training["addition_kept"] + SAME_ADDITION
        return "" if same else f"what it adds differs by {gap:.1%} of itself"
    held, then = split.validation, training["validation"]["rmse"]
    now = rmse(ln_ic50[held], arrays.ln_ic50[held])
    return "" if abs(now - then) <= SAME_RMSE else f"validation RMSE is {now:.5f} here, {then:.5f} there"


def _addition_gap(run: Path, split: Split, added: Float) -> float:
    """Squared difference to the addition in the run's codes, as a share of that addition's squares."""
    codes, drugs = load_arrays(run / CODES), json.loads((run / "drugs.json").read_text(encoding="utf-8"))
    then = codes["lines"][:, -ADDED:] @ codes["drugs"][:, -ADDED:].T
    known = np.any(split.development, axis=1)[:, None] & np.any(split.development, axis=0)
    now = np.where(known, -added / np.array([row["ln_ic50_sd"] for row in drugs], np.float32), 0)
    return float(np.square(now - then).sum() / max(np.square(then).sum(), 1e-12))
