"""A dataset in which two gene sets follow the response, and its files of gene sets and interactions."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd

from tests.training.conftest import text_rows
from training.data.schema import CELL_LINE_COLUMNS, DRUG_COLUMNS, Dataset

GENES = [f"G{i:03d}" for i in range(300)]
SETS = {f"set {i}": GENES[15 * i : 15 * i + 15] for i in range(20)}
LINES, DRUGS, BARE = [f"L{i:03d}" for i in range(100)], [str(i) for i in range(4)], "L007"


def made_dataset() -> Dataset:
    """100 lines × 4 drugs; genes of set 3 fall with a line's ln IC50, those of set 7 rise; L007 has no expression."""
    rng = np.random.default_rng(0)
    level = rng.normal(size=len(LINES))
    expression = 6 + rng.normal(size=(len(LINES), len(GENES)))
    for name, sign in (("set 3", -1.5), ("set 7", 1.5)):
        expression[:, [GENES.index(gene) for gene in SETS[name]]] += sign * level[:, None]
    ln_ic50 = level[:, None] + np.arange(4) + 0.3 * rng.normal(size=(len(LINES), 4))
    drugs = [{"id": i, "name": f"Drug{i}", "threshold_ln_um": 1.0} for i in DRUGS]
    return Dataset(
        cell_lines=text_rows(CELL_LINE_COLUMNS, [{"id": i, "name": f"Line {i}"} for i in LINES]),
        drugs=text_rows(DRUG_COLUMNS, drugs).astype({"inchikey": "str"}),
        response=pd.DataFrame(
            {
                "cell_line_id": np.repeat(LINES, 4),
                "drug_id": np.tile(DRUGS, len(LINES)),
                "ln_ic50": ln_ic50.ravel().astype(np.float32),
                "sensitive": (ln_ic50.ravel() < 1).astype(np.uint8),
                "source": "made",
            }
        ),
        expression=pd.DataFrame(expression.clip(0).astype(np.float32), LINES, GENES).drop(index=BARE),
        info={"name": "made", "expression_platform": "rnaseq_log2_tpm1", "notes": ["a note"]},
    )


def write_gene_files(folder: Path) -> tuple[list[Path], Path]:
    """Two GMT files and a network in which the genes of a set interact."""
    rows = ["\t".join([name, "", *genes]) for name, genes in SETS.items()]
    paths = [folder / "one.gmt", folder / "two.gmt"]
    for path, part in zip(paths, (rows[:10], rows[10:]), strict=True):
        path.write_text("\n".join(part))
    edges = [f"{a},{b}" for genes in SETS.values() for a, b in pairwise(genes)]
    (folder / "network.csv").write_text("\n".join(["a,b", *edges]))
    return paths, folder / "network.csv"
