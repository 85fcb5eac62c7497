"""DiM2-DRP's run: trained without a validation tenth of the pairs, and finished as codes and graphs like HGACL-DRP's.

On the validation tenth the epoch, the network's share, probability, decision threshold and intervals are chosen. Then
the response offset is fitted on all pairs; what the network adds to it stays as it was. Without an offset the network
stays as it was, and its codes are its answers for all known pairs: a line's code holds one number for each drug.
"""

from dataclasses import asdict, replace
from pathlib import Path

import numpy as np

from model.bundle.card import Case, Inductive, RunCard, Training
from model.dim2.config import Dim2Config
from training.data.arrays import Arrays, Floats, align
from training.data.schema import Dataset
from training.dim2.fit import Dim2Fit, fit_dim2
from training.dim2.inputs import fit_offset
from training.dim2.intervals import half_widths_by_case, known_pairs
from training.dim2.predict import sensitivity_score
from training.features.responses import drug_scale
from training.inductive.applicability_domain import Tables
from training.inductive.dim2 import OffsetFit, known_codes
from training.inductive.graphs import offset_graphs
from training.inductive.requirements import NotPlaceableError, refuse_other_platform
from training.metrics.calibration import COVERAGE, Calibration, Regression, calibrate, conformal_half_width
from training.metrics.metrics import per_drug_pearson, rmse, summary
from training.runs.folder import CHOICE, RunError, StageProgress, claim_folder, id_tables, write_finished_run
from training.splits.splits import Split, SplitName, training_split

MODEL = "dim2"
KNOWN_ALONE = "its answers for the pairs of known lines and drugs are stored, not its network"


def train_dim2_run(
    dataset: Dataset,
    run: Path,
    config: Dim2Config,
    seed: int,
    device: str = "cpu",
    progress: StageProgress | None = None,
) -> RunCard:
    """Train DiM2-DRP and write the run's folder; returns the card.

    A stopped run goes on where it was. Raises RunError when the folder holds a run of other data or settings.
    """
    request = {
        "model": MODEL,
        "dataset": dataset.info,
        "config": asdict(config),
        "seed": seed,
        "split": SplitName.LPO.value,
    }
    claim_folder(run, request)
    arrays = replace(align(dataset), structures=run / "structures")
    split = training_split(arrays, SplitName.LPO, seed)

    def in_stage(epoch: int, numbers: dict[str, float]) -> None:
        if progress is not None:
            progress(CHOICE, epoch, config.epochs, numbers)

    fit = fit_dim2(arrays, split.train, split.validation, config, seed, device, run / "checkpoint.pt", in_stage)
    score = sensitivity_score(arrays, split.train, fit.ln_ic50, fit.inputs.offset)
    training = _training(fit, arrays, split, score, seed)
    write = _write_with_offset if config.offset else _write_network
    return write(dataset, run, arrays, split, fit, score, training)


def _write_network(
    dataset: Dataset, run: Path, arrays: Arrays, split: Split, fit: Dim2Fit, score: Floats, training: Training
) -> RunCard:
    """Write the run with the network's answers as codes: x_c its scores, y_d the unit vector of drug d."""
    sd = drug_scale(arrays, split.development)[1]
    residual, held = np.abs(fit.ln_ic50 - arrays.ln_ic50) / sd, known_pairs(split)
    width = conformal_half_width(residual[held]) if held.any() else None
    widths: dict[Case, float | None] = {"known": width, "new_line": None, "new_drug": None, "both": None}
    scale, unit = fit.inputs.offset.scale[0].numpy(), np.eye(len(sd), dtype=np.float32)
    lines = sensitivity_score(arrays, split.development, fit.ln_ic50, fit.inputs.offset)
    codes = {"lines": lines, "drugs": unit, "margin_drugs": unit * scale / sd}
    training["pairs"] = training["pairs_when_chosen"]
    card = _card(fit, training, _calibration(arrays, split, score, width), widths, {"none": KNOWN_ALONE})
    write_finished_run(run, id_tables(dataset, arrays, sd), codes, fit.state, {}, {}, card)
    return card


def _write_with_offset(
    dataset: Dataset, run: Path, arrays: Arrays, split: Split, fit: Dim2Fit, score: Floats, training: Training
) -> RunCard:
    """Fit the offset on all pairs and write the run with codes, calibration and the graphs of new samples."""
    config, first = fit.config, fit.inputs.offset
    offset = fit_offset(arrays, split.development, config, training["seed"], cross_fitted=False)
    added = fit.ln_ic50 - first.best_matrix(fit.inputs.measured_lines, fit.inputs.measured_drugs).cpu().numpy()
    known = OffsetFit(arrays, split.development, config, offset, added)
    lines, drugs, training["addition_kept"] = known_codes(known)
    graphs, inductive, population = _inductive(known, dataset.platform)
    widths = half_widths_by_case(arrays, split, offset, fit.ln_ic50)
    card = _card(fit, training, _calibration(arrays, split, score, widths["known"]), widths, inductive)
    tables = id_tables(dataset, arrays, offset.scale[0].numpy())
    write_finished_run(run, tables, {"lines": lines, "drugs": drugs}, fit.state, graphs, population, card)
    return card


def _card(
    fit: Dim2Fit,
    training: Training,
    calibration: Calibration,
    widths: dict[Case, float | None],
    inductive: Inductive,
) -> RunCard:
    fitted = calibration.card()
    return {
        "calibration": fitted["calibration"],
        "decision_threshold": fitted["decision_threshold"],
        "regression": fitted["regression"],
        "config": asdict(fit.config),
        "training": training,
        "half_widths_sd": widths,
        "inductive": inductive,
    }


def _inductive(known: OffsetFit, platform: str | None) -> tuple[dict[str, bytes], Inductive, Tables]:
    """Graphs, card entry and tables of new samples; {"none": reason} where settings or data allow none."""
    try:
        refuse_other_platform(platform)
        return offset_graphs(known)
    except NotPlaceableError as reason:
        return {}, {"none": str(reason)}, {}


def _calibration(arrays: Arrays, split: Split, score: Floats, width: float | None) -> Calibration:
    """Fit probability and decision threshold on validation. The map to ln IC50 is the identity.

    `width` is the half-width of a known pair's interval in the drug's standard deviations.
    """
    platt = calibrate(arrays, score, None, split.validation, drug_scale(arrays, split.train)[1])
    if width is None:
        raise RunError("no validation pair has a line and a drug with training pairs: give more data")
    return Calibration(platt.slope, platt.intercept, platt.decision_threshold, Regression(1.0, 0.0, width, COVERAGE))


def _training(fit: Dim2Fit, arrays: Arrays, split: Split, score: Floats, seed: int) -> Training:
    held = split.validation
    per_drug = per_drug_pearson(fit.ln_ic50, arrays.ln_ic50, held)
    measured = {"rmse": rmse(fit.ln_ic50[held], arrays.ln_ic50[held])}
    if not np.isnan(per_drug).all():
        measured["per_drug_pearson"] = float(np.nanmean(per_drug))
    return {
        "seed": seed,
        "epoch": fit.epoch,
        "epochs_run": int(fit.history[-1]["epoch"]),
        "network_share": fit.share,
        "seconds": round(fit.seconds, 1),
        "pairs": int(split.development.sum()),
        "pairs_when_chosen": int(split.train.sum()),
        "validation_pairs": int(held.sum()),
        "validation": summary(score, arrays.sensitive, held) | measured,
    }
