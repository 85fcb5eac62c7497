"""Tables of a cohort from the user's files: expression of tumours, and a plain frame of any other."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

MOST_LOG2 = 60.0  # no log2 value of expression, nor a z-score, is larger
MOST_MISSING = 0.2  # of a gene's values in a cohort; with more the gene is left out there
PATIENT = "patient"
EMPTY = ("'--", "--")  # how the GDC writes an empty cell


class ClinicalError(ValueError):
    """Input of a clinical study that cannot be used; the message names the file, the place, the value, the remedy."""


def read_table(path: Path) -> pd.DataFrame:
    """Read a Parquet, CSV or tab-separated file, packed or not. Raises ClinicalError."""
    suffix = Path(path.name.removesuffix(".gz")).suffix
    try:
        if suffix == ".parquet":
            return pd.read_parquet(path)
        return pd.read_csv(path, sep="," if suffix == ".csv" else "\t", low_memory=False, na_values=EMPTY)
    except (OSError, ValueError, pa.ArrowException) as fault:
        raise ClinicalError(f"{path}: cannot be read as Parquet, CSV or tab-separated text ({fault})") from None


def read_expression(path: Path, leave_out: Sequence[str] = ()) -> pd.DataFrame:
    """Expression of tumours, patients × genes; NaN where not measured. Raises ClinicalError.

    The first column holds the patients, every other a gene, but for those to leave out. Values are of any unit whose
    order within a gene means more or less RNA and that is not raw: log2(TPM+1), log2 intensities or z-scores.
    """
    table = read_table(path)
    if isinstance(table.index, pd.RangeIndex):
        if table.empty:
            raise ClinicalError(f"{path}: no rows; give one patient a row, one gene a column")
        table = table.set_index(table.columns[0])
    missing = [name for name in leave_out if name not in table]
    if missing:
        raise ClinicalError(f"{path}: no column {missing[0]!r} to leave out")
    table = table.drop(columns=list(leave_out))
    table.index = table.index.astype(str).rename(PATIENT)
    refuse_repeats(path, table.index)
    if len(twice := table.columns[table.columns.duplicated()]):
        raise ClinicalError(f"{path}: gene {twice[0]!r} stands in two columns; keep one")
    texts = [name for name, kind in table.dtypes.items() if not pd.api.types.is_numeric_dtype(kind)]
    if texts:
        raise ClinicalError(
            f"{path}: column {texts[0]!r} holds text where genes have numbers; leave it out with --not-gene {texts[0]}"
        )
    values = table.to_numpy(np.float64)
    if np.isinf(values).any() or np.nanmax(np.abs(values), initial=0) > MOST_LOG2:
        largest = float(np.nanmax(np.abs(values)))
        place = table.columns[int(np.nanargmax(np.abs(values)) % values.shape[1])]
        raise ClinicalError(
            f"{path}: {place} has {largest:,.6g}, which is no log2 value and no z-score; give log2(TPM+1), or leave "
            f"a column that is no gene out with --not-gene {place}"
        )
    return pd.DataFrame(values, table.index, table.columns.astype(str))


def refuse_repeats(path: Path, patients: "pd.Index[str]") -> None:
    """Raise ClinicalError where a patient stands twice."""
    twice = patients[patients.duplicated()]
    if len(twice):
        raise ClinicalError(
            f"{path}: patient {twice[0]!r} stands twice ({len(set(twice))} such); keep one sample of each patient"
        )
