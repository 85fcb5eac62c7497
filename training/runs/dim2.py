"""DiM2-DRP's run: trained like HGACL-DRP's (training.runs.hgacl), finished as codes and graphs of the same form.

First without a validation tenth of the pairs, on which epoch, share of the network, probability, decision threshold
and intervals are chosen; then the response offset is fitted on all pairs. What the network adds stays as it was.
"""

from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from model.bundle.card import Case, NetworkCard, RunCard, Training
from model.dim2.config import Dim2Config
from training.data.arrays import Arrays, align
from training.data.schema import Dataset
from training.dim2.fit import Dim2Fit, fit_dim2
from training.dim2.inputs import fit_offset
from training.dim2.intervals import half_widths_by_case
from training.dim2.offset import ResponseOffset
from training.dim2.predict import sensitivity_score
from training.features.responses import drug_scale
from training.inductive.dim2 import OffsetFit, known_codes
from training.inductive.graphs import offset_graphs
from training.inductive.line_kernel import NotPlaceableError, refuse_other_platform
from training.metrics.calibration import COVERAGE, Calibration, Regression, calibrate
from training.metrics.metrics import per_drug_pearson, rmse, summary
from training.runs.folder import CHOICE, RunError, StageProgress, claim, finish, id_tables
from training.splits.splits import Split, SplitName, training_split

MODEL = "dim2"


def train_dim2_run(
    dataset: Dataset,
    run: Path,
    config: Dim2Config,
    seed: int,
    device: str = "cpu",
    progress: StageProgress | None = None,
) -> NetworkCard:
    """Train DiM2-DRP and write the run's folder; returns the card.

    Goes on where a stopped run was. Without the offset there are no codes to serve, and the run holds the network
    alone (training.export.network). Raises RunError when the folder holds a run of other data or settings.
    """
    arrays = replace(align(dataset), structures=run / "structures")
    asked = {
        "model": MODEL,
        "dataset": dataset.info,
        "config": asdict(config),
        "seed": seed,
        "split": SplitName.LPO.value,
    }
    claim(run, asked)
    split = training_split(arrays, SplitName.LPO, seed)

    def shown(epoch: int, numbers: dict[str, float]) -> None:
        if progress is not None:
            progress(CHOICE, epoch, config.epochs, numbers)

    fit = fit_dim2(arrays, split.train, split.validation, config, seed, device, run / "checkpoint.pt", shown)
    first = fit.inputs.offset
    score = sensitivity_score(arrays, split.train, fit.ln_ic50, first)
    training = _training(fit, arrays, split, score, seed)
    if not config.offset:
        training["pairs"] = training["pairs_when_chosen"]
        network: NetworkCard = {"config": asdict(config), "training": training}
        finish(run, id_tables(dataset, arrays, drug_scale(arrays, split.train)[1]), {}, fit.state, {}, {}, network)
        return network
    offset = fit_offset(arrays, split.development, config, seed, cross_fitted=False)
    added = fit.ln_ic50 - first.best_matrix(fit.inputs.measured_lines, fit.inputs.measured_drugs).cpu().numpy()
    known = OffsetFit(arrays, split.development, config, offset, added)
    lines, drugs, kept = known_codes(known)
    try:
        refuse_other_platform(dataset.platform)
        graphs, inductive, population = offset_graphs(known)
    except NotPlaceableError as reason:
        graphs, inductive, population = {}, {"none": str(reason)}, {}
    widths = half_widths_by_case(arrays, split, offset, fit.ln_ic50)
    calibration = _calibration(arrays, split, score, first, widths)
    card: RunCard = {
        **calibration.card(),
        "config": asdict(config),
        "training": {**training, "addition_kept": kept},
        "half_widths_sd": widths,
        "inductive": inductive,
    }
    tables = id_tables(dataset, arrays, offset.scale[0].numpy())
    finish(run, tables, {"lines": lines, "drugs": drugs}, fit.state, graphs, population, card)
    return card


def _calibration(
    arrays: Arrays,
    split: Split,
    score: NDArray[np.floating],
    first: ResponseOffset,
    widths: dict[Case, float | None],
) -> Calibration:
    """Probability and decision threshold by validation; ln IC50 is the model's own, so its map is the identity."""
    platt = calibrate(arrays, score, None, split.validation, first.scale[0].numpy())
    width = widths["known"]
    if width is None:
        raise RunError("no validation pair has a line and a drug with training pairs: give more data")
    regression = Regression(1.0, 0.0, width, COVERAGE)
    return Calibration(platt.slope, platt.intercept, platt.decision_threshold, regression)


def _training(fit: Dim2Fit, arrays: Arrays, split: Split, score: NDArray[np.floating], seed: int) -> Training:
    held = split.validation
    per_drug = per_drug_pearson(fit.ln_ic50, arrays.ln_ic50, held)
    own = {"rmse": rmse(fit.ln_ic50[held], arrays.ln_ic50[held])}
    if not np.isnan(per_drug).all():
        own["per_drug_pearson"] = float(np.nanmean(per_drug))
    return {
        "seed": seed,
        "epoch": fit.epoch,
        "epochs_run": int(fit.history[-1]["epoch"]),
        "network_share": fit.share,
        "seconds": round(fit.seconds, 1),
        "pairs": int(split.development.sum()),
        "pairs_when_chosen": int(split.train.sum()),
        "validation_pairs": int(held.sum()),
        "validation": summary(score, arrays.sensitive, held) | own,
    }
