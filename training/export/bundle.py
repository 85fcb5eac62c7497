"""Export of finished runs as a bundle: codes, the decoder as ONNX, metrics, and the check that all forms agree."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import numpy as np
import onnxruntime as ort
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from model.bundle.bundle import Bundle, ModelPart
from model.bundle.card import Inductive, Manifest, ModelCard, ReliabilityBin, SelfTest, TissueFigure
from model.bundle.fixed_point import round_codes
from model.bundle.reader import SELF_TEST_TOLERANCE
from model.bundle.writer import write_bundle
from model.scoring import calibrated, padded, pair_scores
from training.export.kernel_stack import stack_part
from training.export.map import map_tables
from training.inductive.applicability_domain import Tables
from training.inductive.onnx_graph import ParityError, onnx_graph
from training.inductive.requirements import NotPlaceableError, refuse_other_platform
from training.metrics.calibration import OTHER_ASSAY_HALF_WIDTH_LN_UM
from training.runs.folder import FinishedRun, RunError

Float = NDArray[np.float32]
Reliability = dict[str, dict[str, list[ReliabilityBin]]]  # method -> split -> bins
Tissues = dict[str, dict[str, dict[str, TissueFigure]]]  # method -> split -> tissue
SELF_TEST_PAIRS = 16
# Where a model was not measured itself, the first of these that was. DiM2-DRP's network adds next to nothing to its
# offset (docs/explanation/results.md), and of unseen lines a bundle projects the pathway scores, where the offset has
# true ones.
STANDS_FOR = {"dim2": ("dim2_offset_projected", "dim2_offset")}
OF_LN_IC50 = ("rmse", "per_drug_pearson", "pearson_beyond_means", "interval_coverage")
# Settings that the offset reads: with others, another offset does not stand for the model.
OF_THE_OFFSET = (
    *("pathways", "mutations", "panel_genes", "expression", "tissue", "offset_codes", "offset_rank", "offset_folds"),
    *("offset_sweeps", "offset_shrinkage", "line_ridge", "drug_ridge", "mean_ridge"),
)
# What `make published` trains, as `drp evaluate` calls it.
ALSO_CALLED = {"dim2_network": ("dim2_alone", "dim2_paper"), "hgacl_paper": ("hgacl_paper_feature_components_2000",)}


class Decoder(nn.Module):
    """Score and calibrated probability of aligned code rows: s = x_c · y_d in double, p = σ(slope · s + intercept)."""

    def __init__(self, slope: float, intercept: float) -> None:
        super().__init__()
        self.slope, self.intercept = slope, intercept

    def forward(self, cell: Tensor, drug: Tensor) -> tuple[Tensor, Tensor]:
        """Shapes: cell (n, w), drug (n, w) -> score (n,), probability (n,)."""
        score = (cell.double() * drug.double()).sum(-1).float()
        return score, torch.sigmoid(self.slope * score + self.intercept)


def export(
    run: FinishedRun,
    target: Path,
    name: str,
    metrics: dict[str, Any],
    command: str,
    also: Sequence[tuple[FinishedRun, str]] = (),
    reliability: Reliability | None = None,
    tissues: Tissues | None = None,
) -> Manifest:
    """Write the bundle, with the graphs of new samples and compounds where the run has them, and return its manifest.

    `also` are further runs with their commands, each of another model on the same dataset; the first is the default.
    `metrics` is what `evaluate.summarise` gives; the models' own, or those that stand for them, go under their names,
    every other method under baselines; `reliability` (`reliability_by_method`) and `tissues` (`tissues_by_method`) go
    into their cards. Raises ParityError when torch, ONNX Runtime and numpy differ by more than 1e-6 on any pair, and
    RunError where the runs do not go together.
    """
    runs = [(run, command), *also]
    _refuse_unlike_runs([one for one, _ in runs])
    measured = {one.name: next((m for m in stand_ins(one.name) if m in metrics), one.name) for one, _ in runs}
    curves = {model: (reliability or {}).get(method, {}) for model, method in measured.items()}
    parts = {one.name: _model_part(one, its_command, curves[one.name], metrics) for one, its_command in runs}
    for model, part in parts.items():
        part.card["measured_as"] = model if measured[model] in own_methods(model) else measured[model]
        part.card["tissues"] = (tissues or {}).get(measured[model], {})
    own = {model: _of_what_is_served(parts[model], metrics.get(method, {})) for model, method in measured.items()}
    others = {method: values for method, values in metrics.items() if method not in measured.values()}
    manifest: Manifest = {
        "name": name,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "default_model": run.name,
        "dataset": run.dataset,
        "metrics": {**own, "baselines": others},
        "other_assay_half_width_ln_um": OTHER_ASSAY_HALF_WIDTH_LN_UM,
    }
    bundle = Bundle(manifest, run.cell_lines, run.drugs, parts)
    return write_bundle(target, replace(bundle, identifiers=map_tables(bundle)))


def _of_what_is_served(part: ModelPart, metrics: dict[str, Any]) -> dict[str, Any]:
    """A model's figures by split, of ln IC50 where it answers with one: evaluation maps every score to it."""
    if part.card.get("regression"):
        return metrics
    return {
        split: {name: value for name, value in measured.items() if name not in OF_LN_IC50}
        for split, measured in metrics.items()
    }


def stand_ins(model: str) -> tuple[str, ...]:
    """Methods of an evaluation whose figures go onto a model's card; the first that was measured counts."""
    return *own_methods(model), *STANDS_FOR.get(model, ())


def own_methods(model: str) -> tuple[str, ...]:
    """Methods of an evaluation that are this model, and so have its settings."""
    return model, *ALSO_CALLED.get(model, ())


def _refuse_unlike_runs(runs: list[FinishedRun]) -> None:
    first = runs[0]
    for other in runs[1:]:
        if other.dataset["content_hash"] != first.dataset["content_hash"]:
            raise RunError(f"{other.name}: trained on another dataset than {first.name}; train both on one")
        if [r["id"] for r in other.drugs] != [r["id"] for r in first.drugs]:
            raise RunError(f"{other.name}: has other drugs than {first.name}; train both again")
    models = [one.name for one in runs]
    if len(set(models)) < len(models):
        raise RunError(f"{models}: two runs of one model; give one of each")


def _model_part(
    run: FinishedRun, command: str, reliability: dict[str, list[ReliabilityBin]], metrics: dict[str, Any]
) -> ModelPart:
    """Codes, decoder and card of one run, checked; `metrics` are those of all methods."""
    if run.stack:
        return stack_part(run, command, reliability, metrics)
    graphs, inductive, population = _inductive(run)
    lines, drugs = (round_codes(padded(codes)) for codes in (run.line_codes, run.drug_codes))
    margins = None if run.margin_codes is None else round_codes(padded(run.margin_codes))
    slope, intercept = run.card["calibration"]["slope"], run.card["calibration"]["intercept"]
    graph = decoder_onnx(Decoder(slope, intercept), lines.shape[1])
    parity = check_parity(graph, Decoder(slope, intercept), lines, drugs, margins)
    card: ModelCard = {
        **run.card,
        "measured_as": run.name,
        "training": {**run.card["training"], "command": command},
        "inductive": inductive,
        "parity": parity,
        "self_test": _self_test(run, lines, drugs, margins),
        "reliability": reliability,
        "tissues": {},
    }
    return ModelPart(run.name, lines, drugs, graph, card, margins, graphs, population)


def _inductive(run: FinishedRun) -> tuple[dict[str, bytes], Inductive, Tables]:
    """Graphs, card entry and tables of new samples and compounds; a run may be older than what refuses them."""
    try:
        refuse_other_platform(run.dataset.get("expression_platform"))
    except NotPlaceableError as reason:
        return {}, {"none": str(reason)}, {}
    return run.graphs, run.card["inductive"], run.population


def decoder_onnx(decoder: Decoder, width: int) -> bytes:
    """The decoder as an ONNX graph with a dynamic number of pairs."""
    example = (torch.zeros(3, width), torch.zeros(3, width))
    pairs = torch.export.Dim("n", min=1)
    proto = onnx_graph(decoder.eval(), example, ["cell", "drug"], ["score", "probability"], ({0: pairs}, {0: pairs}))
    content: bytes = proto.SerializeToString()
    return content


def check_parity(
    graph: bytes, decoder: Decoder, lines: Float, drugs: Float, margins: Float | None
) -> dict[str, float]:
    """Largest gap between torch, ONNX Runtime and numpy over every pair, at batch sizes the graph was not traced at.

    The margin is the graph's first answer for the drugs' margin codes. Raises ParityError above 1e-6.
    """
    session = ort.InferenceSession(graph, providers=["CPUExecutionProvider"])
    gaps = _gaps(session, decoder, lines, drugs)
    if margins is not None:
        gaps["margin"] = _gaps(session, decoder, lines, margins)["score"]
    for key, gap in gaps.items():
        if not gap <= SELF_TEST_TOLERANCE:
            raise ParityError(f"{key}: torch, ONNX Runtime and numpy differ by {gap:.2g}, more than 1e-6")
    return gaps


def _gaps(session: ort.InferenceSession, decoder: Decoder, lines: Float, drugs: Float) -> dict[str, float]:
    gaps = {"score": 0.0, "probability": 0.0}
    for row in range(len(lines)):
        x = np.repeat(lines[row : row + 1], len(drugs), axis=0)
        scores = pair_scores(x, drugs)
        with torch.no_grad():
            from_torch = [t.numpy() for t in decoder(torch.from_numpy(x), torch.from_numpy(drugs))]
        from_onnx = session.run(["score", "probability"], {"cell": x, "drug": drugs})
        from_numpy = [scores, calibrated(scores, decoder.slope, decoder.intercept)]
        for key, forms in zip(gaps, zip(from_torch, from_onnx, from_numpy, strict=True), strict=True):
            gaps[key] = float(np.maximum(gaps[key], np.ptp(np.stack(forms), axis=0).max()))  # max() forgets a NaN
    return gaps


def _self_test(run: FinishedRun, lines: Float, drugs: Float, margins: Float | None) -> list[SelfTest]:
    """Pairs spread over the tables with their answers; a bundle that answers otherwise is refused."""
    rows = np.linspace(0, len(lines) - 1, SELF_TEST_PAIRS).astype(int)
    columns = np.linspace(len(drugs) - 1, 0, SELF_TEST_PAIRS).astype(int)
    scores = pair_scores(lines[rows], drugs[columns])
    slope, intercept = run.card["calibration"]["slope"], run.card["calibration"]["intercept"]
    answers = {"score": scores, "probability": calibrated(scores, slope, intercept)}
    if margins is not None:
        answers["margin"] = pair_scores(lines[rows], margins[columns])
    pairs = zip(rows, columns, strict=True)
    return [
        cast(
            "SelfTest",
            {"cell_line": run.cell_lines[r]["id"], "drug": run.drugs[c]["id"]}
            | {key: values[i].item() for key, values in answers.items()},
        )
        for i, (r, c) in enumerate(pairs)
    ]
