"""From a source's matrices to the canonical tables, the same for every source."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from training.data.schema import DRUG_ID, LINE_ID, Dataset

RESPONSE_SOURCE = "GDSC release 17"


@dataclass(frozen=True)
class Import:
    """A dataset as a source gave it, not yet validated, and the source's file to blame for each table."""

    dataset: Dataset
    files: dict[str, str]


def long_response(
    ln_ic50: pd.DataFrame, label: NDArray[np.float32], measured: NDArray[np.bool_], notes: list[str]
) -> pd.DataFrame:
    """Give the measured pairs of an N × M matrix (ln µM, lines × drugs) as the long response table, with a note.

    `label` (N, M) is 1 / 0; only pairs that `measured` (N, M) marks are kept, whatever the matrices hold elsewhere.
    """
    row, col = np.nonzero(measured)
    notes.append(f"response: {int((~measured).sum()):,} pairs that were not measured left out")
    return pd.DataFrame(
        {
            LINE_ID: ln_ic50.index.to_numpy(object)[row],
            DRUG_ID: ln_ic50.columns.to_numpy(object)[col],
            # float32 holds a measured ln IC50 to 1e-6 and forgives how a reader rounded the last digit of the text.
            "ln_ic50": ln_ic50.to_numpy(np.float32)[row, col],
            "sensitive": _label(label[row, col]),
            "source": RESPONSE_SOURCE,
        }
    )


def _label(values: NDArray[np.float32]) -> NDArray[np.uint8] | NDArray[np.float32]:
    """As uint8 where every label is 0 or 1, else as it is, for validation to report."""
    return values.astype(np.uint8) if np.isin(values, (0, 1)).all() else values


def clean_profiles(name: str, table: pd.DataFrame, notes: list[str]) -> pd.DataFrame:
    """Lines × genes without the lines that have no value at all; mutation scores become 0/1. Both are noted."""
    values = table.to_numpy(np.float32)
    empty = np.isnan(values).all(axis=1)
    if empty.any():
        lines = ", ".join(sorted(table.index[empty], key=str))
        notes.append(f"{name}: {int(empty.sum())} lines without any value left out: {lines}")
        values = values[~empty]
    names = pd.Index(table.index[~empty].astype(str), name=LINE_ID)
    if name != "mutation" or np.isnan(values).any():
        return pd.DataFrame(values, index=names, columns=table.columns)
    mutated = values != 0  # signed scores: positive activating-like, negative loss-like, both mutated
    notes.append(f"mutation: {int(mutated.sum()):,} signed non-zero scores kept as 1")
    return pd.DataFrame(mutated.astype(np.uint8), index=names, columns=table.columns)


def gene_names(genes: pd.DataFrame) -> dict[str, str]:
    """Entrez id -> symbol, or the Entrez id itself where the symbol is missing or shared by several genes.

    `genes` has the column `symbol` and the Entrez id as index or as column `entrez_id`.
    """
    entrez = genes.get("entrez_id", genes.index)
    symbol = genes["symbol"]
    own = (symbol.notna() & ~symbol.duplicated(keep=False)).to_numpy(bool)
    return {str(e): str(s) if ok else str(e) for e, s, ok in zip(entrez, symbol, own, strict=True)}
