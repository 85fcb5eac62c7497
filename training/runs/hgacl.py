"""HGACL-DRP's run: trained to choose the epoch, then on all pairs, and finished as codes and graphs."""

from dataclasses import asdict
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from model.bundle.card import Inductive, RunCard
from model.hgacl.assembly import build_network
from model.hgacl.config import HgaclConfig
from training.data.arrays import Arrays, align
from training.data.schema import Dataset
from training.features.responses import drug_scale
from training.hgacl.fit import Fit, fit, refit
from training.inductive.applicability_domain import Tables
from training.inductive.graphs import inductive_graphs
from training.inductive.hgacl import TrainedHgacl
from training.inductive.requirements import NotPlaceableError, refuse_other_platform
from training.loop import Progress
from training.metrics.calibration import calibrate
from training.metrics.metrics import summary
from training.runs.folder import CHOICE, REFIT, StageProgress, claim_folder, id_tables, write_finished_run
from training.splits.splits import SplitName, training_split


def train_run(
    dataset: Dataset,
    run: Path,
    config: HgaclConfig,
    seed: int,
    device: str = "cpu",
    progress: StageProgress | None = None,
) -> RunCard:
    """Train the model that is going to be served and write the run's folder; returns the card.

    First without a validation tenth of the pairs, on which the epoch, the probability, the decision threshold, the
    way to ln IC50 and its interval are chosen; then on all pairs for that number of epochs. A stopped run goes on
    where it was, in either stage. Raises RunError when the folder holds a run of other data or settings.
    """
    arrays = align(dataset)
    request = {"dataset": dataset.info, "config": asdict(config), "seed": seed, "split": SplitName.LPO.value}
    claim_folder(run, request)
    split = training_split(arrays, SplitName.LPO, seed)

    def stage(name: str, epochs: int) -> Progress | None:
        return progress and (lambda epoch, numbers: progress(name, epoch, epochs, numbers))

    in_stage = stage(CHOICE, config.epochs)
    first = fit(arrays, split.train, split.validation, config, seed, device, run / "checkpoint.pt", in_stage)
    in_stage = stage(REFIT, first.epoch)
    final = refit(arrays, split.development, config, first.epoch, seed, device, run / "refit.pt", in_stage)
    scores, with_margin = first.codes.scores(), config.margin_weight > 0
    margins = first.codes.margins() if with_margin else None
    calibration = calibrate(arrays, scores, margins, split.validation, drug_scale(arrays, split.train)[1])
    graphs, inductive, population = _inductive(final, dataset.platform, arrays, split.development, config)
    fitted = calibration.card()
    card: RunCard = {
        "calibration": fitted["calibration"],
        "decision_threshold": fitted["decision_threshold"],
        "regression": fitted["regression"],
        "config": asdict(config),
        "training": {
            "seed": seed,
            "epoch": first.epoch,
            "epochs_run": int(first.history[-1]["epoch"]),
            "seconds": round(first.seconds + final.seconds, 1),
            "pairs": int(split.development.sum()),
            "pairs_when_chosen": int(split.train.sum()),
            "validation_pairs": int(split.validation.sum()),
            "validation": summary(scores, arrays.sensitive, split.validation),
        },
        "inductive": inductive,
    }
    cell_lines, drugs = id_tables(dataset, arrays, drug_scale(arrays, split.development)[1])
    codes = {"lines": final.codes.lines, "drugs": final.codes.drugs}
    codes |= {"margin_drugs": final.codes.margin_drugs} if with_margin else {}
    write_finished_run(run, (cell_lines, drugs), codes, final.state, graphs, population, card)
    return card


def _inductive(
    final: Fit, platform: str | None, arrays: Arrays, train: NDArray[np.bool_], config: HgaclConfig
) -> tuple[dict[str, bytes], Inductive, Tables]:
    """Graphs, card entry, tables of new samples and compounds; {"none": reason} where settings or data allow none."""
    network = build_network(final.data.population, config).eval()
    network.load_state_dict(final.state)
    try:
        refuse_other_platform(platform)
        return inductive_graphs(TrainedHgacl(network, config, final.data, arrays, train))
    except NotPlaceableError as reason:
        return {}, {"none": str(reason)}, {}
