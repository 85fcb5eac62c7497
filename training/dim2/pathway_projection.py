"""Pathway scores of lines without a full transcriptome, projected from their other tables.

The projection is the kernel ridge that imputes a missing omics table (training.features.imputation), over the blocks
of the line kernel with their weights. So it works for a line without expression, too. It is compared with
other projections in docs/explanation/dim2.md.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import GroupKFold

from model.bundle.card import Projection
from model.dim2.config import Dim2Config
from training.data.arrays import Arrays, Floats
from training.dim2.kernels import line_features
from training.features.imputation import fit_imputation
from training.features.table_fit import Rows

TABLE = "pathway_activity"
FOLDS = 5
LEAST_LINES = 20
LEAST_SD = 1e-6


def project_scores(arrays: Arrays, fit: Rows, config: Dim2Config) -> Floats:
    """Project the scores of every line, (N, p) in the table's unit, from what the lines of `fit` have."""
    blocks = line_features(arrays, fit, replace(config, pathways=False))
    others = np.hstack(list(blocks.values()))
    scores = np.nan_to_num(arrays.features[TABLE]).astype(np.float64)
    known = fit & arrays.present[TABLE]
    return fit_imputation(others[known], scores[known]).predict(others)


def with_projected_scores(arrays: Arrays, fit: Rows, config: Dim2Config) -> Arrays:
    """The data with projected scores, as new samples have them, for all lines but those of `fit`."""
    if TABLE not in arrays.features:
        return arrays
    scores = np.where(fit[:, None], arrays.features[TABLE], project_scores(arrays, fit, config)).astype(np.float32)
    present = arrays.present[TABLE] | ~fit
    return replace(arrays, features={**arrays.features, TABLE: scores}, present={**arrays.present, TABLE: present})


def cross_validated_scores(
    arrays: Arrays, lines: Rows, config: Dim2Config, seed: int = 0, without: str | None = None
) -> NDArray[np.float32]:
    """Project the scores of `lines`, each by a fit without its fold of five, (N, p); other lines are NaN.

    Lines of one group share a fold. With `without`, the left-out lines are treated as if they lacked this table.
    """
    rows = np.flatnonzero(lines)
    groups = np.array(arrays.line_groups)[rows]
    folds = GroupKFold(min(FOLDS, len(set(groups))), shuffle=True, random_state=seed)
    out = np.full_like(arrays.features[TABLE], np.nan)
    for _, held in folds.split(rows, groups=groups):
        away = np.zeros(len(lines), bool)
        away[rows[held]] = True
        available = arrays if without is None else _without_table(arrays, without, away)
        out[away] = project_scores(available, lines & ~away, config)[away]
    return out


def projection_quality(arrays: Arrays, lines: Rows, config: Dim2Config, seed: int = 0) -> Projection:
    """Mean Pearson's r and R² over pathways on lines left out, for the card.

    Measured on lines that have expression, and on all lines as if none had it. Pathways that do not vary are left out.
    """
    known, table = lines & arrays.present[TABLE], arrays.features[TABLE]
    varying = table[known].std(0) > LEAST_SD
    names = [name for name, kept in zip(arrays.feature_names[TABLE], varying, strict=True) if kept]

    def measure(rows: Rows, without: str | None = None) -> tuple[Floats, Floats]:
        predicted = cross_validated_scores(arrays, lines, config, seed, without)
        return pearson_and_r2(predicted[rows][:, varying], table[rows][:, varying])

    pearson, r2 = measure(known & arrays.present["expression"])
    bare_pearson, bare_r2 = measure(known, without="expression")
    least = int(pearson.argmin())
    return {
        "pathways": len(names),
        "lines": int(known.sum()),
        "pearson": float(pearson.mean()),
        "r2": float(r2.mean()),
        "least": {"name": names[least], "pearson": float(pearson[least])},
        "without_expression": {"pearson": float(bare_pearson.mean()), "r2": float(bare_r2.mean())},
        "from": list(line_features(arrays, lines, replace(config, pathways=False))),
    }


def pearson_and_r2(predicted: Floats, true: Floats) -> tuple[Floats, Floats]:
    """Pearson's r (0 where the prediction does not vary) and R² of each column. Shapes: (n, p) both -> (p,), (p,)."""
    x, y = (z - z.mean(0) for z in (predicted.astype(np.float64), true.astype(np.float64)))
    squares = (y**2).sum(0).clip(1e-12)
    pearson = (x * y).sum(0) / np.sqrt((x**2).sum(0).clip(1e-12) * squares)
    return pearson, 1 - ((predicted - true) ** 2).sum(0) / squares


def _without_table(arrays: Arrays, table: str, rows: Rows) -> Arrays:
    present = {**arrays.present, table: arrays.present[table] & ~rows}
    values = np.where(rows[:, None], np.nan, arrays.features[table]).astype(np.float32)
    return replace(arrays, features={**arrays.features, table: values}, present=present)
