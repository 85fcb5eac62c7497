"""Units that tables come in, turned into the dataset's own; a column that cannot be its declared unit is refused."""

from collections import Counter

import numpy as np
import pandas as pd

from model.units import LEAST_RATIO, copy_number_fault, tpm_fault, whole_number_doubts
from training.data.schema import DatasetError, Problem
from training.sources.options import CopyNumberUnit, ExpressionUnit

MOST_LOG2_TPM = 25.0
MOST_NAMED = 20  # cells or lines of a file
MOST_LOG2P1 = 8.0  # 255 times the diploid copies; amplifications in cell lines stay below 100 times


def to_log2_tpm1(table: pd.DataFrame, unit: ExpressionUnit, file: str, notes: list[str]) -> pd.DataFrame:
    """Convert expression (lines × genes, float32) to log2(TPM + 1); raises DatasetError naming the first bad cells.

    Array z-scores come back as they are. TPM below 0 does not exist; log2(TPM + 1) above 25 is TPM itself; TPM of a
    line that sum to over a million are counts, and whole numbers alone may be, which is noted.
    """
    values = table.to_numpy()
    if unit == "array_z":
        return table
    negative = np.argwhere(values < 0)
    if len(negative):
        share = len(negative) / max(1, int((~np.isnan(values)).sum()))
        called = "TPM" if unit == "tpm" else "log2(TPM + 1)"
        text = f"negative: no {called}" + ("; z-scores? give --expression-unit" if share > 0.05 else "; correct it")
        found = [(str(table.index[i]), str(table.columns[j]), values[i, j]) for i, j in negative[:MOST_NAMED]]
        raise DatasetError([Problem(file, row, gene, f"{value:g} is {text}") for row, gene, value in found])
    if unit == "log2_tpm1":
        high = np.argwhere(values > MOST_LOG2_TPM)
        if len(high):
            i, j = high[0]
            text = f"{values[i, j]:g} is no log2(TPM + 1); if this is TPM, give --expression-unit tpm"
            raise DatasetError([Problem(file, str(table.index[i]), str(table.columns[j]), text)])
        logs = table
    else:
        logs = pd.DataFrame(np.log2(values + np.float32(1)), index=table.index, columns=table.columns)
    _refuse_counts(logs, file, notes)
    return logs


def _refuse_counts(logs: pd.DataFrame, file: str, notes: list[str]) -> None:
    faults, doubts = [], Counter[str]()
    for line, row in zip(logs.index, logs.to_numpy(), strict=True):
        tpm = np.exp2(row[~np.isnan(row)].astype(np.float64)) - 1
        if fault := tpm_fault(tpm):
            faults.append(Problem(file, str(line), "", f"{fault}; give TPM"))
        doubts.update(doubt.text for doubt in whole_number_doubts(tpm))
    if faults:
        raise DatasetError(faults[:MOST_NAMED])
    notes += [f"expression: {count:,} of {len(logs):,} lines: each {text}" for text, count in doubts.items()]


def to_log2_ratio(table: pd.DataFrame, unit: CopyNumberUnit | None, file: str, notes: list[str]) -> pd.DataFrame:
    """Convert copy number (lines × genes, float32) to log2 of the ratio to diploid; lost genes become log2(0.05).

    Without `unit` only values that leave one possibility are taken. Raises DatasetError where the values cannot be in
    the unit: negative ratios, or a median far from diploid.
    """
    values = table.to_numpy()
    known = values[~np.isnan(values)]
    if not known.size:
        return table
    low, high, middle = float(known.min()), float(known.max()), float(np.median(known))
    if unit is None:
        unit = _only_possible(low, high, file)
    wrong = ""
    if unit != "log2_ratio" and low < 0:
        i, j = np.argwhere(values < 0)[0]
        wrong = f"{values[i, j]:g} is negative: a log2 ratio? give --copy-number-unit log2_ratio"
        raise DatasetError([Problem(file, str(table.index[i]), str(table.columns[j]), wrong)])
    # In a whole cohort somebody has lost something.
    if unit == "log2_ratio" and (copy_number_fault(known) or (low >= 0 and high > 1)):
        wrong = f"no log2 ratio: the values run from {low:g} to {high:g}, median {middle:g}, where diploid is 0"
    if unit in ("relative", "log2p1") and not 0.5 <= middle <= 1.5:
        wrong = f"the median is {middle:g} where diploid is 1: absolute copies? Divide by the ploidy"
    if unit == "log2p1" and high > MOST_LOG2P1:
        wrong = f"{high:g} is no log2(ratio + 1); give --copy-number-unit relative"
    if wrong:
        raise DatasetError([Problem(file, "", "", wrong)])
    if unit == "log2_ratio":
        return table
    ratio = values if unit == "relative" else np.exp2(values) - np.float32(1)
    lost = int((ratio < LEAST_RATIO).sum())
    notes.append(f"copy_number: {unit} values turned into log2 ratios; {lost:,} below {LEAST_RATIO} written as lost")
    logs = np.log2(np.maximum(ratio, np.float32(LEAST_RATIO)))
    return pd.DataFrame(logs, index=table.index, columns=table.columns)


def _only_possible(low: float, high: float, file: str) -> CopyNumberUnit:
    if low < 0:
        return "log2_ratio"
    if high > MOST_LOG2P1:
        return "relative"
    message = "the values may be ratios (1 = diploid) or log2(ratio + 1); give --copy-number-unit relative or log2p1"
    raise DatasetError([Problem(file, "", "", message)])
