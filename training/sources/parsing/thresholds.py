"""When a line counts as sensitive to a drug: from a table, or by the rule by which CCLE's labels were made.

GDSC's releases hold no thresholds. The rule: z-score a drug's ln IC50 over its lines (sample standard deviation);
below -0.8 is sensitive. So the threshold is mean - 0.8 * sd, in ln µM.
"""

from pathlib import Path

import numpy as np
import pandas as pd

from model.names import plain
from training.data.schema import DRUG_ID, DatasetError, Problem
from training.sources.parsing.files import collect_problems
from training.sources.parsing.plain_tables import id_faults, read_numbers, read_plain

Z_SENSITIVE = -0.8
FEWEST = 5  # measured lines; a standard deviation over fewer says nothing
TABLE = ("drug", "threshold_ln_um")


def label_responses(
    response: pd.DataFrame, drugs: pd.DataFrame, thresholds: Path | None, notes: list[str]
) -> tuple[pd.DataFrame, pd.DataFrame, list[str]]:
    """Give the response with `sensitive`, 1 = below the threshold, drugs with `threshold_ln_um`, ids of those by rule.

    A threshold that a drug has stays; `thresholds` (columns drug, threshold_ln_um) comes before the rule. A drug with
    fewer than five measured lines gets none by rule: validation reports it. Raises DatasetError as read_thresholds.
    """
    limits = drugs.set_index("id")["threshold_ln_um"].astype(np.float64)
    own = int(limits.notna().sum())
    if thresholds is not None:
        limits = read_thresholds(thresholds, drugs).reindex(limits.index).fillna(limits)
        notes.append(f"thresholds: {int(limits.notna().sum())} of {len(limits)} drugs from a table")
    elif own:
        notes.append(f"thresholds: {own} of {len(limits)} drugs from the source")
    groups = response.groupby(DRUG_ID, sort=False)["ln_ic50"]
    measured = groups.count().reindex(limits.index).fillna(0)
    rule = (groups.mean() + Z_SENSITIVE * groups.std(ddof=1)).reindex(limits.index).where(measured >= FEWEST)
    by_rule = limits.isna() & rule.notna()
    if by_rule.any():
        notes.append(
            f"thresholds: {int(by_rule.sum())} drugs by rule, since none are given: sensitive = z-scored ln IC50 over "
            f"the drug's lines below {Z_SENSITIVE:g}, so threshold = mean - 0.8 sd (ln µM)"
        )
    # As validation compares: both numbers in float32, so that rounding cannot turn a label.
    limits = limits.fillna(rule).astype(np.float32).astype(np.float64)
    below = response["ln_ic50"].to_numpy(np.float32) < response[DRUG_ID].map(limits).to_numpy(np.float32)
    return (
        response.assign(sensitive=below.astype(np.uint8)),
        drugs.assign(threshold_ln_um=drugs["id"].map(limits).to_numpy(np.float64)),
        by_rule.index[by_rule].tolist(),
    )


def read_thresholds(path: Path, drugs: pd.DataFrame) -> pd.Series:
    """Read thresholds (ln µM) by drug id; `drug` holds ids or names.

    Raises DatasetError naming each drug that is unknown, ambiguous or repeated and each cell that is no number.
    """
    faults: list[Problem] = []
    with collect_problems(faults):
        table = read_plain(path, TABLE)
        faults += id_faults(table, "drug", path.name)
        values = read_numbers(table, "threshold_ln_um", path.name, faults)
        known: dict[str, list[str]] = {}
        for drug, name in zip(drugs["id"], drugs["name"], strict=True):
            for key in {str(drug), plain(str(name))}:
                known.setdefault(key, []).append(str(drug))
        found: dict[str, float] = {}
        for line, text, value in zip(table.index, table["drug"], values, strict=True):
            rows = known.get(text) or known.get(plain(text), [])
            if len(rows) == 1 and rows[0] not in found:
                found[rows[0]] = float(value)
                continue
            message = "this drug has a threshold already; keep one" if rows else "this drug is in no response; drop it"
            if len(rows) > 1:
                message = f"may be any of {', '.join(rows)}; give the id"
            faults.append(Problem(path.name, str(line), "drug", f"{text!r}: {message}"))
    if faults:
        raise DatasetError(faults)
    return pd.Series(found, dtype=np.float64)
