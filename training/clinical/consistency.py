"""Do lines and tumours agree? Pathways that rise together, and signals of drugs, in both; and what hidden genes cost.

Lines are compared without their tissue's mean and tumours within their cohort, on the genes that both have. Random
sets of equal size, the same genes in lines and tumours, say how much agreement any sets have.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from training.clinical.predictions import Float
from training.clinical.scores import Floats, GeneTable, usable_sets
from training.clinical.signals import Lines
from training.clinical.statistics.correlation import Tissues, cross, within
from training.pathways.gene_sets import GeneSets

DRAWS = 50
HIDDEN_DRAWS = 5
PATHWAYS, RANDOM = "pathways", "random sets"


@dataclass(frozen=True)
class ComparedLines:
    """Lines beside tumours: genes, response −ln IC50 as predicted (n, M) and as measured, with 0 where unknown."""

    genes: GeneTable
    tissues: Tissues
    predicted: Floats
    measured: Floats


def compared_lines(
    lines: Lines, genes: GeneTable, rows: NDArray[np.intp], predicted: Float, drugs: Sequence[str]
) -> ComparedLines:
    """The lines of `rows` among Lines, which the model reads; predicted (len(rows), M) is ln IC50 of the M `drugs`.

    A drug that the lines' data lack counts as not measured.
    """
    place = {drug: column for column, drug in enumerate(lines.drugs)}
    kept = [column for column, drug in enumerate(drugs) if drug in place]
    response = np.full(predicted.shape, np.nan)
    columns = np.array([place[drugs[column]] for column in kept], np.intp)
    response[:, kept] = lines.response[rows][:, columns]
    count = (~np.isnan(response)).sum(0).clip(1)
    centred = np.nan_to_num(response - np.nansum(response, axis=0) / count)
    table = GeneTable(genes.z.loc[[lines.ids[row] for row in rows]])
    return ComparedLines(table, lines.tissues[rows], -predicted.astype(float), centred)


def agreement(lines: ComparedLines, tumours: GeneTable, sets: GeneSets, predicted: Floats, seed: int) -> pd.DataFrame:
    """A row for the pathways and for each draw of random sets: correlations between lines and one cohort.

    `structure`: of the pathways' correlations with one another; `signals`: of the correlations of predicted response
    and activity, over drugs × pathways; `measured`: of those measured in lines with those predicted in tumours;
    `same_sign`: share of drugs × pathways whose signals have one sign. `predicted` (n, M) is ln IC50 of the tumours.
    """
    genes = [gene for gene in tumours.z.columns if gene in lines.genes.z.columns]
    in_lines, in_tumours = GeneTable(lines.genes.z[genes]), GeneTable(tumours.z[genes])
    usable = usable_sets(sets, genes, 0.0)
    if len(usable) < 3:
        return pd.DataFrame()
    members, rng = in_lines.members(usable), np.random.default_rng(seed)
    response = within(-predicted.astype(float), np.zeros(len(predicted), np.intp))
    rows = []
    for draw in range(DRAWS + 1):
        chosen = members if draw == 0 else members[rng.permutation(len(members))]
        a = within(in_lines.scores(chosen), lines.tissues)
        b = in_tumours.scores(chosen)
        upper = np.triu_indices(chosen.shape[1], 1)
        of_lines, of_tumours = cross(a, within(lines.predicted, lines.tissues)), cross(b, response)
        measured = cross(a, within(lines.measured, lines.tissues))
        rows.append(
            {
                "sets": PATHWAYS if draw == 0 else RANDOM,
                "draw": draw,
                "pathways": len(usable),
                "genes": len(genes),
                "structure": _r(cross(a, a)[upper], cross(b, b)[upper]),
                "signals": _r(of_lines, of_tumours),
                "measured": _r(measured, of_tumours),
                "same_sign": float((np.sign(of_lines) == np.sign(of_tumours)).mean()),
            }
        )
    return pd.DataFrame(rows)


def hidden_genes(
    lines: GeneTable, reference: pd.DataFrame, sets: GeneSets, cohort_genes: list[str], seed: int
) -> pd.DataFrame:
    """What fewer genes cost in lines: correlation of scores from some genes with those from all, by pathway.

    `reference` has scores of all genes, lines × pathways. `own`: the genes that the lines' table has; `as_many`: of
    these as many of the pathway as the cohort has, at random; `shared`: those that the cohort has too, and no others.
    """
    names = [name for name in sets if name in reference]
    ids = [line for line in lines.z.index if line in reference.index]
    table, truth, rng = GeneTable(lines.z.loc[ids]), reference.loc[ids, names], np.random.default_rng(seed)
    genes = np.array(list(table.z.columns))
    both = [gene for gene in genes if gene in set(cohort_genes)]
    chosen = {name: sets[name] for name in names}
    own = table.members(chosen)
    as_many = np.mean(
        [_matches(table.scores(_kept(own, chosen, cohort_genes, rng)), truth) for _ in range(HIDDEN_DRAWS)], 0
    )
    shared = GeneTable(table.z[both])
    in_cohort = [len(sets[name] & set(cohort_genes)) for name in names]
    out = pd.DataFrame(
        {
            "pathway": names,
            "genes": [len(sets[name]) for name in names],
            "in_lines": own.sum(0).astype(int),
            "in_cohort": in_cohort,
            "in_both": shared.members(chosen).sum(0).astype(int),
            "own": _matches(table.scores(own), truth),
            "as_many": as_many,
            "shared": _matches(shared.scores(shared.members(chosen)), truth),
        }
    )
    out["share_in_cohort"] = out["in_cohort"] / out["genes"]
    return out


def _kept(members: Floats, sets: GeneSets, cohort_genes: list[str], rng: np.random.Generator) -> Floats:
    """Of each set's genes as many at random as the cohort has, all of them where it has more."""
    out = np.zeros_like(members)
    for column, genes in enumerate(sets.values()):
        here = np.flatnonzero(members[:, column])
        count = min(len(here), len(genes & set(cohort_genes)))
        out[rng.choice(here, count, replace=False), column] = 1
    return out


def _matches(scores: Floats, truth: pd.DataFrame) -> Floats:
    return np.array([_r(scores[:, i], truth.iloc[:, i].to_numpy(float)) for i in range(scores.shape[1])])


def _r(a: Floats, b: Floats) -> float:
    a, b = a.ravel() - a.mean(), b.ravel() - b.mean()
    norm = np.linalg.norm(a) * np.linalg.norm(b)
    return float(a @ b / norm) if norm > 1e-12 else np.nan
