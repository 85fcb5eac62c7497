"""What chance gives: the same tests with random gene sets, with permuted patients, and with shuffled predictions.

Random sets are the pathways with their genes renamed: of equal size and coverage, and sharing genes alike. Most gene
sets predict survival in some cohort, since all genes share a few axes (Venet 2011); so it counts what pathways find
beyond random sets. Permuted patients keep their follow-up and covariates and get each other's scores.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import false_discovery_control, norm

from training.clinical.associations import DRUG, FDR, PATHWAY, Design
from training.clinical.cohort import CohortFolder
from training.clinical.predictions import Progress, unheard
from training.clinical.scores import Floats, GeneTable, standardised
from training.clinical.statistics.meta import pool

OBSERVED, RANDOM, PERMUTED, SHUFFLED = "observed", "random sets", "permuted patients", "shuffled genes"
OVER, POOLED, WITHIN = "all over", "pooled", "all within"


@dataclass
class Draw:
    """One set of tests over the cohorts of an end point; of each cohort z, log hazard ratio, error and variables."""

    z: dict[str, Floats] = field(default_factory=dict)
    log_hr: dict[str, Floats] = field(default_factory=dict)
    se: dict[str, Floats] = field(default_factory=dict)
    names: dict[str, list[str]] = field(default_factory=dict)

    def add(self, plan: Design, x: Floats, names: list[str]) -> None:
        """Test the variables of one cohort, (n, m)."""
        score = plan.test.score(standardised(x))
        self.z[plan.cohort], self.log_hr[plan.cohort], self.se[plan.cohort] = score.z, score.log_hr, score.se
        self.names[plan.cohort] = names

    def counts(self) -> dict[str, int]:
        """Tests under the FDR: within each cohort, their sum, over all cohorts, and of the pooled means."""
        p = {name: 2 * norm.sf(np.abs(z)) for name, z in self.z.items()}
        hits = {name: _passing(one) for name, one in p.items()}
        over = _passing(np.concatenate(list(p.values())))
        return {**hits, WITHIN: sum(hits.values()), OVER: over, POOLED: self._pooled()}

    def _pooled(self) -> int:
        variables = sorted({name for names in self.names.values() for name in names})
        effect, error = (
            np.array([pd.Series(one, self.names[cohort]).reindex(variables) for cohort, one in table.items()])
            for table in (self.log_hr, self.se)
        )
        p = pool(effect, error).p
        return _passing(p[np.isfinite(p)])


def _passing(p: Floats) -> int:
    return int((false_discovery_control(p) < FDR).sum()) if len(p) else 0


@dataclass
class ChanceTests:
    """Tests of a study under one null after another; `rows` hold their counts, `random_z` the z of random sets."""

    folder: CohortFolder
    plans: list[Design]
    rng: np.random.Generator
    rows: list[dict[str, Any]] = field(default_factory=list)
    random_z: dict[tuple[str, str], list[Floats]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        clinical, scores, sets = self.folder.clinical, self.folder.scores, self.folder.sets
        self.patients = {str(name): part.index for name, part in clinical.groupby("cohort")}
        self.scored = {name: list(scores.loc[ids].dropna(axis=1).columns) for name, ids in self.patients.items()}
        self.genes: dict[str, GeneTable] = {name: self.folder.genes(ids) for name, ids in self.patients.items()}
        self.members = {
            name: self.genes[name].members({key: sets[key] for key in keys}) for name, keys in self.scored.items()
        }

    def run(self, kind: str, null: str, draw: int, values: Callable[[str], Floats], names: list[str] | None) -> None:
        """Test the values of each cohort, (patients, variables); `names` are those of the pathways where None."""
        found: dict[str, Draw] = {}
        for cohort, ids in self.patients.items():
            variables = self.scored[cohort] if names is None else names
            if not variables:
                continue
            x = values(cohort)
            for plan in self.plans:
                if plan.cohort == cohort:
                    own = found.setdefault(plan.endpoint, Draw())
                    own.add(plan, x[ids.get_indexer(plan.patients)], variables)
                    if null == RANDOM:
                        self.random_z.setdefault((cohort, plan.endpoint), []).append(own.z[cohort])
        self.rows += [
            {"kind": kind, "null": null, "draw": draw, "endpoint": end, **one.counts()} for end, one in found.items()
        ]

    def pathways(self, draws: int, progress: Progress) -> None:
        """The pathways, random sets and permuted patients."""
        self.run(PATHWAY, OBSERVED, 0, self._scores, None)
        for draw in range(draws):
            self.run(PATHWAY, RANDOM, draw, self._random_scores, None)
            self.run(PATHWAY, PERMUTED, draw, lambda name: self.rng.permutation(self._scores(name)), None)
            progress(draw + 1, draws)

    def drugs(self, predicted: pd.DataFrame, shuffled: Floats) -> None:
        """Predicted sensitivities, those from shuffled genes, and permuted patients."""
        names = list(predicted.columns)
        place = {name: predicted.index.get_indexer(ids) for name, ids in self.patients.items()}
        own = -predicted.to_numpy(float)
        self.run(DRUG, OBSERVED, 0, lambda name: own[place[name]], names)
        for draw, table in enumerate(-shuffled.astype(float)):
            self.run(DRUG, SHUFFLED, draw, lambda name, table=table: table[place[name]], names)  # type: ignore[misc]
            self.run(DRUG, PERMUTED, draw, lambda name: own[self.rng.permutation(place[name])], names)

    def _scores(self, cohort: str) -> Floats:
        return self.folder.scores.loc[self.patients[cohort], self.scored[cohort]].to_numpy(float)

    def _random_scores(self, cohort: str) -> Floats:
        return self.genes[cohort].random_scores(self.members[cohort], self.rng)


def null_counts(
    folder: CohortFolder, plans: list[Design], draws: int, seed: int, progress: Progress = unheard
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Counts of significant tests, and how far random sets go.

    Returns a row a kind, null, draw and end point with the counts by cohort; and a row a cohort and end point with
    `sd`, the deviation of z over all random sets, 1 where they say nothing of survival.
    """
    tests = ChanceTests(folder, plans, np.random.default_rng(seed))
    tests.pathways(draws, progress)
    if folder.predicted is not None and folder.shuffled is not None:
        tests.drugs(folder.predicted, folder.shuffled)
    spread = [(*key, float(np.std(np.concatenate(z)))) for key, z in tests.random_z.items()]
    return pd.DataFrame(tests.rows), pd.DataFrame(spread, columns=["cohort", "endpoint", "sd"])


def chance_table(counts: pd.DataFrame) -> pd.DataFrame:
    """Observed counts beside the nulls': mean, 95 % range, and p that a null has as many, by kind and end point."""
    figures = [str(name) for name in counts if name not in ("kind", "null", "draw", "endpoint")]
    rows: list[tuple[Any, ...]] = []
    for (kind, end), part in counts.groupby(["kind", "endpoint"], sort=False):
        own = part[part["null"] == OBSERVED][figures].iloc[0]
        for null, drawn in part[part["null"] != OBSERVED].groupby("null", sort=False):
            rows += [(kind, end, null, figure, *_beside(own[figure], drawn[figure])) for figure in figures]
    names = ["kind", "endpoint", "null", "figure", "observed", "mean", "low", "high", "p", "draws"]
    return pd.DataFrame([row for row in rows if np.isfinite(row[4])], columns=names)


def _beside(observed: float, drawn: "pd.Series[float]") -> tuple[float, ...]:
    values = drawn.dropna().to_numpy(float)
    if not len(values):
        return (np.nan,) * 6
    low, high = np.quantile(values, (0.025, 0.975))
    p = (1 + (values >= observed).sum()) / (1 + len(values))
    return float(observed), float(values.mean()), float(low), float(high), float(p), len(values)


def beyond_random(cox: pd.DataFrame, spread: pd.DataFrame) -> pd.DataFrame:
    """Pathways judged against random sets: z divided by the deviation of theirs in the cohort, 1 at least.

    Adds `z_random`, `p_random` and, over the cohorts of an end point, `q_random`. Where random sets say as much of
    survival as pathways do, nothing is left.
    """
    out = cox[cox["kind"] == PATHWAY].merge(spread, on=["cohort", "endpoint"], how="left")
    out["z_random"] = out["z"] / np.maximum(out["sd"], 1.0)
    out["p_random"] = 2 * norm.sf(out["z_random"].abs())
    out["q_random"] = out.groupby("endpoint")["p_random"].transform(
        lambda p: pd.Series(false_discovery_control(p), p.index)
    )
    return out
