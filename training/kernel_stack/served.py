"""A fitted kernel stack as the arrays of a bundle (model.kernel_stack.served_stack), and the names behind them."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from model.encoder_inputs import ARRAY, MODALITIES
from model.kernel_stack.line_reader import AXES, BLOCK, HAS, MEAN, NOISE, SPREAD
from model.kernel_stack.packing import packed
from model.kernel_stack.pair_stack import PairStack
from training.data.arrays import Arrays, Floats
from training.features.drug_views import ecfp_bits, fingerprint_bits, pathways_of, targets_of
from training.features.panel import fit_modality, panel_columns, panel_table, presence
from training.features.table_fit import TableFit
from training.kernel_stack.fit import Both, KernelStack
from training.kernel_stack.line_blocks import COMPONENTS, FEWEST_DRIVERS, TABLES, WHOLE, driver_columns

Tensors = dict[str, NDArray[Any]]
EXPLAINED = ("expression", ARRAY)  # tables whose components should hold most of a sample
FOLDS, LEAST = 5, 0.05
LEAST_LEFT = 1e-3  # of a table's squares, where its components are as many as its genes


def stack_tensors(
    fitted: KernelStack, arrays: Arrays, table_sets: Mapping[str, PairStack], *, compact: bool
) -> Tensors:
    """Arrays of the lines of the data and of the drugs that have responses, the larger ones packed if `compact`.

    Lines without responses get the ridge's prediction and the stack of unseen lines, which is the second.
    """
    ridge, columns = fitted.line_ridge, fitted.drugs.known
    measured = np.any(fitted.pairs, axis=1)
    unseen = ridge.predict(ridge.blocks, ridge.present)

    def of_lines(known: Both) -> Floats:
        mine = (np.where(measured[:, None], x, other) for x, other in zip(known, unseen, strict=True))
        return np.hstack([x[:, columns] for x in mine])

    scales = fitted.targets.scales
    stacks = [fitted.known_pairs, fitted.unseen_lines, *table_sets.values()]
    new = fitted.unseen_drugs
    every = (scales.mean, scales.sd, scales.offset, scales.soft_mean, scales.soft_sd)
    out: Tensors = {
        "known": of_lines(fitted.answered),
        "carried": of_lines(fitted.known),
        "line_stack": np.where(measured, 0, 1).astype(np.int8),
        "scales": np.stack(every)[:, columns].astype(np.float32),
        "stacks": np.stack([_weights(one) for one in stacks]),
        "stack_drugs": np.stack([_terms(one)[:, columns] for one in stacks]).astype(np.float32),
        "new_drug_stack": _weights(new),
        "kernel_scales": np.array(ridge.kernels.scales),
        "responses": ridge.responses.numpy()[:, np.tile(columns, 2)],
    }
    for name, block in ridge.space.blocks.items():
        out[f"{BLOCK}{name}"] = block
        out[f"{HAS}{name}"] = ridge.space.present[name].astype(np.uint8)
    for name, table in _tables(fitted, arrays).items():
        out[f"{MEAN}{name}"], out[f"{AXES}{name}"] = table.mean.astype(np.float32), table.axes
        if table.fit is not None:
            out |= _spread(arrays, measured, name, table.fit)
    rows = np.flatnonzero(columns)
    targets, pathways = target_names(fitted, arrays), pathway_names(fitted, arrays)
    out["drug.bits"] = np.packbits(fingerprint_bits(arrays).numpy()[rows] > 0, axis=1)
    out["drug.ecfp"] = np.packbits(ecfp_bits(arrays).numpy()[rows] > 0, axis=1)
    out["drug.targets"] = np.array([[name in targets_of(arrays)[row] for name in targets] for row in rows], np.uint8)
    out["drug.pathway"] = np.array([[name == pathways_of(arrays)[row] for name in pathways] for row in rows], np.uint8)
    out["drug.sources"] = fitted.drugs.sources[rows].astype(np.uint8)
    out["drug.properties"] = fitted.drugs.properties[rows]
    out["drug.concentration"] = fitted.drugs.known_concentration
    return packed(out, compact=compact)


def _spread(arrays: Arrays, measured: NDArray[np.bool_], name: str, fit: TableFit) -> Tensors:
    """What a gene's deviation is divided by, (p,), and the mean square that its components leave of it, (1,)."""
    has = presence(arrays, name) & measured
    raw = torch.from_numpy(panel_table(arrays, name, panel=name not in WHOLE)[has])
    z = fit.standardise(raw, torch.ones(len(raw), dtype=torch.bool)).double() / fit.norm
    left = z.square().sum(1) - (z @ fit.axes[:, : fit.width]).square().sum(1)
    noise = max(float(left.mean()), LEAST_LEFT * float(z.square().sum(1).mean())) / z.shape[1]
    spread = (fit.divisor.double() * fit.norm).numpy().astype(np.float32)
    return {f"{SPREAD}{name}": spread, f"{NOISE}{name}": np.array([noise])}


def genes_read(fitted: KernelStack, arrays: Arrays) -> dict[str, list[str]]:
    """Gene symbols of each table, in the order of its mean and axes; [] for a table that is not read."""
    tables = _tables(fitted, arrays)
    return {name: tables[name].genes if name in tables else [] for name in (*MODALITIES, *WHOLE)}


def target_names(fitted: KernelStack, arrays: Arrays) -> list[str]:
    """Targets of the known drugs, by gene, sorted."""
    of_drugs = targets_of(arrays)
    return sorted({name for row in np.flatnonzero(fitted.drugs.known) for name in of_drugs[row]})


def pathway_names(fitted: KernelStack, arrays: Arrays) -> list[str]:
    """Pathways of the known drugs, sorted."""
    of_drugs = pathways_of(arrays)
    return sorted({of_drugs[row] for row in np.flatnonzero(fitted.drugs.known)} - {""})


def least_explained(fitted: KernelStack, arrays: Arrays) -> dict[str, float]:
    """Share of a table's squares that its components hold in all but 5 % of the lines, each from a fit without it."""
    out, measured = {}, np.any(fitted.pairs, axis=1)
    for name in EXPLAINED:
        has = np.flatnonzero(presence(arrays, name) & measured)
        if name not in fitted.line_ridge.blocks or len(has) < 2 * FOLDS:
            continue
        raw = torch.from_numpy(panel_table(arrays, name, panel=name not in WHOLE))
        shares = []
        for fold in range(FOLDS):
            held = has[fold::FOLDS]
            rest = measured.copy()
            rest[held] = False
            fit = fit_modality(arrays, rest, name, panel=name not in WHOLE, components=COMPONENTS)
            z = fit.standardise(raw[held], torch.ones(len(held), dtype=torch.bool)).double()
            shares.append((z @ fit.axes[:, : fit.width]).square().sum(1) / z.square().sum(1).clamp(min=1e-12))
        out[name] = float(np.quantile(torch.cat(shares).numpy(), LEAST))
    return out


class _Table(NamedTuple):
    """Mean (p,) and axes (p, w) with which a table becomes its block, and its genes; no fit where drivers are read."""

    mean: Floats
    axes: Floats
    genes: list[str]
    fit: TableFit | None


def _tables(fitted: KernelStack, arrays: Arrays) -> dict[str, _Table]:
    """The tables that are read, as `line_blocks` makes their blocks."""
    fit = np.any(fitted.pairs, axis=1)
    return {name: _table(arrays, name, fit) for name in TABLES if name in fitted.line_ridge.blocks}


def _table(arrays: Arrays, name: str, fit: NDArray[np.bool_]) -> _Table:
    names = np.array(arrays.feature_names[name])
    drivers = driver_columns(arrays) if name == "mutation" else []
    if len(drivers) >= FEWEST_DRIVERS:
        raw = arrays.features[name][presence(arrays, name) & fit][:, drivers].astype(float)
        mean = raw.mean(0)
        norm = max(float(np.linalg.norm(raw - mean, axis=1).mean()), 1e-12)
        return _Table(mean, np.eye(len(drivers)) / norm, names[drivers].tolist(), None)
    panel = name not in WHOLE
    table = fit_modality(arrays, fit, name, panel=panel, components=COMPONENTS)
    columns = panel_columns(arrays, name) if panel else slice(None)
    axes = table.axes[:, : table.width] / table.divisor.double()[:, None] / table.norm
    kept = torch.as_tensor(table.kept).numpy()
    return _Table(table.mean.double().numpy(), axes.numpy(), names[columns][kept].tolist(), table)


def _weights(stack: PairStack) -> Floats:
    return np.array([*stack.weights, stack.centre])


def _terms(stack: PairStack) -> Floats:
    return np.stack([stack.intercept, stack.slope, stack.regression_intercept, stack.regression_slope])
