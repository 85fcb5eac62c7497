"""The kernel stack's run: fitted on all pairs, after a fit on nine tenths that says how far known pairs lie off.

A known pair left out in closed form still helped to fit the covariance of the drugs, so probability and interval of
known pairs, and the decision threshold, come from the validation tenth. The intervals of the other cases come from
predictions that leave out the line, the drug, or the line and then the drug.
"""

import time
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import save_file as save_arrays

from model.bundle.card import Case, Domain, Inductive, RunCard, TableSet
from model.encoder_inputs import MODALITIES
from model.kernel_stack.config import KernelStackConfig
from model.kernel_stack.line_reader import table_shares
from model.kernel_stack.pair_stack import PairStack
from training.data.arrays import Arrays, Floats, align
from training.data.schema import UNITS, Dataset
from training.features.drug_views import drug_kernels
from training.features.names import known_names
from training.features.panel import presence
from training.features.responses import drug_scale
from training.inductive.applicability_domain import Tables, least_nearest, nearest_others
from training.inductive.requirements import NotPlaceableError, refuse_no_tables, refuse_other_platform
from training.kernel_stack.fit import KernelStack, fit_kernel_stack
from training.kernel_stack.served import genes_read, least_explained, pathway_names, stack_tensors, target_names
from training.kernel_stack.table_sets import fit_table_set, of_all, sets_of
from training.metrics.calibration import COVERAGE, calibrate, conformal_half_width, half_widths_by_drug
from training.metrics.metrics import summary
from training.runs.folder import STACK, RunError, StageProgress, claim_folder, id_tables, write_finished_run
from training.splits.splits import Mask, SplitName, training_split

MODEL = "kernel_stack"
# Of the genes of RNA-seq, whose gaps are estimated from the others: with a fourth, new lines are predicted as with
# all, with an eighth nearly so, with a fiftieth worse than from the other tables alone (docs/explanation/results.md).
LEAST_SHARE = 0.05
STEPS = ("fit on nine tenths", "fit on all pairs", "new lines and drugs")


def train_kernel_stack_run(
    dataset: Dataset, run: Path, config: KernelStackConfig, seed: int, progress: StageProgress | None = None
) -> RunCard:
    """Calibrate known pairs on a validation tenth, fit on all pairs and write the run's folder; returns the card.

    Raises RunError when the folder holds another run, or where a drug has no response.
    """
    claim_folder(run, {"model": MODEL, "dataset": dataset.info, "config": asdict(config), "seed": seed})
    start, arrays = time.monotonic(), align(dataset)
    pairs = arrays.measured
    if not np.any(pairs, axis=0).all():
        name = arrays.drug_ids[int(np.argmin(np.any(pairs, axis=0)))]
        raise RunError(f"drug {name} has no response; leave it out of the dataset")

    def done(step: int) -> None:
        if progress is not None:
            progress(STEPS[step], 1, 1, {})

    split = training_split(arrays, SplitName.LPO, seed)
    score, ln_ic50 = fit_kernel_stack(arrays, split.train, seed).predict()
    sd = drug_scale(arrays, pairs)[1]
    known = calibrate(arrays, score, None, split.validation, sd)
    half = _width(arrays, ln_ic50, sd, split.validation)
    by_drug: dict[Case, list[float]] = {"known": _widths_by_drug(arrays, ln_ic50, sd, split.validation)}
    done(0)
    fitted = fit_kernel_stack(arrays, pairs, seed)
    fitted = replace(fitted, known_pairs=fitted.known_pairs.calibrated(known.slope, known.intercept))
    done(1)
    sets = {name: fit_table_set(fitted, arrays, tables) for name, tables in sets_of(fitted).items()}
    widths: dict[Case, float | None] = {"known": half, **_half_widths(fitted, arrays)}
    by_drug["new_line"] = _widths_by_drug(arrays, _unseen_lines(fitted), sd, pairs)
    population, inductive = _inductive(fitted, arrays, dataset.platform, sets)
    tensors = stack_tensors(
        fitted, arrays, {name: stack for name, (stack, _, _) in sets.items()}, compact=config.precision == "int8"
    )
    done(2)
    card: RunCard = {
        "calibration": {"slope": 1.0, "intercept": 0.0},
        "decision_threshold": known.decision_threshold,
        "regression": {"slope": 1.0, "intercept": 0.0, "half_width_sd": half, "coverage": COVERAGE},
        "config": asdict(config),
        "training": {
            "seed": seed,
            "epoch": 0,
            "epochs_run": 0,
            "seconds": round(time.monotonic() - start, 1),
            "pairs": int(pairs.sum()),
            "pairs_when_chosen": int(split.train.sum()),
            "validation_pairs": int(split.validation.sum()),
            "validation": summary(score, arrays.sensitive, split.validation),
            "known_slope": known.slope,
            "known_intercept": known.intercept,
        },
        "half_widths_sd": widths,
        "half_widths_by_drug_sd": by_drug,
        "inductive": inductive,
    }
    save_arrays(tensors, run / STACK)
    write_finished_run(run, id_tables(dataset, arrays, sd), {}, {}, {}, population, card)
    return card


def _half_widths(fitted: KernelStack, arrays: Arrays) -> dict[Case, float | None]:
    """Conformal half-width of each case but that of known pairs, in the drug's deviations."""
    scales, new, drugs = fitted.targets.scales, fitted.new_drug_scales, fitted.drugs
    unseen = of_all(fitted, fitted.line_ridge.left_out()[0])

    def width(ln_ic50: Floats, sd: Floats) -> float:
        return _width(arrays, ln_ic50, sd, fitted.pairs)

    return {
        "new_line": width(_unseen_lines(fitted), scales.sd),
        "new_drug": width(fitted.unseen_drugs.ln_ic50(drugs.predict(fitted.known[0]), new), new.sd),
        "both": width(fitted.unseen_drugs.ln_ic50(drugs.predict(unseen), new), new.sd),
    }


def _unseen_lines(fitted: KernelStack) -> Floats:
    """Ln IC50 of the training lines, each as if it were new, (N, M)."""
    return fitted.unseen_lines.ln_ic50(of_all(fitted, fitted.line_ridge.left_out()[0]), fitted.targets.scales)


def _width(arrays: Arrays, ln_ic50: Floats, sd: Floats, pairs: Mask) -> float:
    return conformal_half_width(_errors(arrays, ln_ic50, sd)[pairs])


def _widths_by_drug(arrays: Arrays, ln_ic50: Floats, sd: Floats, pairs: Mask) -> list[float]:
    return [float(width) for width in half_widths_by_drug(_errors(arrays, ln_ic50, sd), pairs)]


def _errors(arrays: Arrays, ln_ic50: Floats, sd: Floats) -> Floats:
    return np.abs((arrays.ln_ic50 - ln_ic50) / sd).astype(float)


Sets = dict[str, tuple[PairStack, Floats, Mask]]


def _inductive(fitted: KernelStack, arrays: Arrays, platform: str | None, sets: Sets) -> tuple[Tables, Inductive]:
    """Population and card entry of new samples and compounds; {"none": reason} where the data allow none."""
    try:
        refuse_other_platform(platform)
        refuse_no_tables(arrays, np.any(fitted.pairs, axis=1))
    except NotPlaceableError as reason:
        return {}, {"none": str(reason)}
    population, domain, limits = _domain(fitted, arrays)
    scales = fitted.targets.scales
    error = fitted.new_drug_scales.mean + fitted.new_drug_scales.offset * fitted.new_drug_scales.sd - arrays.threshold
    listed: list[TableSet] = []
    for name, (stack, z, pairs) in sets.items():
        both = fitted.unseen_drugs.ln_ic50(fitted.drugs.predict(z), fitted.new_drug_scales)
        listed.append(
            {
                "name": name,
                "tables": list(sets_of(fitted)[name]),
                "lines": int(np.any(pairs, axis=1).sum()),
                "domain": limits[name],
                "new_line": _width(arrays, stack.ln_ic50(z, scales), scales.sd, pairs),
                "both": _width(arrays, both, fitted.new_drug_scales.sd, pairs),
            }
        )
    entry: Inductive = {
        "genes": genes_read(fitted, arrays),
        "tissues": known_names(arrays.tissue, np.any(fitted.pairs, axis=1)),
        "cancer_types": known_names(arrays.cancer_type, np.any(fitted.pairs, axis=1)),
        "media": known_names(arrays.medium, np.any(fitted.pairs, axis=1)),
        "targets": target_names(fitted, arrays),
        "pathways": pathway_names(fitted, arrays),
        "concentrations": int(np.isfinite(fitted.drugs.concentration[fitted.drugs.known]).sum()),
        "cell_lines": [arrays.cell_line_ids[row] for row in fitted.line_ridge.rows],
        "drugs": arrays.drug_ids,
        "threshold_sd_ln_um": float(np.nanstd(error)),
        "units": {**{name: UNITS[name] for name in ("copy_number", "mutation")}, "expression": "log2(TPM+1)"},
        "domain": domain,
        "least_shares": {"expression": LEAST_SHARE},
        "table_sets": listed,
        "least_explained": least_explained(fitted, arrays),
    }
    return population, entry


def _domain(fitted: KernelStack, arrays: Arrays) -> tuple[Tables, Domain, dict[str, float]]:
    """Nearest training lines and drugs, the limits of the domain, and that of the lines known by each set alone.

    A line known by little is compared by what is imputed, so that each set has a limit of its own.
    """
    ridge, train = fitted.line_ridge, np.any(fitted.pairs, axis=1)
    closeness = ridge.kernels.rows(ridge.space.complete(ridge.blocks, ridge.present))[0]
    near, close = nearest_others(torch.from_numpy(closeness), train)
    limits = {}
    for name, tables in sets_of(fitted).items():
        hidden = np.array(ridge.kernels.rows(ridge.space.hidden(tables))[0])
        np.fill_diagonal(hidden, -1)
        rows = ridge.complete_rows(tables)
        limits[name] = float(np.quantile(hidden.max(1)[rows], 0.05))
    drug_near, similarity = nearest_others(fitted.drugs.kernel.clone(), fitted.drugs.known)
    _, by_structure = nearest_others(torch.from_numpy(drug_kernels(arrays)["structure"]), fitted.drugs.known)
    population: Tables = {
        "line_nearest": near,
        "line_closeness": close,
        "line_weights": table_shares(np.stack([presence(arrays, m) for m in MODALITIES], 1)).astype(np.float32),
        "drug_nearest": drug_near,
        "drug_similarity": similarity,
    }
    for name, genes in genes_read(fitted, arrays).items():
        if genes and name in MODALITIES:
            place = {gene: i for i, gene in enumerate(arrays.feature_names[name])}
            x = arrays.features[name][train][:, [place[gene] for gene in genes]]
            population[f"{name}_mean"] = np.nanmean(x, axis=0).astype(np.float32)
            population[f"{name}_sd"] = np.nanstd(x, axis=0).clip(1e-6).astype(np.float32)
    domain: Domain = {
        "cell_line": least_nearest(close, train),
        "drug": least_nearest(similarity, fitted.drugs.known),
        "drug_structure": least_nearest(by_structure, fitted.drugs.known),
    }
    return population, domain, limits
