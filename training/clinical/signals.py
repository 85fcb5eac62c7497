"""Pathway signals of every drug: how the response of lines, measured and predicted, moves with a pathway's activity.

Measured: the partial correlation, given the tissue, of −ln IC50 and activity. Of the model: the derivative of its
predicted −ln IC50, in the drug's standard deviations. The served models read genes and no pathway scores, so the
derivative is taken in the direction in which the genes that a model reads move with the activity, tissue fixed: the
change of each gene for one standard deviation more. Positive signals mean: more active, more sensitive.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import false_discovery_control

from training.clinical.predictions import Float, LineModel, Progress, unheard
from training.clinical.scores import Floats, GeneTable, gene_table, standardised, usable_sets
from training.clinical.statistics.correlation import (
    FEWEST_LINES,
    Tissues,
    cross,
    p_of,
    partial_correlations,
    within,
)
from training.clinical.tables import ClinicalError
from training.data.arrays import Arrays, align
from training.data.schema import Dataset
from training.pathways.gene_sets import GeneSets

STEP = 0.5  # standard deviations of activity, to either side
BOOTSTRAPS, FOLDS, NULL_DRAWS = 200, 5, 10
FDR = 0.05
STABLE = 0.8  # share of the folds that have the sign


@dataclass(frozen=True)
class Lines:
    """Lines of a dataset: activity (n, P) by pathway, tissue numbers (n,), response −ln IC50 (n, M) with gaps."""

    ids: list[str]
    activity: pd.DataFrame
    tissues: Tissues
    response: Floats
    drugs: list[str]


def lines_of(dataset: Dataset, activity: pd.DataFrame) -> Lines:
    """Lines that have an activity, a tissue and a response. Raises ClinicalError with fewer than FEWEST_LINES."""
    arrays = align(dataset)
    place = {line: row for row, line in enumerate(arrays.cell_line_ids)}
    ids = [line for line in activity.index if line in place and arrays.tissue[place[line]]]
    rows = [place[line] for line in ids]
    if len(ids) < FEWEST_LINES:
        raise ClinicalError(
            f"{len(ids)} lines have pathway scores, a tissue and responses; {FEWEST_LINES} are needed at least"
        )
    numbers = np.unique([arrays.tissue[row] for row in rows], return_inverse=True)[1]
    response = -arrays.ln_ic50[rows].astype(float)
    return Lines(ids, activity.loc[ids].astype(float), numbers, response, arrays.drug_ids)


def line_genes(dataset: Dataset) -> GeneTable:
    """Genes of the lines, standardised over them: of the array where the dataset has one, it knows ten times more."""
    table = dataset.expression if dataset.expression_array is None else dataset.expression_array
    if table is None:
        raise ClinicalError("the dataset has no expression; import it with RNA-seq or --array")
    return gene_table(table.astype(float))


def scored_activity(genes: GeneTable, sets: GeneSets, least: float) -> pd.DataFrame:
    """Scores of lines from their genes, by pathways of which enough is measured. Raises ClinicalError without any."""
    usable = usable_sets(sets, list(genes.z.columns), least)
    if not usable:
        raise ClinicalError(f"none of {len(sets)} gene sets has 10 genes and {least:.0%} measured in the lines")
    return pd.DataFrame(genes.scores(genes.members(usable)), genes.z.index, list(usable))


def measured_signals(lines: Lines, seed: int, progress: Progress = unheard) -> pd.DataFrame:
    """Partial correlations of measured response and activity: a row a drug and pathway, with FDR over all."""
    activity, rng, found = standardised(lines.activity.to_numpy()), np.random.default_rng(seed), []
    for column, drug in enumerate(lines.drugs):
        known = np.isfinite(lines.response[:, column])
        if known.sum() >= FEWEST_LINES:
            count = int(known.sum())
            weights = rng.multinomial(count, np.full(count, 1 / count), BOOTSTRAPS).astype(float)
            fold = np.eye(FOLDS)[:, rng.permutation(count) % FOLDS]
            parts = partial_correlations(
                activity[known],
                lines.response[known, column],
                lines.tissues[known],
                np.concatenate([weights, fold]),
                FOLDS,
            )
            row = pd.DataFrame(parts._asdict()).assign(drug=drug, pathway=lines.activity.columns, lines=count)
            found.append(row)
        progress(column + 1, len(lines.drugs))
    table = pd.concat(found, ignore_index=True)
    table["q"] = false_discovery_control(table["p"])
    return table


def count_signals(lines: Lines, activity: Floats) -> tuple[float, float]:
    """Share of drugs × variables under an FDR of .05, and the mean |r|. Shape: activity (n, P)."""
    r, p = [], []
    for column in range(len(lines.drugs)):
        known = np.isfinite(lines.response[:, column])
        if known.sum() >= FEWEST_LINES:
            tissues = lines.tissues[known]
            y = within(lines.response[known][:, [column]], tissues)
            r.append(cross(within(activity[known], tissues), y)[0])
            p.append(p_of(r[-1], int(known.sum()) - len(np.unique(tissues)) - 1))
    return float((false_discovery_control(np.concatenate(p)) < FDR).mean()), float(np.abs(np.concatenate(r)).mean())


def null_signals(
    lines: Lines, genes: GeneTable, sets: GeneSets, seed: int, progress: Progress = unheard
) -> pd.DataFrame:
    """The same count for random sets of equal size, and for the pathways with lines permuted within their tissue."""
    rng = np.random.default_rng(seed)
    members, place = genes.members(sets), genes.z.index.get_indexer(pd.Index(lines.ids))
    own = genes.scores(members)[place]
    rows = [("pathways", 0, *count_signals(lines, own))]
    for draw in range(NULL_DRAWS):
        rows.append(("random sets", draw, *count_signals(lines, genes.random_scores(members, rng)[place])))
        rows.append(("permuted lines", draw, *count_signals(lines, own[permuted_within(lines.tissues, rng)])))
        progress(draw + 1, NULL_DRAWS)
    return pd.DataFrame(rows, columns=["sets", "draw", "share_significant", "mean_absolute_r"])


def permuted_within(groups: NDArray[np.intp], rng: np.random.Generator) -> NDArray[np.intp]:
    """A permutation of rows that keeps each within its group."""
    order, dealt = np.argsort(groups, kind="stable"), np.lexsort((rng.random(len(groups)), groups))
    out = np.empty(len(groups), np.intp)
    out[order] = dealt
    return out


@dataclass(frozen=True)
class ModelLines:
    """Lines whose RNA-seq a model reads: their rows in Lines, expression (n, p), tissue names (n,)."""

    rows: NDArray[np.intp]
    expression: Float
    tissues: list[str]


def model_lines(dataset: Dataset, lines: Lines, model: LineModel) -> ModelLines:
    """Lines with RNA-seq. Raises ClinicalError where the dataset has none, or few of the genes."""
    if dataset.expression is None or dataset.platform != "rnaseq_log2_tpm1":
        raise ClinicalError("the dataset has no RNA-seq in log2(TPM + 1), which the bundle's models read")
    model.refuse_few_genes(list(dataset.expression.columns))
    arrays: Arrays = align(dataset)
    tissue = dict(zip(arrays.cell_line_ids, arrays.tissue, strict=True))
    rows = [row for row, line in enumerate(lines.ids) if line in dataset.expression.index]
    ids = [lines.ids[row] for row in rows]
    table = dataset.expression.reindex(columns=model.genes).loc[ids].to_numpy(np.float32)
    return ModelLines(np.array(rows, np.intp), table, [tissue[line] for line in ids])


def model_signals(
    lines: Lines, own: ModelLines, model: LineModel, seed: int, progress: Progress = unheard
) -> pd.DataFrame:
    """Mean derivative of the predicted −ln IC50 over the lines, by drug and pathway; and the partial correlation of
    prediction and activity, `predicted_r`.
    """
    rng, tissues = np.random.default_rng(seed), lines.tissues[own.rows]
    activity = within(standardised(lines.activity.to_numpy()[own.rows]), tissues)
    genes = within(np.nan_to_num(own.expression - np.nanmean(own.expression, axis=0)).astype(float), tissues)
    spread = activity.std(0)
    directions = (activity.T @ genes) / (activity**2).sum(0)[:, None] * spread[:, None]  # (P, p) for one deviation
    sd = model.drugs["ln_ic50_sd"].to_numpy()
    count = len(own.rows)
    weights = rng.multinomial(count, np.full(count, 1 / count), BOOTSTRAPS) / count
    fold = rng.permutation(count) % FOLDS
    found = []
    for number, direction in enumerate(directions):
        shift = (STEP * direction).astype(np.float32)
        above, below = (model.predict(own.expression + sign * shift, own.tissues)[0] for sign in (1, -1))
        slopes = -(above - below).astype(float) / (2 * STEP) / sd  # (n, M)
        mean = slopes.mean(0)
        low, high = np.quantile(weights @ slopes, (0.025, 0.975), axis=0)
        signs = np.stack([np.sign(slopes[fold == part].mean(0)) for part in range(FOLDS)])
        found.append(
            pd.DataFrame(
                {
                    "drug": model.drugs["id"],
                    "pathway": lines.activity.columns[number],
                    "slope": mean,
                    "slope_low": low,
                    "slope_high": high,
                    "slope_stability": (signs == np.sign(mean)).mean(0),
                }
            )
        )
        progress(number + 1, len(directions))
    predicted = within(-model.predict(own.expression, own.tissues)[0].astype(float), tissues)
    r = cross(activity, predicted)  # (M, P)
    return pd.concat(found, ignore_index=True).assign(predicted_r=r.T.ravel())


def signal_table(measured: pd.DataFrame, of_model: pd.DataFrame, names: Callable[[str], str]) -> pd.DataFrame:
    """Both signals side by side, a row a drug and pathway, the strongest measured first."""
    table = measured.merge(of_model, on=["drug", "pathway"], how="outer")
    table.insert(1, "name", table["drug"].map(names))
    table["same_sign"] = np.sign(table["r"]) == np.sign(table["slope"])
    table["stable"] = (table["q"] < FDR) & (table["stability"] >= STABLE)
    columns = ["drug", "name", "pathway", *(c for c in table if c not in ("drug", "name", "pathway"))]
    return table[columns].sort_values(["p", "drug", "pathway"], ignore_index=True)
