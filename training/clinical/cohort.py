"""The folder of a cohort: pathway scores, coverage, predicted responses and domain of its tumours.

cohort.json        what it was made from: counts, least coverage, bundle, gene sets
clinical.parquet   patients × (cohort, age, female, stage, subtype, tissue, E_years, E_event)
z.parquet          patients × genes, standardised within the cohort; NaN where a cohort lacks the gene
scores.parquet     patients × pathways, standardised within the cohort; NaN where too few genes are known there
coverage.csv       cohort × pathway: genes, measured, share, scored
predicted.parquet  patients × drugs, ln IC50 (µM); domain.csv whether each tumour lies in the bundle's domain
shuffled.npy       (draws, patients, drugs) the same after the genes' names were dealt out at random
agreement.csv      lines and tumours compared; hidden_genes.csv what fewer genes cost in lines
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from model.bundle.files import replace_folder
from training.clinical.consistency import ComparedLines, agreement, hidden_genes
from training.clinical.predictions import LineModel, Progress, unheard
from training.clinical.scores import GeneTable, coverage, gene_table, usable_sets
from training.clinical.tables import ClinicalError
from training.pathways.gene_sets import GeneSets

LEAST_COVERAGE = 0.25
SHUFFLES = 10  # draws of the null of predictions
SCORES, CLINICAL, Z, PREDICTED, SHUFFLED = (
    "scores.parquet", "clinical.parquet", "z.parquet", "predicted.parquet", "shuffled.npy",
)  # fmt: skip
COVERAGE, DOMAIN, AGREEMENT, HIDDEN, INFO = (
    "coverage.csv",
    "domain.csv",
    "agreement.csv",
    "hidden_genes.csv",
    "cohort.json",
)

FILES = {SCORES, CLINICAL, Z, PREDICTED, SHUFFLED, COVERAGE, DOMAIN, AGREEMENT, HIDDEN, INFO}
LEFT_BY_PROGRAMS = {".DS_Store", ".ipynb_checkpoints", "Thumbs.db", "desktop.ini"}  # of nobody's work


@dataclass(frozen=True)
class Reference:
    """Lines that tumours are compared with; `scores` (lines × pathways) of all genes of a pathway, where known."""

    lines: ComparedLines
    genes: GeneTable
    scores: pd.DataFrame


@dataclass(frozen=True)
class CohortSettings:
    """How a cohort is made: what of a pathway must be measured, who predicts, which lines it is compared with."""

    least_coverage: float = LEAST_COVERAGE
    model: LineModel | None = None
    reference: Reference | None = None
    seed: int = 0


@dataclass(frozen=True)
class CohortFolder:
    """What `write_cohort` wrote, read again."""

    clinical: pd.DataFrame
    z: pd.DataFrame
    scores: pd.DataFrame
    coverage: pd.DataFrame
    predicted: pd.DataFrame | None
    shuffled: np.ndarray | None
    info: Mapping[str, Any]
    folder: Path

    @property
    def sets(self) -> GeneSets:
        """The gene sets that were scored."""
        return {name: frozenset(genes) for name, genes in self.info["sets"].items()}

    def genes(self, patients: pd.Index) -> GeneTable:
        """Genes of the patients of one cohort."""
        return GeneTable(self.z.loc[patients].dropna(axis=1).astype(float))

    def table(self, name: str) -> pd.DataFrame:
        """A table of the folder, empty where it was not made."""
        path = self.folder / name
        return pd.read_csv(path) if path.exists() else pd.DataFrame()


def write_cohort(
    expression: pd.DataFrame,
    clinical: pd.DataFrame,
    sets: GeneSets,
    out: Path,
    settings: CohortSettings,
    progress: Progress = unheard,
) -> pd.DataFrame:
    """Score the tumours that both tables have and write the folder; returns the coverage, a row a cohort and pathway.

    The folder is either what it was or the new cohort. Raises ClinicalError where no patient is in both tables, no
    pathway is covered, the model cannot read them, or the folder holds anything but a cohort.
    """
    _refuse_other_files(out)
    patients = [patient for patient in clinical.index if patient in expression.index]
    if not patients:
        raise ClinicalError(
            f"no patient is in both tables: expression has {expression.index[0]!r}, clinical {clinical.index[0]!r}"
        )
    least, model, seed = settings.least_coverage, settings.model, settings.seed
    clinical = clinical.loc[patients]
    tables = {str(name): gene_table(expression.loc[rows.index]) for name, rows in clinical.groupby("cohort")}
    covered = pd.concat(
        {name: coverage(sets, list(one.z.columns), least) for name, one in tables.items()}, names=["cohort"]
    )
    if not covered["scored"].any():
        best = covered["share"].max()
        raise ClinicalError(
            f"no pathway has 10 genes and {least:.0%} measured (the best {best:.0%}); give more genes, or a lower "
            "--least-coverage"
        )
    scores = pd.concat([_scored(table, sets, least) for table in tables.values()]).reindex(patients)
    info = {
        "patients": len(patients),
        "without_clinical": int((~expression.index.isin(patients)).sum()),
        "cohorts": {name: len(table.z) for name, table in tables.items()},
        "genes": expression.shape[1],
        "least_coverage": least,
        "seed": seed,
        "sets": {name: sorted(genes) for name, genes in sets.items()},
    }
    with replace_folder(out) as staging:
        scores[[name for name in sets if name in scores]].to_parquet(staging / SCORES)
        z = pd.concat([table.z for table in tables.values()]).reindex(patients)
        z.astype(np.float32).to_parquet(staging / Z)
        clinical.to_parquet(staging / CLINICAL)
        covered.reset_index().to_csv(staging / COVERAGE, index=False)
        info |= {"model": None} if model is None else _predict(tables, clinical, model, seed, staging, progress)
        if settings.reference is not None and model is not None:
            _compare(tables, sets, settings.reference, staging, seed)
        (staging / INFO).write_text(json.dumps(info, indent=1, ensure_ascii=False), encoding="utf-8")
    return covered.reset_index()


def read_cohort(folder: Path) -> CohortFolder:
    """Read a folder of `write_cohort`. Raises ClinicalError where it is none."""
    try:
        info = json.loads((folder / INFO).read_text(encoding="utf-8"))
        clinical, z, scores = (pd.read_parquet(folder / name) for name in (CLINICAL, Z, SCORES))
        covered = pd.read_csv(folder / COVERAGE)
        has = (folder / PREDICTED).exists()
        predicted = pd.read_parquet(folder / PREDICTED) if has else None
        shuffled = np.load(folder / SHUFFLED) if has else None
    except (OSError, ValueError, KeyError) as fault:
        raise ClinicalError(f"{folder}: is no folder of `drp clinical cohort` ({fault})") from None
    return CohortFolder(clinical, z, scores, covered, predicted, shuffled, info, folder)


def _refuse_other_files(out: Path) -> None:
    """Only an older cohort is ever replaced. Raises ClinicalError."""
    if not out.exists():
        return
    if not out.is_dir():
        raise ClinicalError(f"{out}: is a file; name a folder")
    others = sorted({path.name for path in out.iterdir()} - FILES - LEFT_BY_PROGRAMS)
    if others:
        raise ClinicalError(f"{out}: holds {others[0]}, which is of no cohort; name another folder or move it")


def _scored(table: GeneTable, sets: GeneSets, least: float) -> pd.DataFrame:
    usable = usable_sets(sets, list(table.z.columns), least)
    if not usable:
        return pd.DataFrame(index=table.z.index)
    return pd.DataFrame(table.scores(table.members(usable)), table.z.index, list(usable))


def _predict(
    tables: dict[str, GeneTable], clinical: pd.DataFrame, model: LineModel, seed: int, out: Path, progress: Progress
) -> dict[str, Any]:
    """Write the predictions of every tumour, as they are and with shuffled genes; returns what to say of them."""
    rng, place = np.random.default_rng(seed), {patient: row for row, patient in enumerate(clinical.index)}
    values = np.empty((SHUFFLES + 1, len(clinical), len(model.drugs)), np.float32)
    nearest = np.empty(len(clinical), np.float32)
    done = 0
    for table in tables.values():
        model.refuse_few_genes(list(table.z.columns))
        rows = [place[patient] for patient in table.z.index]
        tissues = clinical["tissue"].iloc[rows].tolist()
        for draw in range(SHUFFLES + 1):
            z = table.z if draw == 0 else table.z.set_axis(rng.permutation(table.z.columns), axis=1)
            values[draw, rows], similarity = model.predict(model.on_lines_scale(z), tissues)
            if draw == 0:
                nearest[rows] = similarity
            done += len(rows)
            progress(done, (SHUFFLES + 1) * len(clinical))
    pd.DataFrame(values[0], clinical.index, model.drugs["id"].tolist()).to_parquet(out / PREDICTED)
    np.save(out / SHUFFLED, values[1:])
    inside = nearest >= model.least_similarity
    domain = pd.DataFrame({"similarity": nearest, "in_domain": inside}, clinical.index)
    domain.to_csv(out / DOMAIN)
    names = dict(zip(model.drugs["id"], model.drugs["name"], strict=True))
    return {"model": model.name, "bundle": model.version, "drugs": names, "in_domain": float(inside.mean())}


def _compare(tables: dict[str, GeneTable], sets: GeneSets, reference: Reference, out: Path, seed: int) -> None:
    predicted = pd.read_parquet(out / PREDICTED)
    found = {
        name: agreement(reference.lines, table, sets, predicted.loc[table.z.index].to_numpy(), seed)
        for name, table in tables.items()
    }
    pd.concat({name: one for name, one in found.items() if len(one)}, names=["cohort"]).reset_index("cohort").to_csv(
        out / AGREEMENT, index=False
    )
    largest = max(tables.values(), key=lambda table: len(table.z))
    hidden_genes(reference.genes, reference.scores, sets, list(largest.z.columns), seed).to_csv(
        out / HIDDEN, index=False
    )
