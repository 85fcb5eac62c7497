"""A training run's folder: its request, its checkpoints, and the finished model with its card.

run.json            the request: dataset, configuration, seed and split; compared when a stopped run goes on
checkpoint.pt       the state to go on from while the epoch is chosen (torch, weights only)
refit.pt            the same for the training on all pairs, which HGACL-DRP has
structures/         molecule graphs, which DiM2-DRP reads
cell_lines.json drugs.json codes.safetensors weights.safetensors card.json     the finished model
stack.safetensors        instead of codes, of the kernel stack
line_encoder.onnx drug_encoder.onnx population.safetensors      for new samples and compounds, where there can be any
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from safetensors.numpy import load_file as load_arrays
from safetensors.numpy import save_file as save_arrays
from safetensors.torch import save_file as save_weights
from torch import Tensor

from model.bundle.card import Row, RunCard
from model.encoder_inputs import DRUG_GRAPH, LINE_GRAPH
from training.data.arrays import Arrays
from training.data.schema import Dataset
from training.inductive.applicability_domain import Tables

# stage, epoch, epochs of the stage at most, figures
StageProgress = Callable[[str, int, int, dict[str, float]], None]
CHOICE, REFIT = "choosing the epoch", "training on all pairs"
CODES, WEIGHTS, CARD, REQUEST = "codes.safetensors", "weights.safetensors", "card.json", "run.json"
POPULATION = "population.safetensors"
STACK = "stack.safetensors"
GRAPHS = (LINE_GRAPH, DRUG_GRAPH)
MODEL = "hgacl"


class RunError(Exception):
    """A run folder that cannot be used; the message says why and what to do."""


@dataclass(frozen=True)
class FinishedRun:
    """A finished run, ready to be exported. Shapes: line_codes (N, w), drug_codes and margin_codes (M, w).

    `margin_codes` is None where the model predicts labels alone.
    """

    cell_lines: list[Row]
    drugs: list[Row]
    line_codes: NDArray[np.float32]
    drug_codes: NDArray[np.float32]
    margin_codes: NDArray[np.float32] | None
    card: RunCard
    dataset: dict[str, Any]
    graphs: dict[str, bytes]  # of new samples and compounds, by name; none where the card's "inductive" says why
    population: Tables  # of training.inductive.applicability_domain; none where there are no graphs
    model: str  # as `drp train --model` calls it
    stack: Tables = field(default_factory=dict)  # of the kernel stack, which has no codes

    @property
    def name(self) -> str:
        """The model's name in a bundle, where the networks as their papers have them stand beside what is served."""
        config = self.card["config"]
        if self.model == MODEL and config["preset"] == "paper":
            return "hgacl_paper"
        return "dim2_network" if self.model == "dim2" and not config["offset"] else self.model


def write_finished_run(
    run: Path,
    tables: tuple[list[Row], ...],
    codes: dict[str, NDArray[np.float32]],
    state: dict[str, Tensor],
    graphs: dict[str, bytes],
    population: Tables,
    card: RunCard,
) -> None:
    """Write the finished model; the card comes last, so that a run that has it is whole."""
    if state:
        save_weights(state, run / WEIGHTS)
    save_arrays({name: np.ascontiguousarray(code) for name, code in codes.items()}, run / CODES)
    for name, graph in graphs.items():
        (run / f"{name}.onnx").write_bytes(graph)
    if population:
        save_arrays(population, run / POPULATION)
    for name, content in (("cell_lines.json", tables[0]), ("drugs.json", tables[1]), (CARD, card)):
        _write(run / name, content)


def read_run(run: Path) -> FinishedRun:
    """Read a finished run. Raises RunError when `run` holds none, or one without codes."""
    card, request = read_card(run)
    codes = load_arrays(run / CODES)
    cell_lines, drugs = (_read(run / name) for name in ("cell_lines.json", "drugs.json"))
    stack = load_arrays(run / STACK) if (run / STACK).exists() else {}
    if stack:
        codes = {"lines": np.zeros((len(cell_lines), 0), np.float32), "drugs": np.zeros((len(drugs), 0), np.float32)}
    if not codes:
        raise RunError(f"{run}: offset = false, and of a version without codes of it; train again into another folder")
    graphs = {name: path.read_bytes() for name in GRAPHS if (path := run / f"{name}.onnx").exists()}
    population = load_arrays(run / POPULATION) if (run / POPULATION).exists() else {}
    return FinishedRun(
        cell_lines=cell_lines,
        drugs=drugs,
        line_codes=codes["lines"],
        drug_codes=codes["drugs"],
        margin_codes=codes.get("margin_drugs"),
        card=card,
        dataset=request["dataset"],
        graphs=graphs,
        population=population,
        model=request.get("model", MODEL),
        stack=stack,
    )


def read_card(run: Path) -> tuple[RunCard, dict[str, Any]]:
    """The card of a finished run and its request. Raises RunError when `run` holds none."""
    if not (run / CARD).exists():
        raise RunError(f"{run}: no finished run there; let `drp train` end first")
    return _read(run / CARD), _read(run / REQUEST)


def id_tables(dataset: Dataset, arrays: Arrays, sd: NDArray[np.float32]) -> tuple[list[Row], ...]:
    """The bundle's id tables, rows in the order of the arrays; `ln_ic50_sd` is σ of a drug's training pairs."""
    lines = _records(dataset.cell_lines.drop(columns="array_assay_name", errors="ignore"), arrays.cell_line_ids)
    drugs = _records(dataset.drugs, arrays.drug_ids)
    by_rule = arrays.further_drug_ids | set(dataset.info.get("rule_thresholds", ()))
    for row, value in zip(drugs, sd.tolist(), strict=True):
        row |= {"ln_ic50_sd": value, "threshold_source": "rule" if row["id"] in by_rule else "published"}
    return lines, drugs


def _records(table: pd.DataFrame, ids: list[str]) -> list[Row]:
    rows = {row["id"]: row for row in table.to_dict("records")}
    return [{str(key): _plain(value) for key, value in rows[i].items()} for i in ids]


def _plain(value: Any) -> Any:  # noqa: ANN401 -- any table cell
    if isinstance(value, (list, np.ndarray)):
        return [str(item) for item in value]
    return None if pd.isna(value) else value


def claim_folder(run: Path, request: Mapping[str, Any]) -> None:
    """Take the folder for a run of this request, or go on with one. Raises RunError when it holds anything else."""
    if run.is_file():
        raise RunError(f"{run}: is a file; give a folder")
    run.mkdir(parents=True, exist_ok=True)
    path = run / REQUEST
    if not path.exists():
        if any(entry.suffix != ".writing" for entry in run.iterdir()):  # that is left by a kill in the first write
            raise RunError(f"{run}: not empty and not a run; give another folder")
        _write(path, request)
        return
    before = _read(path)
    for key, value in json.loads(json.dumps(request)).items():
        if before.get(key) != value:
            raise RunError(f"{run}: holds a run with another {key}; give another folder or delete this one")


def _write(path: Path, content: object) -> None:
    temporary = path.with_suffix(".writing")
    temporary.write_text(json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False), encoding="utf-8")
    temporary.replace(path)


def _read(path: Path) -> Any:  # noqa: ANN401 -- any JSON value
    return json.loads(path.read_text(encoding="utf-8"))
