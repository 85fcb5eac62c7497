"""Figures of stored evaluations, a row a run, as docs/explanation/papers.csv has them.

python scripts/runs_table.py TABLE.csv RESULTS...    adds the folders' runs to the table; one that it has is replaced
"""

import sys
from pathlib import Path

import pandas as pd

RUN = ["dataset", "protocol", "split", "method", "fold", "folds", "seed", "shuffle"]
FIGURES = [
    *("auroc", "auprc", "per_drug_auroc", "per_drug_pearson", "rmse", "interval_coverage", "interval_width"),
    *("epoch", "seconds", "monte_carlo_interval_coverage", "monte_carlo_interval_width"),
    *("scaled_interval_coverage", "scaled_interval_width"),
]
DIGITS = {"epoch": 0, "seconds": 0} | {name: 2 for name in FIGURES if name.endswith("width")}


def runs(results: Path) -> pd.DataFrame:
    """Pooled figures of every run of a results folder."""
    table = pd.read_parquet(results / "results.parquet")
    pooled = table[(table["level"] == "pooled") & table["metric"].isin(FIGURES)]
    wide = pooled.pivot_table(index=RUN, columns="metric", values="value").reset_index()
    return wide.reindex(columns=[*RUN, *FIGURES])


def main(target: Path, folders: list[Path]) -> None:
    """Write the table anew, in the order of its first columns."""
    older = [pd.read_csv(target)] if target.exists() else []
    table = pd.concat([*older, *map(runs, folders)]).drop_duplicates(RUN, keep="last").sort_values(RUN)
    for name in FIGURES:
        digits = DIGITS.get(name, 3)
        table[name] = [f"{value:.{digits}f}" if value == value else "" for value in table[name]]
    table.to_csv(target, index=False)


if __name__ == "__main__":
    main(Path(sys.argv[1]), [Path(folder) for folder in sys.argv[2:]])
