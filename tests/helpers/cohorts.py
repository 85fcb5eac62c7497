"""Made-up cohorts of patients: survival that depends on what the test says, expression with planted pathways."""

from pathlib import Path

import numpy as np
import pandas as pd

from training.clinical.statistics.cox import Outcome

GENES = [f"G{i:03d}" for i in range(400)]
SETS = {
    "deadly": frozenset(GENES[:15]),
    "neutral": frozenset(GENES[15:30]),
    "unknown": frozenset([*GENES[30:40], *(f"X{i}" for i in range(60))]),
    "third": frozenset(GENES[40:55]),
    "fourth": frozenset(GENES[55:70]),
}


def made_survival(seed: int = 0, patients: int = 150) -> tuple[Outcome, np.ndarray, np.ndarray]:
    """Times rounded so that events tie, five variables of which the first shortens life, and two covariates."""
    rng = np.random.default_rng(seed)
    x, covariates = rng.normal(size=(patients, 5)), rng.normal(size=(patients, 2)) * [12, 1] + [60, 0]
    years = rng.exponential(np.exp(-0.8 * x[:, 0] - 0.3 * covariates[:, 1])).round(1)
    return Outcome(years, rng.random(patients) < 0.6), x, covariates


def made_tumours(seed: int = 0, cohorts: tuple[str, ...] = ("AAA", "BBB"), patients: int = 120) -> pd.DataFrame:
    """Expression of tumours, log2-like; the genes of each set share an axis, that of `deadly` is in `danger`."""
    rng = np.random.default_rng(seed)
    count = len(cohorts) * patients
    axes = rng.normal(size=(count, len(SETS)))
    values = 6 + rng.normal(size=(count, len(GENES)))
    for place, genes in enumerate(SETS.values()):
        values[:, [GENES.index(gene) for gene in genes if gene in GENES]] += axes[:, [place]]
    ids = [f"{name}-{i:03d}" for name in cohorts for i in range(patients)]
    table = pd.DataFrame(values, pd.Index(ids, name="patient"), GENES)
    table.attrs["danger"] = axes[:, 0].tolist()  # attributes of pandas must compare as one
    return table


def made_clinical(tumours: pd.DataFrame, seed: int = 1) -> pd.DataFrame:
    """The patients with OS in days, which the axis of `deadly` shortens, and PFI of a tenth of them."""
    rng = np.random.default_rng(seed)
    count = len(tumours)
    days = 1500 * rng.exponential(np.exp(-np.array(tumours.attrs["danger"])))
    seen = rng.uniform(300, 4000, count)
    event = (days <= seen).astype(int)
    return pd.DataFrame(
        {
            "patient": tumours.index,
            "cohort": [name.partition("-")[0] for name in tumours.index],
            "age": rng.uniform(40, 80, count).round(),
            "sex": rng.choice(["FEMALE", "male"], count),
            "stage": rng.choice(["Stage I", "Stage IIA", "III", "4"], count),
            "OS": event,
            "OS.time": np.minimum(days, seen).round(),
            "PFI": np.where(np.arange(count) % 10 == 0, 1, np.nan),
            "PFI.time": np.where(np.arange(count) % 10 == 0, 700, np.nan),
        }
    )


def write_gmt(path: Path) -> Path:
    """The sets as a GMT file."""
    path.write_text("".join(f"{name}\tmade\t" + "\t".join(sorted(genes)) + "\n" for name, genes in SETS.items()))
    return path
