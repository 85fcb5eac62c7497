"""The survival study of a cohort folder: Cox models, pooled means, nulls, signs and treated patients."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import spearmanr

from training.clinical.associations import (
    FDR,
    PATHWAY,
    Design,
    Refusal,
    cox_table,
    designs,
    meta_table,
    variables_of,
)
from training.clinical.clinical_table import endpoints_of
from training.clinical.cohort import CohortFolder
from training.clinical.nulls import beyond_random, chance_table, null_counts
from training.clinical.predictions import Progress, unheard
from training.clinical.tables import ClinicalError
from training.clinical.treatment import Treated, response_table, treated

DRAWS = 200
SIGN_PERMUTATIONS = 10_000


@dataclass(frozen=True)
class Study:
    """All that a survival study found; tables are empty where their input was not given."""

    folder: CohortFolder
    plans: list[Design]
    refused: list[Refusal]
    cox: pd.DataFrame
    meta: pd.DataFrame
    counts: pd.DataFrame
    chance: pd.DataFrame
    beyond: pd.DataFrame
    signs: pd.DataFrame
    signals: pd.DataFrame
    signal_null: pd.DataFrame
    responses: pd.DataFrame
    left_out: dict[str, int]

    def plan(self, cohort: str, endpoint: str) -> Design:
        """Patients of a cohort with an end point."""
        return next(one for one in self.plans if (one.cohort, one.endpoint) == (cohort, endpoint))

    def name(self, drug: str) -> str:
        """Name of a drug."""
        return str(self.folder.info.get("drugs", {}).get(drug, drug))


def survival_study(
    folder: CohortFolder,
    *,
    signals: tuple[pd.DataFrame, pd.DataFrame] | None = None,
    responses: pd.DataFrame | None = None,
    draws: int = DRAWS,
    seed: int = 0,
    models: Progress = unheard,
    nulls: Progress = unheard,
) -> Study:
    """Test every pathway and every drug's predicted sensitivity in every cohort and end point, and what chance gives.

    Raises ClinicalError where no cohort has enough patients and events, with the reasons.
    """
    plans, refused = designs(folder.clinical, endpoints_of(folder.clinical))
    if not plans:
        raise ClinicalError("; ".join(f"{one.cohort}, {one.endpoint}: {one.reason}" for one in refused))
    cox = cox_table(plans, variables_of(folder), models)
    meta = meta_table(cox)
    counts, spread = null_counts(folder, plans, draws, seed, nulls)
    table, null = signals if signals is not None else (pd.DataFrame(), pd.DataFrame())
    found = Treated(pd.DataFrame(), {})
    if responses is not None and folder.predicted is not None:
        found = treated(folder, responses)
    return Study(
        folder,
        plans,
        refused,
        cox,
        meta,
        counts,
        chance_table(counts),
        beyond_random(cox, spread),
        signs_table(meta, table, seed) if len(table) else pd.DataFrame(),
        table,
        null,
        response_table(found, folder.info.get("drugs", {}), seed) if len(found.rows) else pd.DataFrame(),
        found.left_out,
    )


def signs_table(meta: pd.DataFrame, signals: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Are pathways that go with sensitivity in lines those of patients who live longer? A row an end point.

    A pathway's signal is its mean over drugs; the expected rank correlation with the pooled log hazard ratio is
    negative, and the expected signs are opposite. p is from permutations of the pathways, which are no independent
    ones: they share genes, so it is somewhat too small.
    """
    rng, rows = np.random.default_rng(seed), []
    for kind in ("r", "slope"):
        mean = signals.groupby("pathway")[kind].mean()
        for endpoint, part in meta[meta["kind"] == PATHWAY].groupby("endpoint", sort=False):
            joined = part.set_index("variable")["log_hr"].to_frame().join(mean, how="inner").dropna()
            if len(joined) >= 5:
                rho = float(spearmanr(joined[kind], joined["log_hr"]).statistic)
                a, b = joined[kind].rank().to_numpy(), joined["log_hr"].rank().to_numpy()
                drawn = np.array([np.corrcoef(a, rng.permutation(b))[0, 1] for _ in range(SIGN_PERMUTATIONS)])
                rows.append(
                    {
                        "endpoint": endpoint,
                        "signal": "measured" if kind == "r" else "model",
                        "pathways": len(joined),
                        "spearman": rho,
                        "p": float((1 + (np.abs(drawn) >= abs(rho)).sum()) / (1 + SIGN_PERMUTATIONS)),
                        "opposite_signs": float((np.sign(joined[kind]) != np.sign(joined["log_hr"])).mean()),
                    }
                )
    return pd.DataFrame(rows)


def write_tables(study: Study, out: Path) -> None:
    """Write the tables in full precision, and survival.json with the counts."""
    out.mkdir(parents=True, exist_ok=True)
    for name, table in (
        ("cox", study.cox),
        ("pooled", study.meta),
        ("null_counts", study.counts),
        ("chance", study.chance),
        ("beyond_random", study.beyond),
        ("signs", study.signs),
        ("responses", study.responses),
        ("refused", pd.DataFrame([vars(one) for one in study.refused], columns=["cohort", "endpoint", "reason"])),
    ):
        table.to_csv(out / f"{name}.csv", index=False)
    content = {
        "tests": len(study.cox),
        "significant": {
            f"{endpoint} {kind}": int((part["q_over"] < FDR).sum())
            for (endpoint, kind), part in study.cox.groupby(["endpoint", "kind"], sort=False)
        },
        "beyond_random": study.beyond[study.beyond["q_random"] < FDR].groupby("endpoint").size().to_dict(),
        "patients": int(study.folder.info["patients"]),
        "responses_left_out": study.left_out,
    }
    (out / "survival.json").write_text(json.dumps(content, indent=1), encoding="utf-8")
