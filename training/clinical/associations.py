"""Survival by pathway scores and by predicted sensitivity: Cox models in each cohort, pooled over cohorts."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from scipy.stats import false_discovery_control, norm

from training.clinical.clinical_table import outcome_of
from training.clinical.cohort import CohortFolder
from training.clinical.predictions import Progress, unheard
from training.clinical.scores import Floats, standardised
from training.clinical.statistics.cox import Outcome, concordance, fit_cox, maximum
from training.clinical.statistics.curves import equal_groups, log_rank
from training.clinical.statistics.meta import pool
from training.clinical.statistics.score_test import ScoreTest

FEWEST_PATIENTS, FEWEST_EVENTS = 30, 10
LEAST_KNOWN = 0.8  # of the patients, for a covariate to be adjusted for
FEWEST_OF_A_GROUP = 10
FDR, Z95 = 0.05, 1.959964
PATHWAY, DRUG = "pathway", "drug"
KEY = ["endpoint", "kind", "variable"]


@dataclass(frozen=True)
class Design:
    """Patients of one cohort with an end point and all covariates. Shapes: rows (n,) ids, covariates (n, k)."""

    cohort: str
    endpoint: str
    patients: pd.Index
    outcome: Outcome
    covariates: Floats
    names: list[str]

    @cached_property
    def test(self) -> ScoreTest:
        """The score test beside the covariates."""
        return ScoreTest.of(self.outcome, self.covariates)


@dataclass(frozen=True)
class Refusal:
    """A cohort and end point without a Cox model, and why."""

    cohort: str
    endpoint: str
    reason: str


def designs(clinical: pd.DataFrame, endpoints: list[str]) -> tuple[list[Design], list[Refusal]]:
    """A design for each cohort and end point with enough patients and events; the others with the reason."""
    found: list[Design] = []
    refused: list[Refusal] = []
    for name, rows in clinical.groupby("cohort"):
        for endpoint in endpoints:
            one = _design(str(name), rows, endpoint)
            (found if isinstance(one, Design) else refused).append(one)  # type: ignore[arg-type]
    return found, refused


def _design(cohort: str, rows: pd.DataFrame, endpoint: str) -> Design | Refusal:
    known = rows[rows[f"{endpoint}_event"].notna()]
    covariates = _covariates(known)
    complete = covariates.notna().all(axis=1)
    known, covariates = known[complete], covariates[complete]
    covariates = covariates.loc[
        :, [_estimable(column, known[f"{endpoint}_event"]) for _, column in covariates.items()]
    ]
    events = int(known[f"{endpoint}_event"].sum())
    if len(known) < FEWEST_PATIENTS or events < FEWEST_EVENTS:
        return Refusal(
            cohort,
            endpoint,
            f"{len(known)} patients with {events} events; a Cox model takes {FEWEST_PATIENTS} and {FEWEST_EVENTS}",
        )
    values = standardised(covariates.to_numpy(float)) if covariates.shape[1] else np.zeros((len(known), 0))
    return Design(cohort, endpoint, known.index, outcome_of(known, endpoint), values, list(covariates.columns))


def _covariates(rows: pd.DataFrame) -> pd.DataFrame:
    """Age, sex, stage and subtype as numbers, those known of enough patients."""
    table = rows[["age", "female", "stage"]].astype(float)
    counts = rows["subtype"].value_counts()
    kinds = [kind for kind in counts.index if kind and counts[kind] >= FEWEST_OF_A_GROUP]
    if (rows["subtype"] != "").mean() >= LEAST_KNOWN:
        for kind in sorted(kinds)[1:]:
            table[f"subtype {kind}"] = (rows["subtype"] == kind).astype(float)
    return table.loc[:, table.notna().mean() >= LEAST_KNOWN]


def _estimable(covariate: "pd.Series[float]", event: "pd.Series[float]") -> bool:
    """Whether a covariate varies and, where it says yes or no, both groups have patients and events enough."""
    values = covariate.unique()
    groups = [covariate == value for value in values]
    small = any(group.sum() < FEWEST_OF_A_GROUP or not event[group].any() for group in groups)
    return len(values) > 2 or (len(values) == 2 and not small)


def variables_of(folder: CohortFolder) -> dict[str, pd.DataFrame]:
    """What is tested, patients × variables, by kind: pathway scores, and predicted sensitivity, −ln IC50."""
    found = {PATHWAY: folder.scores}
    if folder.predicted is not None:
        found[DRUG] = -folder.predicted
    return found


def cox_table(plans: list[Design], variables: dict[str, pd.DataFrame], progress: Progress = unheard) -> pd.DataFrame:
    """A row a cohort, end point and variable; hazard ratios are for one standard deviation more.

    p is the score test's; `q` is the FDR over the variables of a kind within a cohort, `q_over` over the cohorts too.
    Log-rank tests are of pathways alone, between groups by median and tertile, without covariates.
    """
    rows = []
    for done, plan in enumerate(plans, 1):
        for kind, table in variables.items():
            own = table.loc[plan.patients].dropna(axis=1)
            if own.shape[1]:
                rows.append(_cox_rows(plan, kind, own))
        progress(done, len(plans))
    out = pd.concat(rows, ignore_index=True)
    out["q_over"] = out.groupby(["endpoint", "kind"])["p"].transform(adjusted)
    return out


def _cox_rows(plan: Design, kind: str, table: pd.DataFrame) -> pd.DataFrame:
    x = standardised(table.to_numpy(float))
    fits = fit_cox(plan.outcome, x, plan.covariates)
    score = plan.test.score(x)
    p = 2 * norm.sf(np.abs(score.z))
    bare = _concordance_of_covariates(plan)
    rows = pd.DataFrame(
        {
            "cohort": plan.cohort,
            "endpoint": plan.endpoint,
            "kind": kind,
            "variable": table.columns,
            "patients": len(plan.patients),
            "events": int(plan.outcome.event.sum()),
            "covariates": ", ".join(plan.names),
            "log_hr": fits.log_hr,
            "se": fits.se,
            "hr": np.exp(fits.log_hr),
            "low": np.exp(fits.log_hr - Z95 * fits.se),
            "high": np.exp(fits.log_hr + Z95 * fits.se),
            "z": score.z,
            "p": p,
            "q": false_discovery_control(p),
            "hazards_p": fits.hazards_p,
            "concordance": fits.concordance,
            "concordance_gain": fits.concordance - bare,
        }
    )
    for count, name in ((2, "median_p"), (3, "tertile_p")):
        rows[name] = (
            [log_rank(plan.outcome, equal_groups(column, count)) for column in x.T] if kind == PATHWAY else np.nan
        )
    return rows


def _concordance_of_covariates(plan: Design) -> float:
    if not plan.covariates.shape[1]:
        return 0.5
    return float(concordance(plan.outcome, maximum(plan.outcome, plan.covariates.T[:, :, None]).predictor)[0])


def adjusted(p: "pd.Series[float]") -> "pd.Series[float]":
    """Benjamini and Hochberg's q, NaN where p is."""
    known = p.notna()
    q = pd.Series(np.nan, index=p.index)
    if known.any():
        q[known] = false_discovery_control(p[known])
    return q


def meta_table(cox: pd.DataFrame) -> pd.DataFrame:
    """Random-effects means over cohorts, a row an end point and variable; `q` is over the variables of a kind."""
    rows = []
    for (endpoint, kind), part in cox.groupby(["endpoint", "kind"], sort=False):
        ends = {"endpoint": str(endpoint), "kind": str(kind)}
        effect, se = (
            part.pivot_table(index="cohort", columns="variable", values=name, dropna=False)
            for name in ("log_hr", "se")
        )
        found = pool(effect.to_numpy(), se.to_numpy())
        rows.append(pd.DataFrame(found._asdict()).assign(**ends, variable=effect.columns))
    out = pd.concat(rows, ignore_index=True)
    out["hr"], out["low"], out["high"] = (np.exp(out["log_hr"] + shift * Z95 * out["se"]) for shift in (0, -1, 1))
    out["q"] = out.groupby(["endpoint", "kind"])["p"].transform(adjusted)
    return out[[*KEY, *(name for name in out if name not in KEY)]]
