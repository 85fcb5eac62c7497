"""A small synthetic dataset with a planted mechanism, for tests and the tutorial. Nothing in it exists.

    activity   a(l, p) = tissue(l, p) + driver(l, p) + N(0, 1)        of pathway p in line l, then standardised
    expression x(l, g) = base(g) + a(l, p) + noise                    for the genes g of p; others follow tissue
    mutation   driver genes are mutated in some lines and raise the activity; passengers mean nothing
    copy number the gene AMP of a pathway rises a little with its activity; the others are noise
    response   ln IC50(l, d) = potency(d) − slope(d) · a(l, p(d)) + general(l) + noise

Drugs of one pathway share its target and a scaffold, so their fingerprints are alike. A drug's mean says nothing of
which lines respond: that is in the expression of its pathway's genes. Some lines lack expression or copy number, some
pairs were never measured.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from model.molecules.fingerprints import FINGERPRINT_BITS, fingerprints
from model.molecules.standard import as_written
from training.data.schema import CELL_LINE_COLUMNS, DRUG_COLUMNS, DRUG_ID, LINE_ID, Dataset

PATHWAYS, TISSUES, GENES, BACKGROUND, PASSENGERS = 6, 5, 15, 110, 40
SCAFFOLDS = (  # one a pathway; {} is where the substituent goes
    "COc1cc2ncnc({})c2cc1OC",  # quinazoline
    "NS(=O)(=O)c1ccc({})cc1",  # benzenesulfonamide
    "O=C(NO)CCCCCCC(=O){}",  # hydroxamic acid
    "O=C1C=Cc2cc({})ccc2O1",  # coumarin
    "OCC1OC(n2ccc({})nc2=O)CC1O",  # nucleoside
    "O=C1NC(=O)C(Cc2ccc({})cc2)S1",  # thiazolidinedione
)
SUBSTITUENTS = ("N", "NC", "N(C)C", "NCC", "NC(C)C", "NCCO", "N8CCOCC8", "N8CCCC8", "Nc8ccccc8", "Nc8ccc(F)cc8",
                "Nc8ccc(Cl)cc8", "NCc8ccncc8")  # fmt: skip
FEWEST_LINES, MOST_LINES, FEWEST_DRUGS, MOST_DRUGS = 40, 5000, PATHWAYS, len(SCAFFOLDS) * len(SUBSTITUENTS)
WITH_EXPRESSION, WITH_COPY_NUMBER, MEASURED = 0.85, 0.95, 0.85  # shares of the lines, and of the pairs
MUTATED, DRIVER_EFFECT, TISSUE_SD = 0.12, 0.6, 0.25
EXPRESSION_NOISE, COPY_NUMBER_LOADING, COPY_NUMBER_NOISE = 0.6, 0.06, 0.3
SLOPES, GENERAL_SD, RESPONSE_NOISE = (1.0, 1.5), 0.3, 0.4  # ln µM per unit of activity; ln µM
SHARE_SENSITIVE = (0.2, 0.4)

Float = NDArray[np.float64]


@dataclass(frozen=True)
class Planted:
    """The hidden truth. Shapes: activity (N, PATHWAYS), mutated (N, PATHWAYS) boolean, pathway (M,), tissue (N,)."""

    activity: Float
    mutated: NDArray[np.bool_]
    pathway: NDArray[np.intp]
    tissue: NDArray[np.intp]


def demo_dataset(lines: int = 200, drugs: int = 24, seed: int = 0) -> Dataset:
    """The same dataset for the same three numbers. Raises ValueError for sizes that it cannot be made in."""
    if not FEWEST_LINES <= lines <= MOST_LINES:
        raise ValueError(f"{lines} lines: give {FEWEST_LINES} to {MOST_LINES:,}")
    if not FEWEST_DRUGS <= drugs <= MOST_DRUGS:
        raise ValueError(f"{drugs} drugs: give {FEWEST_DRUGS} to {MOST_DRUGS}")
    rng = np.random.default_rng(seed)
    truth = planted(lines, drugs, rng)
    line_ids = [f"DEMO-{i:03d}" for i in range(1, lines + 1)]
    drug_table = _drugs(truth)
    response, thresholds = _response(truth, line_ids, drug_table["id"].tolist(), rng)
    drug_table["threshold_ln_um"] = thresholds
    bits = fingerprints(drug_table["smiles"].tolist())
    columns = [f"b{i}" for i in range(FINGERPRINT_BITS)]
    return Dataset(
        cell_lines=_cell_lines(truth, line_ids),
        drugs=drug_table,
        response=response,
        expression=_some_rows(_expression(truth, rng), line_ids, WITH_EXPRESSION, rng),
        copy_number=_some_rows(_copy_number(truth, rng), line_ids, WITH_COPY_NUMBER, rng),
        mutation=_some_rows(_mutation(truth, rng), line_ids, 1.0, rng),
        drug_fingerprints=pd.DataFrame(bits, pd.Index(drug_table["id"], name=DRUG_ID), columns),
        info={
            "name": "demo",
            "source": f"SYNTHETIC, drawn by drp data demo --lines {lines} --drugs {drugs} --seed {seed}",
            "expression_platform": "rnaseq_log2_tpm1",
            "terms": ["synthetic data: no terms; no cell line, gene or drug in it exists"],
            "notes": [
                "synthetic: no cell line, gene or drug in it exists, and predictions for them mean nothing",
                "planted: a drug works where its pathway is active; its genes' expression shows the activity",
            ],
        },
    )


def planted(lines: int, drugs: int, rng: np.random.Generator) -> Planted:
    """Draw the hidden truth; activities have mean 0 and standard deviation 1 over the lines."""
    tissue = rng.integers(TISSUES, size=lines)
    mutated = rng.random((lines, PATHWAYS)) < MUTATED
    shift = rng.normal(scale=TISSUE_SD, size=(TISSUES, PATHWAYS))[tissue] + DRIVER_EFFECT * mutated
    activity = shift + rng.normal(size=(lines, PATHWAYS))
    standard = (activity - activity.mean(0)) / activity.std(0)
    return Planted(standard, mutated, np.arange(drugs) % PATHWAYS, tissue)


def _cell_lines(truth: Planted, ids: list[str]) -> pd.DataFrame:
    tissue = [f"demo tissue {t + 1}" for t in truth.tissue]
    synonyms = [[f"demo line {i}"] for i in range(1, len(ids) + 1)]
    table = pd.DataFrame(
        {"id": ids, "name": ids, "synonyms": synonyms, "tissue": tissue, "cancer_type": "synthetic"},
    )
    return _completed(table, CELL_LINE_COLUMNS)


def _drugs(truth: Planted) -> pd.DataFrame:
    numbers = range(1, len(truth.pathway) + 1)
    smiles = [SCAFFOLDS[p].format(SUBSTITUENTS[j // PATHWAYS]) for j, p in enumerate(truth.pathway)]
    table = pd.DataFrame(
        {
            "id": [f"DEMO-D{i:02d}" for i in numbers],
            "name": [f"Demotinib-{i:02d}" for i in numbers],
            "synonyms": [[f"demo drug {i}"] for i in numbers],
            "inchikey": [as_written(text).inchikey for text in smiles],
            "smiles": [as_written(text).smiles for text in smiles],
            "targets": [[f"DEMO-TARGET-{p + 1}"] for p in truth.pathway],
            "pathway": [f"demo pathway {p + 1}" for p in truth.pathway],
        }
    )
    return _completed(
        table.assign(threshold_ln_um=np.nan, gdsc_drug_ids=pd.Series([[] for _ in smiles])), DRUG_COLUMNS
    )


def _completed(table: pd.DataFrame, columns: tuple[str, ...]) -> pd.DataFrame:
    """The table with all columns of its kind, in their order; what no authority knows is empty text."""
    nothing = pd.Series([None] * len(table), dtype="str")
    return table.assign(**{column: nothing for column in columns if column not in table})[list(columns)]


def _response(
    truth: Planted, lines: list[str], drugs: list[str], rng: np.random.Generator
) -> tuple[pd.DataFrame, Float]:
    n, m = len(lines), len(drugs)
    slope, potency = rng.uniform(*SLOPES, size=m), rng.normal(1.0, 1.0, size=m)
    general = rng.normal(scale=GENERAL_SD, size=(n, 1))
    noise = rng.normal(scale=RESPONSE_NOISE, size=(n, m))
    ln_ic50 = (potency - slope * truth.activity[:, truth.pathway] + general + noise).astype(np.float32)
    share = rng.uniform(*SHARE_SENSITIVE, size=m)
    threshold = np.array([np.quantile(ln_ic50[:, j], share[j]) for j in range(m)]).round(4)
    row, col = np.nonzero(rng.random((n, m)) < MEASURED)
    value = ln_ic50[row, col]
    return pd.DataFrame(
        {
            LINE_ID: np.array(lines, object)[row],
            DRUG_ID: np.array(drugs, object)[col],
            "ln_ic50": value,
            "sensitive": (value < threshold[col].astype(np.float32)).astype(np.uint8),
            "source": "synthetic",
        }
    ), threshold


def _expression(truth: Planted, rng: np.random.Generator) -> pd.DataFrame:
    """log2(TPM + 1) of GENES a pathway and BACKGROUND others, never below 0."""
    names = [f"DEMO-P{p + 1}-G{g + 1:02d}" for p in range(PATHWAYS) for g in range(GENES)]
    names += [f"DEMO-B{g + 1:03d}" for g in range(BACKGROUND)]
    lines = len(truth.activity)
    of_tissue = rng.normal(scale=0.5, size=(TISSUES, BACKGROUND))[truth.tissue]
    signal = np.hstack([np.repeat(truth.activity, GENES, axis=1), of_tissue])
    base = rng.uniform(4, 8, size=len(names))
    noise = rng.normal(scale=EXPRESSION_NOISE, size=(lines, len(names)))
    return pd.DataFrame((base + signal + noise).clip(0).astype(np.float32), columns=names)


def _copy_number(truth: Planted, rng: np.random.Generator) -> pd.DataFrame:
    names = [f"DEMO-P{p + 1}-AMP" for p in range(PATHWAYS)] + [f"DEMO-B{g + 1:03d}" for g in range(PASSENGERS)]
    values = rng.normal(scale=COPY_NUMBER_NOISE, size=(len(truth.activity), len(names)))
    values[:, :PATHWAYS] += COPY_NUMBER_LOADING * truth.activity
    return pd.DataFrame(values.astype(np.float32), columns=names)


def _mutation(truth: Planted, rng: np.random.Generator) -> pd.DataFrame:
    names = [f"DEMO-P{p + 1}-DRIVER" for p in range(PATHWAYS)] + [f"DEMO-B{g + 1:03d}" for g in range(PASSENGERS)]
    passengers = rng.random((len(truth.activity), PASSENGERS)) < MUTATED
    return pd.DataFrame(np.hstack([truth.mutated, passengers]).astype(np.uint8), columns=names)


def _some_rows(table: pd.DataFrame, ids: list[str], share: float, rng: np.random.Generator) -> pd.DataFrame:
    """A table of the lines that have it: each has it with probability `share`."""
    has = rng.random(len(ids)) < share
    return table.set_axis(pd.Index(ids, name=LINE_ID))[has]
