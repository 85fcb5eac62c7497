"""Treated patients: does predicted sensitivity tell who responded? Each patient counts once."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from training.clinical.cohort import CohortFolder
from training.clinical.scores import Floats
from training.clinical.tables import PATIENT, ClinicalError, read_table

FEWEST = 5  # responders and others, for a drug of its own
PERMUTATIONS = 2000


@dataclass(frozen=True)
class Treated:
    """Patients × drugs with a response and a prediction: one row each, columns patient, cohort, drug, responder,
    rank (within the cohort, of predicted sensitivity, 0 to 1). `left_out` counts rows by reason.
    """

    rows: pd.DataFrame
    left_out: dict[str, int]


def read_responses(path: Path) -> pd.DataFrame:
    """Columns patient, drug (an id of the bundle) and responder (0/1). Raises ClinicalError."""
    table = read_table(path)
    if missing := [name for name in (PATIENT, "drug", "responder") if name not in table]:
        raise ClinicalError(f"{path}: no column {missing[0]!r}; give patient, drug and responder (1 or 0)")
    responder = pd.to_numeric(table["responder"], errors="coerce")
    wrong = ~responder.isin([0, 1])
    if wrong.any():
        raise ClinicalError(
            f"{path}: responder of {table[PATIENT][wrong].iloc[0]} is {table['responder'][wrong].iloc[0]!r}; give 1 "
            "or 0"
        )
    return pd.DataFrame(
        {PATIENT: table[PATIENT].astype(str), "drug": table["drug"].astype(str), "responder": responder.astype(int)}
    )


def treated(folder: CohortFolder, responses: pd.DataFrame) -> Treated:
    """Match responses with predictions. A patient's repeats of a drug count once; answers that differ are left out."""
    assert folder.predicted is not None  # noqa: S101  the caller asks only then
    here = responses[responses[PATIENT].isin(folder.predicted.index)]
    known = here[here["drug"].isin(folder.predicted.columns)]
    grouped = known.groupby([PATIENT, "drug"])["responder"].agg(["min", "max"])
    agreed = grouped[grouped["min"] == grouped["max"]].reset_index().rename(columns={"min": "responder"})
    cohort = folder.clinical["cohort"]
    ranks = (-folder.predicted).groupby(cohort).rank(pct=True)
    agreed["cohort"] = agreed[PATIENT].map(cohort)
    agreed["rank"] = [ranks.loc[patient, drug] for patient, drug in agreed[[PATIENT, "drug"]].to_numpy()]
    return Treated(
        agreed[[PATIENT, "cohort", "drug", "responder", "rank"]],
        {
            "patient not in the cohorts": len(responses) - len(here),
            "drug not in the bundle": len(here) - len(known),
            "repeats of one patient and drug": len(known) - len(grouped),
            "answers that differ": len(grouped) - len(agreed),
        },
    )


def response_table(found: Treated, names: dict[str, str], seed: int) -> pd.DataFrame:
    """AUROC of predicted sensitivity for responders, within cohorts: each drug, and all with a row a patient.

    A pair of patients counts where both are of one cohort. p is from permutations of the response within cohorts.
    """
    rng, rows = np.random.default_rng(seed), []
    for drug, part in found.rows.groupby("drug"):
        if min(part["responder"].sum(), (1 - part["responder"]).sum()) >= FEWEST:
            rows.append({"drug": names.get(str(drug), str(drug)), **_auroc_row(part, rng)})
    by_patient = (
        found.rows.groupby([PATIENT, "cohort"])
        .agg(responder=("responder", "mean"), rank=("rank", "mean"))
        .reset_index()
    )
    once = by_patient[by_patient["responder"].isin([0, 1])]
    if len(once):
        rows.insert(0, {"drug": "all, one row a patient", **_auroc_row(once, rng)})
    return pd.DataFrame(rows)


def _auroc_row(part: pd.DataFrame, rng: np.random.Generator) -> dict[str, float]:
    parts = [(one["rank"].to_numpy(float), one["responder"].to_numpy() == 1) for _, one in part.groupby("cohort")]
    value, pairs = stratified_auroc(parts)
    drawn = np.array(
        [stratified_auroc([(rank, rng.permutation(label)) for rank, label in parts])[0] for _ in range(PERMUTATIONS)]
    )
    p = (1 + (np.abs(drawn - 0.5) >= abs(value - 0.5)).sum()) / (1 + PERMUTATIONS)
    half = 1.959964 * drawn.std() if pairs else np.nan
    return {
        "patients": len(part),
        "responders": int(part["responder"].sum()),
        "cohorts": part["cohort"].nunique(),
        "pairs": pairs,
        "auroc": value,
        "low": max(value - half, 0.0),
        "high": min(value + half, 1.0),
        "p": p if pairs else np.nan,
    }


def stratified_auroc(parts: list[tuple[Floats, np.ndarray]]) -> tuple[float, int]:
    """Share of pairs of a responder and another of the same stratum where the responder has the higher score."""
    right, pairs = 0.0, 0
    for score, label in parts:
        apart = score[label][:, None] - score[~label]
        right += float((apart > 0).sum() + 0.5 * (apart == 0).sum())
        pairs += apart.size
    return (right / pairs if pairs else np.nan), pairs
