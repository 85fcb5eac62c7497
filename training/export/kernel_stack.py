"""The kernel stack's part of a bundle: its arrays as they are, and the answers that they must give again."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.bundle.bundle import ModelPart
from model.bundle.card import ModelCard, ReliabilityBin, SelfTest, TableSet
from model.kernel_stack.served_stack import served_stack
from model.scoring import calibrated
from training.runs.folder import FinishedRun

SELF_TEST_PAIRS = 16
Tensors = dict[str, NDArray[Any]]


def stack_part(
    run: FinishedRun, command: str, reliability: dict[str, list[ReliabilityBin]], metrics: dict[str, Any]
) -> ModelPart:
    """Arrays and card of a run of the kernel stack.

    Of `metrics` by method, kernel_stack_<set> on unseen lines goes to the set of tables that it was hidden to.
    """
    inductive = run.card["inductive"]
    if "table_sets" in inductive:
        sets: list[TableSet] = []
        for one in inductive["table_sets"]:
            measured = metrics.get(f"{run.model}_{one['name']}", {}).get("LCO")
            sets.append({**one, "metrics": measured} if measured else one)
        inductive = {**inductive, "table_sets": sets}
    card: ModelCard = {
        **run.card,
        "measured_as": run.model,
        "training": {**run.card["training"], "command": command},
        "inductive": inductive,
        "parity": {},
        "self_test": _self_test(run),
        "reliability": reliability,
        "tissues": {},
    }
    return ModelPart(run.model, run.line_codes, run.drug_codes, b"", card, population=run.population, stack=run.stack)


def known_scores(tensors: Tensors) -> NDArray[np.float64]:
    """Log odds of every line and drug, (N, M)."""
    stack = served_stack(tensors)
    rows, columns = np.indices((len(stack.codes), stack.width)).reshape(2, -1)
    return stack.known_drugs(stack.codes, rows, columns)[0].reshape(-1, stack.width).astype(float)


def _self_test(run: FinishedRun) -> list[SelfTest]:
    scores = known_scores(run.stack).astype(np.float32)
    rows = np.linspace(0, len(scores) - 1, SELF_TEST_PAIRS).astype(int).tolist()
    columns = np.linspace(scores.shape[1] - 1, 0, SELF_TEST_PAIRS).astype(int).tolist()
    probability = calibrated(scores, 1.0, 0.0)
    return [
        {
            "cell_line": run.cell_lines[i]["id"],
            "drug": run.drugs[j]["id"],
            "score": scores[i, j].item(),
            "probability": probability[i, j].item(),
        }
        for i, j in zip(rows, columns, strict=True)
    ]
