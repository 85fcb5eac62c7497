"""What a dataset holds, in numbers: which lines have which tables, and what was measured for each drug."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from training.data.arrays import Arrays, align
from training.data.schema import DRUG_ID, EXPRESSION_UNITS, LINE_ID, UNITS, WIDE, Dataset

PER_LINE = tuple(name for name, key in WIDE.items() if key == LINE_ID)


@dataclass(frozen=True)
class Description:
    """A dataset in numbers.

    coverage   one row a table: table, things ("cell lines" / "drugs"), rows, of, features, low, high, unit
    overlaps   one row a combination of line tables that occurs: tables (list), lines; most lines first
    drugs      one row a drug, most measured first: id, name, measured, sensitive, share (of measured)
    tissues    one row a tissue, largest first: tissue, lines, measured
    response   (M, N) in the order of `drugs` and of most measured lines: 1 sensitive, 0 resistant, NaN not measured
    """

    coverage: pd.DataFrame
    overlaps: pd.DataFrame
    drugs: pd.DataFrame
    tissues: pd.DataFrame
    response: NDArray[np.float32]

    @property
    def measured(self) -> int:
        """Number of measured pairs."""
        return int(self.drugs["measured"].sum())

    @property
    def sensitive(self) -> int:
        """Number of sensitive pairs."""
        return int(self.drugs["sensitive"].sum())


def describe(dataset: Dataset) -> Description:
    """Count what `dataset` holds; it must have passed `validate`."""
    arrays = align(dataset)
    lines, drugs = (np.argsort(-arrays.measured.sum(axis), kind="stable") for axis in (1, 0))
    return Description(
        coverage=_coverage(dataset),
        overlaps=_overlaps(dataset),
        drugs=_drugs(dataset, arrays).iloc[drugs].reset_index(drop=True),
        tissues=_tissues(arrays),
        response=arrays.sensitive[np.ix_(lines, drugs)].T,
    )


def _coverage(dataset: Dataset) -> pd.DataFrame:
    pairs = dataset.response
    measured = {"cell lines": pairs[LINE_ID].nunique(), "drugs": pairs[DRUG_ID].nunique()}
    of = {"cell lines": len(dataset.cell_lines), "drugs": len(dataset.drugs)}
    rows: list[tuple[object, ...]] = [
        ("response", k, measured[k], of[k], None, *_value_range(pairs["ln_ic50"]), "ln µM") for k in measured
    ]
    for name, table in dataset.tables():
        if name not in WIDE:
            continue
        things = "cell lines" if WIDE[name] == LINE_ID else "drugs"
        unit = EXPRESSION_UNITS.get(dataset.platform or "", "") if name == "expression" else UNITS[name]
        rows.append((name, things, len(table), of[things], table.shape[1], *_value_range(table), unit.split(",")[0]))
    columns = ["table", "things", "rows", "of", "features", "low", "high", "unit"]
    return pd.DataFrame(rows, columns=columns)


def _value_range(table: pd.DataFrame | pd.Series) -> tuple[float, float]:
    values = table.to_numpy()
    return float(values.min()), float(values.max())


def _overlaps(dataset: Dataset) -> pd.DataFrame:
    tables = [name for name in PER_LINE if getattr(dataset, name) is not None]
    ids = dataset.cell_lines["id"]
    has = pd.DataFrame({name: ids.isin(getattr(dataset, name).index).to_numpy(bool) for name in tables})
    if not tables:
        return pd.DataFrame([{"tables": [], "lines": len(ids)}])
    counts = has.value_counts().reset_index(name="lines")
    combined = [[name for name in tables if row[name]] for row in counts.to_dict("records")]
    return pd.DataFrame({"tables": combined, "lines": counts["lines"]})


def _drugs(dataset: Dataset, arrays: Arrays) -> pd.DataFrame:
    names = dataset.drugs.set_index("id").loc[arrays.drug_ids, "name"].tolist()
    measured, sensitive = arrays.measured.sum(0), np.nansum(arrays.sensitive, 0).astype(int)
    table = pd.DataFrame({"id": arrays.drug_ids, "name": names, "measured": measured, "sensitive": sensitive})
    return table.assign(share=table["sensitive"] / table["measured"].replace(0, np.nan))


def _tissues(arrays: Arrays) -> pd.DataFrame:
    names = [tissue or "not known" for tissue in arrays.tissue]
    table = pd.DataFrame({"tissue": names, "lines": 1, "measured": arrays.measured.sum(1)})
    summed = table.groupby("tissue", as_index=False).sum()
    return summed.sort_values(["lines", "tissue"], ascending=[False, True], ignore_index=True)
